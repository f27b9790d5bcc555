//! One test a class, with the exact text marked, the server's field, reason and words, and the versions.

mod container;
mod custom;
mod definitions;
mod devices;
mod dice;
mod hostile;
mod network;
mod ratcheting;
mod storage;
mod updates;
mod workload;
mod written_out;

use seaworthy_document::{Document, read};
use seaworthy_object::{Catalog, Object, Version, Versions};
use seaworthy_source::Source;

use crate::{Class, Servers};

/// What an answer says, without its borrows.
#[derive(Debug)]
struct Said {
    class: Class,
    marked: String,
    path: String,
    field: String,
    reason: String,
    detail: String,
    versions: String,
    help: String,
}

fn documents(text: &str) -> Vec<Document> {
    read(&Source::new("test.yaml", text))
}

fn judged_in(text: &str, versions: Versions) -> Vec<Said> {
    let catalog = Catalog::built_in();
    let mut said = Vec::new();
    for document in documents(text) {
        let root = document.root().expect("it parses");
        let object = Object::new(root, &catalog, "default").expect("an object");
        said.extend(Servers { catalog: &catalog, versions, definitions: None }.judge(&object).into_iter().map(|it| {
            Said {
                class: it.class,
                marked: text.get(it.at.span.range()).expect("a span of the text").to_owned(),
                path: it.at.path,
                field: it.cause.field.unwrap_or_default(),
                reason: it.cause.reason.unwrap_or_default().into_owned(),
                detail: it.cause.detail,
                versions: it.versions.to_string(),
                help: it.help.unwrap_or_default(),
            }
        }));
    }
    said
}

fn judged(text: &str) -> Vec<Said> {
    judged_in(text, Versions::one(Version::NEWEST))
}

fn one(text: &str) -> Said {
    let mut said = judged(text);
    assert_eq!(said.len(), 1, "{said:#?}");
    said.remove(0)
}

fn details(said: &[Said]) -> Vec<&str> {
    said.iter().map(|it| it.detail.as_str()).collect()
}

/// A pod whose container holds these lines.
fn pod(lines: &str) -> String {
    let lines = lines.replace('\n', "\n    ");
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\n\
         spec:\n  containers:\n  - name: web\n    image: a\n    {lines}\n"
    )
}

/// A config map with this metadata.
fn map(metadata: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {metadata}\n")
}

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports: [{name: http, containerPort: 80}]
        resources: {requests: {cpu: 100m, memory: 64Mi}}
";

#[test]
fn what_is_right_gets_no_answer() {
    for versions in [Versions::one(Version::NEWEST), Versions::ALL] {
        assert!(judged_in(DEPLOYMENT, versions).is_empty());
        assert!(judged_in(&pod("env: [{name: A, value: null}]\nstdin: null"), versions).is_empty());
    }
    assert!(judged_in(DEPLOYMENT, Versions::NONE).is_empty());
}

#[test]
fn an_unknown_field_is_marked_by_its_key() {
    let said = one(&pod("imagePullPolicyy: Always"));
    assert_eq!(
        (said.class, said.marked.as_str(), said.reason.as_str()),
        (Class::UnknownField, "imagePullPolicyy", "BadRequest")
    );
    assert_eq!(said.field, "spec.containers[0].imagePullPolicyy");
    assert_eq!(said.path, said.field);
    assert_eq!(said.detail, "unknown field \"spec.containers[0].imagePullPolicyy\"");
    assert_eq!(said.help, "did you mean `imagePullPolicy`?");
}

#[test]
fn case_matters_and_every_unknown_field_is_told() {
    let said = judged(&pod("Image: b\nenvs: []"));
    assert_eq!(
        details(&said),
        ["unknown field \"spec.containers[0].Image\"", "unknown field \"spec.containers[0].envs\""]
    );
    assert_eq!(said[0].help, "did you mean `image`?");
    // Even null does not hide a key.
    assert_eq!(one(&map("{name: a, lables: null}")).detail, "unknown field \"metadata.lables\"");
}

#[test]
fn a_field_one_level_off_is_told_where_it_belongs() {
    let text = DEPLOYMENT
        .replace("  replicas: 2\n", "")
        .replace("metadata: {name: web}\n", "metadata: {name: web, replicas: 2}\n");
    let said = one(&text);
    assert_eq!((said.marked.as_str(), said.detail.as_str()), ("replicas", "unknown field \"metadata.replicas\""));
    let said = one(&DEPLOYMENT.replace("    spec:\n", "    containers: []\n    spec:\n"));
    assert_eq!(said.help, "`containers` belongs in `spec.template.spec`");
    let said = one(&DEPLOYMENT.replace("      - name: web\n", "      - name: web\n        nodeSelector: {a: b}\n"));
    assert_eq!(said.help, "`nodeSelector` belongs in `spec.template.spec`");
}

#[test]
fn a_field_of_other_versions_is_unknown_in_these_alone() {
    let text = DEPLOYMENT.replace("    spec:\n", "    spec:\n      hostUsers: false\n");
    let versions: Versions = [24, 25, 37].map(Version::minor_of).into_iter().collect();
    let said = judged_in(&text, versions);
    assert_eq!(details(&said), ["unknown field \"spec.template.spec.hostUsers\""]);
    assert_eq!((said[0].versions.as_str(), said[0].help.as_str()), ("1.24", "Kubernetes has `hostUsers` from 1.25 on"));
}

#[test]
fn a_wrong_type_is_told_in_go_s_words() {
    for (lines, marked, field, detail) in [
        (
            "stdin: yes please",
            "yes please",
            "stdin",
            "string into Go struct field Container.spec.containers.stdin of type bool",
        ),
        (
            "workingDir: 8080",
            "8080",
            "workingDir",
            "number into Go struct field Container.spec.containers.workingDir of type string",
        ),
        (
            "env: [{name: A, value: yes}]",
            "yes",
            "env[0].value",
            "bool into Go struct field EnvVar.spec.containers.env.value of type string",
        ),
        (
            "ports: [{containerPort: '80'}]",
            "'80'",
            "ports[0].containerPort",
            "string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
        ),
        (
            "ports: [{containerPort: 8.5}]",
            "8.5",
            "ports[0].containerPort",
            "number 8.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
        ),
        (
            "ports: [{containerPort: 2147483648}]",
            "2147483648",
            "ports[0].containerPort",
            "number 2147483648 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
        ),
        (
            "command: sleep",
            "sleep",
            "command",
            "string into Go struct field Container.spec.containers.command of type []string",
        ),
        (
            "ports: {containerPort: 80}",
            "ports",
            "ports",
            "object into Go struct field Container.spec.containers.ports of type []v1.ContainerPort",
        ),
        (
            "envFrom: [{configMapRef: {name: 1}}]",
            "1",
            "envFrom[0].configMapRef.name",
            "number into Go struct field ConfigMapEnvSource.spec.containers.envFrom.configMapRef.\
             LocalObjectReference.name of type string",
        ),
        (
            "livenessProbe: {httpGet: {port: [1]}}",
            "port",
            "livenessProbe.httpGet.port",
            "array into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.\
             httpGet.port of type int32",
        ),
    ] {
        let said = one(&pod(lines));
        assert_eq!(said.class, Class::WrongType, "{lines}");
        assert_eq!(said.marked, marked, "{lines}");
        assert_eq!(said.field, format!("spec.containers[0].{field}"));
        assert_eq!(said.detail, format!("json: cannot unmarshal {detail}"));
        assert_eq!(said.reason, "BadRequest");
    }
}

#[test]
fn numbers_without_a_fraction_are_whole() {
    assert!(judged(&pod("ports: [{containerPort: 80.0}]")).is_empty());
    assert!(judged(&pod("ports: [{containerPort: 8e1}]")).is_empty());
}

#[test]
fn values_that_do_not_parse() {
    let said = one(&pod("resources: {limits: {memory: 1GB}}"));
    assert_eq!((said.marked.as_str(), said.field.as_str()), ("1GB", "spec.containers[0].resources.limits.memory"));
    assert!(said.detail.starts_with("quantities must match the regular expression"), "{}", said.detail);
    let said = one(&map("{name: a, creationTimestamp: soon}"));
    assert!(said.detail.ends_with("cannot parse \"soon\" as \"2006\""), "{}", said.detail);
    let said = one("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {password: hunter}\n");
    assert_eq!(said.detail, "illegal base64 data at input byte 4");
    assert_eq!(said.help, "the value must be in base64; `stringData` takes plain text");
}

#[test]
fn quotes_too_many_or_too_few() {
    assert_eq!(one(&pod("stdin: 'true'")).help, "drop the quotes: `true`");
    assert_eq!(one(&pod("env: [{name: A, value: on}]")).help, "quote it: `\"on\"`");
    assert_eq!(one(&pod("env: [{name: A, value: 0123}]")).help, "quote it: `\"0123\"`");
    assert_eq!(one(&pod("ports: [{containerPort: \"80\"}]")).help, "drop the quotes: `80`");
}

#[test]
fn what_the_server_reports_first_comes_first() {
    let said = judged(&pod("bogus: 1\nstdin: 1\nresources: {limits: {memory: lots}}"));
    let classes: Vec<_> = said.iter().map(|it| it.marked.as_str()).collect();
    assert_eq!(classes, ["lots", "1", "bogus"]);
    // What does not decode is not validated.
    assert!(judged(&pod("bogus: 1").replace("image: a", "image: ''")).len() == 1);
}

#[test]
fn a_schema_in_a_list_of_schemas_is_not_decoded_strictly() {
    let crd = |schema: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: ships.sea.io}}\n\
             spec:\n  group: sea.io\n  scope: Namespaced\n  names: {{kind: Ship, plural: ships}}\n  \
             versions:\n  - name: v1\n    served: true\n    storage: true\n    \
             schema:\n      openAPIV3Schema:\n        type: object\n        {schema}\n"
        )
    };
    let path = "spec.versions[0].schema.openAPIV3Schema";
    assert_eq!(one(&crd("tpye: object")).field, format!("{path}.tpye"));
    let said = judged(&crd("properties: {a: {type: array, items: {type: string, tpye: string}}}"));
    assert!(said.is_empty(), "{said:#?}");
    let said = one(&crd("properties: {a: {type: array, items: {tpye: string}}}"));
    assert_eq!(said.detail, "Required value: must not be empty for specified array items");
    let said = one(&crd("properties: {a: {type: array, items: {type: 1}}}"));
    assert_eq!(said.field, format!("{path}.properties.a.items.type"));
    assert!(judged(&crd("properties: {a: {type: object, additionalProperties: true, default: {x: [1]}}}")).is_empty());
}

#[test]
fn a_missing_field_is_marked_at_its_parent() {
    let said = one(&pod("ports: [{name: http}]"));
    assert_eq!((said.class, said.reason.as_str()), (Class::MissingField, "FieldValueRequired"));
    assert_eq!(
        (said.field.as_str(), said.detail.as_str()),
        ("spec.containers[0].ports[0].containerPort", "Required value")
    );
    assert_eq!((said.path.as_str(), said.marked.as_str()), ("spec.containers[0].ports[0].containerPort", "http"));
    // A zero value is as good as none.
    let said = one(&pod("").replace("image: a", "image: ''"));
    assert_eq!((said.field.as_str(), said.marked.as_str()), ("spec.containers[0].image", "''"));
    // An absent struct is an empty one.
    let said = one("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n");
    assert_eq!(said.field, "spec.containers");
}

#[test]
fn a_value_that_is_not_supported() {
    let said = one(&pod("imagePullPolicy: Allways"));
    assert_eq!((said.class, said.reason.as_str()), (Class::UnsupportedValue, "FieldValueNotSupported"));
    assert_eq!((said.marked.as_str(), said.field.as_str()), ("Allways", "spec.containers[0].imagePullPolicy"));
    assert_eq!(
        said.detail,
        "Unsupported value: \"Allways\": supported values: \"Always\", \"IfNotPresent\", \"Never\""
    );
    assert_eq!(said.help, "did you mean `Always`?");
}

#[test]
fn names_that_stand_twice() {
    let said =
        one(&pod("").replace("spec:\n", "spec:\n  volumes: [{name: a, emptyDir: {}}, {name: a, emptyDir: {}}]\n"));
    assert_eq!((said.class, said.reason.as_str()), (Class::DuplicateValue, "FieldValueDuplicate"));
    assert_eq!((said.field.as_str(), said.detail.as_str()), ("spec.volumes[1].name", "Duplicate value: \"a\""));
    let said = one(&pod("").replace("spec:\n", "spec:\n  initContainers: [{name: web, image: b}]\n"));
    assert_eq!(said.field, "spec.initContainers[0].name");
}

#[test]
fn names_of_objects() {
    let said = one(&map("{labels: {a: b}}"));
    assert_eq!((said.field.as_str(), said.marked.as_str()), ("metadata.name", "metadata"));
    assert_eq!(said.detail, "Required value: name or generateName is required");
    assert_eq!(one("apiVersion: v1\nkind: ConfigMap\n").path, "metadata.name");
    assert!(judged(&map("{generateName: web-}")).is_empty());
    let said = one(&map("{name: Web}"));
    assert_eq!((said.class, said.marked.as_str()), (Class::InvalidValue, "Web"));
    assert!(said.detail.starts_with("Invalid value: \"Web\": a lowercase RFC 1123 subdomain must"), "{}", said.detail);
    assert!(judged(&map("{name: Web, generateName: Web-}").replace("ConfigMap", "ServiceAccount")).len() == 2);
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: 'system:Web'}\n";
    assert!(judged(role).is_empty());
    assert_eq!(one(&role.replace("system:", "a/")).detail, "Invalid value: \"a/Web\": may not contain '/'");
}

#[test]
fn a_service_may_begin_with_a_digit_since_1_36() {
    let text = "apiVersion: v1\nkind: Service\nmetadata: {name: 2web}\nspec: {ports: [{port: 80}]}\n";
    let said = judged_in(text, Versions::since(Version::minor_of(30)));
    assert_eq!(said.len(), 1, "{said:#?}");
    assert_eq!(said[0].versions, "1.30-1.35");
    assert!(said[0].detail.contains("a DNS-1035 label must"));
}

#[test]
fn labels_annotations_and_finalizers() {
    let said = judged(&map("{name: a, labels: {-a: b, c: 'd e'}, annotations: {X/y: z, 'x y': z}, finalizers: [f]}"));
    let fields: Vec<_> = said.iter().map(|it| (it.field.as_str(), it.marked.as_str())).collect();
    assert_eq!(
        fields,
        [
            ("metadata.labels", "-a"),
            ("metadata.labels", "'d e'"),
            ("metadata.annotations", "'x y'"),
            ("metadata.finalizers[0]", "f")
        ]
    );
    let said = one(&DEPLOYMENT.replace("labels: {app: web}", "labels: {app: web, b: 'a b'}"));
    assert_eq!((said.field.as_str(), said.path.as_str()), ("spec.template.labels", "spec.template.metadata.labels.b"));
}

#[test]
fn words_of_several_versions_are_several_answers() {
    let text = map(&format!("{{name: a, labels: {{{}: b}}}}", "k".repeat(64)));
    let said = judged_in(&text, Versions::since(Version::minor_of(33)));
    let versions: Vec<_> =
        said.iter().map(|it| (it.versions.as_str(), it.detail.rsplit(' ').next().unwrap())).collect();
    assert_eq!(versions, [("1.35-1.37", "bytes"), ("1.33-1.34", "characters")]);
}

#[test]
fn selectors() {
    let text = |requirement: &str| {
        format!(
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: a}}\nspec:\n  minAvailable: 1\n  \
             selector: {{matchExpressions: [{{key: app, {requirement}}}]}}\n"
        )
    };
    let path = "spec.selector.matchExpressions[0]";
    assert!(judged(&text("operator: In, values: [a]")).is_empty());
    for (requirement, field, detail) in [
        ("operator: in, values: [a]", "operator", "Invalid value: \"in\": not a valid selector operator"),
        ("operator: In", "values", "Required value: must be specified when `operator` is 'In' or 'NotIn'"),
        (
            "operator: Exists, values: [a]",
            "values",
            "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        ),
    ] {
        let said = one(&text(requirement));
        assert_eq!((said.field, said.detail.as_str()), (format!("{path}.{field}"), detail));
    }
}

#[test]
fn fields_that_hold_names() {
    for (lines, field, words) in [
        ("envFrom: [{secretRef: {name: My_Secret}}]", "envFrom[0].secretRef.name", "RFC 1123 subdomain"),
        (
            "env: [{name: A, valueFrom: {configMapKeyRef: {key: a}}}]",
            "env[0].valueFrom.configMapKeyRef.name",
            "subdomain",
        ),
        (
            "env: [{name: A, valueFrom: {secretKeyRef: {name: a, key: a/b}}}]",
            "env[0].valueFrom.secretKeyRef.key",
            "config key",
        ),
    ] {
        let said = one(&pod(lines));
        assert_eq!((said.class, said.field), (Class::InvalidValue, format!("spec.containers[0].{field}")));
        assert!(said.detail.contains(words), "{}", said.detail);
    }
    let said = one(&pod("").replace("- name: web", "- name: Web"));
    assert!(said.detail.starts_with("Invalid value: \"Web\": a lowercase RFC 1123 label must"), "{}", said.detail);
    let said = one(&pod("").replace("spec:\n", "spec:\n  nodeSelector: {disk: 's s d'}\n"));
    assert_eq!((said.field.as_str(), said.marked.as_str()), ("spec.nodeSelector", "'s s d'"));
}

#[test]
fn a_stateful_set_s_templates_are_validated_since_1_34() {
    let text = DEPLOYMENT.replace("Deployment", "StatefulSet").replace("image: nginx:1.27", "image: ''");
    let said = judged_in(&text, Versions::since(Version::minor_of(30)));
    assert_eq!((said.len(), said[0].versions.as_str()), (1, "1.34-1.37"), "{said:#?}");
}

#[test]
fn a_claim_asks_for_storage() {
    let said =
        one("apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec: {accessModes: [ReadWriteOnce]}\n");
    assert_eq!(
        (said.field.as_str(), said.path.as_str()),
        ("spec.resources[storage]", "spec.resources.requests.storage")
    );
}

#[test]
fn kinds_that_do_not_exist() {
    for (api_version, kind, marked, help) in [
        ("apps/v1", "Deploymnet", "Deploymnet", "did you mean `Deployment`?"),
        ("v1", "Deployment", "v1", "Deployment is in apps/v1"),
        ("apps/v3", "Deployment", "apps/v3", "Deployment is in apps/v1"),
        (
            "rbac.authorisation.k8s.io/v1",
            "Role",
            "rbac.authorisation.k8s.io/v1",
            "did you mean `rbac.authorization.k8s.io/v1`?",
        ),
        ("app/v1", "Deployment", "app/v1", "did you mean `apps/v1`?"),
        ("v1", "Ingres", "Ingres", "did you mean `Ingress` (networking.k8s.io/v1)?"),
        ("autoscaling/v1", "Scale", "Scale", "no server takes a Scale by itself: it is a part of other requests"),
    ] {
        let said = one(&format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\n"));
        assert_eq!((said.class, said.reason.as_str()), (Class::UnknownKind, "BadRequest"), "{kind}");
        assert_eq!((said.marked.as_str(), said.help.as_str()), (marked, help));
        assert_eq!(said.detail, format!("no matches for kind \"{kind}\" in version \"{api_version}\""));
        assert_eq!(said.field, "");
    }
}

#[test]
fn foreign_groups_are_not_judged() {
    for api_version in ["argoproj.io/v1alpha1", "networking.x-k8s.io/v1", "autoscaling.k8s.io/v1", "apps.kruise.io/v1"]
    {
        assert!(judged(&format!("apiVersion: {api_version}\nkind: Thing\nbogus: 1\n")).is_empty(), "{api_version}");
    }
}

#[test]
fn removed_and_deprecated_apis() {
    let text = "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a}\n";
    let said = judged_in(text, [18, 21, 22, 37].map(Version::minor_of).into_iter().collect());
    let removed = said.iter().find(|it| it.class == Class::RemovedApi).expect("removed");
    assert_eq!((removed.marked.as_str(), removed.versions.as_str()), ("extensions/v1beta1", "1.22, 1.37"));
    assert_eq!(removed.help, "use networking.k8s.io/v1");
    assert_eq!(removed.detail, "no matches for kind \"Ingress\" in version \"extensions/v1beta1\"");
    let deprecated = said.iter().find(|it| it.class == Class::DeprecatedApi).expect("deprecated");
    assert_eq!((deprecated.versions.as_str(), deprecated.reason.as_str()), ("1.18, 1.21", ""));
    assert!(deprecated.detail.starts_with("extensions/v1beta1 Ingress is deprecated in v1.14+"));
}

#[test]
fn what_has_no_successor_gets_no_advice() {
    let said = one("apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: a}\n");
    assert_eq!((said.class, said.help.as_str()), (Class::RemovedApi, ""));
}

#[test]
fn kinds_that_are_not_served_by_default_or_not_yet() {
    let said = one(
        "apiVersion: admissionregistration.k8s.io/v1alpha1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: a}\n",
    );
    assert_eq!(said.class, Class::RemovedApi, "{said:#?}");
    let text = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec: {}\n";
    let said = judged_in(text, Versions::one(Version::minor_of(20)));
    assert_eq!((said.len(), said[0].class), (1, Class::UnknownKind), "{said:#?}");
    assert_eq!(said[0].help, "Kubernetes has batch/v1 CronJob from 1.21 on");
}

/// `cargo test --release -p seaworthy-apiserver -- --ignored --nocapture cost` prints what an object costs.
#[test]
#[ignore = "a measurement"]
fn cost() {
    let catalog = Catalog::built_in();
    let documents = documents(DEPLOYMENT);
    let object = Object::new(documents[0].root().expect("it parses"), &catalog, "default").expect("an object");
    for versions in [Versions::one(Version::NEWEST), Versions::ALL] {
        let round = |_| {
            let start = std::time::Instant::now();
            let servers = Servers { catalog: &catalog, versions, definitions: None };
            (0..1000).for_each(|_| assert!(servers.judge(&object).is_empty()));
            start.elapsed() / 1000
        };
        println!("a Deployment in {versions}: {:?}", (0..20).map(round).min());
    }
}
