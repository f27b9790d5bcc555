//! A policy that stands for as long as a program runs: read once, before there is anything to check.

use seaworthy_diagnostic::Report;
use seaworthy_fleet::Declaration;
use seaworthy_object::{Catalog, Content, contents};
use seaworthy_policy::{Policy, Selection};
use seaworthy_source::Source;

use crate::understanding::{fleet_document, stated};
use crate::{Overrides, Validator};

/// Why there is no policy.
#[derive(Debug, thiserror::Error)]
pub enum NoPolicy {
    /// The source holds neither a Policy document nor a Fleet document.
    #[error("{0} holds no document of kind Policy or Fleet")]
    NotThere(String),
    /// The documents are wrong; the report says where.
    #[error("the policy is wrong")]
    Wrong(Box<Report>),
}

/// The policy that the documents of a source state: of kind `Policy`, or `spec.policy` of kind `Fleet`. Where a check
/// would say what is wrong and go on, this refuses: a program that starts with half a policy runs with it for long.
///
/// # Errors
/// There is no such document, or something is wrong with it.
///
/// ```
/// use seaworthy::Source;
///
/// let source = Source::new("policy.yaml", "{apiVersion: seaworthy/v1alpha1, kind: Policy, spec: {packs: [strict]}}");
/// assert!(seaworthy::read_policy(&source).is_ok());
/// ```
pub fn read_policy(source: &Source) -> Result<Policy, NoPolicy> {
    let rules = ["syntax", "policy-document-invalid", "fleet-document-invalid"];
    let only = rules.iter().filter_map(|name| Selection::named(name).ok());
    let report = Validator::new(Overrides::default(), Policy::default().with_only(only)).check(vec![source.clone()]);
    if !report.diagnostics.is_empty() {
        return Err(NoPolicy::Wrong(Box::new(report)));
    }
    let catalog = Catalog::built_in();
    let documents = seaworthy_document::read(source);
    let contents: Vec<_> = documents.iter().map(|it| contents(it, source.name(), &catalog, "default")).collect();
    if !contents.iter().any(|it| matches!(it, Content::Policy(_) | Content::Fleet(_))) {
        return Err(NoPolicy::NotThere(source.name().to_owned()));
    }
    Ok(stated(contents.iter(), &mut Vec::new()).detached())
}

impl Validator {
    /// The same, with the facts that the Fleet document of a source declares: versions, platform, nodes, add-ons,
    /// externals. They hold where one object is checked ([`Validator::check_incoming`]); where whole sources are, the
    /// document is one of them.
    #[must_use]
    pub fn with_facts_of(mut self, source: &Source) -> Self {
        let documents = seaworthy_document::read(source);
        let contents: Vec<_> =
            documents.iter().map(|it| contents(it, source.name(), &self.catalog, "default")).collect();
        if let Some(object) = fleet_document(&contents) {
            Declaration::read(object, &mut Vec::new()).apply(&mut self.facts);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_policy_is_refused_with_its_place() {
        let text = "apiVersion: seaworthy/v1alpha1\nkind: Policy\nspec:\n  levels: {image-latest: loud}\n";
        let Err(NoPolicy::Wrong(report)) = read_policy(&Source::new("policy.yaml", text)) else { panic!("accepted") };
        assert_eq!(report.diagnostics.iter().map(|it| it.rule).collect::<Vec<_>>(), ["policy-document-invalid"]);
        let other = Source::new("pod.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {}}");
        assert!(matches!(read_policy(&other), Err(NoPolicy::NotThere(_))));
    }
}
