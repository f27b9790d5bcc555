//! What is known of a cluster and of what lies outside it: declared by people, or read from the documents of the tools
//! that make clusters.
//!
//! *Architecture invariant:* this crate reads one document at a time and never guesses. What a document does not say, or
//! says by an expression that only its tool can evaluate, is unknown.

mod brought;
mod facts;
mod nodes;

pub use brought::{DefaultClass, brings_storage_class, is_add_on_namespace, is_built_in};
pub use facts::{External, Facts, Overrides};
pub use nodes::{NodeFacts, Taint};
