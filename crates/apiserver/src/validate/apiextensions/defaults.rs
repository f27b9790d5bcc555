//! Defaults follow their own schema (k8s.io/apiextensions-apiserver, pkg/apiserver/schema/defaulting/validation.go).

use super::super::custom::default_faults;
use super::super::value::Value;

/// `ValidateDefaults`; under `additionalProperties` none are looked at.
pub(super) fn validate(schema: Value<'_>) {
    default_of(schema);
    if schema.has("items") {
        validate(schema.get("items"));
    }
    for (_, property) in schema.entries_of("properties") {
        validate(property);
    }
}

fn default_of(schema: Value<'_>) {
    let default = schema.get("default");
    if default.is_present() {
        default_faults(schema, default);
    }
}
