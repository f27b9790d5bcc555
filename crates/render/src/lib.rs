//! A report becomes text or JSON.
//!
//! *Architecture invariant:* it sees `diagnostic` only: no rules, no policy, no terminal.

mod json;
mod text;

pub use json::Json;
pub use text::{Text, TextOptions};
