//! Which claim binds which volume, as the volume controller of Kubernetes decides it.
//!
//! *Architecture invariant:* this crate decides and gives reasons; it phrases no finding.

mod storage;

pub use storage::*;
