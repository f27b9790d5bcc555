//! Claims of volumes.

use seaworthy_object::Quantity;
use seaworthy_source::order;

use super::super::core::persistent_volume_claim::{CLASS_ANNOTATION, Source, has_source, sources};
use super::super::keys::Keys;
use super::super::print;
use super::super::same::same_but;
use super::super::value::Value;
use super::storage::mode;
use super::{IMMUTABLE, difference};

/// `ValidatePersistentVolumeClaimUpdate` of a bound claim.
pub(super) fn claim(new: Value<'_>, old: Value<'_>) {
    let (spec, was) = (new.get("spec"), old.get("spec"));
    let annotation =
        |claim: Value<'_>| claim.at("metadata.annotations").entry(CLASS_ANNOTATION).map(|it| it.str().to_owned());
    let (noted, noted_before) = (annotation(new), annotation(old));
    let (class, class_before) = (spec.get("storageClassName").opt_str(), was.get("storageClassName").opt_str());
    // The class may move from the annotation to the field, and to where there was none.
    let moves = noted_before.is_some() && class_before.is_none() && class == noted_before.as_deref();
    let moves = moves && (noted.is_none() || noted == noted_before);
    if !moves && noted.as_deref().unwrap_or("") != noted_before.as_deref().unwrap_or("") {
        let field = new.named(format!("metadata.annotations.{CLASS_ANNOTATION}"));
        field.invalid_text(noted.as_deref().unwrap_or(""), IMMUTABLE);
    }
    let appears = class_before.is_none() && (noted_before.is_none() || class == noted_before.as_deref());
    let unnamed = was.get("volumeName").is_empty();
    let may_differ = |ty: &str, field: &str| match (ty, field) {
        ("PersistentVolumeClaimSpec", "volumeAttributesClassName" | "dataSource" | "dataSourceRef") => true,
        ("VolumeResourceRequirements", "requests") => true,
        // The controller has named a volume, and defaulted the class, which no manifest tells.
        ("PersistentVolumeClaimSpec", "volumeName") => unnamed,
        ("PersistentVolumeClaimSpec", "storageClassName") => appears,
        _ => false,
    };
    let same_sources = sources(spec, has_source(was)) == sources(was, false);
    if !same_sources || !same_requests(spec, was) || !same_but(spec, was, &may_differ) {
        let words = "spec is immutable after creation except resources.requests and volumeAttributesClassName for \
                     bound claims";
        // Earlier ones write a difference that is not always the same.
        let difference = spec.since(print::JSON).then(|| {
            let name = |spec: Value<'_>| text_or(spec.get("volumeName"), "");
            let class = |spec: Value<'_>| text(spec.get("storageClassName"));
            let name_before = if unnamed { name(spec) } else { name(was) };
            let class_now = if moves || appears { class(was) } else { class(spec) };
            difference::of(
                &held(was, was, &name_before, &class(was), true),
                &held(spec, was, &name(spec), &class_now, false),
            )
        });
        spec.forbidden(&difference::after(words, difference));
    }
    let size = spec.at("resources.requests").get("storage");
    let asked = |spec: Value<'_>| spec.at("resources.requests").get("storage").amount().unwrap_or_else(Quantity::zero);
    if asked(spec) < asked(was) {
        size.named("spec.resources.requests.storage").forbidden(if spec.since(32) {
            "field can not be less than status.capacity"
        } else {
            "field can not be less than previous value"
        });
    }
    mode(spec, was);
}

/// What is requested but for storage, which may grow; not to request anything is something else.
fn same_requests(spec: Value<'_>, was: Value<'_>) -> bool {
    let (now, before) = (spec.at("resources.requests"), was.at("resources.requests"));
    let kept = |one: Value<'_>, other: Value<'_>| {
        let (mut amounts, others) = (one.entries().filter(|(key, _)| *key != "storage"), Keys::of(other));
        amounts.all(|(key, it)| others.get(key).is_some_and(|other| other.amount() == it.amount()))
    };
    (now.is_present() || before.is_empty()) && kept(now, before) && kept(before, now)
}

/// As it is printed; of what is stored, a list or map without anything is none.
fn printed(value: Value<'_>, stored: bool) -> String {
    if stored && value.is_empty() { "null".to_owned() } else { print::shown(value) }
}

/// The spec as the server compares it with the one before, in JSON of its own struct.
fn held(spec: Value<'_>, was: Value<'_>, name: &str, class: &str, stored: bool) -> String {
    let mut out = String::from("{");
    let limits = spec.at("resources.limits");
    for (field, json) in [
        ("AccessModes", printed(spec.get("accessModes"), stored)),
        ("Selector", print::shown(spec.get("selector"))),
        (
            "Resources",
            format!("{{\"Limits\":{},\"Requests\":{}}}", printed(limits, stored), requests(spec, was, stored)),
        ),
        ("VolumeName", name.to_owned()),
        ("StorageClassName", class.to_owned()),
        ("VolumeMode", text_or(spec.get("volumeMode"), "Filesystem")),
    ] {
        out.push_str(&format!("\"{field}\":{json},"));
    }
    let had = !stored && has_source(was);
    for (field, source) in ["DataSource", "DataSourceRef"].into_iter().zip(sources(spec, had)) {
        out.push_str(&format!("\"{field}\":{},", source.map_or_else(|| "null".to_owned(), |it| shown(&it, field))));
    }
    out + &format!("\"VolumeAttributesClassName\":{}}}", text(was.get("volumeAttributesClassName")))
}

/// Storage counts as requested before.
fn requests(spec: Value<'_>, was: Value<'_>, stored: bool) -> String {
    let requests = spec.at("resources.requests");
    if !requests.is_present() || stored && requests.is_empty() {
        return "null".to_owned();
    }
    let of_storage = was.at("resources.requests").entry("storage");
    let mut amounts: Vec<(&str, String)> = requests
        .entries()
        .filter(|(key, _)| *key != "storage")
        .map(|(key, amount)| (key, print::shown(amount)))
        .chain(of_storage.map(|amount| ("storage", print::shown(amount))))
        .collect();
    order::sort(&mut amounts);
    let amounts: Vec<String> = amounts.iter().map(|(key, amount)| format!("{}:{amount}", quoted(key))).collect();
    format!("{{{}}}", amounts.join(","))
}

fn shown(source: &Source, field: &str) -> String {
    let names = ["APIGroup", "Kind", "Name", "Namespace"];
    let parts = names.into_iter().zip(source).filter(|(name, _)| *name != "Namespace" || field == "DataSourceRef");
    let parts = parts.map(|(name, part)| {
        let part = match (name, part) {
            (_, Some(part)) => quoted(part),
            ("Kind" | "Name", None) => quoted(""),
            (_, None) => "null".to_owned(),
        };
        format!("\"{name}\":{part}")
    });
    format!("{{{}}}", parts.collect::<Vec<_>>().join(","))
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    print::json_text(text, &mut out);
    out
}

/// A text that a pointer leads to.
fn text(value: Value<'_>) -> String {
    value.opt_str().map_or_else(|| "null".to_owned(), quoted)
}

fn text_or(value: Value<'_>, default: &str) -> String {
    quoted(value.opt_str().unwrap_or(default))
}
