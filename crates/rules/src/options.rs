//! The options of a rule, from what people wrote.

use seaworthy_document::to_json;
use seaworthy_fleet::nearest;
use seaworthy_object::Field;

use crate::rule::{AnyRule, Rule};

/// An option that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionFault {
    /// Its name.
    pub option: String,
    /// What is wrong.
    pub message: String,
    /// What was probably meant, or what there is.
    pub help: Option<String>,
}

/// A rule with the options of a mapping. Each is tried by itself, so that a wrong one costs no other.
pub(crate) fn configure<R: Rule>(options: Field<'_>) -> (AnyRule, Vec<OptionFault>) {
    let (mut kept, mut faults) = (Vec::new(), Vec::new());
    for (name, value) in options.entries() {
        let entry = format!("{}:{}", serde_json::Value::from(name), to_json(value.node()));
        match serde_json::from_str::<R>(&format!("{{{entry}}}")) {
            Ok(_) => kept.push(entry),
            Err(error) => faults.push(fault(R::META.id, name, &error.to_string())),
        }
    }
    let rule = serde_json::from_str(&format!("{{{}}}", kept.join(","))).unwrap_or_default();
    (AnyRule::with::<R>(rule), faults)
}

/// serde's words, without the place in a text that nobody wrote.
fn fault(rule: &str, option: &str, words: &str) -> OptionFault {
    let words = words.rsplit_once(" at line ").map_or(words, |(words, _)| words);
    let Some((_, expected)) = words.strip_prefix("unknown field ").and_then(|it| it.split_once(", ")) else {
        let message = format!("option `{option}` of rule `{rule}`: {words}");
        return OptionFault { option: option.to_owned(), message, help: None };
    };
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let help = match (nearest(option, known.iter().copied()), known.as_slice()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, []) => "it has none".to_owned(),
        (None, known) => format!("it has `{}`", known.join("`, `")),
    };
    let message = format!("rule `{rule}` has no option `{option}`");
    OptionFault { option: option.to_owned(), message, help: Some(help) }
}
