//! What a document holds: objects of Kubernetes, or something else that is recognised for what it is.

use seaworthy_document::{Document, Node};

use crate::catalog::Catalog;
use crate::object::{Object, split_api_version};

/// What one document holds.
#[derive(Debug, Clone)]
pub enum Content<'a> {
    /// Objects: one, or the items of a `List`.
    Manifest(Manifest<'a>),
    /// Our own Fleet document.
    Fleet(Object<'a>),
    /// Something else.
    Other(Other),
}

/// The objects of a document.
#[derive(Debug, Clone)]
pub struct Manifest<'a> {
    /// The object, or the items of the list.
    pub objects: Vec<Object<'a>>,
    /// The list that holds them, if it is one.
    pub list: Option<Object<'a>>,
    /// Items of the list that say neither apiVersion nor kind.
    pub untyped: Vec<Node<'a>>,
}

/// What a document is, if it holds no object of Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Other {
    /// It cannot be read; its objects are unknown.
    Broken,
    /// It holds marks that a template engine has yet to fill.
    Template,
    /// It is an object but for a missing `apiVersion` or `kind`.
    TypeMissing,
    /// It has parts of an object, but neither `apiVersion` nor `kind`.
    Fragment,
    /// A configuration of a tool that the API server never sees: which.
    Tool(&'static str),
    /// Not Kubernetes: what it seems to be.
    Foreign(&'static str),
}

impl Other {
    /// Why nothing of it is checked, for the list of what was skipped.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Other::Broken => "it cannot be read",
            Other::Template => "a template that is not rendered",
            Other::TypeMissing => "no apiVersion or kind",
            Other::Fragment => "a fragment of a manifest",
            Other::Tool(what) | Other::Foreign(what) => what,
        }
    }
}

/// Looks at a document and says what it holds. `file` is its name: `values.yaml` and `Chart.yaml` mean something.
#[must_use]
pub fn contents<'a>(document: &'a Document, file: &str, catalog: &Catalog, default_namespace: &'a str) -> Content<'a> {
    let Some(root) = document.root() else {
        return Content::Other(if has_template_marks(document.text()) { Other::Template } else { Other::Broken });
    };
    let text_of = |key: &str| root.get(key).and_then(|it| it.as_str()).unwrap_or("");
    let (api_version, kind) = (text_of("apiVersion"), text_of("kind"));
    if (split_api_version(api_version).0, kind) == ("seaworthy", "Fleet") {
        return Object::new(root, catalog, default_namespace)
            .map_or(Content::Other(Other::TypeMissing), Content::Fleet);
    }
    if let Some(other) = configuration(file, root, api_version, kind) {
        return Content::Other(other);
    }
    if is_templated(root) {
        return Content::Other(Other::Template);
    }
    let Some(object) = Object::new(root, catalog, default_namespace) else {
        return Content::Other(untyped(root, !api_version.is_empty() || !kind.is_empty()));
    };
    let items = root.get("items").filter(|items| items.is_sequence());
    let Some(items) = items.filter(|_| kind.ends_with("List")) else {
        return Content::Manifest(Manifest { objects: vec![object], list: None, untyped: Vec::new() });
    };
    let mut manifest = Manifest { objects: Vec::new(), list: Some(object), untyped: Vec::new() };
    for item in items.items() {
        match Object::new(item, catalog, default_namespace) {
            Some(object) => manifest.objects.push(object),
            None => manifest.untyped.push(item),
        }
    }
    Content::Manifest(manifest)
}

/// True for `{{ … }}` of Helm and its kin.
#[must_use]
pub fn has_template_marks(text: &str) -> bool {
    text.find("{{").is_some_and(|at| text.get(at..).is_some_and(|rest| rest.contains("}}")))
}

/// True if a place that names the object holds a mark of a template engine.
fn is_templated(root: Node<'_>) -> bool {
    let marked = |node: Node<'_>| {
        let text = node.text();
        has_template_marks(text) || text.contains("${") || text.contains("<%")
    };
    let metadata = root.get("metadata");
    let named = ["name", "namespace"].into_iter().filter_map(|key| metadata.and_then(|it| it.get(key)));
    ["apiVersion", "kind"].into_iter().filter_map(|key| root.get(key)).chain(named).any(marked)
}

fn untyped(root: Node<'_>, has_one: bool) -> Other {
    let is_object = |key: &str| root.get(key).is_some_and(|it| it.is_mapping());
    if !root.is_mapping() {
        return Other::Foreign(if root.is_sequence() {
            "a list, not Kubernetes"
        } else {
            "plain text, not Kubernetes"
        });
    }
    if has_one && (is_object("metadata") || is_object("spec") || is_object("data")) {
        return Other::TypeMissing;
    }
    let named = root.get("metadata").is_some_and(|it| it.get("name").is_some());
    let in_spec = |key: &str| root.get("spec").is_some_and(|spec| spec.get(key).is_some());
    if named && (is_object("spec") || is_object("data") || is_object("stringData") || root.get("rules").is_some()) {
        return Other::TypeMissing;
    }
    if in_spec("containers") || in_spec("template") {
        return Other::Fragment;
    }
    Other::Foreign(guess(root))
}

/// Configuration files of tools: the API server never sees them, whatever apiVersion they carry.
fn configuration(file: &str, root: Node<'_>, api_version: &str, kind: &str) -> Option<Other> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let (group, _) = split_api_version(api_version);
    let has_type = !api_version.is_empty() && !kind.is_empty();
    let tool = match (group, kind) {
        ("seaworthy", _) => "a document of Seaworthy",
        ("kustomize.config.k8s.io", _) | ("", "Kustomization") => "a kustomization",
        ("", "Config") if root.get("clusters").is_some() || root.get("contexts").is_some() => "a kubeconfig",
        ("kubeadm.k8s.io", _) => "kubeadm configuration",
        ("kubelet.config.k8s.io", _) => "kubelet configuration",
        ("kubeproxy.config.k8s.io", _) => "kube-proxy configuration",
        ("kubescheduler.config.k8s.io", _) => "scheduler configuration",
        ("apiserver.config.k8s.io" | "audit.k8s.io", _) => "API server configuration",
        ("eksctl.io", _) => "eksctl configuration",
        ("kops.k8s.io" | "kops", _) => "kops configuration",
        ("kind.x-k8s.io" | "kind.sigs.k8s.io", _) => "kind configuration",
        ("k3d.io", _) => "k3d configuration",
        ("skaffold", _) => "skaffold configuration",
        ("minikube.sigs.k8s.io", _) => "minikube configuration",
        ("backstage.io", _) => "a Backstage catalogue entry",
        _ if name == "Chart.yaml" || name == "Chart.yml" => "a Helm chart's Chart.yaml",
        _ if matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization") => "a kustomization",
        _ if !has_type && name.starts_with("values") => "Helm values",
        _ => return None,
    };
    Some(Other::Tool(tool))
}

/// What a file without apiVersion and kind seems to be.
fn guess(root: Node<'_>) -> &'static str {
    let has = |key: &str| root.entry(key).is_some();
    if has("services")
        && (has("version") || has("networks") || has("volumes") || root.get("services").is_some_and(is_compose))
    {
        "docker-compose"
    } else if has("jobs") && (has("on") || has("true")) {
        "a GitHub workflow"
    } else if has("jobs") && has("version") {
        "CircleCI configuration"
    } else if has("stages") || has("before_script") {
        "GitLab CI configuration"
    } else if has("route") && has("receivers") {
        "Alertmanager configuration"
    } else if has("scrape_configs") || has("global") && has("rule_files") {
        "Prometheus configuration"
    } else if has("groups") && root.get("groups").is_some_and(|it| it.is_sequence()) {
        "Prometheus rules"
    } else if has("AWSTemplateFormatVersion") || has("Resources") {
        "a CloudFormation template"
    } else if has("image") && root.get("image").is_some_and(|it| it.is_mapping()) || has("replicaCount") {
        "Helm values"
    } else {
        "not Kubernetes"
    }
}

fn is_compose(services: Node<'_>) -> bool {
    services.entries().any(|entry| entry.value.get("image").is_some() || entry.value.get("build").is_some())
}
