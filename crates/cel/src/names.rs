//! How fields are named in expressions whose own names are none in CEL (apiserver's `pkg/cel/escaping.go`).

/// Words of CEL; a field of such a name is written between underscores.
const KEYWORDS: [&str; 21] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

const ESCAPES: [(&str, &str); 4] = [("__", "underscores"), (".", "dot"), ("-", "dash"), ("/", "slash")];

/// Whether a name is a word of CEL.
#[must_use]
pub fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// The name by which expressions read a field; nothing if they cannot.
#[must_use]
pub fn escape(name: &str) -> Option<String> {
    if name.is_empty() || name.starts_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    if is_keyword(name) {
        return Some(format!("__{name}__"));
    }
    let mut out = String::new();
    let mut rest = name;
    while let Some(char) = rest.chars().next() {
        if let Some((left, (_, word))) = ESCAPES.iter().find_map(|it| Some((rest.strip_prefix(it.0)?, it))) {
            out.push_str("__");
            out.push_str(word);
            out.push_str("__");
            rest = left;
        } else if char == '_' || char.is_ascii_alphanumeric() {
            out.push(char);
            rest = rest.get(1..)?;
        } else {
            return None;
        }
    }
    Some(out)
}

/// The field that a name in an expression reads; nothing if it is no name of a field.
#[must_use]
pub fn unescape(name: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once("__") {
        let word = after.split('_').next().unwrap_or_default();
        let Some(left) = after.strip_prefix(word).and_then(|left| left.strip_prefix("__")).filter(|_| !word.is_empty())
        else {
            break;
        };
        out.push_str(before);
        match ESCAPES.iter().find(|(_, of)| *of == word) {
            Some((plain, _)) => out.push_str(plain),
            None if is_keyword(word) && out.is_empty() && left.is_empty() => out.push_str(word),
            None => return None,
        }
        rest = left;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_escaped_and_back() {
        let names = [
            ("namespace", "__namespace__"),
            ("a-b.c/d", "a__dash__b__dot__c__slash__d"),
            ("x__y", "x__underscores__y"),
        ];
        for (plain, escaped) in names {
            assert_eq!(escape(plain).as_deref(), Some(escaped));
            assert_eq!(unescape(escaped).as_deref(), Some(plain));
        }
        assert_eq!(escape("a$"), None);
        assert_eq!(escape("1a"), None);
        assert_eq!(unescape("__nothing__"), None);
        assert_eq!(unescape("a_b").as_deref(), Some("a_b"));
    }
}
