//! CustomResourceDefinitions (k8s.io/apiextensions-apiserver, pkg/apis/apiextensions/validation).

mod defaults;
mod definition;
mod field_path;
mod printed;
mod rules;
mod schema;
mod structural;

use super::Validate;
pub(super) use field_path::tokens as path_tokens;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "CustomResourceDefinition" => definition::custom_resource_definition,
        _ => return None,
    })
}
