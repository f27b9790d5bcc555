//! Migrations of stored objects (k8s.io/kubernetes, pkg/apis/storagemigration/validation).

use super::Validate;
use super::meta;
use super::names::Form;
use super::value::Value;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    (kind == "StorageVersionMigration").then_some(storage_version_migration)
}

/// `ValidateStorageVersionMigration`.
fn storage_version_migration(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let (resource, group) = (object.at("spec.resource.resource"), object.at("spec.resource.group"));
    if resource.is_empty() {
        resource.required("resource is required to be set");
    } else {
        joined(resource, Form::Label1035);
    }
    if !group.is_empty() {
        joined(group, Form::Subdomain);
    }
}

fn joined(value: Value<'_>, form: Form) {
    let faults = form.faults(value.str());
    if !faults.is_empty() {
        value.invalid(&faults.join(","));
    }
}
