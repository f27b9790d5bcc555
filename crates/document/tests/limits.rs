//! Hostile sources: what is refused names its limit, what is accepted is read in one pass.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a helper of a test may panic as the test may"
)]

use seaworthy_document::{Document, Limits, read, read_with};
use seaworthy_source::Source;

fn documents(text: String) -> Vec<Document> {
    read(&Source::new("test.yaml", text))
}

/// The first error as `line:column: message`.
fn refusal(text: String) -> String {
    let source = Source::new("test.yaml", text);
    let documents = read(&source);
    let error = documents.iter().find_map(Document::error).expect("it is refused");
    let at = source.position(error.span.start);
    format!("{}:{}: {}", at.line, at.column, error.message)
}

#[track_caller]
fn accepted(text: String) -> Document {
    let documents = documents(text);
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0].error(), None);
    documents.into_iter().next().unwrap()
}

#[test]
fn a_bomb_of_aliases() {
    let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..30 {
        text += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(","));
    }
    let documents = documents(text);
    assert!(documents[0].error().unwrap().message.ends_with("(limit `alias_share`)"), "{:?}", documents[0].error());
    assert!(documents[0].node_count() < 1_000_000);
}

#[test]
fn many_aliases_of_one_long_text() {
    let aliases = |length: usize, count: usize| format!("a: &a {}\nb:\n{}", "x".repeat(length), "- *a\n".repeat(count));
    let document = accepted(aliases(500, 20_000));
    assert_eq!(document.root().unwrap().get("b").unwrap().len(), 20_000);
    assert_eq!(
        refusal(aliases(200_000, 20_000)),
        "87:3: aliases repeat more than 16777216 bytes of text (limit `alias_text`)"
    );
}

#[test]
fn nesting() {
    let deep = "more than 200 levels of nesting (limit `nesting`)";
    assert_eq!(refusal("[".repeat(100_000)), format!("1:201: {deep}"));
    assert_eq!(refusal("{a: ".repeat(100_000)), format!("1:801: {deep}"));
    assert_eq!(refusal("- ".repeat(100_000)), format!("1:401: {deep}"));
    assert_eq!(
        refusal((0..2_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect()),
        format!("201:201: {deep}")
    );
    let json = format!("{{\"a\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(refusal(json), format!("1:206: {deep}"));
    accepted(format!("{}{}", "[".repeat(200), "]".repeat(200)));
}

#[test]
fn fifty_megabytes_on_a_line() {
    let scalar = accepted(format!("a: {}", "x".repeat(50 << 20)));
    assert_eq!(scalar.root().unwrap().get("a").unwrap().text().len(), 50 << 20);
    let list = accepted(format!("a: [{}1]", format!("{}, ", "x".repeat(98)).repeat(500_000)));
    assert_eq!(list.root().unwrap().get("a").unwrap().len(), 500_001);
}

#[test]
fn files_and_documents() {
    assert_eq!(refusal(" ".repeat((64 << 20) + 1)), "1:1: 67108865 bytes, more than 67108864 (limit `file_size`)");
    assert_eq!(documents("a: 1\n---\n".repeat(100_000)).len(), 100_000);
    let many = documents("a: 1\n---\n".repeat(200_000));
    assert_eq!(many.len(), 100_001);
    assert_eq!(many[100_000].error().unwrap().message, "more than 100000 documents in one file (limit `documents`)");
    assert_eq!(documents("---\n".repeat(1_000_000)).len(), 0);
    assert_eq!(documents("a: [\n---\n".repeat(20_000)).len(), 20_000);
}

#[test]
fn nodes_are_counted_over_all_documents() {
    let most = Limits::default().nodes;
    assert_eq!(most, 8_000_000);
    let limits = Limits { nodes: 10, ..Limits::default() };
    let documents = read_with(&Source::new("test.yaml", "a: 1\n---\nb: 1\n---\nc: 1\n---\nd: 1\n"), limits);
    let errors: Vec<_> = documents.iter().map(|document| document.error().map(|it| it.message.as_str())).collect();
    assert_eq!(errors, [None, None, None, Some("more than 10 values in one file (limit `nodes`)")]);
}

#[test]
fn wide_objects() {
    let document = accepted((0..40_000).map(|number| format!("key{number}: {number}\n")).collect());
    assert_eq!(document.root().unwrap().get("key39999").unwrap().as_int(), Some(39_999));
    let document = accepted("a: 1\n".repeat(100_000) + "a: 2\n");
    assert_eq!(document.duplicates().len(), 100_000);
    assert_eq!(document.root().unwrap().get("a").unwrap().as_int(), Some(2));
    assert_eq!(document.root().unwrap().entries().count(), 1);
}

#[test]
fn comments_tabs_and_quotes_by_the_hundred_thousand() {
    assert_eq!(accepted(format!("a:\n{}  b: 1\n", "  # c\n".repeat(100_000))).comments().len(), 100_000);
    assert_eq!(documents("# c\n".repeat(100_000)).len(), 0);
    accepted(format!("x:\n a: [\n{}]\n", "\t\"b\",\n \"c\",\n".repeat(100_000)));
    accepted(format!("a:\n  b: \"{}\"\n", "x\n".repeat(100_000)));
    let nans = documents("- .nan\n".repeat(100_000));
    assert_eq!(nans[0].errors().len(), 100);
}
