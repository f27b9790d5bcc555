//! `Validator`: sources in, report out.

use std::sync::OnceLock;

use seaworthy_apiserver::Definitions;
use seaworthy_diagnostic::{Level, Report};
use seaworthy_fleet::{Facts, Overrides};
use seaworthy_object::{Catalog, Object};
use seaworthy_placement::Question;
use seaworthy_policy::Policy;
use seaworthy_rules::AnyRule;
use seaworthy_source::Source;

use crate::check;
use crate::describe::Description;
use crate::init;
use crate::place::{NotPlaced, Placement};
use crate::understanding::Understanding;

/// Checks sources: built once, shared, `Send + Sync`.
///
/// ```
/// use seaworthy::{Source, Validator};
///
/// let manifest = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, port: 80}\n";
/// let report = Validator::default().check(vec![Source::new("web.yaml", manifest)]);
/// assert_eq!(report.diagnostics[0].rule, "unknown-field");
/// ```
#[derive(Debug)]
pub struct Validator {
    pub(crate) catalog: Catalog,
    pub(crate) overrides: Overrides,
    pub(crate) policy: Policy,
    crds: Vec<Source>,
    cluster: Vec<Source>,
    /// Manifests as they were applied before.
    pub(crate) former: Vec<Source>,
    /// What a standing Fleet document declares.
    pub(crate) facts: Facts,
    /// The rules of `policy` that speak, made once: a webhook asks for them with every request.
    rules: OnceLock<Vec<(AnyRule, Level)>>,
    /// The kinds that `crds` define, read once.
    definitions: OnceLock<Definitions>,
}

impl Default for Validator {
    fn default() -> Self {
        Self::new(Overrides::default(), Policy::default())
    }
}

impl Validator {
    /// A validator with the rules that `policy` lets speak, on top of the policy of a Fleet document; `overrides` beat
    /// the facts that one declares.
    #[must_use]
    pub fn new(overrides: Overrides, policy: Policy) -> Self {
        Self {
            catalog: Catalog::built_in(),
            overrides,
            policy,
            crds: Vec::new(),
            cluster: Vec::new(),
            former: Vec::new(),
            facts: Facts::default(),
            rules: OnceLock::new(),
            definitions: OnceLock::new(),
        }
    }

    /// The rules that the policy lets speak, where no document has a say.
    pub(crate) fn rules(&self) -> &[(AnyRule, Level)] {
        self.rules.get_or_init(|| self.policy.active())
    }

    /// The kinds that the CustomResourceDefinitions define that are known beside what is checked.
    pub(crate) fn definitions(&self) -> &Definitions {
        self.definitions.get_or_init(|| {
            let documents: Vec<_> = self.crds.iter().flat_map(seaworthy_document::read).collect();
            let objects = documents.iter().filter_map(|it| Object::new(it.root()?, &self.catalog, "default"));
            Definitions::of(&objects.collect::<Vec<_>>())
        })
    }

    /// The same, knowing CustomResourceDefinitions that are there but are not part of what is checked.
    #[must_use]
    pub fn with_crds(mut self, crds: Vec<Source>) -> Self {
        self.crds.extend(crds);
        self
    }

    /// The same, knowing files that describe the cluster: Node manifests. What nothing reads yet is listed as unknown.
    #[must_use]
    pub fn with_cluster(mut self, cluster: Vec<Source>) -> Self {
        self.cluster.extend(cluster);
        self
    }

    /// The same, knowing the manifests that were applied before: an object that takes the place of one of them is also
    /// judged for what it changes, such as a selector that must stay as it is. [`crate::Workspace`] does not read them.
    #[must_use]
    pub fn with_former(mut self, former: Vec<Source>) -> Self {
        self.former.extend(former);
        self
    }

    /// Checks sources, in the order in which they would be applied. A Fleet document among them is obeyed.
    #[must_use]
    pub fn check(&self, sources: Vec<Source>) -> Report {
        let manifests = sources.len();
        let sources = self.with_known(sources);
        let mut report = Understanding::of(self, &sources, manifests, check::report);
        report.sources = sources;
        report
    }

    /// The sources that are only known of.
    pub(crate) fn known(&self) -> impl Iterator<Item = &Source> {
        self.crds.iter().chain(&self.cluster)
    }

    /// Sources, and behind them those that are only known of.
    fn with_known(&self, mut sources: Vec<Source>) -> Vec<Source> {
        sources.extend(self.known().cloned());
        sources
    }

    /// What the model understood of sources: workloads, claims, services, exposure.
    #[must_use]
    pub fn describe(&self, sources: &[Source]) -> Description {
        let manifests = sources.len();
        let sources = self.with_known(sources.to_vec());
        Understanding::of(self, &sources, manifests, |understanding| Description::of(&understanding.fleet))
    }

    /// Whether every pod of sources can be placed on the cluster, and every claim binds. With `failures` also what every
    /// single failure of a node or a zone leaves without a place.
    ///
    /// # Errors
    /// No node is known, or what is to fail is not there.
    pub fn place(&self, sources: &[Source], question: &Question, failures: bool) -> Result<Placement, NotPlaced> {
        let manifests = sources.len();
        let sources = self.with_known(sources.to_vec());
        let placement = Understanding::of(self, &sources, manifests, |it| Some(Placement::of(it, question, failures)));
        placement.unwrap_or(Err(NotPlaced::NoNodes { unread: Vec::new() }))
    }

    /// A Fleet document for what is there, with comments: checked with it, the same sources meet their declaration.
    #[must_use]
    pub fn init(&self, sources: &[Source]) -> String {
        Understanding::of(self, sources, sources.len(), init::document)
    }
}

#[cfg(test)]
mod tests {
    use super::Validator;

    /// Compiles only for what threads may share.
    fn shared<T: Send + Sync>(_: &T) {}

    #[test]
    fn a_validator_is_shared_among_threads() {
        let validator = Validator::default();
        shared(&validator);
        let on_threads = std::thread::scope(|scope| {
            let threads = [(); 4].map(|()| scope.spawn(|| validator.check(Vec::new()).diagnostics.len()));
            threads.map(|thread| thread.join().unwrap())
        });
        assert_eq!(on_threads, [0; 4]);
    }
}
