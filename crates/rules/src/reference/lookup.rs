//! What the rules about missing objects share: look up the other end, and say that it is not there.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_fleet::{Fleet, Reference, Resolution, is_near};
use seaworthy_object::Object;

use crate::Reporter;

/// How a rule speaks of a missing object.
pub(super) struct Words<'w> {
    /// The level the rule usually has.
    pub(super) usual: Level,
    /// The level of this case.
    pub(super) level: Level,
    /// What the object that refers does with the other end: `needs`, `grants to`.
    pub(super) verb: &'w str,
    /// What to do, where no near name is known.
    pub(super) help: &'w str,
}

/// The object at the other end. If it is certainly not there, that is said; if it may be elsewhere, that is noted.
pub(super) fn look_up<'a>(
    fleet: &Fleet<'a>,
    reference: &Reference<'a>,
    words: &Words<'_>,
    report: &mut Reporter<'_>,
) -> Option<&'a Object<'a>> {
    match fleet.resolve_reference(reference) {
        Resolution::Resolved(object) => return Some(object),
        Resolution::BuiltIn => {}
        Resolution::Unknown(why) => report.unknown(reference.field, reference.to_string(), why.as_str()),
        Resolution::Broken { nearest } => say(fleet, reference, words, words.level, nearest, report),
        Resolution::NearMiss { nearest } => say(fleet, reference, words, softer(words.level), Some(nearest), report),
    }
    None
}

/// One level softer.
pub(super) fn softer(level: Level) -> Level {
    if level == Level::Error { Level::Warning } else { Level::Info }
}

fn say<'a>(
    fleet: &Fleet<'a>,
    reference: &Reference<'a>,
    words: &Words<'_>,
    level: Level,
    nearest: Option<&'a str>,
    report: &mut Reporter<'_>,
) {
    let Reference { field, group, kind, namespace, name, .. } = *reference;
    let who = reference.object().reference();
    let place = match namespace {
        Some(namespace) => format!("and namespace `{namespace}` has none of that name"),
        None => "which does not exist".to_owned(),
    };
    let message = format!("{who} {} {kind} `{name}`, {place}", words.verb);
    let finding = report.say(field, message).label("not found").level(words.usual, level);
    let Some(nearest) = nearest else {
        match fleet.namespaces_with(group, kind, namespace, name).first() {
            Some(other) => {
                finding.help(format!("namespace `{other}` has one, but it counts only there; {}", words.help))
            }
            None => finding.help(words.help),
        };
        return;
    };
    if !is_near(name, nearest) {
        finding.help(format!("the nearest name is `{nearest}`; else {}", words.help));
        return;
    }
    let finding = finding.help(format!("did you mean `{nearest}`? Else {}", words.help)).replace(
        field,
        nearest,
        format!("name {kind} `{nearest}`"),
        Safety::Unsafe,
    );
    if let Some(object) = fleet.object(group, kind, namespace, nearest) {
        finding.related(object, format!("{kind} `{nearest}` is here"));
    }
}
