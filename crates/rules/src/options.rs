//! The options of a rule, from what people wrote.

use seaworthy_document::to_json;
use seaworthy_fleet::{Fault, nearest};
use seaworthy_object::Field;

use crate::rule::{AnyRule, Rule};

/// A rule with the options of a mapping.
pub(crate) fn configure<R: Rule>(options: Field<'_>) -> (AnyRule, Vec<Fault<'_>>) {
    let read = |text: &str| serde_json::from_str::<R>(text).map(AnyRule::with);
    let (rule, faults) = read_options(R::META.id, options, &read);
    (rule.unwrap_or_else(AnyRule::of::<R>), faults)
}

/// Serde's words for an option of a rule that has none.
const NONE: &str = "unknown field `…`, there are no fields";

/// The rule that `read` makes of the options. Each is tried by itself, so that a wrong one costs no other.
fn read_options<'a>(
    rule: &str,
    options: Field<'a>,
    read: &dyn Fn(&str) -> serde_json::Result<AnyRule>,
) -> (Option<AnyRule>, Vec<Fault<'a>>) {
    let (mut kept, mut faults) = (Vec::new(), Vec::new());
    for (name, value) in options.entries() {
        let entry = format!("{}:{}", serde_json::Value::from(name), to_json(value.node()));
        match read(&format!("{{{entry}}}")) {
            Ok(_) => kept.push(entry),
            Err(error) => faults.push(fault(rule, name, value, &error.to_string())),
        }
    }
    (read(&format!("{{{}}}", kept.join(","))).ok(), faults)
}

/// All options, of a rule that has none.
pub(crate) fn unknown<'a>(rule: &str, options: Field<'a>) -> Vec<Fault<'a>> {
    options.entries().map(|(name, value)| fault(rule, name, value, NONE)).collect()
}

fn fault<'a>(rule: &str, name: &str, value: Field<'a>, said: &str) -> Fault<'a> {
    let (message, help) = words(rule, name, said);
    Fault { at: value.key_place(), message, help }
}

/// What is wrong and what was meant, from serde's words: without the place in a text that nobody wrote.
fn words(rule: &str, option: &str, words: &str) -> (String, Option<String>) {
    let words = words.rsplit_once(" at line ").map_or(words, |(words, _)| words);
    let Some((_, expected)) = words.strip_prefix("unknown field ").and_then(|it| it.split_once(", ")) else {
        return (format!("option `{option}` of rule `{rule}`: {words}"), None);
    };
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let help = match (nearest(option, known.iter().copied()), known.as_slice()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, []) => "it has none".to_owned(),
        (None, known) => format!("it has `{}`", known.join("`, `")),
    };
    (format!("rule `{rule}` has no option `{option}`"), Some(help))
}
