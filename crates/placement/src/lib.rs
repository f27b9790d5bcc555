//! Which claim binds which volume, as the volume controller of Kubernetes decides it, and which pod runs where, as its
//! scheduler does.
//!
//! *Architecture invariant:* this crate decides and gives reasons; it phrases no finding.

mod admission;
mod alike;
mod amounts;
mod cluster;
mod devices;
mod disruption;
mod eviction;
mod expand;
mod failure;
mod nodes;
mod own_pods;
mod place;
mod placer;
mod question;
mod scheduler;
mod storage;

pub use alike::is_placed_alike;
pub use amounts::List;
pub use cluster::{Cluster, Most};
pub use disruption::{Allowed, Disruption, Undecided};
pub use eviction::{Eviction, Memory};
pub use expand::surge;
pub use nodes::knows_nodes;
pub use own_pods::count_own_pods;
pub use place::{Outcome, Placement, PodGroup};
pub use question::{Groups, Question, Scale, Without};
pub use scheduler::*;
pub use storage::*;
