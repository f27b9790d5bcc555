//! Pod security, credentials, RBAC.

mod allowance;
mod apparmor_unconfined;
mod capabilities_not_dropped;
mod capability_added;
mod context;
mod credential;
mod default_credential;
mod host_namespace;
mod host_path_volume;
mod host_port;
mod literal_credential;
mod non_root_not_enforced;
mod pod_security_level_violated;
mod privilege_escalation_allowed;
mod privileged_container;
mod probe_host_set;
mod proc_mount_unmasked;
mod root_user;
mod seccomp_profile_missing;
mod seccomp_unconfined;
mod selinux_options_set;
mod sysctl_unsafe;
mod volume_type_restricted;
mod windows_host_process;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<host_namespace::HostNamespace>(),
        AnyRule::of::<privileged_container::PrivilegedContainer>(),
        AnyRule::of::<capability_added::CapabilityAdded>(),
        AnyRule::of::<host_path_volume::HostPathVolume>(),
        AnyRule::of::<host_port::HostPort>(),
        AnyRule::of::<apparmor_unconfined::ApparmorUnconfined>(),
        AnyRule::of::<selinux_options_set::SelinuxOptionsSet>(),
        AnyRule::of::<proc_mount_unmasked::ProcMountUnmasked>(),
        AnyRule::of::<seccomp_unconfined::SeccompUnconfined>(),
        AnyRule::of::<sysctl_unsafe::SysctlUnsafe>(),
        AnyRule::of::<windows_host_process::WindowsHostProcess>(),
        AnyRule::of::<probe_host_set::ProbeHostSet>(),
        AnyRule::of::<volume_type_restricted::VolumeTypeRestricted>(),
        AnyRule::of::<privilege_escalation_allowed::PrivilegeEscalationAllowed>(),
        AnyRule::of::<non_root_not_enforced::NonRootNotEnforced>(),
        AnyRule::of::<root_user::RootUser>(),
        AnyRule::of::<seccomp_profile_missing::SeccompProfileMissing>(),
        AnyRule::of::<capabilities_not_dropped::CapabilitiesNotDropped>(),
        AnyRule::of::<pod_security_level_violated::PodSecurityLevelViolated>(),
        AnyRule::of::<literal_credential::LiteralCredential>(),
        AnyRule::of::<default_credential::DefaultCredential>(),
    ]
}

#[cfg(test)]
mod tests;
