//! The front door: sources in, report out.
//!
//! *Architecture invariant:* no I/O, no clock, no global state; the same sources give the same report on any number of
//! threads.

mod check;
mod cores;
mod crds;
mod describe;
mod discretion;
mod expressions;
mod former;
mod incoming;
mod init;
mod kustomize;
mod learning;
mod place;
mod snapshot;
mod speakers;
mod standing;
#[cfg(feature = "typed")]
mod typed;
mod understanding;
mod validator;
pub mod wire;
mod workspace;

pub use crds::crds;
pub use describe::{
    BudgetDescription, ClaimDescription, Description, EvictionDescription, ObjectName, Reach, ServiceDescription,
    WorkloadDescription,
};
pub use expressions::{NoEnvironment, admission};
pub use place::{
    ClaimPlacement, Failure, NodePlacement, NodeReasons, NotPlaced, OwnPods, Placement, PlacementSummary, PodPlacement,
    PodsOnNode, PodsPending, ResourcePlacement, node_facts,
};
pub use seaworthy_cel as cel;
pub use seaworthy_diagnostic as diagnostic;
pub use seaworthy_diagnostic::{Diagnostic, Level, Report};
pub use seaworthy_document::Limits;
pub use seaworthy_fleet::{Facts, NodeFacts, Overrides, nearest, policy_schema, schema as fleet_schema};
pub use seaworthy_object::{Catalog, Descriptions, Version, Versions};
pub use seaworthy_placement::{Groups, Question, Scale, Without};
pub use seaworthy_policy as policy;
pub use seaworthy_policy::Policy;
pub use seaworthy_render as render;
pub use seaworthy_rules as rules;
pub use seaworthy_source as source;
pub use seaworthy_source::Source;
pub use snapshot::Snapshot;
pub use standing::{NoPolicy, read_policy};
#[cfg(feature = "typed")]
pub use typed::NotAnObject;
pub use validator::Validator;
pub use workspace::{View, Workspace};

/// The paths a Fleet document names as its manifests, relative to it.
#[must_use]
pub fn manifests_of(fleet: &Source) -> Vec<String> {
    texts_at(fleet, &["spec", "manifests"])
}

/// The paths of the files from which a Fleet document takes facts of the cluster, relative to it.
#[must_use]
pub fn cluster_files_of(fleet: &Source) -> Vec<String> {
    texts_at(fleet, &["spec", "cluster", "from"])
}

/// The rules as formats describe them beside the findings.
#[must_use]
pub fn rule_descriptions() -> Vec<render::RuleDescription> {
    let describe = |rule: rules::AnyRule| {
        let meta = rule.meta();
        render::RuleDescription {
            id: meta.id,
            category: meta.category.as_str(),
            level: meta.level,
            summary: meta.summary(),
            introduction: meta.introduction(),
            page: meta.page,
        }
    };
    rules::all().into_iter().map(describe).collect()
}

fn texts_at(fleet: &Source, keys: &[&str]) -> Vec<String> {
    let documents = seaworthy_document::read(fleet);
    let list = documents.iter().filter_map(|it| it.root()).find_map(|root| root.at(keys.iter().copied()));
    list.into_iter().flat_map(|list| list.items()).filter_map(|it| it.as_str()).map(str::to_owned).collect()
}

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
