//! Files of other programs, by name and by what they say.

use seaworthy_document::{Document, Node};

use seaworthy_source::file_name;

use crate::content::Other;
use crate::object::split_api_version;

/// Groups of configuration files that a program reads from disk: the API server never sees them.
const TOOLS: &[(&str, &str)] = &[
    ("kustomize.config.k8s.io", "a kustomization"),
    ("kubeadm.k8s.io", "kubeadm configuration"),
    ("kubelet.config.k8s.io", "kubelet configuration"),
    ("credentialprovider.kubelet.k8s.io", "kubelet configuration"),
    ("kubeproxy.config.k8s.io", "kube-proxy configuration"),
    ("kubescheduler.config.k8s.io", "scheduler configuration"),
    ("kubecontrollermanager.config.k8s.io", "controller manager configuration"),
    ("apiserver.config.k8s.io", "API server configuration"),
    ("apiserver.k8s.io", "API server configuration"),
    ("audit.k8s.io", "API server configuration"),
    ("pod-security.admission.config.k8s.io", "API server configuration"),
    ("eventratelimit.admission.k8s.io", "API server configuration"),
    ("client.authentication.k8s.io", "configuration of kubectl"),
    ("kubectl.config.k8s.io", "configuration of kubectl"),
    ("kubedebug.k8s.io", "configuration of kubectl"),
    ("krew.googlecontainertools.github.com", "a plugin of krew"),
    ("eksctl.io", "eksctl configuration"),
    ("node.eks.aws", "configuration of an EKS node"),
    ("kops.k8s.io", "kops configuration"),
    ("kops", "kops configuration"),
    ("kind.x-k8s.io", "kind configuration"),
    ("kind.sigs.k8s.io", "kind configuration"),
    ("k3d.io", "k3d configuration"),
    ("k0s.k0sproject.io", "k0s configuration"),
    ("ctlptl.dev", "ctlptl configuration"),
    ("minikube.sigs.k8s.io", "minikube configuration"),
    ("skaffold", "skaffold configuration"),
    ("config.kpt.dev", "kpt configuration"),
    ("kpt.dev", "kpt configuration"),
    ("backstage.io", "a Backstage catalogue entry"),
    ("kuttl.dev", "a test of kuttl"),
    ("chainsaw.kyverno.io", "a test of chainsaw"),
    ("cli.kyverno.io", "a test of kyverno"),
    ("conftest", "configuration of conftest"),
];

/// What keys at the top say of a file without apiVersion and kind: all of them, and what it is then.
const GUESSES: &[(&[&str], &str)] = &[
    (&["services", "version"], "docker-compose"),
    (&["services", "networks"], "docker-compose"),
    (&["services", "volumes"], "docker-compose"),
    (&["jobs", "on"], "a GitHub workflow"),
    (&["jobs", "true"], "a GitHub workflow"),
    (&["jobs", "version"], "CircleCI configuration"),
    (&["jobs", "resources"], "a Concourse pipeline"),
    (&["stages"], "CI configuration"),
    (&["before_script"], "GitLab CI configuration"),
    (&["trigger", "pool"], "an Azure pipeline"),
    (&["pipelines", "image"], "a Bitbucket pipeline"),
    (&["language", "script"], "Travis CI configuration"),
    (&["route", "receivers"], "Alertmanager configuration"),
    (&["scrape_configs"], "Prometheus configuration"),
    (&["global", "rule_files"], "Prometheus configuration"),
    (&["groups"], "Prometheus rules"),
    (&["datasources", "apiVersion"], "Grafana configuration"),
    (&["providers", "apiVersion"], "Grafana configuration"),
    (&["panels", "schemaVersion"], "a Grafana dashboard"),
    (&["AWSTemplateFormatVersion"], "a CloudFormation template"),
    (&["Resources"], "a CloudFormation template"),
    (&["Statement", "Version"], "an AWS policy"),
    (&["openapi", "paths"], "an OpenAPI document"),
    (&["swagger", "paths"], "an OpenAPI document"),
    (&["site_name"], "MkDocs configuration"),
    (&["repos", "default_stages"], "pre-commit configuration"),
    (&["dependencies", "name", "version"], "a package description"),
    (&["builders"], "a Packer template"),
    (&["releases"], "a helmfile"),
    (&["replicaCount"], "Helm values"),
    (&["nameOverride"], "Helm values"),
    (&["fullnameOverride"], "Helm values"),
];

/// True if a file calls itself YAML, or has no name of its own: standard input.
pub(super) fn is_yaml(file: &str) -> bool {
    match ending(file) {
        Some(ending) => ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml"),
        None => file == "-" || file.starts_with('<'),
    }
}

/// The ending of a file's name, without the dot.
pub(super) fn ending(file: &str) -> Option<&str> {
    file_name(file).rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, ending)| ending)
}

/// Files of Terraform, whatever they say, be it in a form that cannot be read: no manifest is called so.
pub(super) fn terraform(document: &Document) -> Option<Other> {
    let is_read = document.root().is_none_or(|it| !it.is_null());
    let what = if is_read { Other::Tool } else { Other::Foreign };
    let name = if is_read { "Terraform" } else { "Terraform, which this build does not read" };
    document.is_terraform().then(|| what(name))
}

/// Keys of etcd's configuration file that no other file has (etcd, `server/embed/config.go`).
const ETCD_KEYS: [&str; 4] =
    ["listen-client-urls", "advertise-client-urls", "client-transport-security", "peer-transport-security"];

/// Configuration files of tools: the API server never sees them, whatever apiVersion they carry.
pub(super) fn tool(file: &str, root: Node<'_>, api_version: &str, kind: &str) -> Option<&'static str> {
    let name = file_name(file);
    let (group, version) = split_api_version(api_version);
    if let Some(&(_, what)) = TOOLS.iter().find(|(it, _)| *it == group && !group.is_empty()) {
        return Some(what);
    }
    let is_local = root.at(["metadata", "annotations", "config.kubernetes.io/local-config"]);
    if is_local.is_some_and(|it| it.text() != "false") {
        return Some("local configuration, never applied");
    }
    let is_typed = !api_version.is_empty() && !kind.is_empty();
    match (version, kind) {
        ("builtin", _) => return Some("configuration of kustomize"),
        (_, "Kustomization") if group.is_empty() => return Some("a kustomization"),
        ("v1", "Config") if root.get("clusters").is_some() || root.get("contexts").is_some() => {
            return Some("a kubeconfig");
        }
        ("v1", "EncryptionConfig") => return Some("API server configuration"),
        ("v1", "Policy") if ["predicates", "priorities", "extenders"].iter().any(|key| root.get(key).is_some()) => {
            return Some("scheduler configuration");
        }
        _ => {}
    }
    if !is_typed && ETCD_KEYS.iter().filter(|key| root.get(key).is_some()).count() > 1 {
        return Some("etcd configuration");
    }
    match name {
        "Chart.yaml" | "Chart.yml" if kind.is_empty() => Some("a Helm chart's Chart.yaml"),
        "requirements.yaml" if root.get("dependencies").is_some() => Some("the requirements of a Helm chart"),
        "kustomization.yaml" | "kustomization.yml" | "Kustomization" if !is_typed => Some("a kustomization"),
        "helmfile.yaml" if !is_typed => Some("a helmfile"),
        _ if !is_typed && is_values(name) => Some("Helm values"),
        _ => None,
    }
}

/// `values.yaml`, `values-prod.yaml`, `prometheus-values.yml`, `values.schema.json`.
fn is_values(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    stem.split(['-', '_']).any(|part| part == "values")
}

/// True for the templates of a Helm chart, which may be a call of another template and no more.
pub(super) fn is_chart_template(file: &str) -> bool {
    is_yaml(file) && file.split(['/', '\\']).any(|folder| folder == "templates")
}

/// Files of build services, by where they lie.
pub(super) fn pipeline(file: &str) -> Option<&'static str> {
    let is_in = |folder: &str| file.starts_with(folder) || file.contains(&format!("/{folder}"));
    if is_in(".github/") {
        Some("a GitHub workflow")
    } else if is_in(".circleci/") {
        Some("CircleCI configuration")
    } else if file_name(file) == ".gitlab-ci.yml" {
        Some("GitLab CI configuration")
    } else {
        None
    }
}

/// True if a line of the text begins with `apiVersion` or `kind`.
pub(super) fn looks_like_manifest(text: &str) -> bool {
    let is_key = |line: &str| {
        let line = line.trim_start_matches(['\u{feff}', ' ', '\t', '{', '"', '\'']);
        let rest = line.strip_prefix("apiVersion").or_else(|| line.strip_prefix("kind"));
        rest.is_some_and(|it| it.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
    };
    text.lines().any(is_key) || text.contains("\"apiVersion\":")
}

/// What a file without apiVersion and kind seems to be.
pub(super) fn guess(root: Node<'_>) -> &'static str {
    let has = |key: &&str| root.entry(key).is_some();
    let by_keys = GUESSES.iter().find(|(keys, _)| keys.iter().all(has)).map(|(_, what)| *what);
    if let Some(what) = by_keys {
        return what;
    }
    let runs_images = |services: Node<'_>| {
        services.entries().any(|entry| entry.value.get("image").is_some() || entry.value.get("build").is_some())
    };
    if root.get("services").is_some_and(runs_images) {
        "docker-compose"
    } else if root.get("image").is_some_and(|it| it.get("repository").is_some() || it.get("tag").is_some()) {
        "Helm values"
    } else {
        "not Kubernetes"
    }
}
