//! YAML as Kubernetes reads it.

mod colon_without_space;
mod duplicate_key;
mod input_skipped;
mod manifest_fragment;
mod template_not_rendered;
mod type_missing;
mod yaml_unparsable;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<yaml_unparsable::YamlUnparsable>(),
        AnyRule::of::<duplicate_key::DuplicateKey>(),
        AnyRule::of::<colon_without_space::ColonWithoutSpace>(),
        AnyRule::of::<template_not_rendered::TemplateNotRendered>(),
        AnyRule::of::<manifest_fragment::ManifestFragment>(),
        AnyRule::of::<type_missing::TypeMissing>(),
        AnyRule::of::<input_skipped::InputSkipped>(),
    ]
}
