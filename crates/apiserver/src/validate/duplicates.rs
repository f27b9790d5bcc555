//! Names that stand twice in a list: `FieldValueDuplicate`.

use seaworthy_document::Node;
use seaworthy_object::Versions;
use seaworthy_object::catalog::{Field as Schema, Type};

use crate::answer::{Answers, Class};

/// Lists whose items the server tells apart by a key: type, field, key. Where the schema says `list-map` of more, or
/// of other fields, the server does not check it on creation (k8s.io/kubernetes, pkg/apis/*/validation).
const UNIQUE: [(&str, &str, &str); 8] = [
    ("PodSpec", "containers", "name"),
    ("PodSpec", "initContainers", "name"),
    ("PodSpec", "volumes", "name"),
    ("Container", "ports", "name"),
    ("Container", "volumeDevices", "devicePath"),
    ("ServiceSpec", "ports", "name"),
    ("PodSpec", "readinessGates", ""),
    ("PodSpec", "resourceClaims", "name"),
];

/// Judges a list whose items have a key.
pub(super) fn judge<'a>(node: Node<'a>, ty: &Type, field: &Schema, versions: Versions, answers: &mut Answers<'a>) {
    if node.len() < 2 || !node.is_sequence() {
        return;
    }
    let owner = ty.short_name();
    let Some((.., key)) = UNIQUE.iter().find(|it| it.0 == owner && it.1 == field.name && !it.2.is_empty()) else {
        return;
    };
    let names = |node: Node<'a>| node.items().filter_map(|item| item.get(key)).filter(|it| !it.text().is_empty());
    for (at, name) in names(node).enumerate() {
        if names(node).take(at).any(|earlier| earlier.text() == name.text()) {
            let detail = format!("Duplicate value: {:?}", name.text());
            answers.about(Class::DuplicateValue, answers.field(name), versions, detail);
        }
    }
}
