//! Findings as the editor shows them: sent when they change, or when it asks.

use std::collections::{BTreeMap, BTreeSet};

use lsp_types::{
    CodeDescription, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, NumberOrString, Uri,
};
use seaworthy::{Diagnostic, Level};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::files::{self, File};
use crate::rpc::{self, Answer};
use crate::server::{Document, Server};
use crate::targets::Places;
use crate::uri;

/// Findings that an editor draws in another way: what is not needed is faint, what is old is struck out.
const TAGS: &[(&str, DiagnosticTag)] = &[
    ("deprecated-api", DiagnosticTag::DEPRECATED),
    ("removed-api", DiagnosticTag::DEPRECATED),
    ("duplicate-key", DiagnosticTag::UNNECESSARY),
    ("suppression-unused", DiagnosticTag::UNNECESSARY),
    ("volume-unused", DiagnosticTag::UNNECESSARY),
];

/// What the client was told, and what it is still to be told.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The files whose findings may have changed, by key.
    changed: BTreeSet<String>,
    /// True if a file that was not edited is among them.
    others: bool,
    /// Files that are gone.
    gone: Vec<Uri>,
    /// Files of which the client shows findings.
    shown: BTreeSet<String>,
    /// How often the findings of a file changed.
    revisions: BTreeMap<String, u64>,
    counter: u64,
}

impl Said {
    /// Something changed that the client did not edit.
    pub(crate) fn came_from_disk(&mut self) {
        self.others = true;
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfDocument {
    text_document: Document,
    previous_result_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfWorkspace {
    #[serde(default)]
    previous_result_ids: Vec<Previous>,
}

#[derive(Deserialize)]
struct Previous {
    uri: String,
    value: String,
}

impl Server {
    /// Hands the edits of documents to their fleets.
    pub(crate) fn refresh(&mut self) {
        let flushed = self.files.flush();
        for (uri, key) in flushed.gone {
            self.said_of.revisions.remove(&key);
            self.said_of.gone.push(uri);
        }
        self.said_of.changed.extend(flushed.touched);
        self.files.roots.iter_mut().for_each(|root| root.workspace.refresh());
    }

    /// Checks the fleets in which something changed. Whoever can be told of findings later does not wait for those that
    /// take long.
    pub(crate) fn check(&mut self) {
        self.refresh();
        let waits = self.pulls() && !self.client.refreshes;
        let mut told: BTreeSet<String> = std::mem::take(&mut self.said_of.changed);
        for root in &mut self.files.roots {
            let changed = if waits { root.workspace.check() } else { root.workspace.check_at_once() };
            for name in changed {
                if let Some(key) = root.key_of(&name) {
                    self.said_of.others |= told.insert(key.to_owned());
                }
            }
        }
        self.said_of.counter += 1;
        for key in &told {
            self.said_of.revisions.insert(key.clone(), self.said_of.counter);
        }
        self.said_of.changed = told;
    }

    /// Tells the client what changed.
    pub(crate) fn publish(&mut self) {
        self.check();
        let changed = std::mem::take(&mut self.said_of.changed);
        let gone = std::mem::take(&mut self.said_of.gone);
        let others = std::mem::take(&mut self.said_of.others);
        if self.pulls() {
            if self.client.refreshes && (others || !gone.is_empty()) {
                self.ask_for("workspace/diagnostic/refresh");
            }
            return;
        }
        for uri in gone {
            if self.said_of.shown.remove(&uri::key(&uri)) {
                self.send(&uri, None, &[]);
            }
        }
        for key in changed {
            let Some(file) = self.files.at(&key) else { continue };
            let items = self.diagnostics_of(file);
            let (uri, version) = (file.uri.clone(), file.open.as_ref().map(|it| it.version));
            let was_shown = if items.is_empty() {
                self.said_of.shown.remove(&key)
            } else {
                self.said_of.shown.insert(key);
                true
            };
            if was_shown || version.is_some() {
                self.send(&uri, version, &items);
            }
        }
    }

    fn send(&mut self, uri: &Uri, version: Option<i64>, items: &[lsp_types::Diagnostic]) {
        let mut params = json!({"uri": uri, "diagnostics": items});
        if let (Some(version), Some(fields)) = (version, params.as_object_mut()) {
            fields.insert("version".to_owned(), version.into());
        }
        self.outbox.push(rpc::notification("textDocument/publishDiagnostics", &params));
    }

    pub(crate) fn document_diagnostic(&mut self, params: &OfDocument) -> Answer {
        self.check();
        let Some(file) = self.files.get(&params.text_document.uri) else {
            return Ok(json!({"kind": "full", "items": []}));
        };
        let revision = self.revision(&uri::key(&file.uri));
        if params.previous_result_id.as_ref() == Some(&revision) {
            return Ok(json!({"kind": "unchanged", "resultId": revision}));
        }
        Ok(json!({"kind": "full", "resultId": revision, "items": self.diagnostics_of(file)}))
    }

    /// The findings that the client does not have, of all files; what it has is not repeated.
    pub(crate) fn workspace_diagnostic(&mut self, params: &OfWorkspace) -> Answer {
        self.check();
        let mut has: BTreeMap<String, (&str, &str)> = BTreeMap::new();
        for it in &params.previous_result_ids {
            let key = files::parse(&it.uri).map_or_else(|| it.uri.clone(), |uri| uri::key(&uri));
            has.insert(key, (&it.uri, &it.value));
        }
        let mut items: Vec<Value> = Vec::new();
        for (key, file) in self.files.all() {
            let revision = self.revision(key);
            let had = has.remove(key);
            if had.is_some_and(|(_, value)| value == revision) {
                continue;
            }
            let found = self.diagnostics_of(file);
            if had.is_some() || !found.is_empty() {
                let version = file.open.as_ref().map(|it| it.version);
                items.push(json!({"uri": file.uri, "version": version, "kind": "full", "resultId": revision,
                    "items": found}));
            }
        }
        // Files that are gone have no findings.
        items.extend(has.values().map(|(uri, _)| json!({"uri": uri, "version": null, "kind": "full", "items": []})));
        Ok(json!({"items": items}))
    }

    fn revision(&self, key: &str) -> String {
        self.said_of.revisions.get(key).copied().unwrap_or(0).to_string()
    }

    /// What the last check said of a file.
    pub(crate) fn diagnostics_of(&self, file: &File) -> Vec<lsp_types::Diagnostic> {
        let Some(root) = self.files.roots.get(file.root) else { return Vec::new() };
        let places = Places::new(&self.files, file.root, self.client.unit);
        root.workspace.findings(&file.name).iter().map(|it| self.diagnostic(it, &file.name, &places)).collect()
    }

    /// A finding, as the protocol has it.
    pub(crate) fn diagnostic(&self, finding: &Diagnostic, name: &str, places: &Places<'_>) -> lsp_types::Diagnostic {
        let workspace = self.files.roots.get(places.root()).map(|it| &it.workspace);
        let message = match &finding.help {
            Some(help) => format!("{}\n{help}", finding.message),
            None => finding.message.clone(),
        };
        let related = finding.related.iter().filter_map(|(at, words)| {
            let source = workspace?.source_of(at.source)?;
            let location = places.location(source.name(), at.span)?;
            Some(DiagnosticRelatedInformation { location, message: words.clone() })
        });
        let related: Vec<_> = related.collect();
        let tags: Vec<_> = TAGS.iter().filter(|it| it.0 == finding.rule).map(|it| it.1.clone()).collect();
        lsp_types::Diagnostic {
            range: places.range(name, finding.at.span).unwrap_or_default(),
            severity: Some(match finding.level {
                Level::Error => DiagnosticSeverity::ERROR,
                Level::Warning => DiagnosticSeverity::WARNING,
                Level::Info => DiagnosticSeverity::INFORMATION,
            }),
            code: Some(NumberOrString::String(finding.rule.to_owned())),
            code_description: self.page_of(finding.rule).map(|href| CodeDescription { href }),
            source: Some("seaworthy".to_owned()),
            message,
            related_information: Some(related).filter(|it| self.client.related_information && !it.is_empty()),
            tags: Some(tags).filter(|it| self.client.tags && !it.is_empty()),
            data: None,
        }
    }

    /// Where the page of a rule lies, if somebody said where the pages are and the client can follow.
    fn page_of(&self, rule: &str) -> Option<Uri> {
        let pages = self.settings.pages.as_deref().filter(|_| self.client.code_descriptions)?;
        files::parse(&pages.replace("{rule}", rule))
    }
}
