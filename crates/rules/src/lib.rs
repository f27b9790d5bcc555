//! The rules: each a type, a page and a line.
//!
//! *Architecture invariant:* a rule phrases what the stages above decided. It knows neither the policy that sets its
//! level nor who will read its words.

/// The page of a rule, beside its code; nothing where pages are kept elsewhere.
macro_rules! page {
    ($file:literal) => {
        if cfg!(feature = "pages") { include_str!($file) } else { "" }
    };
}

mod api;
mod architecture;
mod cluster;
mod configurations;
mod environments;
mod hygiene;
mod image;
mod mending;
mod network;
mod options;
mod reference;
mod reporter;
mod rule;
mod scaling;
mod scheduling;
mod security;
mod storage;
mod suppression;
mod syntax;
#[cfg(test)]
mod trial;
mod words;
mod workload;

pub use configurations::is_configuration;
pub use reporter::{Finding, Reporter};
pub use rule::{AnyRule, Category, Check, Choice, Meta, Pack, Rule, Sheet, Subject};
pub use suppression::{Outcome, Suppression};

/// All built-in rules, by category in the order of the catalogue.
#[must_use]
pub fn all() -> Vec<AnyRule> {
    [
        syntax::rules(),
        api::rules(),
        reference::rules(),
        storage::rules(),
        network::rules(),
        workload::rules(),
        scheduling::rules(),
        scaling::rules(),
        security::rules(),
        image::rules(),
        cluster::rules(),
        architecture::rules(),
        hygiene::rules(),
    ]
    .concat()
}
