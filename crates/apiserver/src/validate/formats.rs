//! Fields that hold names: what they may look like.
//!
//! k8s.io/kubernetes, pkg/apis/{core,apps,batch,discovery,networking,node,storage}/validation. Each line is verified
//! against what servers of 1.30 to 1.37 answer.

use seaworthy_document::Node;
use seaworthy_object::catalog::Type;
use seaworthy_object::{Place, Version, Versions};

use super::metadata::labels_map;
use super::names::{self, Form};
use crate::answer::{Answers, Class};

/// What a field holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// A name of a form; empty is as good as absent.
    Name(Form),
    /// A name of a form; empty or absent is refused in the same words.
    Needed(Form),
    /// A name by the form of Services: DNS-1035 before 1.36, then DNS-1123.
    Service,
    /// A list of names.
    Names(Form),
    /// A qualified name, such as a label's key; empty is as good as absent.
    Key,
    /// A qualified name; empty or absent is refused in the same words.
    NeededKey,
    /// A key of a ConfigMap or Secret.
    DataKey,
    /// A map of labels.
    Labels,
}

use Form::{Label, Subdomain};
use Holds::{DataKey, Key, Labels, Name, Names, Needed, NeededKey, Service};

/// A field, what it holds, and the first version that looks (1.N, 0 for all).
pub(super) type Line = (&'static str, Holds, u8);

/// The types below `io.k8s.api`: shortest first, so that most comparisons are of lengths.
const TYPES: &[(&str, &[Line])] = &[
    ("core.v1.Volume", &[("name", Name(Label), 0)]),
    (
        "core.v1.PodSpec",
        &[
            ("hostname", Name(Label), 0),
            ("nodeSelector", Labels, 0),
            ("priorityClassName", Name(Subdomain), 0),
            ("runtimeClassName", Name(Subdomain), 0),
            ("serviceAccountName", Name(Subdomain), 0),
            ("subdomain", Name(Label), 0),
        ],
    ),
    ("core.v1.Container", &[("name", Name(Label), 0)]),
    ("core.v1.HostAlias", &[("hostnames", Names(Subdomain), 0)]),
    ("core.v1.Toleration", &[("key", Key, 0)]),
    ("core.v1.ServicePort", &[("appProtocol", Key, 0), ("name", Name(Label), 0)]),
    ("core.v1.ServiceSpec", &[("loadBalancerClass", Key, 0), ("selector", Labels, 0)]),
    ("core.v1.EndpointPort", &[("appProtocol", Key, 0), ("name", Name(Label), 0)]),
    ("node.v1.RuntimeClass", &[("handler", Name(Label), 0)]),
    ("discovery.v1.Endpoint", &[("hostname", Name(Label), 0), ("nodeName", Name(Subdomain), 0)]),
    ("apps.v1.StatefulSetSpec", &[("serviceName", Name(Label), 33)]),
    ("core.v1.EndpointAddress", &[("nodeName", Name(Subdomain), 0)]),
    ("core.v1.FileKeySelector", &[("volumeName", Name(Label), 35)]),
    ("core.v1.PodAffinityTerm", &[("topologyKey", Key, 0)]),
    ("core.v1.SecretEnvSource", &[("name", Name(Subdomain), 0)]),
    ("storage.v1.StorageClass", &[("provisioner", Key, 0)]),
    ("core.v1.PodReadinessGate", &[("conditionType", NeededKey, 0)]),
    ("networking.v1.IngressTLS", &[("secretName", Name(Subdomain), 0)]),
    ("core.v1.SecretKeySelector", &[("key", DataKey, 0), ("name", Needed(Subdomain), 0)]),
    ("discovery.v1.EndpointPort", &[("appProtocol", Key, 0)]),
    ("networking.v1.IngressSpec", &[("ingressClassName", Name(Subdomain), 0)]),
    ("core.v1.ConfigMapEnvSource", &[("name", Name(Subdomain), 0)]),
    ("core.v1.EphemeralContainer", &[("name", Name(Label), 0)]),
    ("core.v1.ConfigMapKeySelector", &[("key", DataKey, 0), ("name", Needed(Subdomain), 0)]),
    (
        "core.v1.PersistentVolumeSpec",
        &[("storageClassName", Name(Subdomain), 0), ("volumeAttributesClassName", Name(Subdomain), 34)],
    ),
    (
        "core.v1.PersistentVolumeClaimSpec",
        &[("storageClassName", Name(Subdomain), 0), ("volumeAttributesClassName", Name(Subdomain), 34)],
    ),
    ("networking.v1.IngressServiceBackend", &[("name", Service, 0)]),
    ("batch.v1.PodFailurePolicyOnPodConditionsPattern", &[("type", NeededKey, 0)]),
    ("admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec", &[("policyName", Name(Subdomain), 0)]),
];

/// Since 1.36 Services have names that may begin with a digit.
const SERVICE_1035: Versions = Versions::before(Version::minor_of(36));

/// What the list says of a type.
pub(super) fn lines(ty: &Type) -> &'static [Line] {
    let Some(name) = ty.name.strip_prefix("io.k8s.api.") else { return &[] };
    let found = TYPES.binary_search_by(|it| (it.0.len(), it.0).cmp(&(name.len(), name)));
    found.ok().and_then(|at| TYPES.get(at)).map_or(&[], |it| it.1)
}

/// Judges a field that is given, by the lines of its type.
pub(super) fn judge<'a>(value: Node<'a>, field: &str, lines: &[Line], versions: Versions, answers: &mut Answers<'a>) {
    let Some((_, holds, since)) = lines.iter().find(|it| it.0 == field) else { return };
    let here = versions.intersect(Versions::since(Version::minor_of(*since)));
    if !here.is_empty() && !is_empty(value) {
        given(value, *holds, here, answers);
    }
}

/// Judges the fields that are not given, where that is no better than a bad name.
pub(super) fn missing<'a>(node: Node<'a>, lines: &[Line], versions: Versions, answers: &mut Answers<'a>) {
    for (field, holds, _) in lines.iter().filter(|it| matches!(it.1, Needed(_) | NeededKey)) {
        if node.get(field).is_some_and(|value| !is_empty(value)) {
            continue;
        }
        let place = node.get(field).map_or_else(|| answers.field(node).missing(field), |it| answers.field(it).place());
        for version in versions.iter() {
            let faults = match holds {
                Needed(form) => form.faults(""),
                _ => names::key_faults("", version >= Version::minor_of(names::BYTES)),
            };
            say(faults, "", &place, Versions::one(version), answers);
        }
    }
}

fn is_empty(value: Node<'_>) -> bool {
    value.text().is_empty() && value.is_empty()
}

fn given<'a>(value: Node<'a>, holds: Holds, versions: Versions, answers: &mut Answers<'a>) {
    match holds {
        Name(form) | Needed(form) => name(value, form, versions, answers),
        Service => {
            name(value, Form::Label1035, versions.intersect(SERVICE_1035), answers);
            name(value, Label, versions.minus(SERVICE_1035), answers);
        }
        Names(form) => value.items().for_each(|item| name(item, form, versions, answers)),
        Key | NeededKey => key(value, versions, answers),
        DataKey => {
            let faults = names::data_key_faults(value.text());
            if !faults.is_empty() {
                say(faults, value.text(), &answers.field(value).place(), versions, answers);
            }
        }
        Labels => {
            let field = answers.field(value);
            labels_map(value, &|| field.path(), versions, answers);
        }
    }
}

fn name<'a>(value: Node<'a>, form: Form, versions: Versions, answers: &mut Answers<'a>) {
    let faults = form.faults(value.text());
    if !faults.is_empty() {
        say(faults, value.text(), &answers.field(value).place(), versions, answers);
    }
}

fn key<'a>(value: Node<'a>, versions: Versions, answers: &mut Answers<'a>) {
    let text = value.text();
    if !names::is_key(text) {
        let place = answers.field(value).place();
        for version in versions.iter() {
            say(
                names::key_faults(text, version >= Version::minor_of(names::BYTES)),
                text,
                &place,
                Versions::one(version),
                answers,
            );
        }
    }
}

fn say<'a>(faults: Vec<String>, value: &str, place: &Place<'a>, versions: Versions, answers: &mut Answers<'a>) {
    for fault in faults {
        let detail = format!("Invalid value: {value:?}: {fault}");
        let named = Some(place.path.clone());
        answers.say(Class::InvalidValue, place.clone(), named, versions, detail, None);
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_object::Catalog;

    use super::TYPES;

    #[test]
    fn the_list_is_sorted_and_names_fields() {
        assert!(TYPES.is_sorted_by_key(|it| (it.0.len(), it.0)));
        let catalog = Catalog::built_in();
        for (ty, lines) in TYPES {
            let id = catalog.type_named(&format!("io.k8s.api.{ty}")).unwrap_or_else(|| panic!("{ty}"));
            for (field, ..) in *lines {
                assert!(!catalog.ty(id).fields(field).is_empty(), "{ty}.{field}");
            }
        }
    }
}
