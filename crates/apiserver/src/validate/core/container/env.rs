//! The environment of a container (`ValidateEnv`, `ValidateEnvFrom`).

use std::collections::BTreeMap;

use seaworthy_source::order::filled;

use super::super::super::Validate;
use super::super::super::names::{self, Form};
use super::super::super::value::Value;
use super::super::field_ref;
use super::super::pod::containers_of;

/// Since here a name may be nearly any text (`RelaxedEnvironmentVariableValidation`).
const RELAXED: u8 = 32;
/// Since here values come from files (`EnvFiles`); in 1.34 the field is there, and is dropped.
const FILES: u8 = 35;
/// `validEnvDownwardAPIFieldPathExpressions`.
const FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// `IsEnvVarName`.
const NAME: &str = "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or \
    '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for \
    validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";
/// `IsRelaxedEnvVarName`.
const RELAXED_NAME: &str =
    "a valid environment variable name must consist only of printable ASCII characters other than '='";
const MORE_THAN_ONE: &str = "may not have more than one field specified at a time";

/// `ValidateEnv`.
pub(super) fn variables(list: Value<'_>) {
    for variable in list.items() {
        let name = variable.get("name");
        if name.is_empty() {
            name.required("");
        } else {
            variable_name(name);
        }
        let source = variable.get("valueFrom");
        if source.is_present() {
            value_from(source, variable.get("value"));
        }
    }
}

/// The name of a variable, or a prefix of names.
fn variable_name(name: Value<'_>) {
    let text = name.str();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let named = text.bytes().all(plain) && !text.starts_with(|first: char| first.is_ascii_digit());
    if named && text != "." && !text.starts_with("..") {
        return;
    }
    if name.since(RELAXED) {
        return relaxed_name(name);
    }
    if !named {
        name.invalid(NAME);
    }
    match text {
        "." => name.invalid("must not be '.'"),
        ".." => name.invalid("must not be '..'"),
        _ if text.starts_with("..") => name.invalid("must not start with '..'"),
        _ => {}
    }
}

/// `IsRelaxedEnvVarName`.
fn relaxed_name(name: Value<'_>) {
    if !name.str().bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'=') {
        name.invalid(RELAXED_NAME);
    }
}

/// `validateEnvVarValueFrom`.
fn value_from(source: Value<'_>, value: Value<'_>) {
    let mut sources = 0;
    for (name, judge) in SOURCES {
        let source = source.get(name);
        if source.is_present() && (*name != "fileKeyRef" || source.since(FILES)) {
            sources += 1;
            judge(source);
        }
    }
    match sources {
        0 if source.since(FILES) => source.invalid_text(
            "",
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
        ),
        0 => source.invalid_text(
            "",
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`",
        ),
        _ if !value.is_empty() => source.invalid_text("", "may not be specified when `value` is not empty"),
        1 => {}
        _ => source.invalid_text("", MORE_THAN_ONE),
    }
}

/// What a value comes from.
const SOURCES: &[(&str, Validate)] = &[
    ("fieldRef", |source| field_ref::object_field(source, FIELDS)),
    ("resourceFieldRef", |source| field_ref::resource_field(source, false)),
    ("configMapKeyRef", key_of),
    ("secretKeyRef", key_of),
    ("fileKeyRef", file_key),
];

/// `validateConfigMapKeySelector` and `validateSecretKeySelector`.
fn key_of(source: Value<'_>) {
    let (name, key) = (source.get("name"), source.get("key"));
    name.invalid_each(Form::Subdomain.faults(name.str()));
    if key.is_empty() {
        key.required("");
    } else {
        key.invalid_each(names::data_key_faults(key.str()));
    }
}

/// `validateFileKeySelector`.
fn file_key(source: Value<'_>) {
    let (key, volume, path) = (source.get("key"), source.get("volumeName"), source.get("path"));
    for empty in [key, volume, path].into_iter().filter(|it| it.is_empty()) {
        empty.required("");
    }
    relaxed_name(key);
    if !volume.is_empty() {
        volume.invalid_each(Form::Label.faults(volume.str()));
    }
    if path.str().split('/').any(|part| part == "..") {
        path.invalid("must not contain '..'");
    }
}

/// `validateFileKeyRefVolumes`: the files of variables are in directories that the pod makes.
pub(super) fn files(spec: Value<'_>) {
    let mut volumes: Option<BTreeMap<&str, Value<'_>>> = None;
    for variable in containers_of(spec).flat_map(|it| it.items_of("env")) {
        let source = variable.get("valueFrom");
        if !source.is_present() || !source.has("fileKeyRef") || !source.since(FILES) {
            continue;
        }
        let name = source.at("fileKeyRef.volumeName");
        let volumes = volumes.get_or_insert_with(|| filled(spec.items_of("volumes").map(|it| (it.str_of("name"), it))));
        match volumes.get(name.str()) {
            None => name.not_found(),
            Some(volume) if !is_empty_dir(*volume) => name.invalid("referenced volume must be of type emptyDir"),
            Some(_) => {}
        }
    }
}

/// What a volume is that says nothing else, too.
fn is_empty_dir(volume: Value<'_>) -> bool {
    volume.has("emptyDir") || volume.entries().all(|(name, it)| name == "name" || !it.is_present())
}

/// `ValidateEnvFrom`.
pub(super) fn sources(list: Value<'_>) {
    for source in list.items() {
        let prefix = source.get("prefix");
        if !prefix.is_empty() {
            variable_name(prefix);
        }
        let mut sources = 0;
        for source in [source.get("configMapRef"), source.get("secretRef")] {
            if source.is_present() {
                sources += 1;
                let name = source.get("name");
                if name.is_empty() {
                    name.required("");
                } else {
                    name.invalid_each(Form::Subdomain.faults(name.str()));
                }
            }
        }
        match sources {
            0 => list.invalid_text("", "must specify one of: `configMapRef` or `secretRef`"),
            1 => {}
            _ => list.invalid_text("", MORE_THAN_ONE),
        }
    }
}
