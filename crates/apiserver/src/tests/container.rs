//! Containers: what servers say of them, word for word, and in which versions.

use seaworthy_object::{Version, Versions};

use super::judged_in;

/// What servers of 1.`minor` say of a pod with this spec: addresses from `spec` on, and words.
fn spec_in(minor: u8, spec: &str) -> Vec<String> {
    let pod = format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {spec}\n");
    let said = judged_in(&pod, Versions::one(Version::minor_of(minor)));
    said.into_iter().map(|it| format!("{}: {}", it.field.trim_start_matches("spec."), it.detail)).collect()
}

/// Of a pod whose only container has these fields, addresses from the container on.
fn container_in(minor: u8, fields: &str) -> Vec<String> {
    let said = spec_in(minor, &format!("{{containers: [{{name: web, image: a, {fields}}}], volumes: [{VOLUMES}]}}"));
    said.into_iter().map(|it| it.trim_start_matches("containers[0].").to_owned()).collect()
}

const VOLUMES: &str = "{name: dir, emptyDir: {}}, {name: claim, persistentVolumeClaim: {claimName: a}}";

/// A row: fields of a container, and what 1.37 says of them.
fn check(rows: &[(&str, &[&str])]) {
    for (fields, want) in rows {
        assert_eq!(container_in(37, fields), *want, "{fields}");
    }
}

#[test]
fn what_is_missing_or_malformed_in_a_container() {
    for (spec, want) in [
        ("{containers: []}", "containers: Required value"),
        ("{containers: [{name: a}]}", "containers[0].image: Required value"),
        ("{containers: [{image: a}]}", "containers[0].name: Required value"),
        (
            "{containers: [{name: a, image: ' a'}]}",
            "containers[0].image: Invalid value: \" a\": must not have leading or trailing whitespace",
        ),
        ("{containers: [{name: a, image: a}, {name: a, image: a}]}", "containers[1].name: Duplicate value: \"a\""),
        (
            "{containers: [{name: a, image: a}], initContainers: [{name: a, image: a}]}",
            "initContainers[0].name: Duplicate value: \"a\"",
        ),
        (
            "{containers: [{name: a, image: a}], initContainers: [{name: b, image: a, lifecycle: {}}]}",
            "initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always",
        ),
    ] {
        assert_eq!(spec_in(37, spec), [want], "{spec}");
    }
}

#[test]
fn ports() {
    check(&[
        ("ports: [{containerPort: 80, name: http, protocol: UDP}]", &[]),
        ("ports: [{}]", &["ports[0].containerPort: Required value"]),
        (
            "ports: [{containerPort: 70000}]",
            &["ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive"],
        ),
        (
            "ports: [{containerPort: 80, protocol: tcp}]",
            &["ports[0].protocol: Unsupported value: \"tcp\": supported values: \"SCTP\", \"TCP\", \"UDP\""],
        ),
        (
            "ports: [{containerPort: 80, hostPort: 8}, {containerPort: 81, hostPort: 8}]",
            &["ports[1].hostPort: Duplicate value: \"TCP//8\""],
        ),
        (
            "ports: [{containerPort: 80}, {containerPort: 80}]",
            &["ports[1]: spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]"],
        ),
    ]);
}

#[test]
fn init_containers_share_no_ports_and_the_first_is_named() {
    let spec = "{containers: [{name: a, image: a}], initContainers: [{name: b, image: a}, {name: c, image: a, ports: \
                [{containerPort: 1, hostPort: 8}, {containerPort: 2, hostPort: 8}]}]}";
    assert_eq!(spec_in(37, spec), ["initContainers[0].ports[1].hostPort: Duplicate value: \"TCP//8\""]);
}

#[test]
fn variables() {
    check(&[
        ("env: [{name: 'a b'}]", &[]),
        (
            "env: [{name: A, value: b, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]",
            &["env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty"],
        ),
        (
            "env: [{name: A, valueFrom: {secretKeyRef: {name: a}}}]",
            &["env[0].valueFrom.secretKeyRef.key: Required value"],
        ),
        ("envFrom: [{}]", &["envFrom: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`"]),
        (
            "env: [{name: A, valueFrom: {fileKeyRef: {key: a, path: a, volumeName: claim}}}]",
            &["env[0].valueFrom.fileKeyRef.volumeName: Invalid value: \"claim\": referenced volume must be of type \
               emptyDir"],
        ),
        ("env: [{name: A, valueFrom: {fileKeyRef: {key: a, path: a, volumeName: dir}}}]", &[]),
        (
            "env: [{name: A, value: a}, {name: A, value: b}]",
            &[
                "env[1]: spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when using \
                 apply",
            ],
        ),
        ("env: [{name: A, value: a}, {name: A, value: '$(A):b'}]", &[]),
    ]);
    assert_eq!(container_in(31, "env: [{name: 'a b'}]").len(), 1);
    // The field is there, and is dropped.
    assert_eq!(
        container_in(34, "env: [{name: A, valueFrom: {fileKeyRef: {key: a, path: a, volumeName: dir}}}]"),
        ["env[0].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, \
          `configMapKeyRef` or `secretKeyRef`"]
    );
}

#[test]
fn mounts_and_devices() {
    check(&[
        ("volumeMounts: [{name: dir, mountPath: /a}], volumeDevices: [{name: claim, devicePath: /b}]", &[]),
        ("volumeMounts: [{name: other, mountPath: /a}]", &["volumeMounts[0].name: Not found: \"other\""]),
        (
            "volumeMounts: [{name: dir, mountPath: /a}, {name: claim, mountPath: /a}]",
            &["volumeMounts[1].mountPath: Invalid value: \"/a\": must be unique"],
        ),
        (
            "volumeMounts: [{name: dir, mountPath: /a, subPath: ../b}]",
            &["volumeMounts.subPath: Invalid value: \"../b\": must not contain '..'"],
        ),
        (
            "volumeMounts: [{name: dir, mountPath: /a, mountPropagation: Bidirectional}]",
            &["volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to \
               privileged containers"],
        ),
        (
            "volumeDevices: [{name: dir, devicePath: /a}]",
            &["volumeDevices[0].name: Invalid value: \"dir\": can only use volume source type of \
               PersistentVolumeClaim or Ephemeral for block mode"],
        ),
    ]);
}

#[test]
fn probes_and_hooks() {
    check(&[
        ("livenessProbe: {httpGet: {port: http}}", &[]),
        ("livenessProbe: {}", &["livenessProbe: Required value: must specify a handler type"]),
        (
            "livenessProbe: {httpGet: {port: 1}, grpc: {port: 0}}",
            &["livenessProbe.grpc: Forbidden: may not specify more than 1 handler type"],
        ),
        (
            "livenessProbe: {exec: {command: [a]}, successThreshold: 2}",
            &["livenessProbe.successThreshold: Invalid value: 2: must be 1"],
        ),
        ("readinessProbe: {exec: {command: [a]}, successThreshold: 2}", &[]),
        (
            "readinessProbe: {exec: {command: [a]}, terminationGracePeriodSeconds: 2}",
            &["readinessProbe.terminationGracePeriodSeconds: Invalid value: 2: must not be set for readinessProbes"],
        ),
    ]);
    let sleep = |minor| container_in(minor, "lifecycle: {preStop: {sleep: {seconds: 0}}}");
    assert_eq!(sleep(37), Vec::<String>::new());
    for (minor, end) in [(30, ""), (32, ". Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep.")]
    {
        let words = "must be greater than 0 and less than terminationGracePeriodSeconds (30)";
        assert_eq!(sleep(minor), [format!("lifecycle.preStop.sleep: Invalid value: 0: {words}{end}")]);
    }
}

#[test]
fn a_restart_policy_of_its_own() {
    let fields =
        "restartPolicy: Never, restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In}}]";
    assert_eq!(container_in(37, fields), Vec::<String>::new());
    assert_eq!(
        container_in(35, fields),
        ["restartPolicyRules[0].action: Unsupported value: \"RestartAllContainers\": supported values: \"Restart\""]
    );
    assert_eq!(container_in(34, fields), Vec::<String>::new());
    assert_eq!(
        container_in(33, "restartPolicy: Never"),
        ["restartPolicy: Forbidden: may not be set for non-init containers"]
    );
}

#[test]
fn resources() {
    check(&[
        ("resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 500m}}", &[]),
        (
            "resources: {requests: {gpu: 1}}",
            &[
                "resources.requests[gpu]: Invalid value: \"gpu\": must be a standard resource type or fully qualified",
                "resources.requests[gpu]: Invalid value: \"gpu\": must be a standard resource for containers",
            ],
        ),
        (
            "resources: {limits: {cpu: 1}, requests: {cpu: 1001m}}",
            &["resources.requests: Invalid value: \"1001m\": must be less than or equal to cpu limit of 1"],
        ),
        (
            "resources: {requests: {example.com/a: 1}}",
            &["resources.limits: Required value: Limit must be set for non overcommitable resources"],
        ),
        // In a pod, and not in a template of one, limits are requests too.
        (
            "resources: {limits: {example.com/a: 100.5m}}",
            &[
                "resources.limits[example.com/a]: Invalid value: \"101m\": must be an integer",
                "resources.requests[example.com/a]: Invalid value: \"101m\": must be an integer",
            ],
        ),
        ("resources: {limits: {hugepages-2Mi: 2Mi}}", &["resources: Forbidden: HugePages require cpu or memory"]),
        (
            "resources: {claims: [{name: a}]}",
            &["resources.claims[0]: Not found: \"a\": must be one of the names in pod.spec.resourceClaims which is \
               empty"],
        ),
    ]);
    assert_eq!(container_in(33, "resources: {claims: [{name: a}]}"), Vec::<String>::new());
    assert!(container_in(33, "resources: {requests: {gpu: 1}}").iter().all(|it| it.contains("Invalid value: gpu: ")));
}

#[test]
fn what_a_pod_has_for_all_its_containers() {
    let spec = "{resources: {limits: {cpu: 1}, requests: {cpu: 1}}, containers: [{name: a, image: a, resources: \
                {requests: {cpu: 2}}}, {name: b, image: a, resources: {limits: {cpu: 2}}}]}";
    assert_eq!(
        spec_in(37, spec),
        [
            "resources.requests[cpu]: Invalid value: \"1\": must be greater than or equal to aggregate container \
             requests of 4",
            "resources.containers[1][cpu].limits: Invalid value: \"2\": must be less than or equal to pod limits of 1",
        ]
    );
    assert_eq!(spec_in(33, spec), Vec::<String>::new());
}

#[test]
fn an_ephemeral_container_has_few_fields() {
    let spec = "{containers: [{name: a, image: a}], ephemeralContainers: [{name: b, image: a, targetContainerName: c, \
                ports: [], resources: {}}]}";
    assert_eq!(
        spec_in(37, spec),
        [
            "ephemeralContainers[0].targetContainerName: Not found: \"c\"",
            "ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container",
            "ephemeralContainers: Forbidden: cannot be set on create",
        ]
    );
}

#[test]
fn security() {
    check(&[
        (
            "securityContext: {privileged: true, allowPrivilegeEscalation: false, runAsUser: -1}",
            &[
                "securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
                "securityContext: Invalid value: {\"Capabilities\":null,\"Privileged\":true,\"SELinuxOptions\":null,\
                 \"WindowsOptions\":null,\"RunAsUser\":-1,\"RunAsGroup\":null,\"RunAsNonRoot\":null,\
                 \"ReadOnlyRootFilesystem\":null,\"AllowPrivilegeEscalation\":false,\"ProcMount\":null,\
                 \"SeccompProfile\":null,\"AppArmorProfile\":null}: cannot set `allowPrivilegeEscalation` to false \
                 and `privileged` to true",
            ],
        ),
        (
            "securityContext: {procMount: Unmasked}",
            &["securityContext.procMount: Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`"],
        ),
    ]);
    assert_eq!(container_in(32, "securityContext: {procMount: Unmasked}"), Vec::<String>::new());
}

#[test]
fn of_many_answers_too_equal_ones_become_one() {
    let ports = "{}, ".repeat(200);
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{containers: [{{name: a, image: a, env: [{{name: \
         é}}], ports: [{ports}]}}]}}\n"
    );
    // Two versions with two ways to say what is wrong with a name, and one for a port.
    let said = judged_in(&pod, Versions::since(Version::minor_of(31)));
    assert_eq!(said.len(), 202);
    assert!(said.iter().filter(|it| it.reason == "FieldValueRequired").all(|it| it.versions == "1.31-1.37"));
}

#[test]
fn managed_fields_are_the_servers() {
    let text = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, managedFields: [{operation: x}]}\n";
    assert!(judged_in(text, Versions::since(Version::minor_of(30))).is_empty());
}
