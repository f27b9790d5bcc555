//! What is known of a cluster and of what lies outside it: declared by people, or read from the documents of the tools
//! that make clusters.
//!
//! *Architecture invariant:* this crate reads the documents of tools and never guesses. What they do not say, or say by
//! an expression that only the tool can evaluate, is unknown.

mod brought;
mod cidr;
mod cluster;
mod facts;
mod machines;
mod nodes;
mod own_pods;
mod sites;
mod stated;
#[cfg(feature = "terraform")]
mod terraform;

pub use brought::{DefaultClass, brings_storage_class, is_add_on_namespace, is_built_in};
pub use cidr::Cidr;
pub use cluster::{
    Account, AddOn, ClusterDocument, ControlPlane, EtcdMember, KubeletSettings, NodeGroup, NodeRole, Range, RangeOf,
    Subnet, Tool, clusters, is_snapshot, release_of, states_cluster,
};
pub use facts::{External, Facts, Overrides, WORKLOADS};
pub use machines::{Machine, Provider, machine};
pub use nodes::{NodeFacts, Open, Taint, ZONE_LABELS};
pub use own_pods::{OVERLAYS, OwnPod, Runs};
pub use sites::{
    Database, Gate, Handle, Home, Ingress, Machines, Network, Origin, Protocol, Scaling, Site, SiteSubnet, UNKNOWN,
    sites,
};
pub use stated::{Stated, is_expression, location, unknown};
