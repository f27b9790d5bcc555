//! The policy that a document states: `spec.policy` of a Fleet document, or `spec` of a Policy document.

use seaworthy_diagnostic::{Level, Silencer};
use seaworthy_fleet::{Fault, nearest};
use seaworthy_object::Field;
use seaworthy_rules::AnyRule;

use crate::suppress::{Scope, Suppress};
use crate::{Lock, Policy, Selection, pack};

impl Policy {
    /// The policy that a mapping states. What is wrong there is said and counts as not said: it turns no check off.
    #[must_use]
    pub fn declared<'a>(spec: Field<'a>, faults: &mut Vec<Fault<'a>>) -> Policy {
        let mut policy = Policy::default();
        let rules = seaworthy_rules::all();
        for name in spec.items_at("packs") {
            match pack(name.text()) {
                Ok(pack) => policy.packs.push(pack),
                Err(error) => faults.push(Fault { at: name.place(), message: error.to_string(), help: None }),
            }
        }
        let entries = |key| spec.get(key).into_iter().flat_map(|it| it.entries());
        for (name, level) in entries("levels") {
            if let Some(rule) = known(&rules, name, level, faults)
                && let Some(level) = level_of(level)
            {
                policy.levels.push((rule.meta().id, level));
            }
        }
        for (name, options) in entries("options") {
            if let Some(rule) = known(&rules, name, options, faults) {
                let (rule, wrong) = rule.configured(options);
                faults.extend(wrong);
                policy.configured.push(rule);
            }
        }
        policy.suppress = spec.items_at("suppress").filter_map(|entry| suppress(entry, faults)).collect();
        for name in spec.items_at("locked") {
            match (name.text(), Selection::named(name.text())) {
                ("*", _) => policy.locked.push(Lock::All),
                (_, Ok(selection)) => policy.locked.push(Lock::Some(selection)),
                (_, Err(error)) => {
                    faults.push(Fault { at: name.place(), message: error.to_string(), help: None });
                }
            }
        }
        policy
    }
}

/// An entry of `suppress`. One that is not understood in every word accepts nothing: the words that are missing might
/// have made it narrower.
fn suppress<'a>(entry: Field<'a>, faults: &mut Vec<Fault<'a>>) -> Option<Suppress> {
    const KEYS: [&str; 5] = ["rule", "object", "file", "reason", "until"];
    let rule = entry.get("rule").filter(|it| it.as_str().is_some())?;
    let text = |key: &str| entry.get(key).map(|it| it.text().to_owned());
    if let Some(object) = entry.get("object").filter(|it| !matches!(it.text().split('/').count(), 2 | 3)) {
        faults.push(Fault {
            at: object.place(),
            message: format!("`{}` is no pattern of objects", object.text()),
            help: Some("write Kind/namespace/name, or Kind/name; * stands for anything".to_owned()),
        });
        return None;
    }
    let until = match entry.get("until") {
        Some(day) => Some(seaworthy_fleet::day(day.text())?),
        None => None,
    };
    entry.entries().all(|(key, _)| KEYS.contains(&key)).then(|| Suppress {
        rule: rule.text().to_owned(),
        scope: Scope::Matching { object: text("object"), file: text("file") },
        reason: text("reason").filter(|it| !it.trim().is_empty()),
        until,
        at: Some(rule.place().location()),
        by: Silencer::Policy,
        cut: None,
        readable: true,
    })
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

/// A level by its word, of which `off` is one; none for a word that is no level, which the shape of the document
/// complains about. YAML reads a bare `off` as false and keeps its spelling.
fn level_of(field: Field<'_>) -> Option<Option<Level>> {
    match field.text() {
        "error" => Some(Some(Level::Error)),
        "warning" => Some(Some(Level::Warning)),
        "info" => Some(Some(Level::Info)),
        "off" => Some(None),
        _ => None,
    }
}
