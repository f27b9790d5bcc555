//! The split of a source into documents before any parsing, as `k8s.io/apimachinery/pkg/util/yaml` does it.

use seaworthy_source::Span;

use crate::json_text;

/// A stretch of text that is one document for Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// Its bytes, the separator before it left out.
    pub(crate) span: Span,
    pub(crate) form: Form,
}

/// What a chunk holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Yaml,
    /// One JSON value, whose grammar is known to be right.
    Json,
    /// After its `---` stands more than a comment: kubectl refuses it.
    BadSeparator(Span),
    /// After several JSON values only JSON can follow.
    AfterJson,
}

/// Splits a source (`YAMLOrJSONDecoder`): JSON values one after another as long as it begins with them, then YAML split
/// at lines that begin with `---`.
pub(crate) fn split(text: &str) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut rest = json_values(text, &mut chunks);
    if chunks.len() > 1 {
        if rest < text.len() {
            chunks.push(Chunk { span: Span::of(rest..text.len()), form: Form::AfterJson });
        }
        return chunks;
    }
    if rest == 0 && text.starts_with('\u{feff}') {
        rest = '\u{feff}'.len_utf8();
    }
    yaml(text, rest, &mut chunks);
    chunks
}

/// Takes the JSON values at the start of a text that begins with `{`; gives where what follows begins.
fn json_values(text: &str, chunks: &mut Vec<Chunk>) -> usize {
    let bytes = text.as_bytes();
    if bytes.get(json_text::skip_blanks(bytes, 0)) != Some(&b'{') {
        return 0;
    }
    let mut from = 0;
    loop {
        let start = json_text::skip_blanks(bytes, from);
        let value = bytes.get(start..).unwrap_or(&[]);
        match json_text::end_of_value(value) {
            Some(length) => {
                let end = start + length;
                chunks.push(Chunk { span: Span::of(from..end), form: Form::Json });
                from = end;
            }
            None if start == bytes.len() => return start,
            // Blanks up to the first line break belong to the JSON, so that a `---` after them begins its line.
            None if chunks.is_empty() => return 0,
            None => {
                let blanks = bytes.get(from..start).unwrap_or(&[]);
                return blanks.iter().position(|&byte| byte == b'\n').map_or(start, |at| from + at + 1);
            }
        }
    }
}

fn yaml(text: &str, start: usize, chunks: &mut Vec<Chunk>) {
    let bytes = text.as_bytes();
    let mut open = Chunk { span: Span::of(start..start), form: Form::Yaml };
    let mut push = |open: Chunk, end: usize| {
        let span = Span::of(open.span.start as usize..end);
        if !span.is_empty() || open.form != Form::Yaml {
            chunks.push(Chunk { span, ..open });
        }
    };
    let mut line_start = start;
    let mut breaks = memchr::memmem::find_iter(bytes.get(start..).unwrap_or(&[]), b"\n---").map(|at| start + at + 1);
    if !bytes.get(start..).unwrap_or(&[]).starts_with(b"---") {
        line_start = breaks.next().unwrap_or(bytes.len());
    }
    while line_start < bytes.len() {
        let rest = bytes.get(line_start..).unwrap_or(&[]);
        let line_end = memchr::memchr(b'\n', rest).map_or(bytes.len(), |at| line_start + at + 1);
        push(open, line_start);
        let form = after_dashes(text, line_start, line_end).map_or(Form::Yaml, Form::BadSeparator);
        open = Chunk { span: Span::of(line_end..line_end), form };
        line_start = breaks.next().unwrap_or(bytes.len());
    }
    push(open, bytes.len());
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

    fn texts(text: &str) -> Vec<(&str, Form)> {
        split(text).into_iter().map(|it| (text.get(it.span.range()).unwrap(), it.form)).collect()
    }

    fn yaml_texts(text: &str) -> Vec<&str> {
        texts(text).into_iter().filter(|it| it.1 == Form::Yaml).map(|it| it.0).collect()
    }

    #[test]
    fn at_lines_that_begin_with_three_dashes() {
        assert_eq!(yaml_texts("a: 1\n---\nb: 2\n--- # c\nc: 3"), ["a: 1\n", "b: 2\n", "c: 3"]);
        assert_eq!(yaml_texts("\u{feff}---\r\na: 1\r\n"), ["a: 1\r\n"]);
        assert_eq!(yaml_texts("a: |\n  ---\n"), ["a: |\n  ---\n"]);
        assert_eq!(yaml_texts("---\n---\n---"), [""; 0]);
    }

    #[test]
    fn a_separator_with_more_on_its_line_is_marked() {
        assert_eq!(texts("---  foo \na: 1\n"), [("a: 1\n", Form::BadSeparator(Span::new(5, 8)))]);
    }

    #[test]
    fn json_values_in_a_row() {
        let text = "{\"a\": \"}{\"}\n{\"b\": 2} [1]\n";
        assert_eq!(texts(text), [("{\"a\": \"}{\"}", Form::Json), ("\n{\"b\": 2}", Form::Json), (" [1]", Form::Json)]);
        assert_eq!(texts("{\"a\": 1}{}\nb: 1\n").last(), Some(&("b: 1\n", Form::AfterJson)));
    }

    #[test]
    fn json_then_yaml() {
        assert_eq!(texts("{\"a\": 1}\n---\nb: 2\n"), [("{\"a\": 1}", Form::Json), ("b: 2\n", Form::Yaml)]);
        assert_eq!(yaml_texts("{a: '}{'}\n"), ["{a: '}{'}\n"]);
        assert_eq!(yaml_texts("# c\n{\"a\": 1}{\"b\": 2}\n"), ["# c\n{\"a\": 1}{\"b\": 2}\n"]);
    }
}
