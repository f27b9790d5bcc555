//! DeviceClasses (`ValidateDeviceClass`).

use super::super::core::resources;
use super::super::meta;
use super::super::names::Form;
use super::super::value::Value;
use super::selector::judge_selectors;
use super::{BETA, CONFIGS, DECLARED, declared, judge_config, judge_list};

pub(super) fn device_class(object: Value<'_>) {
    if !object.at("metadata.generateName").is_empty() && object.since(35) {
        meta::object_meta_of_name(object, Form::Subdomain);
    } else {
        meta::object_meta(object, Form::Subdomain);
    }
    let spec = object.get("spec");
    judge_selectors(spec.get("selectors"));
    judge_list(spec.get("config"), CONFIGS, &judge_config);
    let name = spec.get("extendedResourceName");
    // Alpha before 1.36: a server drops it.
    if name.is_present() && !resources::is_extended(name.str()) && name.since(BETA) {
        if name.since(DECLARED) {
            declared::extended_resource(name);
        } else {
            name.invalid("must be a valid extended resource name");
        }
    }
}
