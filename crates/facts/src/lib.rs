//! What is known of a cluster and of what lies outside it: declared by people, or read from the documents of the tools
//! that make clusters.
//!
//! *Architecture invariant:* this crate reads one document at a time and never guesses. What a document does not say, or
//! says by an expression that only its tool can evaluate, is unknown.

mod brought;
mod cluster;
mod facts;
mod machines;
mod nodes;
mod stated;

pub use brought::{DefaultClass, brings_storage_class, is_add_on_namespace, is_built_in};
pub use cluster::{
    Account, AddOn, ClusterDocument, ControlPlane, EtcdMember, KubeletSettings, NodeGroup, NodeRole, Range, RangeOf,
    Subnet, Tool, clusters, is_snapshot, release_of, states_cluster,
};
pub use facts::{External, Facts, Overrides};
pub use machines::{Machine, Provider, machine};
pub use nodes::{NodeFacts, Open, Taint};
pub use stated::{Stated, is_expression, location, unknown};
