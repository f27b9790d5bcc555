//! Which claim binds which volume, as the volume controller of Kubernetes decides it, and which pod runs where, as its
//! scheduler does.
//!
//! *Architecture invariant:* this crate decides and gives reasons; it phrases no finding.

mod admission;
mod expand;
mod question;
mod storage;

pub use admission::Admitted;
pub use question::{Groups, Question, Scale, Without};
pub use storage::*;
