//! The security context of a pod, the namespaces of the host, and what an operating system rules out
//! (`validatePodSpecSecurityContext`, `validateHostUsers`, `validateOS`, `validateWindowsHostProcessPod`).

use std::collections::BTreeSet;

use super::super::value::Value;
use super::pod::containers_of;
use super::security;

/// The version with user namespaces (`UserNamespacesSupport`): earlier ones drop `hostUsers`.
const USER_NAMESPACES: u8 = 33;
/// The version that keeps the namespaces of the host out of the security context, in addresses too.
const HOST_IN_SPEC: u8 = 37;
/// `SysctlMaxLength`.
const SYSCTL_LIMIT: usize = 253;
const SYSCTL: &str = "must have at most 253 characters and match regex \
    ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
/// Kernel parameters that IPC namespaces have.
const IPC_SYSCTLS: &[&str] = &[
    "kernel.sem",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
    "kernel.shm_rmid_forced",
    "kernel.shm",
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.msg",
];
const NOT_FOR_WINDOWS: &str = "cannot be set for a windows pod";
/// What a pod's security context may not have on Windows.
const LINUX_OF_PODS: &[&str] = &[
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
];
/// The same of a container's.
const LINUX_OF_CONTAINERS: &[&str] = &[
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
];

/// `validatePodSpecSecurityContext` and `validateShareProcessNamespace`.
pub(super) fn security_context(spec: Value<'_>) {
    if let Some(context) = spec.given("securityContext") {
        fields(spec, context);
    }
    let share = spec.get("shareProcessNamespace");
    if share.bool() && spec.bool_of("hostPID") {
        let share = if spec.since(HOST_IN_SPEC) {
            share
        } else {
            share.named(format!("{}.securityContext.shareProcessNamespace", spec.path()))
        };
        share.invalid("ShareProcessNamespace and HostPID cannot both be enabled");
    }
}

/// The fields of a pod's security context.
fn fields(spec: Value<'_>, context: Value<'_>) {
    ["fsGroup", "runAsUser", "runAsGroup"].into_iter().for_each(|name| security::user_or_group(context.get(name)));
    context.items_of("supplementalGroups").for_each(security::user_or_group);
    sysctls(spec, context.get("sysctls"));
    policy(context.get("fsGroupChangePolicy"), &["Always", "OnRootMismatch"], None);
    security::seccomp_profile(context.get("seccompProfile"));
    security::windows_options(context.get("windowsOptions"));
    security::app_armor_profile(context.get("appArmorProfile"));
    policy(context.get("supplementalGroupsPolicy"), &["Merge", "Strict"], Some(33));
    let relabeling = context.get("seLinuxChangePolicy");
    if relabeling.is_present() && relabeling.str() != "Recursive" && relabeling.since(33) {
        // `SELinuxMount` allows the other one.
        if !relabeling.since(37) {
            relabeling.not_supported(&["Recursive"]);
        } else if relabeling.str() != "MountOption" {
            relabeling.not_supported(&["MountOption", "Recursive"]);
        }
    }
}

/// One of some policies, if it is given and the version has the field.
fn policy(value: Value<'_>, supported: &[&str], since: Option<u8>) {
    if value.is_present() && !supported.contains(&value.str()) && since.is_none_or(|minor| value.since(minor)) {
        value.not_supported(supported);
    }
}

/// `validateSysctls`.
fn sysctls(spec: Value<'_>, list: Value<'_>) {
    let mut seen = BTreeSet::new();
    for sysctl in list.items() {
        let field = sysctl.get("name");
        let name = field.str();
        if name.is_empty() {
            field.required("");
        } else if !is_sysctl(name) {
            field.invalid(SYSCTL);
        } else if seen.contains(name) {
            field.duplicate();
        }
        seen.insert(name);
        host_sysctl(spec, field);
    }
}

/// `IsValidSysctlName`.
fn is_sysctl(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.len() <= SYSCTL_LIMIT
        && name.split(['.', '/']).all(|segment| {
            let ends = [segment.bytes().next(), segment.bytes().next_back()];
            ends.into_iter().all(|end| end.is_some_and(plain))
                && segment.bytes().all(|byte| plain(byte) || matches!(byte, b'-' | b'_'))
        })
}

/// `ValidateHostSysctl`: a parameter of a namespace that the pod shares with the host.
fn host_sysctl(spec: Value<'_>, field: Value<'_>) {
    let (network, ipc) = (spec.bool_of("hostNetwork"), spec.bool_of("hostIPC"));
    if !network && !ipc {
        return;
    }
    // In `net/ipv4/…` slashes separate.
    let name = field.str();
    let slashed = name.find(['.', '/']).is_some_and(|at| name.get(at..).is_some_and(|rest| rest.starts_with('/')));
    let swapped = |letter| match letter {
        '.' => '/',
        '/' => '.',
        other => other,
    };
    let dotted: String = if slashed { name.chars().map(swapped).collect() } else { name.to_owned() };
    let dotted = dotted.split('*').next().unwrap_or("");
    let of_ipc = IPC_SYSCTLS.contains(&dotted) || dotted.starts_with("fs.mqueue.");
    if network && dotted.starts_with("net.") {
        field.invalid("may not be specified when 'hostNetwork' is true");
    } else if ipc && of_ipc {
        field.invalid("may not be specified when 'hostIPC' is true");
    }
}

/// `validateHostUsers`: a user namespace of its own does not go with other namespaces of the host.
pub(super) fn host_users(spec: Value<'_>) {
    if spec.get("hostUsers").opt_bool() != Some(false) || !spec.since(USER_NAMESPACES) {
        return;
    }
    let words = || {
        if spec.since(34) { "when `hostUsers` is false" } else { "when `pod.Spec.HostUsers` is false" }
    };
    for (name, called) in [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")] {
        let field = spec.get(name);
        if field.bool() {
            field.named(format!("{}.{called}", spec.path())).forbidden(words());
        }
    }
    for container in containers_of(spec) {
        let devices = container.get("volumeDevices");
        if !devices.is_empty() && spec.since(34) {
            devices.forbidden(words());
        }
    }
}

/// `validateOS`, `validateLinux` and `validateWindows`.
pub(super) fn os(spec: Value<'_>) {
    let Some(os) = spec.given("os") else { return };
    let name = os.get("name");
    match name.str() {
        "" => name.required(if name.since(34) { "" } else { "cannot be empty" }),
        "linux" => linux(spec),
        "windows" => windows(spec),
        other => os.not_supported_shown(&seaworthy_cel::quoted(other), &["linux", "windows"]),
    }
}

/// `validateLinux`.
fn linux(spec: Value<'_>) {
    for holder in std::iter::once(spec).chain(containers_of(spec)) {
        let options = holder.get("securityContext").get("windowsOptions");
        if options.is_present() {
            options.forbidden("windows options cannot be set for a linux pod");
        }
    }
}

/// `validateWindows`.
fn windows(spec: Value<'_>) {
    let context = spec.get("securityContext");
    let pods = LINUX_OF_PODS.iter().map(|name| context.get(name));
    let since = [("supplementalGroupsPolicy", 33), ("seLinuxChangePolicy", 33)];
    let later = since.into_iter().map(|(name, minor)| (context.get(name), minor));
    let later = later.chain([(spec.get("hostUsers"), USER_NAMESPACES)]);
    let later = later.filter(|(field, minor)| field.is_present() && field.since(*minor)).map(|(field, _)| field);
    for field in pods.chain([spec.get("shareProcessNamespace")]).filter(|field| field.is_present()).chain(later) {
        field.forbidden(NOT_FOR_WINDOWS);
    }
    let lists = Some(context.get("sysctls")).filter(|list| !list.is_empty());
    let host = [spec.get("hostPID"), spec.get("hostIPC")].into_iter().filter(|field| field.bool());
    lists.into_iter().chain(host).for_each(|field| field.forbidden(NOT_FOR_WINDOWS));
    for container in containers_of(spec) {
        let context = container.get("securityContext");
        for field in LINUX_OF_CONTAINERS.iter().map(|name| context.get(name)).filter(|field| field.is_present()) {
            field.forbidden(NOT_FOR_WINDOWS);
        }
    }
}

/// `validateWindowsHostProcessPod`: all containers are processes of the host, or none.
pub(super) fn host_process(spec: Value<'_>) {
    let process =
        |holder: Value<'_>| holder.given("securityContext")?.given("windowsOptions")?.given("hostProcess")?.opt_bool();
    let of_pod = process(spec);
    let (mut containers, mut processes) = (0, 0);
    for container in containers_of(spec) {
        let own = process(container);
        if let (Some(pod), Some(own)) = (of_pod, own)
            && pod != own
        {
            let field = container.at("securityContext.windowsOptions.hostProcess");
            field.invalid(&format!("pod hostProcess value must be identical if both are specified, was {pod}"));
        }
        containers += 1;
        processes += usize::from(own.or(of_pod) == Some(true));
    }
    if processes == 0 {
        return;
    }
    if processes != containers {
        spec.invalid_text(
            "",
            "If pod contains any hostProcess containers then all containers must be HostProcess containers",
        );
    }
    let network = spec.get("hostNetwork");
    if !network.bool() {
        network.invalid_shown("false", "hostNetwork must be true if pod contains any hostProcess containers");
    }
}
