use std::cell::Cell;

use super::Regex;
use crate::value::Failure;

fn find(regex: &Regex, text: &str, from: usize) -> Result<Option<(usize, usize)>, Failure> {
    regex.find(text, from, &Cell::new(0))
}

fn all(pattern: &str, text: &str) -> Option<String> {
    let found = find(&Regex::new(pattern).unwrap(), text, 0).unwrap();
    found.and_then(|(start, end)| text.get(start..end)).map(str::to_owned)
}

#[test]
fn the_leftmost_match_is_found_with_perls_preferences() {
    for (pattern, text, found) in [
        ("b", "abc", Some("b")),
        ("a|ab", "ab", Some("a")),
        ("ab|a", "ab", Some("ab")),
        ("a+", "caab", Some("aa")),
        ("a+?", "caab", Some("a")),
        ("(?U)a+", "caab", Some("a")),
        ("x*", "abc", Some("")),
        ("^b", "ab", None),
        ("(?m)^b$", "a\nb\nc", Some("b")),
        ("a.c", "a\nc", None),
        ("(?s)a.c", "a\nc", Some("a\nc")),
        ("[^a]", "a\n", Some("\n")),
        (r"\bfoo\b", "a foo.", Some("foo")),
        (r"\d{2,3}", "a1234", Some("123")),
        (r"(?i)straße", "STRAßE", Some("STRAßE")),
        (r"(?i)k", "\u{212a}", Some("\u{212a}")),
        (r"[[:alpha:]_]+", "1ab_2", Some("ab_")),
        (r"[\w-]+", "a-b c", Some("a-b")),
        (r"\Qa.b\E+", "a.bb", Some("a.bb")),
        (r"\x{e9}\101", "éA", Some("éA")),
        ("日.", "日本", Some("日本")),
        ("(a*)*b", "aaab", Some("aaab")),
        ("a{,2}", "a{,2}", Some("a{,2}")),
        ("^(?:a|b)*$", "abab", Some("abab")),
        ("", "a", Some("")),
    ] {
        assert_eq!(all(pattern, text).as_deref(), found, "{pattern} in {text:?}");
    }
}

/// The words of Go's `regexp`.
#[test]
fn what_is_no_pattern_is_said_as_go_says_it() {
    for (pattern, why) in [
        ("(", "missing closing ): `(`"),
        (")", "unexpected ): `)`"),
        ("a)b", "unexpected ): `a)b`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("a|*", "missing argument to repetition operator: `*`"),
        ("(?:+)", "missing argument to repetition operator: `+`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a+??", "invalid nested repetition operator: `+??`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("a{3,2}", "invalid repeat count: `{3,2}`"),
        ("(a{100}){100}", "invalid repeat count: `{100}`"),
        ("[a", "missing closing ]: `[a`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("[[:nope:]]", "invalid character class range: `[:nope:]`"),
        ("\\", "trailing backslash at end of expression: ``"),
        (r"\y", r"invalid escape sequence: `\y`"),
        (r"\1", r"invalid escape sequence: `\1`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?<n", "invalid named capture: `(?<n`"),
        ("(?P<n!>a)", "invalid named capture: `(?P<n!>`"),
    ] {
        assert_eq!(Regex::new(pattern).unwrap_err(), format!("error parsing regexp: {why}"), "{pattern}");
    }
}

#[test]
fn patterns_that_ask_for_too_much() {
    let deep = format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(Regex::new(&deep).is_ok(), "groups alone do not nest");
    let deep = format!("{}a{}", "(?:b".repeat(100_000), ")".repeat(100_000));
    assert!(Regex::new(&deep).unwrap_err().starts_with("error parsing regexp: expression nests too deeply"));
    let large = "a{1000}".repeat(1000);
    assert!(Regex::new(&large).unwrap_err().starts_with("error parsing regexp: expression too large"));
    let bomb = Regex::new("(x+x+)+y").unwrap();
    assert_eq!(find(&bomb, &"x".repeat(10_000), 0), Ok(None));
}

#[test]
fn classes_of_unicode_are_read_but_not_known() {
    let regex = Regex::new(r"\p{Greek}+[\pL\d]").unwrap();
    assert!(find(&regex, "α", 0).unwrap_err().text().contains("is not known offline"));
    assert!(Regex::new(r"\p{").is_err());
}

#[test]
fn places_within_a_text_are_those_of_the_whole() {
    let regex = Regex::new("^a|b").unwrap();
    assert_eq!(find(&regex, "aab", 1), Ok(Some((2, 3))));
}

#[test]
fn case_is_folded_beyond_ascii() {
    for (small, capital) in [("ä", "Ä"), ("я", "Я"), ("ё", "Ё"), ("ω", "Ω"), ("ő", "Ő"), ("ⓐ", "Ⓐ")] {
        assert_eq!(all(&format!("(?i){small}"), capital).as_deref(), Some(capital));
        assert_eq!(all(&format!("(?i)[{capital}]"), small).as_deref(), Some(small));
    }
}
