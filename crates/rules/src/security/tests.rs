use seaworthy_source::Span;

use super::apparmor_unconfined::ApparmorUnconfined;
use super::capabilities_not_dropped::CapabilitiesNotDropped;
use super::capability_added::CapabilityAdded;
use super::host_namespace::HostNamespace;
use super::host_path_volume::HostPathVolume;
use super::host_port::HostPort;
use super::non_root_not_enforced::NonRootNotEnforced;
use super::pod_security_level_violated::PodSecurityLevelViolated;
use super::privilege_escalation_allowed::PrivilegeEscalationAllowed;
use super::probe_host_set::ProbeHostSet;
use super::proc_mount_unmasked::ProcMountUnmasked;
use super::root_user::RootUser;
use super::seccomp_profile_missing::SeccompProfileMissing;
use super::seccomp_unconfined::SeccompUnconfined;
use super::selinux_options_set::SelinuxOptionsSet;
use super::sysctl_unsafe::SysctlUnsafe;
use super::volume_type_restricted::VolumeTypeRestricted;
use super::windows_host_process::WindowsHostProcess;
use crate::trial::{findings_chosen, fixed, messages};
use crate::{Choice, Pack, Rule};

/// A pod with these lines in its spec and in its one container.
fn pod(spec: &str, container: &str) -> String {
    let begin = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n";
    format!("{begin}{spec}  containers:\n  - name: c\n    image: r.example.com/istio/proxyv2:1\n{container}")
}

/// What is marked of a manifest, by a rule that a pack or a policy asks for.
fn marked<'m, R: Rule>(choice: Choice, options: &str, manifest: &'m str) -> Vec<&'m str> {
    let text = |span: Span| manifest.get(span.range()).unwrap();
    findings_chosen::<R>(choice, options, manifest).into_iter().map(|it| text(it.at.span)).collect()
}

const ADDED: &str = "    securityContext: {capabilities: {add: [NET_ADMIN, NET_RAW, SYS_TIME, CHOWN]}}\n";

#[test]
fn by_default_grave_capabilities_alone_are_mentioned() {
    let text = pod("", ADDED);
    let said = |choice| marked::<CapabilityAdded>(choice, "{}", &text);
    assert_eq!(said(Choice::Usual), ["NET_ADMIN"]);
    for choice in [Choice::Name, Choice::Pack(Pack::PssBaseline)] {
        assert_eq!(said(choice), ["NET_ADMIN", "NET_RAW", "SYS_TIME"]);
    }
}

#[test]
fn a_mesh_may_lead_traffic_by_default_but_the_standard_excepts_nobody() {
    let text = pod("", ADDED).replace("  containers:", "  containers: []\n  initContainers:");
    let said = |choice, options| marked::<CapabilityAdded>(choice, options, &text);
    assert_eq!(said(Choice::Usual, "{}"), Vec::<&str>::new());
    assert_eq!(said(Choice::Name, "{}").len(), 3);
    assert_eq!(said(Choice::Name, r#"{"images": ["*/istio/proxyv2*"]}"#), ["SYS_TIME"]);
    assert_eq!(said(Choice::Name, r#"{"allow": ["SYS_TIME"]}"#), ["NET_ADMIN", "NET_RAW"]);
}

#[test]
fn by_default_a_sysctl_is_mentioned_for_a_value_that_sets_another() {
    let sysctls = "[{name: kernel.msgmax, value: '1'}, {name: kernel.sem, value: 1+a=2}]";
    let text = pod(&format!("  securityContext: {{sysctls: {sysctls}}}\n"), "");
    let said = |choice, options| marked::<SysctlUnsafe>(choice, options, &text);
    assert_eq!(said(Choice::Usual, "{}"), ["1+a=2"]);
    assert_eq!(said(Choice::Name, "{}"), ["kernel.msgmax", "kernel.sem", "1+a=2"]);
    assert_eq!(said(Choice::Name, r#"{"allow": ["kernel.m*"]}"#), ["kernel.sem", "1+a=2"]);
}

#[test]
fn restricted_lets_no_user_namespace_show_proc() {
    let text = pod("  hostUsers: false\n", "    securityContext: {procMount: Unmasked}\n");
    let said = |pack| marked::<ProcMountUnmasked>(Choice::Pack(pack), "{}", &text).len();
    assert_eq!((said(Pack::PssBaseline), said(Pack::PssRestricted)), (0, 1));
}

#[test]
fn options_allow_what_they_name() {
    let said = |options: &str| messages::<HostNamespace>(options, &pod("  hostNetwork: true\n  hostPID: true\n", ""));
    assert_eq!(said("{}").len(), 2);
    assert_eq!(said(r#"{"allow": ["hostNetwork"]}"#), ["the pod of Pod `p` shares the processes of its node"]);

    let volumes = "  volumes: [{name: a, hostPath: {path: /var/log/pods}}, {name: b, nfs: {server: s, path: /}}]\n";
    let said = |options: &str| messages::<HostPathVolume>(options, &pod(volumes, ""));
    assert_eq!(said("{}"), ["volume `a` is `/var/log/pods` of the node"]);
    assert!(said(r#"{"allow": ["/var/log"]}"#).is_empty());
    let said = |options: &str| messages::<VolumeTypeRestricted>(options, &pod(volumes, ""));
    assert_eq!(said("{}").len(), 2);
    assert_eq!(said(r#"{"types": ["hostPath"]}"#), ["volume `b` is of type `nfs`"]);

    let ports = "    ports: [{containerPort: 80, hostPort: 5500}, {containerPort: 81, hostPort: 81}]\n";
    let said = |options: &str| messages::<HostPort>(options, &pod("", ports));
    assert_eq!(said("{}").len(), 2);
    assert_eq!(said(r#"{"range": [5000, 6000]}"#), ["container `c` opens port 81 of its node"]);

    let types = "  securityContext: {seLinuxOptions: {type: my_t, role: r}}\n";
    let said = |options: &str| messages::<SelinuxOptionsSet>(options, &pod(types, ""));
    assert_eq!(said("{}").len(), 2);
    assert_eq!(said(r#"{"allow": ["my_t", "r"]}"#), ["the pod runs with the SELinux role `r`"]);

    let said = |options: &str| messages::<NonRootNotEnforced>(options, &pod("  securityContext: {runAsUser: 7}\n", ""));
    assert_eq!(said("{}"), ["nothing keeps container `c` from running as root"]);
    assert!(said(r#"{"accept-user": true}"#).is_empty() && said(r#"{"images": ["*/istio/*"]}"#).is_empty());

    let drops = "    securityContext: {capabilities: {drop: [NET_RAW], add: [CHOWN]}}\n";
    let said = |options: &str| messages::<CapabilitiesNotDropped>(options, &pod("", drops));
    assert_eq!(said("{}").len(), 2);
    assert!(said(r#"{"drop": ["NET_RAW"]}"#).is_empty());
    let kept = ["container `c` keeps MKNOD and KILL that runtimes give"];
    assert_eq!(said(r#"{"drop": ["NET_RAW", "MKNOD", "KILL"]}"#), kept);
}

/// The pod after the fixes of a rule, which then has nothing to say.
fn mended<R: Rule>(spec: &str, container: &str) -> String {
    let (before, after) = (pod(spec, container), fixed::<R>(&pod(spec, container)));
    assert!(!messages::<R>("{}", &before).is_empty(), "nothing is said of\n{before}");
    assert_eq!(messages::<R>("{}", &after), Vec::<String>::new(), "{after}");
    after
}

#[test]
fn fixes_leave_nothing_to_say() {
    mended::<HostNamespace>("  hostIPC: true\n", "");
    mended::<HostPort>("", "    ports:\n    - containerPort: 80\n      hostPort: 80\n");
    mended::<ApparmorUnconfined>("  securityContext: {appArmorProfile: {type: Unconfined}}\n", "");
    mended::<ProcMountUnmasked>("", "    securityContext: {procMount: Unmasked}\n");
    mended::<SeccompUnconfined>("  securityContext: {seccompProfile: {type: Unconfined}}\n", "");
    mended::<WindowsHostProcess>("  securityContext: {windowsOptions: {hostProcess: true}}\n", "");
    mended::<ProbeHostSet>("", "    livenessProbe:\n      tcpSocket:\n        host: h\n        port: 80\n");
    mended::<RootUser>("  securityContext:\n    runAsUser: 0\n    fsGroup: 7\n", "");
    let context = "    securityContext:\n      privileged: false\n";
    mended::<SeccompProfileMissing>("", context);
    mended::<NonRootNotEnforced>("", context);
    mended::<CapabilitiesNotDropped>("", &format!("{context}      capabilities:\n        add: [NET_BIND_SERVICE]\n"));
    let after = mended::<CapabilitiesNotDropped>("", context);
    assert!(after.contains("\n      capabilities: {drop: [ALL]}\n      privileged: false\n"), "{after}");
    let after = mended::<PrivilegeEscalationAllowed>("", context);
    assert!(after.contains("\n      allowPrivilegeEscalation: false\n      privileged: false\n"), "{after}");
}

#[test]
fn escalation_is_not_forbidden_where_a_server_would_refuse_that() {
    for context in ["privileged: true", "capabilities: {add: [CAP_SYS_ADMIN]}"] {
        let text = pod("", &format!("    securityContext:\n      {context}\n"));
        assert_eq!(messages::<PrivilegeEscalationAllowed>("{}", &text).len(), 1);
        assert_eq!(fixed::<PrivilegeEscalationAllowed>(&text), text);
    }
}

#[test]
fn all_containers_count_and_bad_input_does_no_harm() {
    let lists = "{containers: [{name: a}], initContainers: [{name: b}, {name: c, restartPolicy: Always}], \
                 ephemeralContainers: [{name: d}]}";
    let text = format!("{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {lists}}}");
    assert_eq!(messages::<CapabilitiesNotDropped>("{}", &text).len(), 4);
    assert_eq!(messages::<SeccompProfileMissing>("{}", &text).len(), 4);
    for odd in ["7", "[]", "[7, [], {}]", "{}", "{capabilities: 7, seccompProfile: [], runAsUser: x}", "null"] {
        let text = pod(
            &format!("  securityContext: {odd}\n  volumes: {odd}\n  hostUsers: {odd}\n  os: {odd}\n"),
            &format!("    securityContext: {odd}\n    ports: {odd}\n    livenessProbe: {odd}\n    lifecycle: {odd}\n"),
        );
        assert_eq!(messages::<CapabilitiesNotDropped>("{}", &text).len(), 1, "{odd}");
        assert_eq!(messages::<PrivilegeEscalationAllowed>("{}", &text).len(), 1, "{odd}");
        for said in [
            messages::<HostPort>("{}", &text),
            messages::<SysctlUnsafe>("{}", &text),
            messages::<ProbeHostSet>("{}", &text),
            messages::<RootUser>("{}", &text),
        ] {
            assert_eq!(said, Vec::<String>::new(), "{odd}");
        }
    }
}

/// What is said of a Deployment in a namespace with these labels.
fn levelled(options: &str, labels: &str, spec: &str) -> Vec<(String, String, Vec<String>)> {
    let namespace = format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{{labels}}}}}\n");
    let template = format!("{{metadata: {{labels: {{a: b}}}}, spec: {{{spec}containers: [{{name: c, image: i}}]}}}}");
    let spec = format!("{{replicas: 1, selector: {{matchLabels: {{a: b}}}}, template: {template}}}");
    let workload =
        format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w, namespace: shop}}\nspec: {spec}\n");
    let findings =
        findings_chosen::<PodSecurityLevelViolated>(Choice::Usual, options, &format!("{namespace}---\n{workload}"));
    findings
        .into_iter()
        .map(|it| (it.message, it.help.unwrap(), it.related.into_iter().map(|it| it.1).collect()))
        .collect()
}

#[test]
fn what_a_namespace_enforces_is_said_with_its_places() {
    let enforce = |level: &str| format!("pod-security.kubernetes.io/enforce: {level}");
    let said = levelled("{}", &enforce("restricted"), "hostPID: true, ");
    let [(message, help, related)] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(message, "namespace `shop` refuses the pods of Deployment `w`, which break the standard restricted");
    assert_eq!(help, "5 places have to be mended; the pack `pss-restricted` says what to do about each");
    assert_eq!(related.len(), 4);
    assert_eq!(related.first().unwrap(), "the pod of Deployment `w` shares the processes of its node");
    assert_eq!(levelled("{}", &enforce("baseline"), "hostPID: true, ").len(), 1);
    assert!(levelled("{}", &enforce("baseline"), "").is_empty());
    for level in ["privileged", "Restricted", "\"\"", "7", "[]"] {
        assert!(levelled("{}", &enforce(level), "hostPID: true, ").is_empty(), "{level}");
    }
    let pinned = |level: &str, version: &str| {
        let pin = format!("{}, pod-security.kubernetes.io/enforce-version: {version}", enforce(level));
        levelled("{}", &pin, "securityContext: {sysctls: [{name: net.ipv4.tcp_rmem, value: 1+2}]}, ").len()
    };
    assert_eq!(["v1.31", "v1.32", "v1.99", "latest"].map(|it| pinned("baseline", it)), [1, 0, 0, 0]);
    assert_eq!(["v1.9", "1.31", "v1.31.2"].map(|it| pinned("restricted", it)), [0, 0, 0]);
    // The server says that the version is none.
    let odd = format!("{}, pod-security.kubernetes.io/enforce-version: soon", enforce("restricted"));
    assert!(levelled("{}", &odd, "").is_empty());
}

#[test]
fn exempted_namespaces_and_runtime_classes_are_left_alone() {
    let label = "pod-security.kubernetes.io/enforce: restricted";
    let spec = "runtimeClassName: gvisor, ";
    assert_eq!(levelled(r#"{"namespaces": ["m"], "runtime-classes": ["kata"]}"#, label, spec).len(), 1);
    assert!(levelled(r#"{"namespaces": ["shop"]}"#, label, spec).is_empty());
    assert!(levelled(r#"{"runtime-classes": ["gvisor"]}"#, label, spec).is_empty());
}
