//! The textual split of a source into documents, as `k8s.io/apimachinery/pkg/util/yaml` does it before any parsing.

use seaworthy_source::Span;

/// A stretch of text that is one document for Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// Its bytes, the separator before it left out.
    pub(crate) span: Span,
    /// What follows `---` on the separator's line, if it is neither blank nor a comment: kubectl refuses it.
    pub(crate) bad_separator: Option<Span>,
}

/// Splits at lines that begin with `---` (`YAMLReader.Read`); JSON values that follow one another are documents too.
pub(crate) fn split(text: &str) -> Vec<Chunk> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut chunks = Vec::new();
    let mut open = Chunk { span: Span::of(start..start), bad_separator: None };
    let mut line_start = start;
    let bytes = text.as_bytes();
    while line_start < bytes.len() {
        let rest = bytes.get(line_start..).unwrap_or(&[]);
        let line_end = memchr::memchr(b'\n', rest).map_or(bytes.len(), |at| line_start + at + 1);
        if rest.starts_with(b"---") {
            push(&mut chunks, text, open, line_start);
            open = Chunk { span: Span::of(line_end..line_end), bad_separator: after_dashes(text, line_start, line_end) };
        }
        line_start = line_end;
    }
    push(&mut chunks, text, open, bytes.len());
    chunks
}

fn push(chunks: &mut Vec<Chunk>, text: &str, open: Chunk, end: usize) {
    let span = Span::of(open.span.start as usize..end);
    let content = text.get(span.range()).unwrap_or("");
    if open.bad_separator.is_some() || !content.trim_start().starts_with('{') {
        chunks.push(Chunk { span, ..open });
        return;
    }
    let mut from = span.start as usize;
    for value_end in json_values(content) {
        let to = span.start as usize + value_end;
        chunks.push(Chunk { span: Span::of(from..to), bad_separator: None });
        from = to;
    }
    if from < end {
        chunks.push(Chunk { span: Span::of(from..end), bad_separator: None });
    }
}

/// The ends of all but the last of several JSON objects that stand one after another.
fn json_values(content: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, byte) in content.bytes().enumerate() {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => {
                depth = depth.saturating_sub(1);
                let rest = content.get(at + 1..).unwrap_or("");
                if depth == 0 {
                    if !rest.trim_start().starts_with('{') {
                        break;
                    }
                    ends.push(at + 1);
                }
            }
            _ => {}
        }
    }
    ends
}

fn after_dashes(text: &str, line_start: usize, line_end: usize) -> Option<Span> {
    let rest = text.get(line_start + 3..line_end)?;
    let trimmed = rest.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return None;
    }
    let start = line_start + 3 + (rest.len() - rest.trim_start().len());
    Some(Span::of(start..start + trimmed.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|it| text.get(it.span.range()).unwrap()).collect()
    }

    #[test]
    fn at_lines_that_begin_with_three_dashes() {
        assert_eq!(texts("a: 1\n---\nb: 2\n--- # c\nc: 3"), ["a: 1\n", "b: 2\n", "c: 3"]);
        assert_eq!(texts("\u{feff}---\r\na: 1\r\n"), ["", "a: 1\r\n"]);
        assert_eq!(texts("a: |\n  ---\n"), ["a: |\n  ---\n"]);
    }

    #[test]
    fn a_separator_with_more_on_its_line_is_marked() {
        let chunks = split("---  foo \na: 1\n");
        assert_eq!(chunks[1].bad_separator, Some(Span::new(5, 8)));
    }

    #[test]
    fn json_values_in_a_row() {
        assert_eq!(texts("{\"a\": \"}{\"}\n{\"b\": 2}"), ["{\"a\": \"}{\"}", "\n{\"b\": 2}"]);
        assert_eq!(texts("{a: 1}\n"), ["{a: 1}\n"]);
    }
}
