//! The text of a document that the client has opened, kept equal to the client's by its changes.

use lsp_types::Range;
use seaworthy::source::Unit;
use serde::Deserialize;

use crate::positions::Lines;

/// A document that is open in the editor.
#[derive(Debug)]
pub(crate) struct Open {
    text: String,
    lines: Lines,
    unit: Unit,
    pub(crate) version: i64,
    pub(crate) language: String,
}

/// One change: of a range, or of all of the text.
#[derive(Debug, Deserialize)]
pub(crate) struct Change {
    range: Option<Range>,
    text: String,
}

impl Open {
    pub(crate) fn new(text: String, version: i64, language: String, unit: Unit) -> Self {
        let lines = Lines::of(&text, unit);
        Self { text, lines, unit, version, language }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Makes the changes one after another: each is about the text that the one before it left.
    pub(crate) fn change(&mut self, version: i64, changes: Vec<Change>) {
        for Change { range, text } in changes {
            match range {
                Some(range) => {
                    let span = self.lines.span(&self.text, range);
                    self.text.replace_range(span.range(), &text);
                }
                None => self.text = text,
            }
            self.lines = Lines::of(&self.text, self.unit);
        }
        self.version = version;
    }
}
