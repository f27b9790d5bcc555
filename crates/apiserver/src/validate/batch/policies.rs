//! When a Job's pods are replaced, and when it has failed or succeeded (`validatePodFailurePolicy`,
//! `validateSuccessPolicy`, `validatePodReplacementPolicy`).

use std::collections::BTreeSet;

use seaworthy_source::order::filled;

use super::super::meta;
use super::super::value::Value;
use super::super::words::Reason;
use super::{indexes, job};

/// `maxPodFailurePolicyRules`, `maxSuccessPolicyRule` and `maxPodFailurePolicyOnPodConditionsPatterns`.
const MAX_RULES: usize = 20;
/// `maxPodFailurePolicyOnExitCodesValues`.
const MAX_CODES: usize = 255;
/// `maxJobSuccessPolicySucceededIndexesLimit`.
const MAX_INDEXES: usize = 64 * 1024;
const ACTIONS: &[&str] = &["Count", "FailIndex", "FailJob", "Ignore"];
const STATUSES: &[&str] = &["False", "True", "Unknown"];

/// `validatePodReplacementPolicy`.
pub(super) fn pod_replacement(spec: Value<'_>) {
    let policy = spec.get("podReplacementPolicy");
    if !policy.is_present() {
        return;
    }
    let supported: &[&str] =
        if spec.has("podFailurePolicy") { &["Failed"] } else { &["Failed", "TerminatingOrFailed"] };
    if !supported.contains(&policy.str()) {
        policy.not_supported(supported);
    }
}

fn limited(list: Value<'_>, limit: usize) {
    if list.len() > limit {
        list.too_many(list.len(), limit);
    }
}

/// `validatePodFailurePolicy`.
pub(super) fn pod_failure(spec: Value<'_>) {
    let rules = spec.at("podFailurePolicy.rules");
    if rules.is_empty() {
        return;
    }
    limited(rules, MAX_RULES);
    let template = spec.at("template.spec");
    let lists = ["containers", "initContainers"].into_iter().flat_map(|list| template.items_of(list));
    let names: BTreeSet<&str> = filled(lists.map(|container| container.str_of("name")));
    for rule in rules.items() {
        let action = rule.get("action");
        match action.str() {
            "" => action.required("valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]"),
            "FailIndex" if !spec.has("backoffLimitPerIndex") => {
                action.invalid("requires the backoffLimitPerIndex to be set");
            }
            name if !ACTIONS.contains(&name) => action.not_supported(ACTIONS),
            _ => {}
        }
        let (codes, conditions) = (rule.get("onExitCodes"), rule.get("onPodConditions"));
        if codes.is_present() {
            exit_codes(codes, &names);
        }
        pod_conditions(conditions);
        let words = match (codes.is_present(), conditions.is_empty()) {
            (true, false) => "specifying both OnExitCodes and OnPodConditions is not supported",
            (false, true) => "specifying one of OnExitCodes and OnPodConditions is required",
            _ => continue,
        };
        rule.say(Reason::Invalid, None, words, None);
    }
}

/// `validatePodFailurePolicyRuleOnPodConditions`; what has no status is true, in a CronJob since 1.34.
fn pod_conditions(patterns: Value<'_>) {
    limited(patterns, MAX_RULES);
    for pattern in patterns.items() {
        meta::label_name(pattern.get("type"));
        let status = pattern.get("status");
        match status.str() {
            "" if !job::is_of_job(patterns) && !status.since(34) => {
                status.required("valid values: [\"False\" \"True\" \"Unknown\"]");
            }
            "" => {}
            text if !STATUSES.contains(&text) => status.not_supported(STATUSES),
            _ => {}
        }
    }
}

/// `validatePodFailurePolicyRuleOnExitCodes`.
fn exit_codes(codes: Value<'_>, containers: &BTreeSet<&str>) {
    let (operator, name, values) = (codes.get("operator"), codes.get("containerName"), codes.get("values"));
    match operator.str() {
        "In" | "NotIn" => {}
        "" => operator.required("valid values: [\"In\" \"NotIn\"]"),
        _ => operator.not_supported(&["In", "NotIn"]),
    }
    if name.is_present() && !containers.contains(name.str()) {
        name.invalid("must be one of the container or initContainer names in the pod template");
    }
    match values.len() {
        0 => values.invalid("at least one value is required"),
        count if count > MAX_CODES => values.too_many(count, MAX_CODES),
        _ => {}
    }
    let (mut seen, mut before, mut ordered) = (Vec::new(), None, true);
    for value in values.items() {
        let code = value.int();
        if operator.str() == "In" && code == 0 {
            value.invalid("must not be 0 for the In operator");
        }
        match seen.binary_search(&code) {
            Ok(_) => value.duplicate(),
            Err(at) => seen.insert(at, code),
        }
        ordered &= before.is_none_or(|before| before <= code);
        before = Some(code);
    }
    if !ordered {
        values.invalid("must be ordered");
    }
}

/// `validateSuccessPolicy`.
pub(super) fn success(spec: Value<'_>) {
    let policy = spec.get("successPolicy");
    if !job::is_indexed(spec) {
        return policy.invalid("requires indexed completion mode");
    }
    let rules = policy.get("rules");
    if rules.is_empty() {
        rules.required("at least one rules must be specified when the successPolicy is specified");
    }
    limited(rules, MAX_RULES);
    // Without completions there is nothing to compare with, and that they are missing has been said.
    if let Some(completions) = job::completions(spec) {
        rules.items().for_each(|rule| success_rule(rule, completions));
    }
}

/// `validateSuccessPolicyRule`.
fn success_rule(rule: Value<'_>, completions: i64) {
    let (indexes, count) = (rule.get("succeededIndexes"), rule.get("succeededCount"));
    if !indexes.is_present() && !count.is_present() {
        rule.required("at least one of succeededCount or succeededIndexes must be specified");
    }
    let mut total = 0;
    if indexes.is_present() {
        if indexes.len() > MAX_INDEXES {
            indexes.too_long(MAX_INDEXES);
        }
        match indexes::count(indexes.str(), completions) {
            Ok(indexes) => total = indexes,
            Err(fault) => indexes.invalid(&format!("error parsing succeededIndexes: {fault}")),
        }
    }
    if count.is_present() {
        meta::nonnegative(count);
        if count.int() > completions {
            count
                .invalid(&format!("must be less than or equal to {completions} (the number of specified completions)"));
        }
        if indexes.is_present() && count.int() > total {
            count.invalid(&format!(
                "must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
            ));
        }
    }
}
