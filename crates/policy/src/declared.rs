//! The policy that a Fleet document states: packs, levels and options.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fault, nearest};
use seaworthy_object::Field;
use seaworthy_rules::AnyRule;

use crate::{Policy, pack};

impl Policy {
    /// The same policy on top of what `spec.policy` of a Fleet document says, and what is wrong there. What was chosen
    /// before, on the command line, beats it.
    #[must_use]
    pub fn on_top_of<'a>(&self, declared: Field<'a>) -> (Policy, Vec<Fault<'a>>) {
        let mut policy = self.clone();
        let mut faults = Vec::new();
        for name in declared.items_at("packs") {
            match pack(name.text()) {
                Ok(pack) => policy.packs.push(pack),
                Err(error) => faults.push(Fault { at: name.place(), message: error.to_string(), help: None }),
            }
        }
        let rules = seaworthy_rules::all();
        let entries = |key| declared.get(key).into_iter().flat_map(|it| it.entries());
        for (name, level) in entries("levels") {
            if let Some(rule) = known(&rules, name, level, &mut faults) {
                policy.levels.push((rule.meta().id, level_of(level)));
            }
        }
        for (name, options) in entries("options") {
            if let Some(rule) = known(&rules, name, options, &mut faults) {
                let (rule, wrong) = rule.configured(options);
                faults.extend(wrong);
                policy.configured.push(rule);
            }
        }
        (policy, faults)
    }
}

/// The rule of a name; a name that is none is a fault at its key.
fn known<'r, 'a>(rules: &'r [AnyRule], name: &str, at: Field<'a>, faults: &mut Vec<Fault<'a>>) -> Option<&'r AnyRule> {
    let rule = rules.iter().find(|rule| rule.meta().id == name);
    if rule.is_none() {
        let near = nearest(name, rules.iter().map(|rule| rule.meta().id));
        faults.push(Fault {
            at: at.key_place(),
            message: format!("no rule is called `{name}`"),
            help: near.map(|near| format!("did you mean `{near}`?")),
        });
    }
    rule
}

/// A level by its word; YAML reads a bare `off` as false.
fn level_of(field: Field<'_>) -> Option<Level> {
    match field.text() {
        "error" => Some(Level::Error),
        "warning" => Some(Level::Warning),
        "info" => Some(Level::Info),
        _ => None,
    }
}
