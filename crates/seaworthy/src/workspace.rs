//! Sources that change while somebody works on them, and what is to be said of them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use seaworthy_diagnostic::{Diagnostic, Report};
use seaworthy_document::Document;
use seaworthy_fleet::Fleet;
use seaworthy_object::Content;
use seaworthy_source::{Source, SourceId};

use crate::Validator;
use crate::understanding::Understanding;

/// Sources with what is said of them, kept up to date: what an editor asks.
///
/// What it says is at any time what [`Validator::check`] says of the same sources in the order in which folders are
/// walked.
///
/// ```
/// use seaworthy::{Source, Validator, Workspace};
///
/// let mut workspace = Workspace::new(Validator::default());
/// workspace.set(Source::new("web.yaml", "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {port: 80}}"));
/// assert_eq!(workspace.check(), ["web.yaml"]);
/// assert_eq!(workspace.findings("web.yaml")[0].rule, "unknown-field");
/// ```
#[derive(Debug)]
pub struct Workspace {
    validator: Validator,
    sources: BTreeMap<Name, Source>,
    /// What the last check said.
    report: Report,
    said: BTreeMap<Name, Vec<Diagnostic>>,
}

impl Workspace {
    /// An empty one.
    #[must_use]
    pub fn new(validator: Validator) -> Self {
        Self { validator, sources: BTreeMap::new(), report: Report::default(), said: BTreeMap::new() }
    }

    /// A file comes, or changes.
    pub fn set(&mut self, source: Source) {
        self.sources.insert(Name(source.name().into()), source);
    }

    /// A file goes. False if it was not there.
    pub fn remove(&mut self, name: &str) -> bool {
        self.sources.remove(&Name(name.into())).is_some()
    }

    /// The text of a file as it was set last.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.get(&Name(name.into()))
    }

    /// Says anew what is to be said, and names the files of which that differs from the time before, in order. Files
    /// that are gone are among them if something had been said of them.
    pub fn check(&mut self) -> Vec<String> {
        self.report = self.validator.check(self.sources.values().cloned().collect());
        let mut said: BTreeMap<Name, Vec<Diagnostic>> = BTreeMap::new();
        for finding in &self.report.diagnostics {
            if let Some(source) = self.report.source(finding.at.source) {
                said.entry(Name(source.name().into())).or_default().push(finding.clone());
            }
        }
        let before = std::mem::replace(&mut self.said, said);
        let names = before.keys().chain(self.said.keys()).collect::<BTreeSet<_>>();
        names.into_iter().filter(|it| before.get(it) != self.said.get(it)).map(|it| it.0.to_string()).collect()
    }

    /// What the last check said of a file.
    #[must_use]
    pub fn findings(&self, name: &str) -> &[Diagnostic] {
        self.said.get(&Name(name.into())).map_or(&[], Vec::as_slice)
    }

    /// The source that a place of a finding lies in, by the last check.
    #[must_use]
    pub fn source_of(&self, id: SourceId) -> Option<&Source> {
        self.report.source(id)
    }

    /// All that the last check said.
    #[must_use]
    pub fn report(&self) -> Report {
        self.report.clone()
    }

    /// Lets somebody look at the fleet and its documents, as they were set last.
    pub fn read<T>(&self, look: impl FnOnce(&View<'_, '_>) -> T) -> T {
        let manifests = self.sources.len();
        let sources = self.validator.with_known(self.sources.values().cloned().collect());
        Understanding::of(&self.validator, &sources, manifests, |it| {
            look(&View { sources: it.sources, documents: it.documents, contents: it.contents, fleet: &it.fleet })
        })
    }
}

/// A fleet with the documents it was made of.
pub struct View<'f, 'v> {
    sources: &'v [Source],
    documents: &'v [Vec<Document>],
    contents: &'v [Vec<Content<'v>>],
    fleet: &'f Fleet<'v>,
}

impl<'f, 'v> View<'f, 'v> {
    /// The fleet: what is there, and what refers to what.
    #[must_use]
    pub fn fleet(&self) -> &'f Fleet<'v> {
        self.fleet
    }

    /// The id of the source of this name.
    #[must_use]
    pub fn id_of(&self, name: &str) -> Option<SourceId> {
        let at = self.sources.iter().position(|it| it.name() == name)?;
        u32::try_from(at).ok().map(SourceId)
    }

    /// The source of this id.
    #[must_use]
    pub fn source(&self, id: SourceId) -> Option<&'v Source> {
        self.sources.get(id.index())
    }

    /// The documents of a source; those that cannot be read are among them.
    #[must_use]
    pub fn documents(&self, id: SourceId) -> &'v [Document] {
        self.documents.get(id.index()).map_or(&[], Vec::as_slice)
    }

    /// What the documents of a source hold, one for each of [`View::documents`].
    #[must_use]
    pub fn contents(&self, id: SourceId) -> &'v [Content<'v>] {
        self.contents.get(id.index()).map_or(&[], Vec::as_slice)
    }
}

/// The name of a file, in the order in which folders are walked: all of a folder stands together.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name(Arc<str>);

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.split(SEPARATORS).cmp(other.0.split(SEPARATORS)).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

const SEPARATORS: [char; 2] = ['/', '\\'];

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: &str = "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}}}";
    const POD: &str = "{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, \
                       spec: {containers: [{name: web, image: web}]}}";

    #[test]
    fn what_changed_is_named_with_the_files_it_changed() {
        let overrides = crate::Overrides { complete: Some(true), ..crate::Overrides::default() };
        let mut workspace = Workspace::new(Validator::new(overrides, crate::Policy::default()));
        workspace.set(Source::new("b/service.yaml", SERVICE));
        assert_eq!(workspace.check(), ["b/service.yaml"]);
        assert!(workspace.findings("b/service.yaml").iter().any(|it| it.rule == "service-selects-nothing"));
        workspace.set(Source::new("a.yaml", POD));
        assert_eq!(workspace.check(), ["a.yaml", "b/service.yaml"]);
        assert!(!workspace.findings("b/service.yaml").iter().any(|it| it.rule == "service-selects-nothing"));
        assert_eq!(workspace.check(), Vec::<String>::new());
        assert!(workspace.remove("a.yaml") && !workspace.remove("a.yaml"));
        assert_eq!(workspace.check(), ["a.yaml", "b/service.yaml"]);
        assert!(workspace.findings("a.yaml").is_empty());
    }

    #[test]
    fn the_fleet_is_read_as_it_was_set_last() {
        let mut workspace = Workspace::new(Validator::default());
        workspace.set(Source::new("a.yaml", POD));
        let seen = workspace.read(|view| {
            let id = view.id_of("a.yaml").unwrap();
            (view.documents(id).len(), view.contents(id).len(), view.fleet().pods().len(), view.id_of("b.yaml"))
        });
        assert_eq!(seen, (1, 1, 1, None));
    }

    #[test]
    fn names_stand_in_the_order_of_a_walk() {
        let mut names = ["a-b.yaml", "a/c.yaml", "a.yaml", "a/b/c.yaml"].map(|it| Name(it.into()));
        names.sort();
        assert_eq!(names.map(|it| it.0.to_string()), ["a/b/c.yaml", "a/c.yaml", "a-b.yaml", "a.yaml"]);
    }
}
