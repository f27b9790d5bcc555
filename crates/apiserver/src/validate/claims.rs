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
    if node.at(["resources", "requests", "storage"]).is_some() {
        return;
    }
    let resources = node.get("resources");
    let requests = resources.and_then(|it| it.get("requests"));
    let field = answers.field(requests.or(resources).unwrap_or(node));
    let path = |key: &str| Node::path_of_missing(&answers.field(node).path(), key);
    let named = format!("{}[storage]", path("resources"));
    let mut at = field.place();
    at.path = path("resources.requests.storage").replace('[', ".").replace(']', "");
    answers.say(Class::MissingField, at, Some(named), versions, "Required value".to_owned(), None);
}
