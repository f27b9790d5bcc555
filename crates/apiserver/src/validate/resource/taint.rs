//! Taints of devices, what tolerates them, and the rules that set them (`ValidateDeviceTaintRule`).

use super::super::core::volume::source::csi_driver_name;
use super::super::meta;
use super::super::names::{self, BYTES, Form};
use super::super::value::Value;
use super::{judge_pool, label};

pub(super) fn taint_rule(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let (selector, taint) = (object.at("spec.deviceSelector"), object.at("spec.taint"));
    let (driver, pool, device) = (selector.get("driver"), selector.get("pool"), selector.get("device"));
    if driver.is_present() {
        csi_driver_name(driver);
    }
    if pool.is_present() {
        judge_pool(pool);
    }
    if device.is_present() {
        label(device);
    }
    judge_taint(taint);
}

/// `validateDeviceTaint`.
pub(super) fn judge_taint(taint: Value<'_>) {
    let (key, effect) = (taint.get("key"), taint.get("effect"));
    meta::label_name(key);
    judge_value(taint.get("value"));
    if effect.is_empty() {
        effect.required("");
    } else {
        judge_effect(effect);
    }
}

fn judge_value(value: Value<'_>) {
    if !names::is_label_value(value.str()) {
        value.invalid_each(names::value_faults(value.str(), value.since(BYTES)));
    }
}

fn judge_effect(effect: Value<'_>) {
    match effect.str() {
        "" | "NoExecute" | "NoSchedule" => {}
        "None" if effect.since(35) => {}
        _ if effect.since(35) => effect.not_supported(&["NoExecute", "NoSchedule", "None"]),
        _ => effect.not_supported(&["NoExecute", "NoSchedule"]),
    }
}

/// `validateDeviceToleration`.
pub(super) fn judge_toleration(toleration: Value<'_>) {
    let value = toleration.get("value");
    match toleration.get("operator").str_or("Equal") {
        "Exists" if !value.is_empty() => value.invalid("must be empty for operator `Exists`"),
        "Equal" => judge_value(value),
        _ => {}
    }
    declared_toleration(toleration);
}

/// What the rules in the types say of it too.
pub(super) fn declared_toleration(toleration: Value<'_>) {
    let (key, operator) = (toleration.get("key"), toleration.get("operator"));
    if !key.is_empty() {
        meta::label_name(key);
    }
    if !matches!(operator.str_or("Equal"), "Equal" | "Exists") {
        operator.not_supported(&["Equal", "Exists"]);
    }
    judge_effect(toleration.get("effect"));
}
