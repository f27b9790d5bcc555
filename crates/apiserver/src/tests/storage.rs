//! Volumes, claims, classes and what else the core group has: objects, what servers say, and where versions differ.

use seaworthy_object::{Version, Versions};

use super::judged_in;

/// Whether servers of 1.`minor` say these lines and no others, in any order; a line may end before theirs does.
fn says(minor: u8, text: &str, lines: &[&str]) {
    let said = judged_in(text, Versions::one(Version::minor_of(minor)));
    let said: Vec<String> = said
        .into_iter()
        .map(|it| if it.reason.is_empty() { it.detail } else { format!("{}: {}", it.field, it.detail) })
        .collect();
    let same = said.len() == lines.len() && lines.iter().all(|line| said.iter().any(|said| said.starts_with(line)));
    assert!(same, "1.{minor} of {text}\nwanted {lines:#?}\nsaid {said:#?}");
}

/// A pod with these volumes, of which the lines leave out the address.
fn volumes(minor: u8, volumes: &str, lines: &[&str]) {
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\n\
         spec: {{serviceAccountName: a, containers: [{{name: a, image: a}}], volumes: [{volumes}]}}\n"
    );
    let lines: Vec<String> = lines.iter().map(|line| format!("spec.volumes{line}")).collect();
    says(minor, &text, &lines.iter().map(String::as_str).collect::<Vec<_>>());
}

fn object(kind: &str, fields: &str) -> String {
    format!("{kind}\nmetadata: {{name: a}}\n{fields}\n")
}

#[test]
fn a_volume_has_one_source_and_a_name_of_its_own() {
    for (list, lines) in [
        ("{name: a}", &[][..]),
        ("{name: a, emptyDir: {}}, {name: a, emptyDir: {}}", &["[1].name: Duplicate value: \"a\""]),
        ("{emptyDir: {}}, {name: A}", &["[0].name: Required value", "[1].name: Invalid value: \"A\": a lowercase RFC"]),
        (
            "{name: a, emptyDir: {sizeLimit: -1}, cephfs: {}, downwardAPI: {}}",
            &[
                "[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity",
                "[0].cephFS: Forbidden: may not specify more than 1 volume type",
                "[0].downwarAPI: Forbidden: may not specify more than 1 volume type",
            ],
        ),
        (
            "{name: a, ephemeral: {}}, {name: b, persistentVolumeClaim: {claimName: web-a}}",
            &[
                "[0].ephemeral.volumeClaimTemplate: Required value",
                "[1].persistentVolumeClaim.claimName: Invalid value: \"web-a\": must not reference a PVC that gets",
            ],
        ),
    ] {
        volumes(37, list, lines);
    }
}

#[test]
fn what_sources_must_say() {
    for (source, lines) in [
        (
            "hostPath: {path: a/../b, type: Dir}",
            &["hostPath.path: Invalid", "hostPath.type: Unsupported value: \"Dir\""][..],
        ),
        (
            "gcePersistentDisk: {partition: 256}",
            &["persistentDisk.pdName: Required", "persistentDisk.partition: Invalid"],
        ),
        ("nfs: {server: a}", &["nfs.path: Required value", "nfs.path: Invalid value: \"\": must be an absolute path"]),
        (
            "iscsi: {targetPortal: a, iqn: x, lun: 256, initiatorName: iqn.1}",
            &[
                "iscsi.iqn: Invalid value: \"x\": must be valid format starting with iqn, eui, or naa",
                "iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive",
                "iscsi.initiatorname: Invalid value: \"iqn.1\": must be valid format",
            ],
        ),
        (
            "quobyte: {registry: 'a:1,b', volume: v}",
            &["quobyte.registry: Invalid value: \"a:1,b\": must be a host:port"],
        ),
        ("fc: {targetWWNs: [a], wwids: [b]}", &["fc.targetWWNs: Invalid value: [\"a\"]", "fc.lun: Required value"]),
        (
            "flexVolume: {driver: a, options: {kubernetes.io/x: v}}",
            &["flexVolume.options[kubernetes.io/x]: Invalid value: \"kubernetes.io/x\": kubernetes.io and k8s.io"],
        ),
        (
            "azureDisk: {diskName: a, diskURI: b}",
            &["azureDisk.diskURI: Unsupported value: \"b\": supported values: \"https"],
        ),
        ("csi: {driver: A_b}", &["csi.driver: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain"]),
        (
            "secret: {defaultMode: 512, items: [{path: ../a}]}",
            &[
                "secret.secretName: Required value",
                "secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive",
                "secret.items[0].key: Required value",
                "secret.items[0].path: Invalid value: \"../a\": must not contain '..'",
            ],
        ),
        (
            "downwardAPI: {items: [{path: a, fieldRef: {fieldPath: spec.nodeName}}, \
             {path: b, resourceFieldRef: {resource: x}}]}",
            &[
                "downwardAPI.fieldRef.fieldPath: Unsupported value: \"spec.nodeName\": supported values: \"meta",
                "downwardAPI.resourceFieldRef.containerName: Required value",
            ],
        ),
        (
            "ephemeral: {volumeClaimTemplate: {metadata: {name: a}, spec: {}}}",
            &[
                "ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set",
                "ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required",
                "ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value",
            ],
        ),
    ] {
        let lines: Vec<String> = lines.iter().map(|line| format!("[0].{line}")).collect();
        volumes(37, &format!("{{name: a, {source}}}"), &lines.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn the_files_of_a_projected_volume() {
    let sources = "{name: a, projected: {sources: [{secret: {name: s, items: [{key: k, path: p}]}, \
        configMap: {name: c}}, {serviceAccountToken: {expirationSeconds: 1}}, {downwardAPI: {items: [{path: p}]}}]}}";
    volumes(
        37,
        sources,
        &[
            "[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type per source",
            "[0].projected.sources[1].serviceAccountToken.expirationSeconds: Invalid value: 1: may not specify",
            "[0].projected.path: Required value",
            "[0].projected.sources[2].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required",
            "[0].projected: Invalid value: \"p\": conflicting duplicate paths",
        ],
    );
    // A plugin names the account before anybody asks for it.
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: a, image: a}], \
        volumes: [{name: a, projected: {sources: [{serviceAccountToken: {path: a}}]}}]}\n";
    says(37, text, &[]);
    let bundle = "{name: a, projected: {sources: [{clusterTrustBundle: {}}]}}";
    // Before 1.37 bundles and certificates are dropped, which leaves nothing to judge.
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\n\
         spec: {{containers: [{{name: a, image: a}}], volumes: [{bundle}]}}\n"
    );
    says(36, &text, &["volume \"a\" (Projected) has no sources provided"]);
    volumes(
        37,
        bundle,
        &[
            "[0].projected.sources[0].clusterTrustBundle: Required value: either name or signerName must be specified",
            "[0].projected.sources[0].clusterTrustBundle.path: Required value",
        ],
    );
}

#[test]
fn images_are_volumes_since_1_35() {
    let image = "{name: a, image: {reference: a}}";
    volumes(34, &format!("{image}, {{name: b, emptyDir: {{sizeLimit: -1}}}}"), &["[0].emptyDir.sizeLimit: Forbidden"]);
    volumes(35, &format!("{image}, {{name: b, image: {{}}}}"), &["[1].image.reference: Required value"]);
}

#[test]
fn volumes_of_the_cluster() {
    let kind = "apiVersion: v1\nkind: PersistentVolume";
    let rest = "accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}";
    for (spec, lines) in [
        (
            "{}",
            &[
                "spec.accessModes: Required value",
                "spec.capacity: Required value",
                "spec.capacity: Unsupported value: null: supported values: \"storage\"",
                "spec: Required value: must specify a volume type",
            ][..],
        ),
        (
            "{accessModes: [ReadWriteOncePod, ReadOnlyMany, X], capacity: {storage: 0}, local: {path: a}}",
            &[
                "spec.accessModes: Unsupported value: \"X\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", ",
                "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes",
                "spec.capacity[storage]: Invalid value: \"0\": must be greater than zero",
                "spec.nodeAffinity: Required value: Local volume requires node affinity",
            ],
        ),
        (
            &format!("{{{rest}, hostPath: {{path: /a/..}}, persistentVolumeReclaimPolicy: Recycle}}"),
            &[
                "spec.hostPath.path: Invalid value: \"/a/..\": must not contain '..'",
                "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
            ],
        ),
        (
            &format!("{{{rest}, rbd: {{monitors: [a], image: a}}}}"),
            &["spec.rbd: deprecated in v1.28, non-functional in v1.31+"],
        ),
    ] {
        says(37, &object(kind, &format!("spec: {spec}")), lines);
    }
    let class = object(kind, &format!("spec: {{{rest}, hostPath: {{path: /a}}, volumeAttributesClassName: ''}}"));
    says(33, &class, &[]);
    says(34, &class, &["spec.volumeAttributesClassName: Required value: an empty", "spec.csi: Required value: has to"]);
}

#[test]
fn claims() {
    let kind = "apiVersion: v1\nkind: PersistentVolumeClaim";
    let rest = "accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}";
    for (spec, lines) in [
        (
            "accessModes: [], resources: {requests: {storage: -1}}",
            &["spec.accessModes: Required", "spec.resources[storage]: Invalid value: \"-1\""][..],
        ),
        // A source that the server does not know is dropped; one that it knows stands in both fields.
        (&format!("{rest}, dataSource: {{kind: X, name: a}}"), &[]),
        (
            &format!("{rest}, dataSourceRef: {{kind: X, name: a}}"),
            &[
                "spec.dataSource: Invalid value: \"X\": must be 'PersistentVolumeClaim' when",
                "spec.dataSourceRef: Invalid value: \"X\": must be 'PersistentVolumeClaim' when",
            ],
        ),
        (
            &format!(
                "{rest}, dataSource: {{kind: PersistentVolumeClaim, name: a}}, \
                 dataSourceRef: {{kind: PersistentVolumeClaim, name: b}}"
            ),
            &["spec: Invalid value: {}: must match dataSourceRef"],
        ),
        (
            "accessModes: [ReadWriteOnce], resources: {requests: {storage: 1n}}",
            &["spec.resources.requests[storage]: fractional byte value \"1m\" is invalid, must be an integer"],
        ),
    ] {
        says(37, &object(kind, &format!("spec: {{{spec}}}")), lines);
    }
}

#[test]
fn classes_and_drivers() {
    let storage = "apiVersion: storage.k8s.io/v1\nkind: ";
    for (kind, fields, lines) in [
        (
            "StorageClass",
            "provisioner: A b\nreclaimPolicy: Recycle\nallowedTopologies: [{}]",
            &[
                "provisioner: Invalid value: \"a b\": name part must",
                "reclaimPolicy: Unsupported value: \"Recycle\": supported values: \"Delete\", \"Retain\"",
                "allowedTopologies[0].matchLabelExpressions: Duplicate value: \"\"",
            ][..],
        ),
        (
            "CSIDriver",
            "spec: {volumeLifecycleModes: [X], tokenRequests: [{audience: a}, {audience: a}], \
             serviceAccountTokenInSecrets: true}",
            &[
                "spec.volumeLifecycleModes: Unsupported value: \"X\"",
                "spec.tokenRequests[1].audience: Duplicate value: \"a\"",
            ],
        ),
        (
            "CSINode",
            "spec: {drivers: [{name: a.b, nodeID: '', topologyKeys: [a, a]}]}",
            &["spec.drivers[0].nodeID: Required value", "spec.drivers[0]: Duplicate value: \"a\""],
        ),
        (
            "VolumeAttachment",
            "spec: {attacher: a_b, nodeName: web, source: {}}",
            &[
                "spec.attacher: Invalid value: \"a_b\": an RFC 1123 subdomain must",
                "spec.source: Required value: must specify",
            ],
        ),
        (
            "VolumeAttributesClass",
            "driverName: a.b",
            &["parameters: Required value: must contain at least one key/value"],
        ),
    ] {
        says(37, &object(&format!("{storage}{kind}"), fields), lines);
    }
    says(
        35,
        &object(
            &format!("{storage}VolumeAttachment"),
            "spec: {attacher: a_b, nodeName: web, source: {persistentVolumeName: a}}",
        ),
        &["spec.attacher: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must"],
    );
}

#[test]
fn secrets_by_type() {
    for (fields, lines) in [
        ("data: {'a b': ''}", &["data[a b]: Invalid value: \"a b\": a valid config key must consist of"][..]),
        ("type: kubernetes.io/ssh-auth", &["data[ssh-privatekey]: Required value"]),
        ("type: kubernetes.io/basic-auth\nstringData: {username: a}", &[]),
        (
            "type: kubernetes.io/service-account-token",
            &["metadata.annotations[kubernetes.io/service-account.name]: Required"],
        ),
        (
            "type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: '{\"a\":tru}'}",
            &["data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character '}' in"],
        ),
        (
            "type: kubernetes.io/tls\ndata: {tls.crt: YQ==, tls.key: YQ==}",
            &["tls: failed to find any PEM data in certificate"],
        ),
    ] {
        says(37, &object("apiVersion: v1\nkind: Secret", fields), lines);
    }
}

#[test]
fn limits_and_quotas() {
    let limits = |limit: &str| object("apiVersion: v1\nkind: LimitRange", &format!("spec: {{limits: [{limit}]}}"));
    for (limit, lines) in [
        (
            "{type: Container, max: {cpu: 100m}, min: {cpu: 1500m}}",
            &[
                "spec.limits[0].min[cpu]: Invalid value: \"1500m\": min value 1500m is greater than max value 100m",
                "spec.limits[0].defaultRequest[cpu]: Invalid value: \"100m\": min value 1500m is greater than",
                "spec.limits[0].default[cpu]: Invalid value: \"1500m\": min value 1500m is greater than",
            ][..],
        ),
        (
            "{type: PersistentVolumeClaim}",
            &["spec.limits[0].limits: Required value: either minimum or maximum storage"],
        ),
        (
            "{type: Pod, default: {cpu: 1}}",
            &["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
        ),
        (
            "{type: Pod, max: {cpu: 3}, min: {cpu: 1}, maxLimitRequestRatio: {cpu: 4}}",
            &["spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"4\": ratio 4 is greater than max/min = 3.0"],
        ),
    ] {
        says(37, &limits(limit), lines);
    }
    says(37, "apiVersion: v1\nkind: LimitRange\nspec: {limits: []}\n", &[]);
    let quota = |spec: &str| object("apiVersion: v1\nkind: ResourceQuota", &format!("spec: {{{spec}}}"));
    says(
        37,
        &quota("hard: {pods: 1500m, x: 1}"),
        &[
            "spec.hard[pods]: Invalid value: \"1500m\": must be an integer",
            "spec.hard[x]: Invalid value: \"x\": must be a standard resource type or fully qualified",
            "spec.hard[x]: Invalid value: \"x\": must be a standard resource for quota",
        ],
    );
    says(
        33,
        &quota("hard: {pods: '1.5'}"),
        &["spec.hard[pods]: Invalid value: resource.Quantity{i:resource.int64Amount{value:15, scale:-1},"],
    );
    says(
        37,
        &quota(
            "hard: {services: 1}, scopes: [BestEffort], \
             scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In}]}",
        ),
        &[
            "spec.scopes: Invalid value: [\"BestEffort\"]: unsupported scope applied to resource",
            "spec.scopeSelector.matchExpressions: Invalid value: {\"MatchExpressions\":[{\"ScopeName\":",
            "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator`",
        ],
    );
}

#[test]
fn nodes_and_namespaces() {
    let node = |fields: &str| object("apiVersion: v1\nkind: Node", fields);
    says(
        37,
        &node("spec: {podCIDRs: [10.0.0.0/16, x], taints: [{key: a, effect: X}]}\nstatus: {capacity: {cpu: -1}}"),
        &[
            "metadata.taints[0].effect: Unsupported value: \"X\": supported values: \"NoSchedule\",",
            "status.capacity.cpu: Invalid value: \"-1\": must be greater than or equal to 0",
            "status.allocatable.cpu: Invalid value: \"-1\": must be greater than or equal to 0",
            "spec.podCIDRs[1]: Invalid value: \"x\": must be a valid CIDR value",
            "spec.podCIDRs: Internal error: invalid PodCIDRs. failed to check with dual stack",
            "spec.podCIDRs: Invalid value: [\"10.0.0.0/16\",\"x\"]: may specify no more than one",
        ],
    );
    let features = node("status: {declaredFeatures: [A, A]}");
    says(35, &features, &[]);
    says(36, &features, &["status.declaredFeatures[1]: Duplicate value: \"A\""]);
    let labelled = "apiVersion: v1\nkind: Namespace\n\
        metadata: {name: a, labels: {pod-security.kubernetes.io/enforce: x, \
        pod-security.kubernetes.io/warn-version: v2}}\n";
    says(
        37,
        labelled,
        &[
            "metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"x\": must be one of",
            "metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: \"v2\": must be \"latest\" or",
        ],
    );
}

#[test]
fn events_leases_and_classes_of_pods() {
    let event = "apiVersion: events.k8s.io/v1\nkind: Event\nmetadata: {name: a}\n";
    says(
        37,
        &format!("{event}regarding: {{namespace: x}}\ntype: X\ndeprecatedCount: 1\n"),
        &[
            "involvedObject.namespace: Invalid value: \"x\": does not match event.namespace",
            "eventTime: Required value",
            "type: Invalid value: \"\": has invalid value: X",
            "count: Invalid value: \"\": needs to be unset",
        ],
    );
    for (kind, fields, lines) in [
        (
            "apiVersion: coordination.k8s.io/v1\nkind: Lease",
            "spec: {leaseDurationSeconds: 0}",
            &["spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"][..],
        ),
        (
            "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass",
            "value: 1000000001",
            &["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
        ),
        (
            "apiVersion: node.k8s.io/v1\nkind: RuntimeClass",
            "handler: ''\nscheduling: {tolerations: [{key: a, operator: X}]}",
            &["handler: Required value", "scheduling.tolerations[0].operator: Unsupported value: \"X\""],
        ),
    ] {
        says(37, &object(kind, fields), lines);
    }
}
