//! Places of the engine as places of the protocol.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use lsp_types::{Location, Range, Uri};
use seaworthy::source::{Span, Unit};
use serde_json::{Map, Value, json};

use crate::files::{File, Files};
use crate::positions::Lines;

/// Turns the bytes of a fleet's files into ranges; the lines of each file are counted once.
pub(crate) struct Places<'q> {
    files: &'q Files,
    root: usize,
    unit: Unit,
    lines: RefCell<BTreeMap<String, Rc<Lines>>>,
}

impl<'q> Places<'q> {
    pub(crate) fn new(files: &'q Files, root: usize, unit: Unit) -> Self {
        Self { files, root, unit, lines: RefCell::default() }
    }

    pub(crate) fn root(&self) -> usize {
        self.root
    }

    fn file(&self, name: &str) -> Option<(&'q File, Rc<Lines>)> {
        let file = self.files.named(self.root, name)?;
        let mut all = self.lines.borrow_mut();
        let lines = all.entry(name.to_owned()).or_insert_with(|| Rc::new(file.lines(self.unit)));
        Some((file, Rc::clone(lines)))
    }

    pub(crate) fn range(&self, name: &str, span: Span) -> Option<Range> {
        let (file, lines) = self.file(name)?;
        Some(lines.range(file.text(), span))
    }

    pub(crate) fn location(&self, name: &str, span: Span) -> Option<Location> {
        let (file, lines) = self.file(name)?;
        Some(Location { uri: file.uri.clone(), range: lines.range(file.text(), span) })
    }

    /// Edits of files by name as a `WorkspaceEdit`. With versions, where the client takes them: it then refuses an edit
    /// of a document that has changed since.
    pub(crate) fn edit(&self, edits: &[(String, Span, String)], with_versions: bool) -> Value {
        let mut by_name: BTreeMap<&str, (Uri, Option<i64>, Vec<Value>)> = BTreeMap::new();
        for (name, span, text) in edits {
            let Some((file, lines)) = self.file(name) else { continue };
            let edit = json!({"range": lines.range(file.text(), *span), "newText": text});
            let version = file.open.as_ref().map(|it| it.version);
            by_name.entry(name).or_insert_with(|| (file.uri.clone(), version, Vec::new())).2.push(edit);
        }
        if with_versions {
            let changes = by_name
                .into_values()
                .map(|(uri, version, edits)| json!({"textDocument": {"uri": uri, "version": version}, "edits": edits}));
            return json!({"documentChanges": changes.collect::<Vec<_>>()});
        }
        let changes: Map<String, Value> =
            by_name.into_values().map(|(uri, _, edits)| (uri.as_str().to_owned(), Value::Array(edits))).collect();
        json!({"changes": changes})
    }
}
