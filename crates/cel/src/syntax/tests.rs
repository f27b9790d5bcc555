use super::*;
use proptest::prelude::*;

fn at(minor: u8) -> Dialect {
    Dialect { server: Version::minor_of(minor), libraries: Version::minor_of(minor) }
}

/// The errors of a text, without lines and carets: `column: message`.
fn errors(source: &str) -> Vec<String> {
    let issues = parse(at(37), source).unwrap_err();
    issues.list.iter().map(|issue| format!("{}: {}", issue.column, issue.message)).collect()
}

const OPERAND: &str = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, \
                       BYTES, IDENTIFIER}";

#[test]
fn an_error_says_what_was_expected() {
    assert_eq!(errors("1 =="), [format!("5: Syntax error: mismatched input '<EOF>' expecting {OPERAND}")]);
    assert_eq!(errors("(1"), ["3: Syntax error: missing ')' at '<EOF>'"]);
    assert_eq!(errors("1 1"), ["3: Syntax error: extraneous input '1' expecting <EOF>"]);
    assert_eq!(errors("a. == 1"), ["4: Syntax error: no viable alternative at input '. =='"]);
    assert_eq!(errors("a.true"), ["3: Syntax error: mismatched input 'true' expecting IDENTIFIER"]);
    assert_eq!(errors("{'a' 1}"), ["6: Syntax error: missing ':' at '1'"]);
    assert_eq!(errors("a & b").first().unwrap(), "3: Syntax error: token recognition error at: '& '");
}

#[test]
fn reading_goes_on_after_an_error() {
    assert_eq!(
        errors("[1, ] + (2 + ) + $"),
        [
            format!("14: Syntax error: mismatched input ')' expecting {OPERAND}"),
            "18: Syntax error: token recognition error at: '$'".to_owned(),
            format!("19: Syntax error: mismatched input '<EOF>' expecting {OPERAND}"),
        ]
    );
    assert_eq!(
        errors("if (true) 1"),
        ["1: reserved identifier: if", "11: Syntax error: extraneous input '1' expecting <EOF>"]
    );
}

#[test]
fn a_caret_stands_under_the_place() {
    let text = parse(at(37), "'é' +\n\t'ü' & 1").unwrap_err().text;
    let first = "ERROR: <input>:2:6: Syntax error: token recognition error at: '& '\n |  'ü' & 1\n | ..．..^";
    assert!(text.starts_with(first), "{text}");
}

#[test]
fn macros_are_refused_with_their_words() {
    assert_eq!(errors("has(a)"), ["5: invalid argument to has() macro"]);
    assert_eq!(errors("[1].all(1, true)"), ["9: argument must be a simple name"]);
    assert_eq!(errors("[1].map(x.y, true)"), ["10: argument is not an identifier"]);
    assert_eq!(errors("[1].all(x, x, true)"), ["12: duplicate variable name: x"]);
    assert_eq!(errors("[1].all(__result__, true)"), ["9: iteration variable overwrites accumulator variable"]);
}

#[test]
fn macros_are_those_of_the_version() {
    let is_fold = |minor| {
        let ast = parse(at(minor), "[1].all(i, x, true)").unwrap();
        matches!(ast.kind(ast.root()), crate::ast::ExprKind::Comprehension(_))
    };
    assert!(is_fold(32) && !is_fold(31));
    assert_eq!(parse(at(36), "a.`b-c`").unwrap_err().list.first().unwrap().message, "unsupported syntax: '`'");
    assert!(parse(at(37), "a.`b-c`").is_ok());
}

#[test]
fn literals_are_in_range() {
    assert_eq!(errors("9223372036854775808"), ["1: invalid int literal"]);
    assert_eq!(errors("18446744073709551616u"), ["1: invalid uint literal"]);
    assert_eq!(errors("1e400"), ["1: invalid double literal"]);
    assert_eq!(errors(r"'\ud800'"), ["1: invalid unicode code point"]);
    assert!(parse(at(37), "-9223372036854775808").is_ok());
    assert!(parse(at(37), r#"'''a'b''' + r"\" + '\x41\101\u00e9'"#).is_ok());
}

/// Without optimization frames are several times as large as where this runs.
fn with_room(go: fn()) {
    std::thread::Builder::new().stack_size(16 << 20).spawn(go).unwrap().join().unwrap();
}

#[test]
fn depth_and_length_are_bounded_as_on_the_server() {
    with_room(bounds);
}

fn bounds() {
    let limit = ["0: expression recursion limit exceeded: 250"];
    let nested = |count: usize| format!("{}1{}", "(".repeat(count), ")".repeat(count));
    assert!(parse(at(37), &nested(249)).is_ok());
    assert_eq!(errors(&nested(250)), limit);
    assert_eq!(errors(&nested(100_000 / 2 - 1)), limit);
    let deep = ["0: max recursion depth exceeded"];
    assert!(parse(at(37), &format!("1{}", "+1".repeat(250))).is_ok());
    assert_eq!(errors(&format!("1{}", "+1".repeat(251))), deep);
    assert_eq!(errors(&format!("1{}", "+1".repeat(49_000))), deep);
    assert_eq!(errors(&format!("a{}.optMap(x, x)", ".b".repeat(49_000))), deep);
    assert_eq!(errors(&"[".repeat(90_000)), limit);
    assert!(parse(at(37), "true && ".repeat(10_000).trim_end_matches(" && ")).is_ok());
    let long = format!("'{}'", "a".repeat(100_000));
    assert_eq!(errors(&long), ["0: expression code point size exceeds limit: size: 100002, limit 100000"]);
}

#[test]
fn copies_of_macros_are_bounded() {
    let bomb = format!("optional.of(1){}", ".optMap(x, x)".repeat(40));
    assert_eq!(errors(&bomb), ["0: expression is too large after its macros are expanded"]);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(source in "\\PC{0,60}") {
        let _ = parse(at(37), &source);
    }

    #[test]
    fn any_tokens_are_read_or_refused(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "!", "-", "+", "&&", "||", "==", "in", "a", "has",
                "all", "1", "'s'", "b'", "'''", "`", "true", "null", "if", "é", "\n", "&",
            ]),
            0..40,
        )
    ) {
        let source = tokens.concat();
        if let Err(issues) = parse(at(37), &source) {
            prop_assert!(!issues.list.is_empty());
        }
        let _ = parse(at(30), &source);
    }
}
