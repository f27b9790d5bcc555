//! What must not change.

use seaworthy_object::{Catalog, Object, Version, Versions};

use super::documents;
use crate::Servers;

/// The answers to the second document taking the place of the first: field and words, in 1.`minor`.
pub(super) fn after(text: &str, minor: u8) -> Vec<String> {
    let catalog = Catalog::built_in();
    let documents = documents(text);
    let objects: Vec<Object<'_>> =
        documents.iter().filter_map(|document| Object::new(document.root()?, &catalog, "default")).collect();
    let [old, new] = objects.as_slice() else { panic!("two objects") };
    Servers { catalog: &catalog, versions: Versions::one(Version::minor_of(minor)), definitions: None }
        .judge_update(old, new)
        .into_iter()
        .map(|it| format!("{}: {}", it.cause.field.unwrap_or_default(), it.cause.detail))
        .collect()
}

#[test]
fn a_default_that_is_written_out_changes_nothing() {
    let old = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec:\n  accessModes: [ReadWriteOnce]\n  \
               resources: {requests: {storage: 1Gi}}\n";
    let new = old.replace("1Gi", "1024Mi") + "  volumeMode: Filesystem\n";
    assert_eq!(after(&format!("{old}---\n{new}"), 37), Vec::<String>::new());
    let smaller = old.replace("1Gi", "1Mi");
    assert_eq!(
        after(&format!("{old}---\n{smaller}"), 37),
        ["spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"]
    );
    let block = new.replace("Filesystem", "Block");
    let words = "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for \
                 bound claims";
    assert_eq!(
        after(&format!("{old}---\n{block}"), 37),
        [
            &format!(
                "{words}\n@@ -11,7 +11,7 @@\n  }},\n  \"VolumeName\": \"\",\n  \"StorageClassName\": null,\n- \"VolumeMode\": \
                 \"Filesystem\",\n+ \"VolumeMode\": \"Block\",\n  \"DataSource\": null,\n  \"DataSourceRef\": null,\n  \
                 \"VolumeAttributesClassName\": null\n"
            ),
            "volumeMode: Invalid value: \"Block\": field is immutable"
        ]
    );
    assert_eq!(after(&format!("{old}---\n{block}"), 33)[0], words);
}

#[test]
fn defaults_that_depend_on_others_are_written_out() {
    let job = |spec: &str| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: a}}\nspec: {{{spec}template: {{spec: {{restartPolicy: Never, \
             containers: [{{name: a, image: 'b:1'}}]}}}}}}\n"
        )
    };
    let change = |old: &str, new: &str| after(&format!("{}---\n{}", job(old), job(new)), 37);
    assert_eq!(change("", "completions: 1, parallelism: 1, "), Vec::<String>::new());
    assert_eq!(change("completions: 1, ", "parallelism: 1, ").len(), 1);
    assert_eq!(change("completions: 2, ", ""), ["spec.completions: Invalid value: 1: field is immutable"]);
    let set = |claim: &str| {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: a}}\nspec:\n  serviceName: a\n  selector: \
             {{matchLabels: {{a: b}}}}\n  template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{{name: a, image: \
             'b:1'}}]}}}}\n  volumeClaimTemplates:\n  - metadata: {{name: d}}\n    spec: {{accessModes: [ReadWriteOnce], \
             resources: {{requests: {{storage: 1Gi}}}}}}\n{claim}"
        )
    };
    let written = "    status: {phase: Pending}\n    apiVersion: v1\n    kind: PersistentVolumeClaim\n";
    assert_eq!(after(&format!("{}---\n{}", set(""), set(written)), 37), Vec::<String>::new());
}

#[test]
fn data_that_is_frozen() {
    let old = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nimmutable: true\ndata: {a: b}\n";
    let new = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: c}\n";
    assert_eq!(
        after(&format!("{old}---\n{new}"), 37),
        [
            "immutable: Forbidden: field is immutable when `immutable` is set",
            "data: Forbidden: field is immutable when `immutable` is set"
        ]
    );
    assert_eq!(after(&format!("{new}---\n{old}"), 37), Vec::<String>::new());
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nimmutable: true\nstringData: {a: b}\n";
    assert_eq!(
        after(&format!("{secret}---\n{}", secret.replace("a: b", "a: c")), 37),
        ["data: Forbidden: field is immutable when `immutable` is set"]
    );
}

#[test]
fn words_follow_the_version() {
    let class = |provisioner: &str| {
        format!(
            "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: a}}\nprovisioner: {provisioner}\n"
        )
    };
    let both = format!("{}---\n{}", class("a.example/x"), class("b.example/x"));
    assert_eq!(after(&both, 35), ["provisioner: Forbidden: updates to provisioner are forbidden."]);
    assert_eq!(after(&both, 36), ["provisioner: Invalid value: \"b.example/x\": field is immutable"]);
}

#[test]
fn another_name_is_another_object() {
    let of = |name: &str, kind: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: {name}}}\nroleRef: \
             {{apiGroup: rbac.authorization.k8s.io, kind: {kind}, name: r}}\n"
        )
    };
    let changed = after(&format!("{}---\n{}", of("a", "Role"), of("a", "ClusterRole")), 37);
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert!(changed[0].starts_with("roleRef: Invalid value: {"), "{changed:?}");
    assert_eq!(after(&format!("{}---\n{}", of("a", "Role"), of("b", "ClusterRole")), 37), Vec::<String>::new());
}

#[test]
fn a_pod_that_waits_may_be_held_to_more() {
    let pod = |lines: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers: [{{name: a, image: 'b:1'}}]\n  \
             serviceAccountName: x\n  {lines}\n"
        )
    };
    let gated = |labels: &str| pod(&format!("schedulingGates: [{{name: g}}]\n  nodeSelector: {labels}"));
    let old = gated("{a: b}");
    assert_eq!(after(&format!("{old}---\n{}", gated("{a: b, c: d}")), 37), Vec::<String>::new());
    assert_eq!(
        after(&format!("{old}---\n{}", gated("{a: c}")), 37),
        [
            "spec.nodeSelector: Invalid value: {\"a\":\"c\"}: only additions to spec.nodeSelector are allowed (no mutations \
             or deletions)"
        ]
    );
    let said = after(&format!("{}---\n{}", pod("nodeSelector: {a: b}"), pod("nodeSelector: {a: b, c: d}")), 37);
    assert!(said[0].starts_with("spec: Forbidden: pod updates may not change fields other than"), "{said:?}");
    // What is asked of a new pod alone, and what it would be warned of.
    let scheduled = pod("schedulingGates: [{name: g}]\n  nodeName: b\n  hostAliases: [{ip: 1.1.1.1}, {ip: 1.1.1.1}]");
    assert_eq!(after(&format!("{scheduled}---\n{scheduled}"), 37), Vec::<String>::new());
}

#[test]
fn completions_follow_parallelism() {
    let job = |completions: u8, parallelism: u8| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: a}}\nspec:\n  completionMode: Indexed\n  completions: \
             {completions}\n  parallelism: {parallelism}\n  template: {{spec: {{restartPolicy: Never, containers: [{{name: \
             a, image: b}}]}}}}\n"
        )
    };
    assert_eq!(after(&format!("{}---\n{}", job(3, 3), job(4, 4)), 37), Vec::<String>::new());
    assert_eq!(
        after(&format!("{}---\n{}", job(3, 3), job(4, 3)), 37),
        ["spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism"]
    );
}

#[test]
fn a_role_stays_bound() {
    let binding = |role: &str| {
        format!("apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: a}}\nroleRef: {role}\n")
    };
    let old = binding("{apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}");
    assert_eq!(after(&format!("{old}---\n{}", binding("{kind: Role, name: r}")), 37), Vec::<String>::new());
    let both = format!("{old}---\n{}", binding("{kind: Role, name: s}"));
    let shown = r#"roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"s"}"#;
    assert_eq!(after(&both, 36), [format!("{shown}: cannot change roleRef")]);
    assert_eq!(after(&both, 37), [format!("{shown}: field is immutable")]);
}

#[test]
fn a_range_of_services_may_gain_one() {
    let ranges = |list: &str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {{name: a}}\nspec: {{cidrs: [{list}]}}\n"
        )
    };
    let change = |old: &str, new: &str| after(&format!("{}---\n{}", ranges(old), ranges(new)), 37);
    assert_eq!(change("10.9.0.0/16", "10.9.0.0/16, 'fd00::/64'"), Vec::<String>::new());
    assert_eq!(
        change("10.9.0.0/16", "10.8.0.0/16"),
        ["spec.cidrs[0]: Invalid value: \"10.8.0.0/16\": field is immutable"]
    );
    assert_eq!(
        change("10.9.0.0/16, 'fd00::/64'", "10.9.0.0/16"),
        ["spec.cidrs: Invalid value: [\"10.9.0.0/16\"]: field is immutable"]
    );
}

#[test]
fn what_a_load_balancer_was_given_stays() {
    let service = |more: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{type: LoadBalancer, ports: [{{port: 80}}], \
             externalTrafficPolicy: Local{more}}}\n"
        )
    };
    let change = |old: &str, new: &str| after(&format!("{}---\n{}", service(old), service(new)), 37);
    assert_eq!(
        change(", loadBalancerClass: a/b", ""),
        ["spec.loadBalancerClass: Invalid value: null: may not change once set"]
    );
    let port = ", healthCheckNodePort: 30950";
    assert_eq!(change(port, ""), Vec::<String>::new());
    assert_eq!(
        change(port, ", healthCheckNodePort: 30951"),
        ["spec.healthCheckNodePort: Forbidden: field is immutable"]
    );
}

#[test]
fn what_is_declared_is_not_shown() {
    let slice = |of: &str| {
        format!(
            "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {{name: a}}\naddressType: {of}\n\
             endpoints: []\n"
        )
    };
    let both = format!("{}---\n{}", slice("IPv4"), slice("IPv6"));
    assert_eq!(after(&both, 36), ["addressType: Invalid value: \"IPv6\": field is immutable"]);
    assert_eq!(after(&both, 37), ["addressType: Invalid value: null: field is immutable"]);
}

/// The second of these fields in the place of the first, under one name.
fn changed(kind: &str, [old, new]: [&str; 2], minor: u8) -> Vec<String> {
    let object = |fields| format!("{kind}\nmetadata: {{name: a}}\n{fields}\n");
    after(&format!("{}---\n{}", object(old), object(new)), minor)
}

#[test]
fn what_a_node_keeps() {
    let specs = [
        "spec: {podCIDR: 10.0.0.0/24, providerID: x, externalID: e}",
        "spec: {podCIDRs: [10.1.0.0/24], providerID: z}",
    ];
    let provider = |minor| changed("apiVersion: v1\nkind: Node", specs, minor).remove(1);
    let all = changed("apiVersion: v1\nkind: Node", specs, 37);
    assert_eq!(
        all,
        [
            "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid",
            "spec.providerID: Invalid value: null: field cannot be modified once set",
            "spec.externalID: Forbidden: may not be updated",
        ]
    );
    assert_eq!(
        provider(36),
        "spec.providerID: Forbidden: node updates may not change providerID except from \"\" to valid"
    );
}

#[test]
fn what_drivers_keep() {
    let kind = "apiVersion: storage.k8s.io/v1\nkind: CSINode";
    let driver = |fields: &str| format!("spec: {{drivers: [{{name: a.b, nodeID: x{fields}}}]}}");
    let [few, many, other] =
        [", allocatable: {count: 1}", ", allocatable: {count: 2}", ", topologyKeys: [t]"].map(driver);
    assert_eq!(changed(kind, [&few, &many], 37), Vec::<String>::new());
    assert_eq!(changed(kind, [&few, &many], 34).len(), 1);
    assert_eq!(
        changed(kind, [&few, &other], 37),
        ["spec.drivers: Invalid value: \
             {\"Name\":\"a.b\",\"NodeID\":\"x\",\"TopologyKeys\":[\"t\"],\"Allocatable\":null}: field is immutable"]
    );
}

#[test]
fn a_service_loses_what_its_new_type_has_not() {
    let service = |spec: &str| format!("apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{{spec}}}\n");
    let change = |old: &str, new: &str| after(&format!("{}---\n{}", service(old), service(new)), 37);
    let balanced = "loadBalancerClass: a/b, externalTrafficPolicy: Local, healthCheckNodePort: 30955, \
                    allocateLoadBalancerNodePorts: false, ports: [{port: 80, nodePort: 30956}]";
    let of = |kind: &str| format!("type: {kind}, {balanced}");
    assert_eq!(change(&of("LoadBalancer"), &of("ClusterIP")), Vec::<String>::new());
    assert_eq!(change(&of("LoadBalancer"), &of("NodePort")), Vec::<String>::new());
    assert_eq!(
        change("type: NodePort, ports: [{port: 80, nodePort: 30985}]", "ports: [{port: 80, nodePort: 30987}]"),
        ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"]
    );
    let named = "type: ExternalName, externalName: a.b, ipFamilies: [IPv4], ipFamilyPolicy: SingleStack";
    assert_eq!(change("clusterIP: None", named), Vec::<String>::new());
    let unnamed = "type: ExternalName, externalName: a.c";
    assert_eq!(change(unnamed, named).len(), 2);
}

#[test]
fn both_classes_of_an_ingress_agree_at_first_alone() {
    let ingress = |class: &str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: a\n  \
             annotations: {{kubernetes.io/ingress.class: x}}\nspec:\n  \
             {class}defaultBackend: {{service: {{name: a, port: {{number: 1}}}}}}\n"
        )
    };
    let both = format!("{}---\n{}", ingress(""), ingress("ingressClassName: other\n  "));
    assert_eq!(after(&both, 37), Vec::<String>::new());
}

#[test]
fn nothing_and_zero_differ_where_servers_hold_a_pointer() {
    let pod = |container: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers: [{{name: a, image: 'b:1'{container}}}]\n"
        )
    };
    let change = |old: &str, new: &str| after(&format!("{}---\n{}", pod(old), pod(new)), 37).len();
    assert_eq!(change("", ", tty: false, ports: []"), 0);
    assert_eq!(change("", ", securityContext: {}"), 1);
    assert_eq!(change(", securityContext: {}", ", securityContext: {readOnlyRootFilesystem: false}"), 1);
    // What is for features that are off is not there.
    assert_eq!(change("", ", lifecycle: {stopSignal: SIGTERM}"), 0);
    let mount = ", volumeMounts: [{name: v, mountPath: /v";
    let volume = "}]}]\n  volumes: [{name: v";
    assert_eq!(change(&format!("{mount}{volume}"), &format!("{mount}, bindMountOptions: [noexec]{volume}")), 0);
    // A policy that neither says is the server's, whatever the image.
    let of_image = |image: &str, more: &str| pod(more).replace("b:1", image);
    let images = |old: String, new: String| after(&format!("{old}---\n{new}"), 37).len();
    assert_eq!(images(of_image("b:1", ""), of_image("b", "")), 0);
    assert_eq!(images(of_image("b:1", ""), of_image("b:1", ", imagePullPolicy: Always")), 1);
    assert_eq!(images(of_image("b:1", ""), of_image("b:1", ", imagePullPolicy: IfNotPresent")), 0);
}

#[test]
fn nobody_says_of_an_object_that_it_is_being_deleted() {
    let map = |meta: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a{meta}}}\n");
    let change = |meta: &str| after(&format!("{}---\n{}", map(""), map(meta)), 37);
    assert_eq!(change(", generation: -2"), Vec::<String>::new());
    assert_eq!(
        change(", deletionGracePeriodSeconds: 5, deletionTimestamp: '2026-01-01T00:00:00Z'"),
        [
            "metadata.deletionTimestamp: Invalid value: \"2026-01-01T00:00:00Z\": field is immutable",
            "metadata.deletionGracePeriodSeconds: Invalid value: 5: field is immutable",
        ]
    );
}

#[test]
fn what_a_claim_was_made_of() {
    let claim = |meta: &str, spec: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: a{meta}}}\nspec:\n  \
             accessModes: [ReadWriteOnce]\n  resources: {{requests: {{storage: 1Gi}}}}\n{spec}"
        )
    };
    let change = |old: String, new: String| {
        let said = after(&format!("{old}---\n{new}"), 37);
        said.into_iter()
            .filter(|it| !it.contains("deprecated"))
            .map(|it| it.split_once(": ").expect("a field").0.to_owned())
            .collect::<Vec<_>>()
    };
    let none = Vec::<String>::new();
    let plain = || claim("", "");
    // A source that no server knows is dropped, but not from a claim that has one.
    assert_eq!(change(plain(), claim("", "  dataSource: {apiGroup: a.b, kind: C, name: d}\n")), none);
    let snapshot = |name: &str, field: &str| {
        claim("", &format!("  {field}: {{apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: {name}}}\n"))
    };
    assert_eq!(change(snapshot("a", "dataSource"), snapshot("a", "dataSourceRef")), none);
    assert_eq!(change(snapshot("a", "dataSource"), snapshot("b", "dataSource")), ["spec"]);
    assert_eq!(change(plain(), claim("", "  selector: {}\n")), ["spec"]);
    assert_eq!(
        change(plain(), plain().replace("{requests: {storage: 1Gi}}", "{limits: {storage: 2Gi}}")),
        ["spec.resources[storage]", "spec", "spec.resources.requests.storage"]
    );
    // The class may move from the annotation to the field.
    let noted = ", annotations: {volume.beta.kubernetes.io/storage-class: fast}";
    assert_eq!(change(claim(noted, ""), claim("", "  storageClassName: fast\n")), none);
    assert_eq!(
        change(claim(noted, ""), claim("", "  storageClassName: slow\n")),
        ["metadata.annotations.volume.beta.kubernetes.io/storage-class", "spec"]
    );
}

#[test]
fn a_volume_s_labels_may_get_their_new_names() {
    let volume = |key: &str| {
        format!(
            "spec: {{capacity: {{storage: 1Gi}}, accessModes: [ReadWriteOnce], nfs: {{path: /, server: s}}, nodeAffinity: \
             {{required: {{nodeSelectorTerms: [{{matchExpressions: [{{key: {key}, operator: In, values: [a]}}]}}]}}}}}}"
        )
    };
    let kind = "apiVersion: v1\nkind: PersistentVolume";
    let [beta, stable, other] =
        ["failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone", "rack"].map(volume);
    let after = |old: &String, new: &String| {
        let said = changed(kind, [old, new], 37);
        said.iter().filter(|it| it.starts_with("nodeAffinity")).count()
    };
    assert_eq!((after(&beta, &stable), after(&stable, &beta), after(&stable, &other)), (0, 1, 1));
}

#[test]
fn where_the_data_of_a_volume_lies() {
    let volume = |path: &str| {
        format!("spec: {{capacity: {{storage: 1Gi}}, accessModes: [ReadWriteOnce], hostPath: {{path: {path}}}}}")
    };
    assert_eq!(
        changed("apiVersion: v1\nkind: PersistentVolume", [&volume("/a"), &volume("/b")], 37),
        [
            "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n@@ -2,7 +2,7 @@\n  \
          \"GCEPersistentDisk\": null,\n  \"AWSElasticBlockStore\": null,\n  \"HostPath\": {\n-  \"Path\": \"/a\",\n+  \
          \"Path\": \"/b\",\n   \"Type\": \"\"\n  },\n  \"Glusterfs\": null,\n"
        ]
    );
}

#[test]
fn a_service_without_an_address_stays_so() {
    let service = |spec: &str| format!("apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{{spec}}}\n");
    let change = |spec: &str| after(&format!("{}---\n{}", service("clusterIP: None"), service(spec)), 37);
    assert_eq!(change(""), Vec::<String>::new());
    let said = change("type: NodePort, ports: [{port: 80}]");
    assert_eq!(said, ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"]);
}

#[test]
fn a_version_that_was_stored_stays() {
    let definition = |versions: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: ships.sea.example}}\n\
             spec:\n  group: sea.example\n  scope: Namespaced\n  names: {{plural: ships, kind: Ship}}\n  versions: [{versions}]\n"
        )
    };
    let version = |name: &str, storage: bool| {
        format!("{{name: {name}, served: true, storage: {storage}, schema: {{openAPIV3Schema: {{type: object}}}}}}")
    };
    let old = definition(&version("v1beta1", true));
    let both = definition(&format!("{}, {}", version("v1beta1", false), version("v1", true)));
    assert_eq!(after(&format!("{old}---\n{both}"), 37), Vec::<String>::new());
    let said = after(&format!("{old}---\n{}", definition(&version("v1", true))), 37);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("status.storedVersions[0]: Invalid value: \"v1beta1\": missing from spec.versions;"));
}

#[test]
fn what_is_put_back_is_not_judged() {
    let space = "apiVersion: v1\nkind: Namespace";
    assert_eq!(changed(space, ["", "spec: {finalizers: [x]}"], 37), Vec::<String>::new());
    let range = "apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR";
    let specs = ["spec: {cidrs: [10.9.0.0/16]}", "spec: {cidrs: [x]}"];
    assert_eq!(changed(range, specs, 37), ["spec.cidrs[0]: Invalid value: \"x\": field is immutable"]);
}

#[test]
fn a_capability_that_pods_had_may_stay() {
    let deployment = |context: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  selector: {{matchLabels: {{a: b}}}}\n  \
             template:\n    metadata: {{labels: {{a: b}}}}\n    spec: {{containers: [{{name: a, image: 'b:1', \
             securityContext: {{{context}}}}}]}}\n"
        )
    };
    let adds = "capabilities: {add: [CAP_SYS_ADMIN]}";
    let change = |old: &str, minor: u8| {
        let new = deployment(&format!("{adds}, allowPrivilegeEscalation: false"));
        after(&format!("{}---\n{new}", deployment(old)), minor).len()
    };
    assert_eq!((change(adds, 37), change(adds, 36)), (0, 1));
    assert_eq!((change(&format!("{adds}, allowPrivilegeEscalation: true"), 37), change("", 37)), (1, 1));
}

#[test]
fn templates_are_warned_of_where_they_are_new() {
    let deployment = |replicas: u8| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  replicas: {replicas}\n  \
             selector: {{matchLabels: {{a: b}}}}\n  template:\n    metadata: {{labels: {{a: b}}}}\n    \
             spec: {{containers: [{{name: a, image: 'b:1', ports: [{{containerPort: 1}}, {{containerPort: 1}}]}}]}}\n"
        )
    };
    let change = |replicas: u8| after(&format!("{}---\n{}", deployment(1), deployment(replicas)), 37).len();
    assert_eq!((change(1), change(2)), (0, 1));
}

#[test]
fn addresses_that_were_there_may_be_written_as_they_were() {
    let service = |ips: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{ports: [{{port: 80}}], externalIPs: [{ips}]}}\n"
        )
    };
    let change = |old: &str, new: &str| {
        let said = after(&format!("{}---\n{}", service(old), service(new)), 37);
        said.into_iter().filter(|it| it.contains("Invalid")).count()
    };
    assert_eq!(change("010.1.2.3", "010.1.2.3, 10.1.2.4"), 0);
    assert_eq!(change("10.1.2.3", "010.1.2.3"), 1);
    let policy = |cidr: &str| {
        let kind = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\n";
        format!("{kind}spec: {{podSelector: {{}}, ingress: [{{from: [{{ipBlock: {{cidr: {cidr}}}}}]}}]}}\n")
    };
    let change = |old: &str, new: &str| {
        let said = after(&format!("{}---\n{}", policy(old), policy(new)), 37);
        said.into_iter().filter(|it| it.contains("Invalid")).count()
    };
    assert_eq!((change("10.1.2.3/8", "10.1.2.3/8"), change("10.0.0.0/8", "10.1.2.3/8")), (0, 1));
}

#[test]
fn a_template_that_was_wrong_before_may_stay() {
    let set = |replicas: u8, mount: &str| {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: a}}\nspec:\n  replicas: {replicas}\n  serviceName: a\n  \
             selector: {{matchLabels: {{a: b}}}}\n  template:\n    metadata: {{labels: {{a: b}}}}\n    spec: {{containers: \
             [{{name: a, image: 'b:1', volumeMounts: [{{name: {mount}, mountPath: /d}}]}}], volumes: [{{name: d}}]}}\n"
        )
    };
    let change = |old: &str, new: &str| after(&format!("{}---\n{}", set(1, old), set(2, new)), 37).len();
    assert_eq!((change("x", "x"), change("d", "x")), (0, 1));
}

#[test]
fn what_is_deep_or_long_takes_no_longer_for_it() {
    let changed = |text: &str| after(&format!("{text}---\n{}", text.replace("last", "other")), 37).len();
    let head = |kind: &str| format!("apiVersion: {kind}\nmetadata: {{name: a}}\n");
    let deep = format!("data: {}last{}\nrevision: 1\n", "{a: {b: 1}, c: ".repeat(60), "}".repeat(60));
    assert_eq!(changed(&(head("apps/v1\nkind: ControllerRevision") + &deep)), 1);
    let list = |item: &dyn Fn(usize) -> String| (0..20_000).map(item).collect::<String>();
    let data = list(&|at| format!("  k{at}: v\n"));
    assert_eq!(changed(&(head("v1\nkind: ConfigMap") + "immutable: true\ndata:\n" + &data + "  z: last\n")), 1);
    let tolerations = list(&|at| format!("  - {{key: k{at}, operator: Exists}}\n"));
    let pod = "spec:\n  containers: [{name: a, image: b}]\n  tolerations:\n";
    assert_eq!(changed(&(head("v1\nkind: Pod") + pod + &tolerations + "  - {key: last, operator: Exists}\n")), 1);
    let blocks = list(&|at| format!("    - ipBlock: {{cidr: 10.{}.{}.01/32}}\n", at / 200, at % 200));
    let policy = "spec:\n  podSelector: {}\n  ingress:\n  - from:\n";
    // A warning each.
    assert_eq!(changed(&(head("networking.k8s.io/v1\nkind: NetworkPolicy") + policy + &blocks)), 20_000);
}

#[test]
fn a_strategy_that_is_the_default_makes_no_new_deployment() {
    let deployment = |strategy: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  selector: {{matchLabels: {{a: b}}}}\n  \
             template:\n    metadata: {{labels: {{a: b}}}}\n    spec: {{containers: [{{name: a, image: 'b:1', env: [{{name: \
             E}}, {{name: E}}]}}]}}\n{strategy}"
        )
    };
    let change = |strategy: &str| after(&format!("{}---\n{}", deployment(""), deployment(strategy)), 37).len();
    assert_eq!((change(""), change("  strategy: {type: RollingUpdate}\n")), (0, 0));
    assert_eq!(change("  strategy: {type: Recreate}\n"), 1);
}
