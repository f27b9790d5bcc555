//! Fields as the API server writes them: `spec.containers[0].image`, `metadata.annotations[a/b]`.

use std::fmt;
use std::str::FromStr;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A key of a mapping.
    Key(String),
    /// A place in a list, from 0.
    Index(usize),
}

/// The address of a node from the root of its object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FieldPath(pub Vec<Segment>);

/// A text that is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no field path: {why} at byte {at}")]
pub struct PathError {
    text: String,
    why: &'static str,
    at: usize,
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) if is_field_name(key) => write!(f, "{}{key}", if at == 0 { "" } else { "." })?,
                Segment::Key(key) => write!(f, "[{key}]")?,
            }
        }
        Ok(())
    }
}

/// True if the server writes the key after a dot; every other key stands in brackets.
pub(crate) fn is_field_name(key: &str) -> bool {
    let mut bytes = key.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'$' || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$'))
}

impl FromStr for FieldPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let fail = |why, at| PathError { text: text.to_owned(), why, at };
        let mut segments = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let at = text.len() - rest.len();
            if let Some(inner) = rest.strip_prefix('[') {
                let end = inner.find(']').ok_or_else(|| fail("`[` without `]`", at))?;
                let (name, tail) = inner.split_at_checked(end).ok_or_else(|| fail("`[` without `]`", at))?;
                segments.push(segment(name));
                rest = tail.get(1..).unwrap_or("");
                if !rest.is_empty() && !rest.starts_with(['.', '[']) {
                    return Err(fail("a name right after `]`", text.len() - rest.len()));
                }
                if let Some(next) = rest.strip_prefix('.') {
                    rest = next;
                    if rest.is_empty() || rest.starts_with(['.', '[']) {
                        return Err(fail("an empty name", text.len() - rest.len()));
                    }
                }
                continue;
            }
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
            if name.is_empty() {
                return Err(fail("an empty name", at));
            }
            if name.contains(']') {
                return Err(fail("`]` without `[`", at));
            }
            segments.push(segment(name));
            rest = match tail.strip_prefix('.') {
                Some("") => return Err(fail("an empty name", text.len())),
                Some(next) => next,
                None => tail,
            };
        }
        Ok(Self(segments))
    }
}

/// A number as an index is written is one; `007` and `+1` are keys.
fn segment(name: &str) -> Segment {
    let is_canonical = name == "0" || name.starts_with(|first: char| matches!(first, '1'..='9'));
    let index = name.parse().ok().filter(|_| is_canonical);
    index.map_or_else(|| Segment::Key(name.to_owned()), Segment::Index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        for text in
            ["", "spec", "spec.containers[0].image", "metadata.annotations[a.b/c]", "items[3][1].x-y", "data[a b]"]
        {
            assert_eq!(text.parse::<FieldPath>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_path() {
        for text in ["spec.", ".spec", "spec..a", "spec[0", "a[0].", "a]"] {
            assert!(text.parse::<FieldPath>().is_err(), "{text}");
        }
    }
}
