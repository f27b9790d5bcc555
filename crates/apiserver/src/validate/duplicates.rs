//! What stands twice in a list where the server tells items apart.

use seaworthy_document::Node;
use seaworthy_object::Versions;
use seaworthy_object::catalog::{Field as Schema, Type};

use crate::answer::{Answers, Class};

/// How the server calls it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    /// `FieldValueDuplicate`.
    Duplicate,
    /// `FieldValueInvalid`, "must be unique".
    Unique,
}

use Says::{Duplicate, Unique};

/// Lists whose items differ by a key, or as a whole (key ""): the type below `io.k8s.api`, the field, the key. Each is
/// verified against servers of 1.30 to 1.37; the schema's `x-kubernetes-list-map-keys` are not what the server checks
/// (k8s.io/kubernetes, pkg/apis/*/validation).
const LISTS: &[(&str, &str, &str, Says)] = &[
    ("admissionregistration.v1.MutatingWebhookConfiguration", "webhooks", "name", Duplicate),
    ("admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec", "validationActions", "", Duplicate),
    ("admissionregistration.v1.ValidatingAdmissionPolicySpec", "matchConditions", "name", Duplicate),
    ("admissionregistration.v1.ValidatingWebhookConfiguration", "webhooks", "name", Duplicate),
    ("core.v1.Container", "ports", "name", Duplicate),
    ("core.v1.Container", "volumeMounts", "mountPath", Unique),
    ("core.v1.LimitRangeSpec", "limits", "type", Duplicate),
    ("core.v1.PodSecurityContext", "sysctls", "name", Duplicate),
    ("core.v1.PodSpec", "containers", "name", Duplicate),
    ("core.v1.PodSpec", "initContainers", "name", Duplicate),
    ("core.v1.PodSpec", "volumes", "name", Duplicate),
    ("core.v1.ServiceSpec", "ipFamilies", "", Duplicate),
    ("core.v1.ServiceSpec", "ports", "name", Duplicate),
    ("core.v1.TopologySelectorLabelRequirement", "values", "", Duplicate),
    ("core.v1.TopologySelectorTerm", "matchLabelExpressions", "key", Duplicate),
    ("discovery.v1.EndpointHints", "forZones", "name", Duplicate),
    ("discovery.v1.EndpointSlice", "ports", "name", Duplicate),
    ("storage.v1.CSIDriverSpec", "tokenRequests", "audience", Duplicate),
];

/// Judges a list. The names of init containers must differ from those of containers too.
pub(super) fn judge<'a>(list: Node<'a>, ty: &Type, field: &Schema, versions: Versions, answers: &mut Answers<'a>) {
    if list.is_empty() || !list.is_sequence() || (list.len() < 2 && field.name != "initContainers") {
        return;
    }
    let Some(owner) = ty.name.strip_prefix("io.k8s.api.") else { return };
    let Some((.., key, says)) = LISTS.iter().find(|it| it.1 == field.name && it.0 == owner) else { return };
    let others = list.parent().filter(|_| field.name == "initContainers").and_then(|it| it.get("containers"));
    for (at, name) in keys(list, key).enumerate() {
        let mut earlier = others.into_iter().flat_map(|list| keys(list, key)).chain(keys(list, key).take(at));
        if !earlier.any(|earlier| earlier.text() == name.text()) {
            continue;
        }
        let (class, detail) = match says {
            Duplicate => (Class::DuplicateValue, format!("Duplicate value: {:?}", name.text())),
            Unique => (Class::InvalidValue, format!("Invalid value: {:?}: must be unique", name.text())),
        };
        answers.about(class, answers.field(name), versions, detail);
    }
}

/// The keys of the items, empty ones left out: those are missing.
fn keys<'a>(list: Node<'a>, key: &'static str) -> impl Iterator<Item = Node<'a>> {
    let of = move |item: Node<'a>| if key.is_empty() { Some(item) } else { item.get(key) };
    list.items().filter_map(of).filter(|it| !it.text().is_empty())
}

#[cfg(test)]
mod tests {
    use seaworthy_object::Catalog;

    use super::LISTS;

    #[test]
    fn the_lists_exist() {
        let catalog = Catalog::built_in();
        for (ty, field, ..) in LISTS {
            let id = catalog.type_named(&format!("io.k8s.api.{ty}")).unwrap_or_else(|| panic!("{ty}"));
            assert!(!catalog.ty(id).fields(field).is_empty(), "{ty}.{field}");
        }
    }
}
