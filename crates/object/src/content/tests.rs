use seaworthy_document::read;
use seaworthy_source::Source;

use super::*;

/// What the first document of a file is, in one word.
fn is(file: &str, text: &str) -> String {
    let documents = read(&Source::new(file, text));
    match contents(&documents[0], file, &Catalog::built_in(), "default") {
        Content::Manifest(manifest) => format!("{} objects", manifest.objects.len()),
        Content::Fleet(_) => "fleet".to_owned(),
        Content::Policy(_) => "policy".to_owned(),
        Content::Other(other @ (Other::Tool(_) | Other::Foreign(_))) => other.why().to_owned(),
        Content::Other(other) => format!("{other:?}"),
    }
}

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";

#[test]
fn manifests_and_lists() {
    assert_eq!(is("a.yaml", SERVICE), "1 objects");
    let list = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n- {kind: Pod}\n";
    assert_eq!(is("a.yaml", list), "1 objects");
    assert_eq!(is("a.yaml", "apiVersion: seaworthy/v1alpha1\nkind: Fleet\n"), "fleet");
}

#[test]
fn types_are_missed_where_an_object_is() {
    for text in [
        "kind: Service\nmetadata: {name: web}\n",
        "apiVersion: apps/v1\nfoo: bar\n",
        "apiVersion:\nkind: Pod\n",
        "metadata: {name: web}\nspec: {replicas: 1}\n",
        "metadata: {name: web}\ndata: {a: b}\n",
        "apiVersion:v1\nkind:Pod\n",
        "- apiVersion: v1\n  kind: Pod\n",
        "kind: Role\nmetadata: {name: web}\nrules: []\n",
    ] {
        assert_eq!(is("a.yaml", text), "TypeMissing", "{text}");
    }
    for text in ["spec: {template: {}}\n", "spec: {containers: []}\n", "containers:\n- {name: a, image: b}\n"] {
        assert_eq!(is("a.yaml", text), "Fragment", "{text}");
    }
    for (text, what) in [
        ("kind: pipeline\nname: default\nsteps: []\n", "not Kubernetes"),
        ("apiVersion: 1\ndatasources: []\n", "Grafana configuration"),
        ("route: {}\nreceivers: []\n", "Alertmanager configuration"),
        ("spec: {path: a}\n", "not Kubernetes"),
        ("services: {web: {image: nginx}}\n", "docker-compose"),
    ] {
        assert_eq!(is("a.yaml", text), what, "{text}");
    }
}

#[test]
fn files_of_tools_are_known_by_name_and_group() {
    for (file, text, what) in [
        ("chart/values-prod.yaml", "spec: {containers: []}\n", "Helm values"),
        ("prometheus-values.yaml", "server: {}\n", "Helm values"),
        ("chart/Chart.yaml", "apiVersion: v2\nname: web\n", "a Helm chart's Chart.yaml"),
        ("kustomization.yaml", "resources: []\n", "a kustomization"),
        ("a.yaml", "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n", "kind configuration"),
        (".github/workflows/a.yml", "on: push\njobs: {}\n", "a GitHub workflow"),
        ("x/.github/a.yml", "a: b: c\n", "a GitHub workflow"),
    ] {
        assert_eq!(is(file, text), what, "{file}");
    }
}

#[test]
fn marks_are_told_from_text_that_programs_read() {
    let named = |name: &str| format!("apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\n");
    for text in [
        named("\"{{ .Release.Name }}\""),
        named("${NAME}"),
        format!("{SERVICE}spec: {{ports: [{{port: \"${{PORT}}\"}}]}}\n"),
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: a:${TAG}\n".to_owned(),
        "{{- if .Values.on }}\napiVersion: v1\n{{- end }}\n".to_owned(),
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .x }}\n".to_owned(),
    ] {
        assert_eq!(is("a.yaml", &text), "Template", "{text}");
    }
    for text in [
        named("$(NAME)"),
        format!("{SERVICE}  \n").replace("web}", "web, annotations: {a: \"{{ x }}\"}}"),
        "apiVersion: v1\nkind: ConfigMap\ndata: {a: \"{{ .x }} ${b}\"}\n".to_owned(),
        "apiVersion: v1\nkind: Pod\nspec: {containers: [{args: [\"${x}\"]}]}\n".to_owned(),
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nparameters: {a: \"${pvc.name}\"}\n".to_owned(),
        "apiVersion: argoproj.io/v1\nkind: Workflow\nspec: {image: \"{{inputs.image}}\"}\n".to_owned(),
    ] {
        assert_eq!(is("a.yaml", &text), "1 objects", "{text}");
    }
    let class = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nparameters: {zones: \"${REGION}a\"}\n";
    assert_eq!(is("storage.tpl", class), "Template");
    let call = "{{ include \"common.deployment\" . }}\n";
    assert_eq!(is("chart/templates/web.yaml", call), "Template");
    assert_eq!(is("cookiecutter/web.yaml", call), "a template, not of a manifest");
    assert_eq!(is("_helpers.tpl", "{{- define \"x\" }}\n{{- end }}\n"), "a template, not of a manifest");
}

#[test]
fn broken_text_is_ours_if_it_says_so() {
    assert_eq!(is("a.yaml", "a: b: c\n"), "Broken");
    assert_eq!(is("-", "a: b: c\n"), "Broken");
    assert_eq!(is("a.json", "{\"a\" 1}\n"), "not Kubernetes");
    assert_eq!(is("a.json", "{\"apiVersion\": \"v1\" 1}\n"), "Broken");
    assert_eq!(is("nginx.conf", "server {\n  a: b: c\n}\n"), "not Kubernetes");
    let alerts = "kind: ConfigMap\ndata:\n  a: |\n    {{ range . }}\n    {{ end }}\n  b: \"{{ x }}\"\n c: d\n";
    assert_eq!(is("a.yaml", alerts), "Broken");
}
