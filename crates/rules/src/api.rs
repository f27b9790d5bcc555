//! What the API server would refuse, or warn of.

mod deprecated_api;
mod duplicate_value;
mod forbidden_value;
mod invalid_value;
mod missing_field;
mod moves;
mod removed_api;
mod server_warning;
mod too_long;
mod unknown_field;
mod unknown_kind;
mod unsupported_value;
mod wrong_type;

use seaworthy_apiserver::Answer;
use seaworthy_diagnostic::Edit;
use seaworthy_object::Version;

use crate::mending;
use crate::{AnyRule, Finding, Reporter};

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<unknown_field::UnknownField>(),
        AnyRule::of::<wrong_type::WrongType>(),
        AnyRule::of::<missing_field::MissingField>(),
        AnyRule::of::<invalid_value::InvalidValue>(),
        AnyRule::of::<unsupported_value::UnsupportedValue>(),
        AnyRule::of::<forbidden_value::ForbiddenValue>(),
        AnyRule::of::<duplicate_value::DuplicateValue>(),
        AnyRule::of::<too_long::TooLong>(),
        AnyRule::of::<unknown_kind::UnknownKind>(),
        AnyRule::of::<removed_api::RemovedApi>(),
        AnyRule::of::<deprecated_api::DeprecatedApi>(),
        AnyRule::of::<server_warning::ServerWarning>(),
    ]
}

/// Says an answer in the words of the server; all rules of this category speak alike.
fn say(answer: &Answer<'_>, report: &mut Reporter<'_>) {
    let object = answer.at.reference();
    let words = match &answer.cause.field {
        Some(field) if answer.cause.reason.as_deref() != Some("BadRequest") => {
            format!("{field}: {}", answer.cause.detail)
        }
        _ => answer.cause.detail.clone(),
    };
    let message = match answer.cause.reason {
        Some(_) => format!("{object} would be refused: {words}"),
        None => format!("{object}: {words}"),
    };
    let finding = say_with(answer, message, report);
    if let Some(help) = &answer.help {
        finding.help(help.clone());
    }
}

/// Says of an apiVersion that it goes: when, what to use instead, and which fields move.
fn say_of_api(answer: &Answer<'_>, words: &str, report: &mut Reporter<'_>) {
    let object = answer.at.object;
    // Of the core group it is the kind that goes, never the version.
    let kind = if object.group().is_empty() { format!(" {}", object.kind()) } else { String::new() };
    let message = format!("{}: {}{kind} {words}", object.reference(), object.api_version());
    let moved = moves::of(object.api_version(), object.kind());
    let help: Vec<&str> = answer.help.as_deref().into_iter().chain(moved).collect();
    let finding = say_with(answer, message, report);
    if !help.is_empty() {
        finding.help(help.join(": "));
    }
}

/// The finding of an answer, with the change that mends it where one thing is meant.
fn say_with<'f>(answer: &Answer<'_>, message: String, report: &'f mut Reporter<'_>) -> Finding<'f> {
    let finding = report.say(answer.at.clone(), message).api(answer.cause.clone()).versions(answer.versions);
    let Some(instead) = &answer.instead else { return finding };
    let object = answer.at.object;
    let written = object.document().source_text().get(answer.at.span.range()).unwrap_or("");
    let quote = written.get(..1).filter(|it| matches!(*it, "\"" | "'")).unwrap_or("");
    let edit = Edit { source: object.source(), span: answer.at.span, text: format!("{quote}{instead}{quote}") };
    finding.fix(mending::by(edit, format!("write `{instead}`")))
}

/// The first version without the apiVersion of the object.
fn gone_from(answer: &Answer<'_>, report: &Reporter<'_>) -> Option<Version> {
    let object = answer.at.object;
    let kind = report.catalog().kind(object.group(), object.version(), object.kind())?;
    kind.gone_in().oldest().or(kind.removed)
}
