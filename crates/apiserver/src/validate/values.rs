//! Values a field may have: `FieldValueNotSupported`.

use seaworthy_document::Node;
use seaworthy_object::catalog::{Empty, Enumeration, Field as Schema};
use seaworthy_object::{Place, Versions};

use crate::answer::{Answers, Class, Help};
use crate::distance::nearest;

/// Judges the value of a field whose values are enumerated.
pub(super) fn judge<'a>(node: Node<'a>, field: &Schema, versions: Versions, answers: &mut Answers<'a>) {
    let Some(enumeration) = &field.enumeration else { return };
    let Some(value) = node.as_str() else { return };
    let enforced = versions.intersect(enumeration.refused);
    let refused = enforced.minus(enumeration.versions_of(value));
    if refused.is_empty() || (value.is_empty() && enumeration.empty == Empty::Ignored) {
        return;
    }
    let at = answers.field(node).place();
    say_unsupported(value, enumeration, refused, &at, answers);
}

/// Says it in the words of each version, which list what that version supports.
pub(super) fn say_unsupported<'a>(
    value: &str,
    enumeration: &Enumeration,
    versions: Versions,
    at: &Place<'a>,
    answers: &mut Answers<'a>,
) {
    for version in versions.iter() {
        let known = enumeration.versions_of(value);
        let help = match nearest(value, enumeration.supported(version)) {
            _ if !known.is_empty() => {
                known.oldest().map(|first| format!("Kubernetes knows `{value}` from {first} on").into())
            }
            Some((meant, _)) => Some(Help::meant(meant)),
            None => None,
        };
        let detail = enumeration.refusal(value, version);
        let named = Some(at.path.clone());
        answers.say(Class::UnsupportedValue, at.clone(), named, Versions::one(version), detail, help);
    }
}
