//! The security context of a container (`ValidateSecurityContext`).

use super::super::super::value::Value;
use super::super::pod::{containers_of, spec_before};
use super::super::security::{app_armor_profile, seccomp_profile, user_or_group, windows_options};
use super::Pod;

/// Since here a container has a type of its own (`ProcMountType`); before, any is taken for the default.
const PROC_MOUNT: u8 = 33;
/// What of a node's /proc a container sees, in the server's order.
const PROC_MOUNTS: &[&str] = &["Default", "Unmasked"];

const SYS_ADMIN: &str = "CAP_SYS_ADMIN";
/// The version that takes it with a false `allowPrivilegeEscalation` of pods that had it (`PodValidationOptions`).
const HAD_SYS_ADMIN: u8 = 37;

/// `useAllowSysAdminWhenPrivilegeEscalationFalse`: to say nothing of the escalation counts as well.
fn had_sys_admin(spec: Value<'_>) -> bool {
    let has = |container: Value<'_>| {
        let context = container.get("securityContext");
        context.get("allowPrivilegeEscalation").opt_bool() != Some(true)
            && context.at("capabilities.add").items().any(|it| it.str() == SYS_ADMIN)
    };
    let had = || spec_before(spec).is_some_and(|before| containers_of(before).any(has));
    *spec.run().past.had_sys_admin.get_or_init(had) && spec.since(HAD_SYS_ADMIN)
}

/// `ValidateSecurityContext`, of one that is there.
pub(super) fn context(context: Value<'_>, pod: Pod<'_>) {
    user_or_group(context.get("runAsUser"));
    user_or_group(context.get("runAsGroup"));
    let proc_mount = context.get("procMount");
    if proc_mount.is_present() && proc_mount.str() != "Default" && proc_mount.since(PROC_MOUNT) {
        if !PROC_MOUNTS.contains(&proc_mount.str()) {
            proc_mount.not_supported(PROC_MOUNTS);
        } else if pod.spec.get("hostUsers").opt_bool() != Some(false) {
            proc_mount.invalid("`hostUsers` must be false to use `Unmasked`");
        }
    }
    seccomp_profile(context.get("seccompProfile"));
    if context.get("allowPrivilegeEscalation").opt_bool() == Some(false) {
        if context.bool_of("privileged") {
            context.invalid("cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }
        for capability in context.at("capabilities.add").items() {
            if capability.str() == SYS_ADMIN && !had_sys_admin(pod.spec) {
                context.invalid("cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
            }
        }
    }
    let windows = context.get("windowsOptions");
    if windows.is_present() {
        windows_options(windows);
    }
    app_armor_profile(context.get("appArmorProfile"));
}
