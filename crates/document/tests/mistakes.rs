//! What people do wrong, and the place and the words they get for it.

use seaworthy_document::read;
use seaworthy_source::Source;

/// The errors of a source as `line:column text under the span: message`.
fn errors(bytes: &[u8]) -> Vec<String> {
    let source = Source::from_bytes("test.yaml", bytes.to_vec());
    let documents = read(&source);
    documents
        .iter()
        .flat_map(|document| document.errors())
        .map(|error| {
            let at = source.position(error.span.start);
            format!("{}:{} [{}] {}", at.line, at.column, source.slice(error.span), error.message)
        })
        .collect()
}

#[track_caller]
fn expect(text: &str, error: &str) {
    assert_eq!(errors(text.as_bytes()), [error], "{text}");
}

#[test]
fn colons() {
    expect("labels:\n  app:web\n  tier: x\n", "2:6 [:] a blank is missing after this `:`");
    expect("a: 1\nb:2\nc: 3\n", "2:2 [:] a blank is missing after this `:`");
    expect("key: value: other\n", "1:11 [:] a second `: ` on one line: quote the text");
    expect("note: time: 10:30\n", "1:11 [:] a second `: ` on one line: quote the text");
    expect("a: \"b\":c\n", "1:7 [:] a second `:` on one line: quote the text");
    let without = "has no `:` after it, or is indented too little to belong to the text above";
    expect("spec:\n  containers\n  - name: a\n", &format!("2:3 [containers] `containers` {without}"));
    expect("kind: Pod\nmetadata\n  name: x\n", &format!("2:1 [metadata] `metadata` {without}"));
    expect("apiVersion v1\nkind: Pod\n", &format!("1:1 [apiVersion v1] `apiVersion v1` {without}"));
    expect("a: |\nb\nc: d\n", &format!("2:1 [b] `b` {without}"));
    let key = "k".repeat(1100);
    expect(&format!("{key}: 1\n"), &format!("1:1 [{key}] a key is longer than 1024 characters"));
}

#[test]
fn indentation() {
    expect(
        "containers:\n- name: a\n  image: b\n - name: c\n",
        "4:2 [- name: c] an item indented by 1, after a list whose items are indented by 0",
    );
    expect(
        "spec:\n  containers:\n    - name: a\n  - name: b\n",
        "4:3 [- name: b] an item indented by 2, after a list whose items are indented by 4",
    );
    expect(
        "spec:\n  containers:\n    - name: a\n   image: b\n",
        "4:4 [image: b] indented by 3, where 0, 2, 4 or 6 would fit",
    );
    expect("spec:\n   a: 1\n  b: 2\n", "3:3 [b: 2] indented by 2, where 0 or 3 would fit");
    expect("- a: 1\nb: 2\n", "2:1 [b: 2] a key begins where a `-` is expected: the indentation is off");
    let deeper = "this line is indented deeper than the one before it, which has a value already";
    expect("a: 1\n b: 2\n", &format!("2:2 [b: 2] {deeper}"));
    expect("- a: 1\n    b: 2\n", &format!("2:5 [b: 2] {deeper}"));
    expect("a: |4\n  x\n", "2:3 [x] this line of a block of text is indented too little");
}

#[test]
fn tabs() {
    let tab = "[\t] a tab stands where only blanks may indent";
    expect("a:\n\tb: 1\n", &format!("2:1 {tab}"));
    expect("a:\n  b: 1\n\tc: 2\n", &format!("3:1 {tab}"));
    expect("a: 1\n\t\nb: 2\n", &format!("2:1 {tab}"));
    expect("\ta: 1\n", &format!("1:1 {tab}"));
    expect("-\ta\n", &format!("1:2 {tab}"));
    expect("a: |\n  x\n\t\nb: 1\n", &format!("3:1 {tab}"));
    expect("a: >\n\tb\n", "2:1 [\t] a block of text begins with a tab: indent it with blanks");
    assert!(errors(b"a: {\n\t\"b\": [\n\t\t1]}\n").is_empty());
    assert!(errors(b"a:\tb\t# c\n").is_empty());
}

#[test]
fn quotes() {
    expect("a: 1\nnote: \"hello\nspec:\n  b: 1\n", "2:7 [\"] a quote is opened here and never closed");
    expect("name: x\n\"note\": 'hello\nb: 2\n", "2:9 ['] a quote is opened here and never closed");
    expect("{\"a\": \"b}\n", "1:7 [\"] a quote is opened here and never closed");
    let after = "text after a closing quote: is a `,` or a `:` missing, or does a quote inside the text end it?";
    expect("note: 'it's'\n", &format!("1:11 [s] {after}"));
    expect("note: \"a \"b\" c\"\n", &format!("1:11 [b] {after}"));
    expect("{\"a\": 1, \"b\" 2}\n", &format!("1:14 [2] {after}"));
    expect("a: \"\\d+\"\n", "1:5 [\\d] `\\d` is no escape: write `\\\\d`, or use single quotes");
    expect("a: \"x\\u12\"\n", "1:6 [\\u12] `\\u` wants 4 hexadecimal digits");
    expect("- \"\\/\"\n", "1:4 [\\/] `\\/` is an escape of JSON, not of YAML: write `/`");
}

#[test]
fn signs_that_mean_something() {
    for (text, sign) in [("a: *\n", '*'), ("a: &\n", '&'), ("a: @b\n", '@'), ("a: `b`\n", '`'), ("a: %b\n", '%')] {
        expect(text, &format!("1:4 [{sign}] a text that begins with `{sign}` needs quotes"));
    }
    expect("a: *.example.com\n", "1:4 [*.example.com] a text that begins with `*` needs quotes");
    expect("%a: b\n", "1:1 [%a: b] a text that begins with `%` needs quotes");
    expect("a: *b\n", "1:4 [*b] there is no anchor `&b` before this alias");
    expect("a: &b [*b]\n", "1:8 [*b] this alias stands inside the value it names");
    expect("a: !x!y\n", "1:4 [!] `!` begins a tag, and this is none: a text that begins with `!` needs quotes");
    expect(
        "args: - a\n- b\n",
        "1:7 [-] a list cannot begin on the line of its key: put the `-` on the next line, or quote the text",
    );
    expect("- a\n-b\n- c\n", "2:1 [-] a blank is missing after this `-`");
    expect("a:\u{a0}1\nb: 2\n", "1:3 [\u{a0}] U+00A0 looks like a blank and is none");
}

#[test]
fn brackets() {
    expect("a: {b: c\n", "1:4 [{] `{` is opened here and never closed");
    expect("a: [b, c\n", "1:4 [[] `[` is opened here and never closed");
    expect("a: {b: c\nd: e\n", "2:2 [:] a `,` or the closing `}` is missing before this");
    expect("a: [b, c\nd: e\n", "2:2 [:] a `,` or the closing `]` is missing before this");
    expect("a: }\n", "1:4 [}] `}` closes what was never opened");
    expect("a: {b: c}}\n", "1:10 [}] `}` closes what was never opened");
    expect("a: [b}\n", "1:4 [[] `[` is opened here and closed by `}`");
    expect("a: [b, ,c]\n", "1:8 [,] nothing stands before this `,`");
}

#[test]
fn templates() {
    let template = "[{{] `{{` is a template, not YAML: render it first, or quote the text";
    expect("a: {{ .Values.a }}\n", &format!("1:4 {template}"));
    expect("{{- if .x }}\na: 1\n{{- end }}\n", &format!("1:1 {template}"));
    expect("a: 1\n{{- if .x }}\nb: 2\n{{- end }}\n", &format!("2:1 {template}"));
    expect("a:\n{{ toYaml . | indent 2 }}\nb: 1\n", &format!("2:1 {template}"));
    expect("name: {{ .Release.Name }}-web\n", &format!("1:7 {template}"));
    assert!(errors(b"a: x {{ .y }}\n").is_empty());
}

#[test]
fn conflicts() {
    let text = "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n";
    expect(text, "2:1 [<<<<<<< HEAD] a conflict of two versions is not resolved here");
}

#[test]
fn separators_and_directives() {
    expect("--- foo\na: 1\n", "1:5 [foo] invalid Yaml document separator: only a comment may follow `---`, not `foo`");
    expect("%YAML 1.2\n---\na: 1\n", "1:1 [%YAML 1.2] Kubernetes reads no `%YAML` directive: remove the line");
    expect("{}{}\na: 1\n", "2:1 [] only JSON can follow after several JSON values");
}

#[test]
fn values_that_json_cannot_hold() {
    expect("a: .inf\n", "1:4 [.inf] `.inf` is no number that JSON can hold; quote it if it is meant as text");
    expect("null: 1\n", "1:1 [null] an empty key: write its name before the `:`, or quote it");
    expect("? [a]\n: b\n", "1:3 [[] a list or an object cannot be a key");
    expect("<<: 1\n", "1:5 [1] `<<` merges an object or a list of objects, and this is neither");
    expect("a: !!int x\n", "1:10 [x] `!!int` stands before `x`, which is none");
}

#[test]
fn all_errors_of_a_source() {
    let text = "a: .nan\nb: *c\n---\nfine: 1\n---\nd: [\n--- x\ne: 1\n---\nf: \"\n";
    let source = Source::new("test.yaml", text);
    let documents = read(&source);
    let trees: Vec<bool> = documents.iter().map(|document| document.root().is_some()).collect();
    assert_eq!(trees, [false, true, false, false, false]);
    let places: Vec<_> =
        errors(text.as_bytes()).into_iter().map(|it| it.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(places, ["1:4", "2:4", "6:4", "7:5", "10:4"]);
}

#[test]
fn bytes_that_are_no_text() {
    assert_eq!(errors(b"a: 1\0\n"), ["1:5 [] not a text file: there is a NUL byte"]);
    assert_eq!(errors(b"\x7fELF\x02\0\0\xff"), ["1:1 [] not a text file: there is a NUL byte"]);
    assert_eq!(errors(b"a: 1\n---\nname: caf\xE9\n---\nb: 1\n"), ["3:10 [] not UTF-8: save the file as UTF-8"]);
    assert_eq!(errors(b"a: \x07\n"), ["1:4 [\u{7}] a control character (U+0007) that YAML does not allow"]);
    assert_eq!(
        errors(b"\xFF\xFEa\0:\0 \0\x00\xD8"),
        ["1:4 [] not UTF-16, though the file begins as UTF-16: save it as UTF-8"]
    );
}
