//! ConfigMaps and Secrets: is the object there, and does it have the keys that are asked for?

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_fleet::{Fleet, Reference, Use, Why, is_near, nearest_sorted};
use seaworthy_object::{Field, Object};

use super::lookup::{Words, look_up};
use super::producers::Producer;
use crate::Reporter;

/// Annotations and labels by which something fills a ConfigMap or a Secret (OpenShift's CA bundles).
const FILLED: &[&str] = &[
    "service.beta.openshift.io/inject-cabundle",
    "service.alpha.openshift.io/inject-cabundle",
    "config.openshift.io/inject-trusted-cabundle",
    "kubernetes.io/service-account.name",
];

/// Checks what pods and service accounts refer to.
pub(super) fn check<'a>(
    fleet: &Fleet<'a>,
    object: &'a Object<'a>,
    kind: &'static str,
    producers: &[Producer],
    report: &mut Reporter<'_>,
) {
    for reference in fleet.references_of(object).iter().filter(|it| it.is_to("", kind)) {
        let Some((level, help)) = case(reference) else { continue };
        if producers.iter().any(|it| it.makes(fleet, reference)) {
            report.unknown(reference.field, reference.to_string(), Why::MadeLater.as_str());
            continue;
        }
        let words = Words { usual: Level::Error, level, verb: "needs", help };
        if look_up(fleet, reference, &words, report).is_some() && !reference.optional {
            check_keys(fleet, reference, report);
        }
    }
}

/// How bad it is that the other end of a reference is missing, and what to do; none if it is another rule's.
fn case(reference: &Reference<'_>) -> Option<(Level, &'static str)> {
    match reference.role {
        Use::Variable | Use::Variables | Use::Volume => {
            Some((Level::Error, "create it, mark the reference `optional: true`, or give what makes it"))
        }
        Use::VolumeLogin if reference.object().pod().is_some() => {
            Some((Level::Error, "create it, or give what makes it"))
        }
        Use::PullSecret => Some((Level::Warning, "create it with `kubectl create secret docker-registry`, or drop it")),
        _ => None,
    }
}

fn check_keys<'a>(fleet: &Fleet<'a>, reference: &Reference<'a>, report: &mut Reporter<'_>) {
    let Reference { group, kind, namespace, name, .. } = *reference;
    if reference.parts.is_empty() {
        return;
    }
    let definitions: Vec<_> = fleet.definitions(group, kind, namespace, name).collect();
    let keys = fleet.keys_of(kind, namespace, name);
    for part in reference.parts.iter().filter(|it| keys.binary_search(&it.text()).is_err()) {
        let key = part.text();
        if keys.is_empty() || is_filled(fleet, reference, &definitions) {
            report.unknown(*part, format!("key `{key}` of {reference}"), Why::Completed.as_str());
            continue;
        }
        say_key(reference, *part, &keys, definitions.last().copied(), report);
    }
}

fn say_key<'a>(
    reference: &Reference<'a>,
    part: Field<'a>,
    keys: &[&'a str],
    object: Option<&'a Object<'a>>,
    report: &mut Reporter<'_>,
) {
    let (kind, name, key) = (reference.kind, reference.name, part.text());
    let who = reference.object().reference();
    let mut finding = report.say(part, format!("{kind} `{name}` has no key `{key}`, which {who} needs"));
    finding = finding.label("no such key");
    if let Some(object) = object {
        finding = finding.related(object, format!("{kind} `{name}` is here"));
    }
    match nearest_sorted(key, keys) {
        Some(near) if is_near(key, near) => finding.help(format!("did you mean `{near}`?")).replace(
            part,
            near,
            format!("take the key `{near}`"),
            Safety::Unsafe,
        ),
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help(format!("it has {}", listed(keys))),
    };
}

/// The first few of some names.
pub(super) fn listed(names: &[&str]) -> String {
    let shown: Vec<_> = names.iter().take(5).map(|it| format!("`{it}`")).collect();
    let rest = names.len().saturating_sub(shown.len());
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}

/// True if something completes the object when it runs.
pub(super) fn is_filled<'a>(fleet: &Fleet<'a>, reference: &Reference<'a>, definitions: &[&'a Object<'a>]) -> bool {
    let marked = definitions.iter().any(|object| {
        let maps = [object.at("metadata.annotations"), object.at("metadata.labels")];
        maps.into_iter().flatten().any(|map| FILLED.iter().any(|key| map.get(key).is_some()))
    });
    marked || fleet.made_later(reference.kind, reference.namespace, reference.name).is_some()
}
