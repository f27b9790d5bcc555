//! StatefulSets (`ValidateStatefulSet`).

use super::super::core::{persistent_volume_claim, pod, warnings};
use super::super::meta;
use super::super::names::Form;
use super::super::value::Value;

/// The version that validates what a StatefulSet makes: of its pods earlier ones look at labels and annotations alone,
/// of its claims at nothing.
const TEMPLATES: u8 = 34;

pub(super) fn stateful_set(object: Value<'_>) {
    meta::object_meta(object, Form::Label);
    judge_spec(object, !object.run().updates());
    let spec = object.get("spec");
    let (claims, template) = (spec.get("volumeClaimTemplates"), spec.get("template"));
    warnings::of_template(template);
    for template in claims.items().filter(|it| !it.run().refuses()) {
        // The server's path leaves `spec` out.
        persistent_volume_claim::warnings(template.get("spec"), &|| template.path());
    }
    let history = spec.get("revisionHistoryLimit");
    if history.int() < 0 && !history.run().refuses() && history.since(33) {
        history.warn(
            "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended",
        );
    }
}

/// `ValidateStatefulSetSpec`. Claims and the name of the service do not change: of one that is there they are let be.
fn judge_spec(object: Value<'_>, new: bool) {
    let spec = object.get("spec");
    let management = spec.get("podManagementPolicy");
    if !matches!(management.str(), "" | "OrderedReady" | "Parallel") {
        management.invalid("must be 'OrderedReady' or 'Parallel'");
    }
    update_strategy(spec.get("updateStrategy"));
    let retention = spec.get("persistentVolumeClaimRetentionPolicy");
    for policy in [retention.get("whenDeleted"), retention.get("whenScaled")] {
        if !matches!(policy.str(), "" | "Retain" | "Delete") {
            policy.not_supported(&["Retain", "Delete"]);
        }
    }
    let claims = spec.get("volumeClaimTemplates");
    for template in claims.items().filter(|it| new && it.since(TEMPLATES)) {
        persistent_volume_claim::spec_of_template(template.get("spec"));
    }
    meta::nonnegative(spec.get("replicas"));
    meta::nonnegative(spec.get("minReadySeconds"));
    meta::nonnegative(spec.at("ordinals.start"));
    let service = spec.get("serviceName");
    if new && !service.is_empty() {
        let faults = Form::Label.faults(service.str());
        if !faults.is_empty() && service.since(33) {
            service.invalid_each(faults);
        }
    }
    let (selector, template) = (spec.get("selector"), spec.get("template"));
    let empty = "empty selector is invalid for statefulset";
    if super::required_selector(selector, empty, "", template.at("metadata.labels")) {
        // So is the template where something is wrong with what is there.
        let tolerated = || object.run().before_is_refused(|before| judge_spec(before, false));
        if template.since(TEMPLATES) && !tolerated() {
            pod::pod_template_spec(template);
        } else {
            pod::template_metadata(template);
        }
    }
    super::runs_forever(template, "activeDeadlineSeconds in StatefulSet is not Supported");
}

fn update_strategy(strategy: Value<'_>) {
    let rolling = strategy.get("rollingUpdate");
    match strategy.get("type").str_or("RollingUpdate") {
        "OnDelete" if rolling.is_present() => {
            rolling.invalid("only allowed for updateStrategy 'RollingUpdate'");
        }
        "OnDelete" => {}
        "RollingUpdate" => {
            meta::nonnegative(rolling.get("partition"));
            let unavailable = rolling.get("maxUnavailable");
            // `MaxUnavailableStatefulSet`: without it the server drops the field.
            if unavailable.is_present() && unavailable.since(37) {
                max_unavailable(unavailable);
            }
        }
        _ => strategy.invalid("must be 'RollingUpdate' or 'OnDelete'"),
    }
}

fn max_unavailable(unavailable: Value<'_>) {
    super::positive_int_or_percent(unavailable);
    if super::int_or_percent(unavailable, 1) == 0 {
        unavailable.invalid("cannot be 0");
    }
    super::at_most_100_percent(unavailable);
}
