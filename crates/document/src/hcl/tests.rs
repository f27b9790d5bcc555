use proptest::prelude::*;
use seaworthy_source::Source;

use crate::{Document, Limits, Node, Style, SyntaxErrorKind, read, read_with, to_json};

fn one(text: &str) -> Document {
    read(&Source::new("main.tf", text)).pop().expect("a document")
}

fn json(text: &str) -> String {
    let document = one(text);
    assert_eq!(document.errors(), [], "{text}");
    to_json(document.root().unwrap())
}

fn error(text: &str) -> (String, String) {
    let document = one(text);
    let error = document.error().expect("an error");
    (error.message.clone(), text.get(error.span.range()).unwrap_or("").to_owned())
}

fn at<'a>(document: &'a Document, keys: &[&'static str]) -> Node<'a> {
    document.root().unwrap().at(keys.iter().copied()).unwrap()
}

#[test]
fn blocks_are_objects_as_in_the_json_syntax() {
    let text = "resource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.0/16\"\n}\nlocals { a = 1 }\n";
    assert_eq!(json(text), r#"{"resource":{"aws_vpc":{"main":{"cidr_block":"10.0.0.0/16"}}},"locals":{"a":1}}"#);
    assert_eq!(json("a b c {\n}\n"), r#"{"a":{"b":{"c":{}}}}"#);
}

#[test]
fn each_block_keeps_its_own_entry_and_place() {
    let text = "# why\na \"x\" {\n  i {}\n  i {}\n}\na \"y\" {}";
    let document = one(text);
    let root = document.root().unwrap();
    let spans: Vec<_> = root.entries().map(|it| text.get(it.value.span().range()).unwrap()).collect();
    assert_eq!(spans, ["\"x\" {\n  i {}\n  i {}\n}", "\"y\" {}"]);
    assert_eq!(at(&document, &["a", "x"]).entries().count(), 2);
    assert_eq!(document.duplicates(), []);
    assert_eq!(document.comments().len(), 1);
}

#[test]
fn literals_are_values() {
    let text = "a = [1, -2.5, 1e3, true, null, \"x\\n\\u0041$${y}\", {k = 1, \"l\": [2]\n m = 3}]\n";
    assert_eq!(json(text), r#"{"a":[1,-2.5,1000,true,null,"x\nA${y}",{"k":1,"l":[2],"m":3}]}"#);
    assert_eq!(json("a = 0755\n"), r#"{"a":755}"#);
    assert_eq!(
        json("a = <<EOF\n one\ntwo\nEOF\nb = <<-X\n    one\n      two\n  X\n"),
        r#"{"a":" one\ntwo\n","b":"one\n  two\n"}"#
    );
    assert_eq!(json("a = [ # first\n  1, // second\n  /* third */ 2,\n]"), r#"{"a":[1,2]}"#);
}

#[test]
fn expressions_are_their_text_and_no_value() {
    for text in [
        "var.a",
        "\"${var.a}-b\"",
        "a ? \"}\" : b[\"]\"]",
        "\"${map(\"Name\", \"${var.name}\")}\"",
        "[1, 2][0]",
        "[for x in y : x]",
        "{ for k, v in y : k => v }",
        "concat([1],\n  [2])",
        "1 + 2",
        "-x",
        "jsonencode({\n  a = 1 # why\n})",
        "true && x",
        "f(<<EOF\n}\nEOF\n)",
        "<<EOF\n${x}\nEOF",
        "[[[1] + 2] + 3] + 4",
    ] {
        let document = one(&format!("a = {text}\nb = 1\n"));
        assert_eq!(document.errors(), [], "{text}");
        let value = at(&document, &["a"]);
        assert_eq!((value.text(), value.style(), value.as_str()), (text, Style::Expression, None));
        assert!(value.is_expression());
        assert_eq!(at(&document, &["b"]).as_int(), Some(1), "{text}");
    }
    let document = one("a = {(var.k) = 1, \"x/${var.n}\" = 2, b.c = 3}\n");
    let keys: Vec<_> = at(&document, &["a"]).entries().map(|it| (it.name(), it.key.is_expression())).collect();
    assert_eq!(keys, [("(var.k)", true), ("x/${var.n}", true), ("b.c", true)]);
}

#[test]
fn what_does_not_parse_has_a_place() {
    assert_eq!(error("a \"b\" {\n  c = 1\n").1, "a");
    assert_eq!(error("a = \"b\nc = 1\n").1, "\"");
    assert_eq!(error("a = <<EOF\nb\n").1, "<<");
    assert_eq!(error("a = [1, 2\n").1, "[");
    assert_eq!(error("a = (1\n").1, "(");
    assert_eq!(error("a = 1)\n").1, ")");
    assert_eq!(error("a\n").1, "a");
    assert_eq!(error("}\n").1, "}");
    assert_eq!(error("a = \n").0, "a value is missing here");
    assert_eq!(error("/* a\n").1, "/*");
}

#[test]
fn any_text_is_read_within_bounds() {
    let deep = |open: &str, close: &str| format!("a = {}{}\n", open.repeat(5000), close.repeat(5000));
    for text in [
        deep("[", "]"),
        deep("(", ")"),
        deep("{a=", "}"),
        deep("\"${", "}\""),
        deep("-", ""),
        "a {\n".repeat(5000),
        "a ".repeat(100_000),
        "\"".repeat(9999),
        "<<A\n".repeat(5000),
        "a = <<A\n".repeat(5000),
        format!("a = \"{}\"\n", "x".repeat(1 << 20)),
        "a = \u{1F600}\u{0}\\".to_owned(),
        "\u{feff}a = 1 \u{2028}".to_owned(),
        "a = \"\\".to_owned(),
        "a = \"\\\u{1F600}\"".to_owned(),
        "a = \"${\"\\\u{1F600}".to_owned(),
    ] {
        let _ = read(&Source::new("main.tf", text.as_str()));
    }
    let few = Limits { nodes: 10, ..Limits::default() };
    let document = read_with(&Source::new("main.tf", "a = [1,2,3,4,5,6,7,8,9,10,11]"), few).pop().unwrap();
    assert_eq!(document.error().map(|it| it.kind), Some(SyntaxErrorKind::Limit));
}

#[test]
fn files_without_content_have_no_document() {
    assert!(read(&Source::new("main.tf", "# nothing\n")).is_empty());
    assert!(read(&Source::new("main.tf", "")).is_empty());
}

/// Pieces that mean something to the reader, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "for",
        "true",
        "null",
        "=",
        "==",
        "=>",
        "\"",
        "${",
        "%{",
        "$${",
        "}",
        "{",
        "[",
        "]",
        "(",
        ")",
        ",",
        ":",
        "\n",
        " ",
        "\\",
        "#",
        "//",
        "/*",
        "*/",
        "<<A\n",
        "<<-A\n",
        "\nA\n",
        "-1",
        "0.5e3",
        "\u{e9}",
        "\u{1f600}",
        "?",
        "!",
        ".b",
        "[*]",
        "\t",
        "\r\n",
        "a = 1\n",
        "b \"c\" {\n",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|it| it.concat())
}

proptest! {
    #[test]
    fn any_text_has_a_tree_or_an_error_within_it(text in prop_oneof![pieces(), ".*"]) {
        for document in read(&Source::new("main.tf", text.as_str())) {
            for error in document.errors() {
                prop_assert!(text.get(error.span.range()).is_some(), "{:?} of {:?}", error, text);
            }
            let ids = 0..u32::try_from(document.node_count()).unwrap();
            let nodes = ids.filter_map(|it| document.node(crate::NodeId::of_number(it)));
            for node in nodes.filter(|_| document.error().is_none()) {
                prop_assert!(text.get(node.span().range()).is_some(), "{:?} of {:?}", node.span(), text);
                for child in node.entries().map(|it| it.value).chain(node.items()) {
                    let (outer, inner) = (node.span(), child.span());
                    prop_assert!(outer.start <= inner.start && inner.end <= outer.end, "{:?} of {:?}", child, text);
                    prop_assert_eq!(child.parent(), Some(node));
                }
            }
        }
    }
}
