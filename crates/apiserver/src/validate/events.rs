//! Events of both groups (k8s.io/kubernetes, pkg/apis/core/validation/events.go).

use super::Validate;
use super::meta;
use super::names::{self, BYTES, Form};
use super::value::Value;

/// Of an instance, an action and a reason (`ReportingInstanceLengthLimit`, …), and of a note.
const LIMIT: usize = 128;
const NOTE_LIMIT: usize = 1024;

/// An event by the names of one group.
struct Event<'r> {
    /// What it is about.
    about: Value<'r>,
    controller: Value<'r>,
    note: Value<'r>,
    object: Value<'r>,
}

/// The validation of a kind of the group `events.k8s.io`.
pub(super) fn of(kind: &str) -> Option<Validate> {
    (kind == "Event").then_some(event)
}

/// `legacyValidateEvent`, of an event of the core group.
pub(super) fn core_event(object: Value<'_>) {
    let controller = object.get("reportingComponent");
    legacy(&Event { about: object.get("involvedObject"), controller, note: object.get("message"), object });
}

/// `ValidateEventCreate`. The server's paths are those of the core group.
fn event(object: Value<'_>) {
    let about = object.get("regarding").called(object, "involvedObject");
    let note = object.get("note").called(object, "message");
    legacy(&Event { about, controller: object.get("reportingController"), note, object });
    meta::object_meta(object, Form::Subdomain);
    if object.run().updates() {
        // The rest is of new ones, and may not change.
        return;
    }
    series(object.get("series"));
    if !object.has("eventTime") {
        object.get("eventTime").required("");
    }
    let ty = object.get("type");
    if !matches!(ty.str(), "Normal" | "Warning") {
        ty.invalid_text("", &format!("has invalid value: {}", ty.str()));
    }
    let (source, count) = (object.get("deprecatedSource"), object.get("deprecatedCount"));
    let (first, last) = (object.get("deprecatedFirstTimestamp"), object.get("deprecatedLastTimestamp"));
    let unset = [
        ("firstTimestamp", first, first.is_present()),
        ("lastTimestamp", last, last.is_present()),
        ("count", count, count.int() != 0),
        ("source", source, ["component", "host"].iter().any(|it| !source.get(it).is_empty())),
    ];
    for (name, field, _) in unset.into_iter().filter(|(.., set)| *set) {
        field.named(name).invalid_text("", "needs to be unset");
    }
}

/// `validateV1EventSeries`.
pub(super) fn series(series: Value<'_>) {
    let (count, last) = (series.get("count"), series.get("lastObservedTime"));
    if series.is_present() && count.int() < 2 {
        count.invalid_text("", "should be at least 2");
    }
    if series.is_present() && !last.is_present() {
        last.required("");
    }
}

fn legacy(event: &Event<'_>) {
    let object = event.object;
    let own = object.at("metadata.namespace").str_or("default");
    let about = event.about.get("namespace");
    let strays = || {
        let field = if about.is_present() { about } else { about.named("involvedObject.namespace") };
        field.invalid_text(about.str(), "does not match event.namespace");
    };
    if object.has("eventTime") {
        if about.is_empty() && !matches!(own, "default" | "kube-system") {
            strays();
        }
        reported(event);
    } else if if about.is_empty() { own != "default" } else { own != about.str() } {
        strays();
    }
    // The server looks at its own namespace once more, before 1.37.
    let faults = Form::Subdomain.faults(own);
    if !faults.is_empty() && !object.since(37) {
        let field = object.at("metadata.namespace").named("namespace");
        faults.iter().for_each(|fault| field.invalid_text(own, fault));
    }
}

/// What an event with a time must say.
fn reported(event: &Event<'_>) {
    let (object, controller) = (event.object, event.controller);
    if controller.is_empty() {
        controller.required("");
    }
    if !names::is_key(controller.str()) {
        controller.invalid_each(names::key_faults(controller.str(), controller.since(BYTES)));
    }
    for name in ["reportingInstance", "action", "reason"] {
        let field = object.get(name);
        if field.is_empty() {
            field.required("");
        }
        at_most(field, LIMIT);
    }
    at_most(event.note, NOTE_LIMIT);
}

fn at_most(field: Value<'_>, limit: usize) {
    if field.len() > limit {
        field.invalid_text("", &format!("can have at most {limit} characters"));
    }
}
