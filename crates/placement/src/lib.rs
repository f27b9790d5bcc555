//! Which claim binds which volume, as the volume controller of Kubernetes decides it.
//!
//! *Architecture invariant:* this crate decides and gives reasons; it phrases no finding.

mod scheduler;
mod storage;

pub use scheduler::*;
pub use storage::*;
