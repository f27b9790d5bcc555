//! Where the places of a text went when it was edited: findings that nobody has made anew stay with their words.

use seaworthy_diagnostic::Diagnostic;
use seaworthy_source::{SourceId, Span};

use crate::speakers::Said;

/// An edit of a source.
pub(crate) struct Moved {
    source: SourceId,
    /// The bytes that are others now.
    before: Span,
    /// Where those end that came in their place.
    end: u32,
}

impl Moved {
    /// What lies between the beginning and the end that two texts share.
    pub(crate) fn between(source: SourceId, before: &str, after: &str) -> Self {
        let shared = before.bytes().zip(after.bytes()).take_while(|(old, new)| old == new).count();
        let start = after.floor_char_boundary(shared).min(before.floor_char_boundary(shared));
        let most = before.len().min(after.len()) - start;
        let ends = before.bytes().rev().zip(after.bytes().rev()).take(most);
        let shared = ends.take_while(|(old, new)| old == new).count();
        let end = after.ceil_char_boundary(after.len() - shared);
        let end_before = before.len() - (after.len() - end);
        let (before, after) = (Span::of(start..end_before), Span::of(start..end));
        Self { source, before, end: after.end }
    }

    /// Moves what was said to where its words are now; true if any of it lies in the source.
    pub(crate) fn said(&self, said: &mut Said) -> bool {
        let findings = said.diagnostics.iter_mut().fold(false, |any, it| self.finding(it) | any);
        said.unknown.iter_mut().fold(findings, |any, it| self.place(it.at.source, &mut it.at.span) | any)
    }

    fn finding(&self, finding: &mut Diagnostic) -> bool {
        let own = self.place(finding.at.source, &mut finding.at.span);
        let related = finding.related.iter_mut().fold(own, |any, (at, _)| self.place(at.source, &mut at.span) | any);
        let edits = finding.fix.iter_mut().flat_map(|it| &mut it.edits);
        edits.fold(related, |any, it| self.place(it.source, &mut it.span) | any)
    }

    fn place(&self, source: SourceId, span: &mut Span) -> bool {
        if source == self.source {
            *span = self.span(*span);
        }
        source == self.source
    }

    /// What was edited in part is all of it that is left, with what came.
    fn span(&self, span: Span) -> Span {
        let Self { before, end, .. } = *self;
        let behind = |at: u32| end + (at - before.end);
        // What comes right before it moves it, and what comes right behind it is none of it.
        let start = if span.start >= before.end { behind(span.start) } else { span.start.min(before.start) };
        let stop = match span.end {
            at if at <= before.start => at,
            at if at >= before.end => behind(at),
            _ => end,
        };
        Span::new(start, stop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The word of a text that a word of another one became.
    fn after<'t>(before: &str, word: &str, text: &'t str) -> &'t str {
        let start = before.find(word).unwrap();
        let moved = Moved::between(SourceId(1), before, text).span(Span::of(start..start + word.len()));
        text.get(moved.range()).unwrap()
    }

    #[test]
    fn words_before_and_behind_an_edit_stay_the_same_words() {
        let before = "name: web\nimage: app\nreplicas: 2\n";
        let text = "name: web\nimage: apple:1.2\nreplicas: 2\n";
        assert_eq!(after(before, "web", text), "web");
        assert_eq!(after(before, "2", text), "2");
        assert_eq!(after(before, "image: app\nreplicas: 2", text), "image: apple:1.2\nreplicas: 2");
        assert_eq!(after(text, "replicas", before), "replicas");
        assert_eq!(after(before, "replicas", before), "replicas");
        assert_eq!(after("web", "web", "# a\nweb"), "web");
        assert_eq!(after("web", "web", "web # a"), "web");
    }

    #[test]
    fn what_was_edited_is_what_is_left_of_it() {
        assert_eq!(after("name: web", "web", "name: wb"), "wb");
        assert_eq!(after("name: web", "web", "name: "), "");
        assert_eq!(after("name: web # a", "web", ""), "");
        // Letters of several bytes of which some are shared.
        assert_eq!(after("name: é!", "é", "name: è!"), "è");
        assert_eq!(after("name: 𝄞!", "!", "name: 𝄢!"), "!");
    }
}
