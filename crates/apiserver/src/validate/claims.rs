//! What a PersistentVolumeClaim must ask for.

use seaworthy_document::Node;
use seaworthy_object::Versions;
use seaworthy_object::catalog::Type;

use crate::answer::{Answers, Class};

/// `spec.resources.requests.storage` (k8s.io/kubernetes, core validation, `ValidatePersistentVolumeClaimSpec`); the
/// server's path leaves `requests` out.
pub(super) fn judge<'a>(node: Node<'a>, ty: &Type, versions: Versions, answers: &mut Answers<'a>) {
    if ty.name != "io.k8s.api.core.v1.PersistentVolumeClaimSpec" {
        return;
    }
    let resources = node.get("resources");
    let requests = resources.and_then(|it| it.get("requests"));
    let storage = requests.and_then(|it| it.entry("storage"));
    if storage.is_some_and(|it| !it.value.is_null()) {
        return;
    }
    let field = answers.field(requests.or(resources).unwrap_or(node));
    let path = |key: &str| Node::path_of_missing(&answers.field(node).path(), key);
    let named = format!("{}[storage]", path("resources"));
    let mut at = field.place();
    at.path = format!("{}.requests.storage", path("resources"));
    // A null in a map of quantities is 0 to Go.
    let (class, detail) = match storage {
        Some(_) => (Class::InvalidValue, "Invalid value: \"0\": must be greater than zero"),
        None => (Class::MissingField, "Required value"),
    };
    answers.say(class, at, Some(named), versions, detail.to_owned(), None);
}
