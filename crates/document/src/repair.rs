//! Texts that go-yaml reads and the event parser does not: a copy with more blanks, and the way back to the offsets of
//! the text as written.

use std::borrow::Cow;

use seaworthy_source::Span;

use crate::diagnose::Problem;

/// The text of a chunk, with blanks in place of tabs or added.
pub(crate) struct Repaired<'t> {
    text: Cow<'t, str>,
    /// Of the text as written.
    length: usize,
    /// Where blanks were added, in the repaired text, and how many were added up to there.
    added: Vec<(usize, usize)>,
    /// How many more times the text may be read again.
    tries: usize,
}

/// Deeper than any key that people indent.
const DEEP: usize = 256;
/// Bytes that all the readings of one chunk may cost.
const WORK: usize = 32 << 20;

impl<'t> Repaired<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let last = text.rsplit('\n').next().unwrap_or("");
        // `YAMLReader` ends every line, so that a last one of blanks counts as a line of a block scalar.
        let is_cut = !last.is_empty() && last.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
        Self {
            text: if is_cut { Cow::Owned(format!("{text}\n")) } else { Cow::Borrowed(text) },
            length: text.len(),
            added: Vec::new(),
            tries: (WORK / text.len().max(1)).clamp(2, 1000),
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A span of the repaired text as a span of the text as written.
    pub(crate) fn as_written(&self, span: Span) -> Span {
        let last = Span::of(0..self.length).end;
        if self.added.is_empty() {
            return Span::new(span.start.min(last), span.end.min(last));
        }
        let shift = |offset: u32| {
            let before = self.added.partition_point(|&(at, _)| at < offset as usize);
            let (at, total) = before.checked_sub(1).and_then(|it| self.added.get(it)).copied().unwrap_or((0, 0));
            let earlier = before.checked_sub(2).and_then(|it| self.added.get(it)).map_or(0, |it| it.1);
            // An offset among added blanks is where they were added.
            let inside = (offset as usize - at).min(total - earlier);
            Span::of(0..offset as usize - earlier - inside).end
        };
        Span::new(shift(span.start).min(last), shift(span.end).min(last))
    }

    /// Repairs the line at `offset` and those that follow with the same trouble; false if nothing can be done.
    ///
    /// Tabs may indent inside brackets and quotes for go-yaml; where they may not, the tree's own look at tabs still
    /// refuses. The lines of a quoted text need no indentation.
    pub(crate) fn repair(&mut self, problem: &Problem, offset: usize) -> bool {
        if self.tries == 0 || !matches!(problem, Problem::Tab | Problem::QuotedIndent | Problem::TouchingComment) {
            return false;
        }
        self.tries -= 1;
        if *problem == Problem::TouchingComment {
            return self.set_off(offset);
        }
        let old = std::mem::take(&mut self.text);
        let before = old.as_bytes().get(..offset).unwrap_or(&[]);
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let Some((head, tail)) = old.split_at_checked(start) else { return false };
        if self.added.iter().any(|it| it.0 >= start) {
            return false;
        }
        let mut text = String::with_capacity(old.len() + DEEP);
        text.push_str(head);
        let mut lines = tail.split_inclusive('\n');
        for (number, line) in lines.by_ref().enumerate() {
            let content = line.trim_start_matches([' ', '\t']);
            let indent = line.len() - content.len();
            match problem {
                // No block of text goes on with a tab in its first column, so all such lines are alike.
                Problem::Tab if number > 0 && !line.starts_with('\t') => {
                    text.push_str(line);
                    continue;
                }
                Problem::Tab => {}
                _ => {
                    let total = self.added.last().map_or(0, |it| it.1);
                    self.added.push((text.len(), total + DEEP));
                    text.extend(std::iter::repeat_n(' ', DEEP));
                }
            }
            text.extend(std::iter::repeat_n(' ', indent));
            text.push_str(content);
            // The closing quote may stand here, so that the next line is another matter.
            if *problem == Problem::QuotedIndent && content.contains(['"', '\'']) {
                break;
            }
        }
        text.extend(lines);
        let changed = text != old;
        self.text = Cow::Owned(text);
        changed
    }

    /// Sets a comment off from what it touches: to go-yaml it may follow a quote or a bracket at once.
    fn set_off(&mut self, offset: usize) -> bool {
        let Some((head, tail)) = self.text.split_at_checked(offset) else { return false };
        let touches = head.ends_with(['"', '\'', ']', '}']) && tail.starts_with('#');
        if !touches || self.added.iter().any(|it| it.0 >= offset) {
            return false;
        }
        let text = format!("{head} {tail}");
        self.added.push((offset, self.added.last().map_or(0, |it| it.1) + 1));
        self.text = Cow::Owned(text);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_come_back() {
        let text = "a: \"x\ny\nz\"\nb: 1";
        let mut repaired = Repaired::new(text);
        assert!(repaired.repair(&Problem::QuotedIndent, 6));
        assert_eq!(repaired.text().replace(' ', ""), text.replace(' ', ""));
        for word in ["a:", "y\n", "z\"", "b: 1"] {
            let at = repaired.text().find(word).unwrap();
            let span = repaired.as_written(Span::of(at..at + word.len()));
            assert_eq!(text.get(span.range()), Some(word));
        }
    }

    #[test]
    fn a_comment_may_touch_a_quote() {
        let text = "a: \"x\"# one\nb: [1]# two\n";
        let mut repaired = Repaired::new(text);
        assert!(repaired.repair(&Problem::TouchingComment, 6));
        assert!(repaired.repair(&Problem::TouchingComment, 19));
        assert_eq!(repaired.text(), "a: \"x\" # one\nb: [1] # two\n");
        for word in ["\"x\"", "# one", "[1]", "# two"] {
            let at = repaired.text().find(word).unwrap();
            let span = repaired.as_written(Span::of(at..at + word.len()));
            assert_eq!(text.get(span.range()), Some(word));
        }
        assert!(!Repaired::new("a: |# b").repair(&Problem::TouchingComment, 4));
    }

    #[test]
    fn tabs_become_blanks_of_the_same_length() {
        let mut repaired = Repaired::new("a: {\n\t\tb: 1,\n \t\"x\",\n\tc: \td\n}");
        assert!(repaired.repair(&Problem::Tab, 6));
        assert_eq!(repaired.text(), "a: {\n  b: 1,\n \t\"x\",\n c: \td\n}");
    }
}
