//! Sources of every kind that are read, and what becomes of them.

use seaworthy_document::{Document, Style, read, to_json};
use seaworthy_source::{Encoding, Source};

/// The documents as JSON; errors as their message.
fn json(bytes: impl Into<Vec<u8>>) -> Vec<String> {
    let source = Source::from_bytes("test.yaml", bytes.into());
    let as_text = |document: &Document| match document.error() {
        Some(error) => format!("! {error}"),
        None => document.root().map(to_json).unwrap_or_default(),
    };
    read(&source).iter().map(as_text).collect()
}

#[test]
fn nothing() {
    for text in ["", "\n", "# only\n# comments\n", "---\n---\n", "\u{feff}", "--- # c\n", "   \n"] {
        assert_eq!(json(text), [""; 0], "{text:?}");
    }
    assert_eq!(json("null\n"), ["null"]);
}

#[test]
fn byte_order_marks_and_line_ends() {
    assert_eq!(json("\u{feff}a: 1\r\n---\r\nb: |\r\n  x\r\n  y\r\n"), ["{\"a\":1}", "{\"b\":\"x\\ny\\n\"}"]);
    let utf16: Vec<u8> = "\u{feff}a: ü\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(json(utf16.clone()), ["{\"a\":\"ü\"}"]);
    assert_eq!(Source::from_bytes("test.yaml", utf16).encoding(), Encoding::Utf16Le);
    let utf16: Vec<u8> = "\u{feff}a: ü\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(json(utf16), ["{\"a\":\"ü\"}"]);
}

#[test]
fn values_as_kubernetes_has_them() {
    assert_eq!(
        json("a: yes\nb: 017\nc: 1e3\nd: 1.5\ne: ~\nf: 1_000\n1: g\noff: h\n"),
        [r#"{"a":true,"b":15,"c":1000,"d":1.5,"e":null,"f":1000,"1":"g","false":"h"}"#]
    );
    assert_eq!(json("a: |\n  x"), [r#"{"a":"x\n"}"#]);
    assert_eq!(
        json("x: &x {a: 1, b: 1}\nw: {b: 2, <<: *x}\nz: {<<: *x, b: 2}\n"),
        [r#"{"x":{"a":1,"b":1},"w":{"a":1,"b":1},"z":{"a":1,"b":2}}"#]
    );
    assert_eq!(json("a: 1\na: 2\n"), [r#"{"a":2}"#]);
    assert_eq!(json("a: 1\n...\nnever: read\n"), [r#"{"a":1}"#]);
}

#[test]
fn json_sources() {
    assert_eq!(json("{\n\t\"a\": \"b\\/c\",\n\t\"d\": [\n\t\t1\n\t]\n}\n"), [r#"{"a":"b/c","d":[1]}"#]);
    assert_eq!(json("{\"a\": 1}{\"b\": 2}\n\n{\"c\": 3}\n"), [r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":3}"#]);
    assert_eq!(json("[1,\n\t{\"a\": null}]\n"), [r#"[1,{"a":null}]"#]);
    assert_eq!(json("{\"a\": \"\\ud83d\\ude00\"}"), ["{\"a\":\"😀\"}"]);
    assert_eq!(json("{\"a\": 1}\n---\nb: 2\n"), [r#"{"a":1}"#, r#"{"b":2}"#]);
    assert_eq!(json("{a: '}{'}\n"), [r#"{"a":"}{"}"#]);
    let key = "k".repeat(5000);
    assert_eq!(json(format!("{{\"{key}\": 1}}")), [format!("{{\"{key}\":1}}")]);
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(150), "]".repeat(150));
    assert_eq!(json(deep.as_str()), [deep]);
}

#[test]
fn spans_and_styles() {
    let text = "# top\na: &x |- # why\n  one\n  two\n\nb:\n- 'c'\n- {d: \"e\"}\nf:\ng: *x\n# end\n";
    let source = Source::new("test.yaml", text);
    let documents = read(&source);
    let root = documents[0].root().unwrap();
    let written = |path: &str| {
        let node = root.resolve(&path.parse().unwrap()).unwrap();
        (source.slice(node.span()), node.style())
    };
    assert_eq!(written("a"), ("|- # why\n  one\n  two", Style::Literal));
    assert_eq!(written("b"), ("- 'c'\n- {d: \"e\"}", Style::Block));
    assert_eq!(written("b[0]"), ("'c'", Style::SingleQuoted));
    assert_eq!(written("b[1]"), ("{d: \"e\"}", Style::Flow));
    assert_eq!(written("b[1].d"), ("\"e\"", Style::DoubleQuoted));
    assert_eq!(written("f"), ("", Style::Plain));
    assert_eq!(root.entry("f").unwrap().value.span().start as usize, text.find("f:").unwrap() + 2);
    let alias = root.get("g").unwrap();
    assert_eq!((alias.text(), source.slice(alias.alias_span().unwrap())), ("one\ntwo", "*x"));
    let anchors: Vec<_> = documents[0].anchors().map(|(node, span)| (node.path(), source.slice(span))).collect();
    assert_eq!(anchors, [("a".to_owned(), "&x")]);
    let comments: Vec<_> = documents[0].comments().iter().map(|comment| source.slice(comment.span)).collect();
    assert_eq!(comments, ["# top", "# why", "# end"]);
    assert!(source.slice(root.span()).ends_with("g: *x"));
}

#[test]
fn quoted_lines_that_are_not_indented_keep_their_places() {
    let text = "a:\n  b: \"c\n d\n\n  e\"\n  f: 'g\nh'\ni: 1\n";
    assert_eq!(json(text), [r#"{"a":{"b":"c d\ne","f":"g h"},"i":1}"#]);
    let source = Source::new("test.yaml", text);
    let documents = read(&source);
    let root = documents[0].root().unwrap();
    let written = |path: &str| source.slice(root.resolve(&path.parse().unwrap()).unwrap().span());
    assert_eq!((written("a.b"), written("a.f"), written("i")), ("\"c\n d\n\n  e\"", "'g\nh'", "1"));
}
