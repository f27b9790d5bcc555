//! A report becomes what a person, a program or a pipeline reads.
//!
//! *Architecture invariant:* it sees `diagnostic` only: no rules, no policy, no terminal.

mod github;
mod gitlab;
mod json;
mod junit;
mod place;
mod rule;
mod sarif;
mod text;

pub use github::Github;
pub use gitlab::Gitlab;
pub use json::Json;
pub use junit::Junit;
pub use rule::RuleDescription;
pub use sarif::Sarif;
pub use text::{Text, TextOptions};
