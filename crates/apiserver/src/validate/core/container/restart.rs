//! When a container starts again: its restart policy with its rules, and its policies of resizing.

use super::super::super::seen::Seen;
use super::super::super::value::Value;
use super::super::resources;
use super::Pod;

/// Since here containers have a restart policy of their own, with rules (`ContainerRestartRules`).
const RULES: u8 = 35;
/// Here the fields are there, and are dropped.
const RULES_DROPPED: u8 = 34;
/// Since here a rule may restart all containers (`RestartAllContainersOnContainerExits`).
const RESTART_ALL: u8 = 36;
/// Since here a container is resized in place (`InPlacePodVerticalScaling`); before, its policy is dropped.
const RESIZE: u8 = 33;

const POLICIES: &[&str] = &["Always", "Never", "OnFailure"];
const OPERATORS: &[&str] = &["In", "NotIn"];
const ACTIONS: &[&str] = &["Restart", "RestartAllContainers"];
const RESIZED: &[&str] = &["cpu", "memory"];
const RESIZE_POLICIES: &[&str] = &["NotRequired", "RestartContainer"];
/// So many rules, and so many exit codes in one.
const MOST_RULES: usize = 20;
const MOST_CODES: usize = 255;

/// The restart policy of a regular container.
pub(super) fn regular(container: Value<'_>) {
    if !container.has("restartPolicy") && container.len_of("restartPolicyRules") == 0 {
        return;
    }
    let (policy, rules) = (container.get("restartPolicy"), container.get("restartPolicyRules"));
    if policy.since(RULES) {
        policy_and_rules(policy, rules);
    } else if policy.is_present() && !policy.since(RULES_DROPPED) {
        policy.forbidden("may not be set for non-init containers");
    }
}

/// `validateInitContainerRestartPolicy`.
pub(super) fn init(container: Value<'_>) {
    let (policy, rules) = (container.get("restartPolicy"), container.get("restartPolicyRules"));
    if !policy.is_present() {
        if !rules.is_empty() && rules.since(RULES) {
            policy.required(NO_POLICY);
        }
        return;
    }
    if policy.str() != "Always" {
        if policy.since(RULES) {
            policy_and_rules(policy, rules);
        } else if !policy.since(RULES_DROPPED) {
            policy.not_supported(&["Always"]);
        }
    } else if !rules.is_empty() {
        if rules.since(RESTART_ALL) {
            policy_and_rules(policy, rules);
        } else if rules.since(RULES) {
            rules.forbidden("restartPolicyRules are not allowed for init containers with restart policy Always");
        }
    }
}

/// What is not dropped from an ephemeral container, and may not be set there.
pub(super) fn not_for_ephemeral(container: Value<'_>, words: &str) {
    let resize = container.get("resizePolicy");
    if resize.is_present() && resize.since(RESIZE) {
        resize.forbidden(words);
    }
    for field in [container.get("restartPolicy"), container.get("restartPolicyRules")] {
        if field.is_present() && (field.since(RULES) || !field.since(RULES_DROPPED)) {
            field.forbidden(words);
        }
    }
}

const NO_POLICY: &str = "must specify restartPolicy when restart rules are used";

/// `validateContainerRestartPolicy`.
fn policy_and_rules(policy: Value<'_>, rules: Value<'_>) {
    if !policy.is_present() {
        policy.required(NO_POLICY);
    } else if !POLICIES.contains(&policy.str()) {
        policy.not_supported(POLICIES);
    }
    most(rules, MOST_RULES);
    for rule in rules.items() {
        let (action, codes) = (rule.get("action"), rule.get("exitCodes"));
        let known = if ACTIONS.contains(&action.str()) { action.str() } else { "" };
        if known != "Restart" && (known.is_empty() || !action.since(RESTART_ALL)) {
            let supported = if action.since(RESTART_ALL) { ACTIONS } else { &["Restart"] };
            action.not_supported(supported);
        }
        if !codes.is_present() {
            codes.required("must be specified");
            continue;
        }
        let operator = codes.get("operator");
        if !OPERATORS.contains(&operator.str()) {
            operator.not_supported(OPERATORS);
        }
        most(codes.get("values"), MOST_CODES);
    }
}

/// No more items than so many; 1.35 counts them as bytes.
fn most(list: Value<'_>, limit: usize) {
    if list.len() <= limit {
        return;
    }
    if list.since(36) {
        list.too_many(list.len(), limit);
    } else {
        list.too_long(limit);
    }
}

/// `validateResizePolicy`.
pub(super) fn resize_policy(list: Value<'_>, pod: Pod<'_>) {
    if list.is_empty() || !list.since(RESIZE) {
        return;
    }
    let never = pod.spec.str_of("restartPolicy") == "Never";
    let mut resources = Seen::default();
    for policy in list.items() {
        let (resource, restart) = (policy.str_of("resourceName"), policy.str_of("restartPolicy"));
        if !resources.insert(resource) {
            policy.duplicate_shown(&resources::shown_name(policy, resource));
        }
        match resource {
            "cpu" | "memory" => {}
            "" => list.required(""),
            _ => list.not_supported_shown(&resources::shown_name(policy, resource), RESIZED),
        }
        match restart {
            "NotRequired" | "RestartContainer" => {}
            "" => list.required(""),
            _ => list.not_supported_shown(&seaworthy_cel::quoted(restart), RESIZE_POLICIES),
        }
        if never && restart != "NotRequired" {
            list.invalid_text(restart, if list.since(36) { NEVER } else { NEVER_BEFORE });
        }
    }
}

const NEVER: &str = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
const NEVER_BEFORE: &str = "must be 'NotRequired' when `restartPolicy` is 'Never'";

/// Since 1.36: an init container that ends is not restarted to be resized.
pub(super) fn no_restart_on_resize(container: Value<'_>) {
    for policy in container.items_of("resizePolicy") {
        let restart = policy.get("restartPolicy");
        if restart.str() == "RestartContainer" && restart.since(36) {
            restart.invalid("must not be set to 'RestartContainer' for non-sidecar initContainers");
        }
    }
}
