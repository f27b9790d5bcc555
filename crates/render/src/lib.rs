//! A report becomes text or JSON.
//!
//! *Architecture invariant:* it sees `diagnostic` only: no rules, no policy, no terminal.

mod json;

pub use json::Json;
