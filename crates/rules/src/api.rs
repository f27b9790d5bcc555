//! What the API server would refuse, or warn of.

mod unknown_field;

use seaworthy_apiserver::Answer;

use crate::{AnyRule, Reporter};

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![AnyRule::of::<unknown_field::UnknownField>()]
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
    let finding = report.say(answer.at.clone(), message).api(answer.cause.clone()).versions(answer.versions);
    if let Some(help) = &answer.help {
        finding.help(help.clone());
    }
}
