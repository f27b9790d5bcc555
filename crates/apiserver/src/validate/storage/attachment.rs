//! Volumes attached to nodes (`ValidateVolumeAttachment`).

use super::super::core::persistent_volume;
use super::super::core::volume::source::csi_driver_name;
use super::super::meta;
use super::super::names::Form;
use super::super::value::Value;
use super::super::words::Reason;

/// The version whose declarative rules judge the attacher's name, in words of their own.
const DECLARATIVE: u8 = 37;
const ONE_SOURCE: &str = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
/// `IsDNS1123SubdomainCaseless`.
const NAME: &str = "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end \
    with an alphanumeric character (e.g. 'Example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

pub(super) fn volume_attachment(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    let (source, node) = (spec.get("source"), spec.get("nodeName"));
    attacher(spec.get("attacher"));
    let (inline, name) = (source.get("inlineVolumeSpec"), source.get("persistentVolumeName"));
    match (inline.is_present(), name.is_present()) {
        (false, false) => source.required(ONE_SOURCE),
        (true, true) => source.forbidden(ONE_SOURCE),
        (true, false) => persistent_volume::volume_spec(inline, true),
        (false, true) if name.is_empty() => name.required("must specify non empty persistentVolumeName"),
        (false, true) => {}
    }
    node.invalid_each(Form::Subdomain.faults(node.str()));
    // Before, of a new one alone (`ValidateVolumeAttachmentV1`).
    if name.is_present() && (!object.run().updates() || name.since(36)) {
        name.invalid_each(Form::Subdomain.faults(name.str()));
    }
}

fn attacher(name: Value<'_>) {
    let valid = |text: &str| Form::Subdomain.faults(text).is_empty() && text.len() <= 63;
    if name.is_empty() || valid(&name.str().to_lowercase()) || !name.since(DECLARATIVE) {
        return csi_driver_name(name);
    }
    for fault in Form::Subdomain.faults(&name.str().to_lowercase()) {
        name.invalid(if fault.starts_with("must be") { &fault } else { NAME });
    }
    if name.len() > 63 {
        name.say(Reason::TooLong, None, "may not be more than 63 characters", None);
    }
}
