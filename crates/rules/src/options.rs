//! The options of a rule, from what people wrote.

use seaworthy_document::to_json;
use seaworthy_fleet::{Fault, nearest};
use seaworthy_object::Field;

use crate::rule::{AnyRule, Rule};

/// A rule with the options of a mapping. Each is tried by itself, so that a wrong one costs no other.
pub(crate) fn configure<R: Rule>(options: Field<'_>) -> (AnyRule, Vec<Fault<'_>>) {
    let (mut kept, mut faults) = (Vec::new(), Vec::new());
    for (name, value) in options.entries() {
        let entry = format!("{}:{}", serde_json::Value::from(name), to_json(value.node()));
        match serde_json::from_str::<R>(&format!("{{{entry}}}")) {
            Ok(_) => kept.push(entry),
            Err(error) => {
                let (message, help) = words(R::META.id, name, &error.to_string());
                faults.push(Fault { at: value.key_place(), message, help });
            }
        }
    }
    let rule = serde_json::from_str(&format!("{{{}}}", kept.join(","))).unwrap_or_default();
    (AnyRule::with::<R>(rule), faults)
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
