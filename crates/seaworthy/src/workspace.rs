//! Sources that change while somebody works on them, and what is to be said of them.

mod ledger;
mod moved;
mod piece;
mod refresh;
mod report;
mod standing;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use seaworthy_diagnostic::{Diagnostic, Report};
use seaworthy_document::Document;
use seaworthy_fleet::Fleet;
use seaworthy_object::Content;
use seaworthy_source::{Source, SourceId};

use crate::Validator;
use ledger::{Ledger, Verdict};
use standing::{Pieces, Standing};

/// Sources with what is said of them, kept up to date: what an editor asks.
///
/// What it says is at any time what [`Validator::check`] says of the same sources in the order in which folders are
/// walked. After a change only those subjects are asked about again whose answers it may change: the sources that
/// changed, and those whose rules looked up something that did. A change of what has a say in everything is a check of
/// everything, with sources that did not change read already: Fleet and Policy documents, and kustomizations.
///
/// ```
/// use seaworthy::{Source, Validator, Workspace};
///
/// let mut workspace = Workspace::new(Validator::default());
/// workspace.set(Source::new("web.yaml", "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {port: 80}}"));
/// assert_eq!(workspace.check(), ["web.yaml"]);
/// assert_eq!(workspace.findings("web.yaml")[0].rule, "unknown-field");
/// ```
pub struct Workspace {
    validator: Arc<Validator>,
    files: BTreeMap<Name, File>,
    /// Files that came, changed or went since all was brought up to date, with the ids they had.
    pending: BTreeMap<Name, Option<SourceId>>,
    /// False until all was joined once.
    is_joined: bool,
    /// True if pods may have other places than those of which something is said.
    is_behind: bool,
    standing: Standing,
    ledger: Ledger,
    verdicts: BTreeMap<SourceId, Verdict>,
    /// What is said of the policy's suppressions, which depends on the findings of all sources.
    of_policy: BTreeMap<SourceId, Vec<Diagnostic>>,
    /// Files whose findings are others than those that [`Workspace::check`] last spoke of.
    changed: BTreeSet<Name>,
}

impl fmt::Debug for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workspace").field("files", &self.files.len()).finish_non_exhaustive()
    }
}

struct File {
    source: Source,
    id: Option<SourceId>,
}

impl Workspace {
    /// An empty one.
    #[must_use]
    pub fn new(validator: Validator) -> Self {
        let validator = Arc::new(validator);
        let standing = Standing::empty(&validator);
        Self {
            validator,
            files: BTreeMap::new(),
            pending: BTreeMap::new(),
            is_joined: false,
            is_behind: false,
            standing,
            ledger: Ledger::default(),
            verdicts: BTreeMap::new(),
            of_policy: BTreeMap::new(),
            changed: BTreeSet::new(),
        }
    }

    /// A file comes, or changes.
    pub fn set(&mut self, source: Source) {
        let name = Name(source.name().into());
        let id = self.files.get(&name).and_then(|it| it.id);
        self.pending.entry(name.clone()).or_insert(id);
        self.files.insert(name, File { source, id });
    }

    /// A file goes. False if it was not there.
    pub fn remove(&mut self, name: &str) -> bool {
        let name = Name(name.into());
        let Some(file) = self.files.remove(&name) else { return false };
        self.pending.entry(name).or_insert(file.id);
        true
    }

    /// A file as it was set last.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.files.get(&Name(name.into())).map(|it| &it.source)
    }

    /// The names of all files, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(|it| &*it.0)
    }

    /// Says anew what is to be said, and names the files of which that differs from the time before, in order. Files
    /// that are gone are among them if something had been said of them.
    pub fn check(&mut self) -> Vec<String> {
        self.catch_up(&|| true);
        self.check_at_once()
    }

    /// The same for somebody who waits for the answer: where an edit may move pods to other nodes, this does not wait
    /// until they are placed. [`Workspace::is_behind`] tells, and [`Workspace::catch_up`] does the rest.
    pub fn check_at_once(&mut self) -> Vec<String> {
        self.refresh();
        std::mem::take(&mut self.changed).into_iter().map(|it| it.0.to_string()).collect()
    }

    /// What was said of a file at the last [`Workspace::refresh`] or [`Workspace::check`]. The ids of sources are those
    /// that [`Workspace::source_of`] knows, not those of a report.
    #[must_use]
    pub fn findings(&self, name: &str) -> &[Diagnostic] {
        let name = Name(name.into());
        let id = self.files.get(&name).and_then(|it| it.id).or_else(|| *self.pending.get(&name)?);
        id.and_then(|it| self.verdicts.get(&it)).map_or(&[], |it| &it.findings)
    }

    /// The source that a place of a finding lies in.
    #[must_use]
    pub fn source_of(&self, id: SourceId) -> Option<&Source> {
        Some(&self.standing.piece(id)?.text().source)
    }

    /// All that is to be said, as [`Validator::check`] says it.
    pub fn report(&mut self) -> Report {
        self.catch_up(&|| true);
        report::of(self)
    }

    /// Lets somebody look at the fleet and its documents, as they were at the last [`Workspace::refresh`] or
    /// [`Workspace::check`].
    pub fn read<T>(&self, look: impl FnOnce(&View<'_, '_>) -> T) -> T {
        let files = &self.files;
        self.standing.look(|_, fleet, pieces| look(&View { files, pieces, fleet }))
    }
}

/// A fleet with the documents it was made of.
pub struct View<'f, 'v> {
    files: &'f BTreeMap<Name, File>,
    pieces: Pieces<'f, 'v>,
    fleet: &'f Fleet<'v>,
}

impl<'f, 'v> View<'f, 'v> {
    /// The fleet: what is there, and what refers to what.
    #[must_use]
    pub fn fleet(&self) -> &'f Fleet<'v> {
        self.fleet
    }

    /// The ids of all sources, in the order of their names.
    pub fn ids(&self) -> impl Iterator<Item = SourceId> + use<'f> {
        self.files.values().filter_map(|it| it.id)
    }

    /// The id of the source of this name.
    #[must_use]
    pub fn id_of(&self, name: &str) -> Option<SourceId> {
        self.files.get(&Name(name.into()))?.id
    }

    /// The source of this id.
    #[must_use]
    pub fn source(&self, id: SourceId) -> Option<&'v Source> {
        (self.pieces)(id).map(|it| &it.text().source)
    }

    /// The documents of a source; those that cannot be read are among them.
    #[must_use]
    pub fn documents(&self, id: SourceId) -> &'v [Document] {
        (self.pieces)(id).map_or(&[], |it| &it.text().documents)
    }

    /// What the documents of a source hold, one for each of [`View::documents`].
    #[must_use]
    pub fn contents(&self, id: SourceId) -> &'v [Content<'v>] {
        (self.pieces)(id).map_or(&[], |it| it.contents())
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
    fn an_edit_of_a_definition_asks_about_its_objects_again() {
        let definition = |ty: &str| {
            format!(
                "{{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {{name: \
                 ships.sea.example}}, spec: {{group: sea.example, scope: Namespaced, names: {{plural: ships, kind: \
                 Ship}}, versions: [{{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object, \
                 properties: {{crew: {{type: {ty}}}}}}}}}}}]}}}}"
            )
        };
        let mut workspace = Workspace::new(Validator::default());
        workspace.set(Source::new("crd.yaml", definition("integer")));
        workspace
            .set(Source::new("ship.yaml", "{apiVersion: sea.example/v1, kind: Ship, metadata: {name: a}, crew: many}"));
        let refused = |workspace: &Workspace| workspace.findings("ship.yaml").iter().any(|it| it.category == "api");
        workspace.refresh();
        assert!(refused(&workspace));
        workspace.set(Source::new("crd.yaml", definition("string")));
        assert_eq!(workspace.check(), ["ship.yaml"]);
        assert!(!refused(&workspace));
        workspace.set(Source::new("crd.yaml", definition("integer")));
        assert_eq!(workspace.check(), ["ship.yaml"]);
        assert!(workspace.remove("crd.yaml"));
        assert_eq!(workspace.check(), ["ship.yaml"]);
        assert!(!refused(&workspace));
    }

    #[test]
    fn the_fleet_is_read() {
        let mut workspace = Workspace::new(Validator::default());
        workspace.set(Source::new("a.yaml", POD));
        workspace.refresh();
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
