//! Pods around their containers, and what makes pods: what the server says of each, in its words.

use seaworthy_object::{Version, Versions};

use super::{judged, judged_in};

/// What is said in 1.37, each as `field: words`; warnings as `! words`.
fn said(text: &str) -> Vec<String> {
    let line = |it: super::Said| match it.reason.as_str() {
        "" => format!("! {}", it.detail),
        _ => format!("{}: {}", it.field, it.detail),
    };
    judged(text).into_iter().map(line).collect()
}

/// The versions of all answers.
fn versions(text: &str) -> Vec<String> {
    let all = Versions::since(Version::minor_of(30));
    judged_in(text, all).into_iter().map(|it| format!("{} {}", it.versions, it.field)).collect()
}

/// A pod with these lines in its spec.
fn pod(lines: &str) -> String {
    let lines = lines.replace('\n', "\n  ");
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web, labels: {{app: web}}}}\nspec:\n  \
         containers: [{{name: a, image: b}}]\n  {lines}\n"
    )
}

/// What makes pods, with these lines in its spec.
fn controller(api: &str, kind: &str, lines: &str) -> String {
    let lines = lines.replace('\n', "\n  ");
    format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: web}}\nspec:\n  {lines}\n")
}

const APP: &str = "selector: {matchLabels: {app: web}}\n\
    template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: b}]}}\n";
const NEVER: &str = "template: {spec: {restartPolicy: Never, containers: [{name: a, image: b}]}}\n";

#[test]
fn what_is_right_gets_no_answer() {
    let rich = "\
        nodeSelector: {disk: ssd}\n\
        tolerations: [{operator: Exists}, {key: a, value: b, effect: NoExecute, tolerationSeconds: 3}]\n\
        affinity:\n  podAffinity:\n    requiredDuringSchedulingIgnoredDuringExecution:\n    \
        - {topologyKey: zone, labelSelector: {matchLabels: {a: b}}, matchLabelKeys: [app]}\n\
        topologySpreadConstraints:\n\
        - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {}}\n\
        dnsConfig: {nameservers: [1.1.1.1], searches: [_a.b., .], options: [{name: ndots}]}\n\
        securityContext: {sysctls: [{name: net/ipv4/x}], seccompProfile: {type: Localhost, localhostProfile: a/b}}\n\
        hostAliases: [{ip: '::1', hostnames: [a.b]}]\n\
        os: {name: linux}";
    assert_eq!(said(&pod(rich)), Vec::<String>::new());
    for (api, kind, lines) in [
        ("apps/v1", "Deployment", APP),
        ("apps/v1", "ReplicaSet", APP),
        ("apps/v1", "DaemonSet", APP),
        ("apps/v1", "StatefulSet", APP),
        ("batch/v1", "Job", NEVER),
    ] {
        assert_eq!(said(&controller(api, kind, lines)), Vec::<String>::new(), "{kind}");
    }
}

#[test]
fn where_a_pod_may_run() {
    for (lines, want) in [
        (
            "tolerations: [{key: a, operator: Exists, value: b}]",
            "spec.tolerations[0].operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'",
        ),
        (
            "tolerations: [{key: a, operator: Gt, value: '1'}]",
            "spec.tolerations[0].operator: Unsupported value: \"Gt\": supported values: \"Equal\", \"Exists\", \"Lt\", \
             \"Gt\"",
        ),
        (
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}",
            "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required \
             value: must have at least one node selector term",
        ),
        (
            "topologySpreadConstraints:\n\
             - {maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, labelSelector: {}}\n\
             - {maxSkew: 2, topologyKey: a, whenUnsatisfiable: DoNotSchedule, labelSelector: {}}",
            "spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: \"{a, \
             DoNotSchedule}\"",
        ),
        // The server adds the pod's own label to the selector, where it stands already.
        (
            "topologySpreadConstraints:\n\
             - maxSkew: 1\n  topologyKey: a\n  whenUnsatisfiable: DoNotSchedule\n  \
             labelSelector: {matchLabels: {app: web}}\n  matchLabelKeys: [app]",
            "spec.topologySpreadConstraints[0][0]: Invalid value: \"app\": exists in both matchLabelKeys and \
             labelSelector",
        ),
    ] {
        assert_eq!(said(&pod(lines)), [want]);
    }
}

#[test]
fn the_rest_of_a_pods_spec() {
    for (lines, want) in [
        ("dnsPolicy: None", "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"),
        ("hostUsers: false\nhostPID: true", "spec.HostPID: Forbidden: when `hostUsers` is false"),
        (
            "schedulingGates: [{name: a}]\nnodeName: b",
            "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
        ),
        (
            "os: {name: windows}\nsecurityContext: {runAsUser: 1}",
            "spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod",
        ),
        (
            "securityContext: {sysctls: [{name: net.a}]}\nhostNetwork: true",
            "spec.securityContext.sysctls[0].name: Invalid value: \"net.a\": may not be specified when 'hostNetwork' \
             is true",
        ),
        (
            "resourceClaims: [{name: a}]",
            "spec.resourceClaims[0]: Invalid value: \
             {\"Name\":\"a\",\"ResourceClaimName\":null,\"ResourceClaimTemplateName\":null}: must specify one of: \
             `resourceClaimName`, `resourceClaimTemplateName`",
        ),
        ("hostAliases: [{ip: 1.1.1.1}, {ip: 1.1.1.1}]", "! spec.hostAliases[1].ip: duplicate ip \"1.1.1.1\""),
    ] {
        assert_eq!(said(&pod(lines)), [want]);
    }
}

#[test]
fn annotations_of_a_pod() {
    let with =
        |annotation: &str| pod("nodeName: a").replace("labels:", &format!("annotations: {{{annotation}}}, labels:"));
    for (annotation, want) in [
        (
            "controller.kubernetes.io/pod-deletion-cost: '+1'",
            "metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"+1\": must be a 32bit \
             integer",
        ),
        (
            "container.apparmor.security.beta.kubernetes.io/b: unconfined",
            "metadata.annotations[container.apparmor.security.beta.kubernetes.io/b]: Invalid value: \"b\": container \
             not found",
        ),
        (
            "container.apparmor.security.beta.kubernetes.io/a: unconfined",
            "! metadata.annotations[container.apparmor.security.beta.kubernetes.io/a]: deprecated since v1.30; use the \
             \"appArmorProfile\" field instead",
        ),
    ] {
        assert_eq!(said(&with(annotation)), [want]);
    }
}

#[test]
fn what_a_controller_makes_must_be_its_own() {
    let other = APP.replace("labels: {app: web}", "labels: {app: other}");
    let want = "spec.template.metadata.labels: Invalid value: {\"app\":\"other\"}: `selector` does not match template \
        `labels`";
    for kind in ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"] {
        assert_eq!(said(&controller("apps/v1", kind, &other)), [want], "{kind}");
    }
    let ends = APP.replace("spec: {containers", "spec: {restartPolicy: Never, containers");
    let want = "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"";
    assert_eq!(said(&controller("apps/v1", "Deployment", &ends)), [want]);
    let taken = format!("{NEVER}selector: {{matchLabels: {{app: web}}}}\n");
    let fields: Vec<_> = judged(&controller("batch/v1", "Job", &taken)).into_iter().map(|it| it.field).collect();
    assert_eq!(fields, ["spec.selector", "spec.template.metadata.labels"]);
}

#[test]
fn versions_differ() {
    let bad = APP.replace("spec: {containers", "spec: {dnsPolicy: x, containers");
    assert_eq!(versions(&controller("apps/v1", "StatefulSet", &bad)), ["1.34-1.37 spec.template.spec.dnsPolicy"]);
    let name = controller("apps/v1", "StatefulSet", &format!("serviceName: a.b\n{APP}"));
    assert_eq!(versions(&name), ["1.33-1.37 spec.serviceName"]);
    // First it is no field, then one that the server drops.
    assert_eq!(
        versions(&pod("hostnameOverride: A")),
        ["1.30-1.33 spec.hostnameOverride", "1.35-1.37 spec.hostnameOverride"]
    );
}

#[test]
fn how_updates_roll() {
    let strategy = |kind: &str, lines: &str| said(&controller("apps/v1", kind, &format!("{lines}\n{APP}")));
    assert_eq!(
        strategy("Deployment", "strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 0%}}"),
        ["spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"]
    );
    assert_eq!(
        strategy("DaemonSet", "updateStrategy: {rollingUpdate: {maxSurge: 1}}"),
        ["spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is \
             non-zero"]
    );
    assert_eq!(
        strategy("StatefulSet", "updateStrategy: {rollingUpdate: {maxUnavailable: 101%}}"),
        ["spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%"]
    );
}

#[test]
fn when_jobs_end() {
    let job = |lines: &str| said(&controller("batch/v1", "Job", &format!("{NEVER}{lines}")));
    assert_eq!(
        job("podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [2, 0, 2]}}]}"),
        [
            "spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator",
            "spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 2",
            "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,0,2]: must be ordered",
        ]
    );
    let success = |indexes: &str| {
        job(&format!(
            "completions: 5\ncompletionMode: Indexed\nsuccessPolicy: {{rules: [{{succeededIndexes: '{indexes}'}}]}}"
        ))
    };
    assert_eq!(success("0,2-4"), Vec::<String>::new());
    for (indexes, want) in [
        ("1-5", "too large index: \"5\""),
        ("3,2", "non-increasing order, previous: 3, current: 2"),
        ("a", "cannot convert string to integer for index: \"a\""),
    ] {
        let path = "spec.successPolicy.rules[0].succeededIndexes";
        let want = format!("{path}: Invalid value: \"{indexes}\": error parsing succeededIndexes: {want}");
        assert_eq!(success(indexes), [want]);
    }
}

#[test]
fn schedules_as_the_servers_library_reads_them() {
    let cron = |schedule: &str| {
        said(&controller("batch/v1", "CronJob", &format!("schedule: {schedule:?}\njobTemplate: {{spec: {{{NEVER}}}}}")))
    };
    for fine in ["*/5 0-3,9 1 jan-MAR ?", "@hourly", "@every 1h30m", "5/7 * * * sun"] {
        assert_eq!(cron(fine), Vec::<String>::new(), "{fine}");
    }
    for (schedule, want) in [
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("a * * * *", "failed to parse int from a: strconv.Atoi: parsing \"a\": invalid syntax"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("* * *", "expected exactly 5 fields, found 3: [* * *]"),
        ("@never", "unrecognized descriptor: @never"),
        ("@every 1d", "failed to parse duration @every 1d: time: unknown unit \"d\" in duration \"1d\""),
    ] {
        assert_eq!(cron(schedule), [format!("spec.schedule: Invalid value: {schedule:?}: {want}")]);
    }
    let zone = "spec.schedule: Invalid value: \"TZ=Mars/Base * * * * *\": ";
    assert_eq!(
        cron("TZ=Mars/Base * * * * *"),
        [
            format!("{zone}provided bad location Mars/Base: unknown time zone Mars/Base"),
            format!("{zone}cannot use TZ or CRON_TZ in schedule, use timeZone field instead"),
        ]
    );
}

#[test]
fn what_autoscalers_look_at() {
    let hpa = |lines: &str| {
        said(&controller(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            &format!("scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: a}}\n{lines}"),
        ))
    };
    assert_eq!(hpa("maxReplicas: 3"), Vec::<String>::new());
    assert_eq!(
        hpa("minReplicas: 4\nmaxReplicas: 3"),
        ["spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`"]
    );
    assert_eq!(
        hpa("maxReplicas: 3\nmetrics: [{type: Pods, resource: {name: cpu, target: {type: Utilization}}}]"),
        [
            "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or \
             a target utilization",
            "spec.metrics[0].pods: Required value: must populate information for the given metric source",
        ]
    );
}
