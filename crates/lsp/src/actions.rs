//! What can be done about a finding: the change that mends it, or a word that it is accepted.

use seaworthy::diagnostic::Safety;
use seaworthy::source::Span;
use seaworthy::{Diagnostic, Source};
use serde_json::{Value, json};

use crate::cursor::Cursor;
use crate::rpc::Answer;
use crate::server::{InRange, Server};

impl Server {
    pub(crate) fn code_actions(&mut self, params: &InRange) -> Answer {
        self.check();
        let cursor = self.cursor(&params.text_document, params.range.start);
        let Some(cursor) = cursor.filter(|_| params.context.wants_fixes()) else { return Ok(json!([])) };
        let range = cursor.file.lines(self.client.unit).span(cursor.file.text(), params.range);
        let touches = |it: &&Diagnostic| it.at.span.start <= range.end && range.start <= it.at.span.end;
        let found: Vec<&Diagnostic> = cursor.workspace().findings(&cursor.file.name).iter().filter(touches).collect();
        let fixes = found.iter().filter_map(|it| self.fix(&cursor, it));
        let accepted = found.iter().filter_map(|it| self.suppression(&cursor, it));
        Ok(Value::Array(fixes.chain(accepted).collect()))
    }

    /// The change that a rule proposes: `did you mean`, and others.
    fn fix(&self, cursor: &Cursor<'_>, finding: &Diagnostic) -> Option<Value> {
        let fix = finding.fix.as_ref()?;
        let of_edit = |edit: &seaworthy::diagnostic::Edit| {
            let source = cursor.workspace().source_of(edit.source)?;
            Some((source.name().to_owned(), edit.span, edit.text.clone()))
        };
        let edits: Vec<_> = fix.edits.iter().map(of_edit).collect::<Option<_>>()?;
        let title = match fix.safety {
            Safety::Safe => fix.title.clone(),
            Safety::Unsafe => format!("{} (look at it)", fix.title),
        };
        let mut action = self.action(cursor, finding, &title, &edits);
        if fix.safety == Safety::Safe
            && let Some(fields) = action.as_object_mut()
        {
            fields.insert("isPreferred".to_owned(), true.into());
        }
        Some(action)
    }

    /// A comment above the line that accepts the finding. The reason is for the person to write.
    fn suppression(&self, cursor: &Cursor<'_>, finding: &Diagnostic) -> Option<Value> {
        let source = cursor.workspace().source(&cursor.file.name)?;
        let (at, indent) = place_of_comment(source, finding)?;
        let newline = if source.text().contains("\r\n") { "\r\n" } else { "\n" };
        let comment = format!("{indent}# seaworthy: allow {} -- reason{newline}", finding.rule);
        let title = format!("Accept `{}` here, with a reason", finding.rule);
        Some(self.action(cursor, finding, &title, &[(cursor.file.name.clone(), Span::at(at), comment)]))
    }

    fn action(
        &self,
        cursor: &Cursor<'_>,
        finding: &Diagnostic,
        title: &str,
        edits: &[(String, Span, String)],
    ) -> Value {
        let places = cursor.places(self);
        json!({
            "title": title,
            "kind": "quickfix",
            "diagnostics": [self.diagnostic(finding, &cursor.file.name, &places)],
            "edit": places.edit(edits, self.client.document_changes),
        })
    }
}

/// Where a comment of its own line is about a finding: above the line on which that begins, with the same indentation.
/// None where no comment can stand: in JSON, within brackets, and in texts of several lines.
fn place_of_comment(source: &Source, finding: &Diagnostic) -> Option<(u32, String)> {
    let text = source.text();
    let documents = seaworthy_document::read(source);
    let document = documents.iter().find(|it| it.index() == finding.at.document)?;
    let start = finding.at.span.start;
    let before = text.get(..start as usize)?;
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let indent: String = text.get(line..)?.chars().take_while(|it| *it == ' ').collect();
    let Some(spot) = document.spot(start) else {
        // A document that cannot be read: a comment at its top is about all of it.
        let top = document.span().start as usize;
        return u32::try_from(top).ok().filter(|_| !is_json(text)).map(|at| (at, String::new()));
    };
    let line_start = u32::try_from(line).ok()?;
    let ancestors = std::iter::successors(Some(spot.node), |it| it.parent());
    let is_cut = |node: seaworthy_document::Node<'_>| {
        let is_block = node.style() == seaworthy_document::Style::Block;
        !is_block && node.span().start < line_start && line_start < node.span().end
    };
    let is_free = !ancestors.into_iter().any(is_cut);
    (is_free && !is_json(text)).then_some((line_start, indent))
}

fn is_json(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
}
