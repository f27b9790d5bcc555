//! The rules: each a type, a page and a line.
//!
//! *Architecture invariant:* a rule phrases what the stages above decided. It knows neither the policy that sets its
//! level nor who will read its words.

mod api;
mod reporter;
mod rule;

pub use reporter::{Finding, Reporter};
pub use rule::{AnyRule, Category, Check, Meta, Pack, Rule, Sheet, Subject};

/// All built-in rules, by category in the order of the catalogue.
#[must_use]
pub fn all() -> Vec<AnyRule> {
    [api::rules()].concat()
}
