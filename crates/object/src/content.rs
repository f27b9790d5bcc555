//! What a document holds: objects of Kubernetes, or something else that is recognised for what it is.

mod foreign;
mod lines;
mod template;

use seaworthy_document::{Document, Node, SyntaxErrorKind};

use crate::catalog::Catalog;
use crate::object::{Object, split_api_version};

pub use lines::structure_lines;
pub use template::{has_template_marks, template_mark};

/// What one document holds.
#[derive(Debug, Clone)]
pub enum Content<'a> {
    /// Objects: one, or the items of a `List`.
    Manifest(Manifest<'a>),
    /// Our own Fleet document.
    Fleet(Object<'a>),
    /// Our own Policy document.
    Policy(Object<'a>),
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
    if let Some(other) = foreign::terraform(document) {
        return Content::Other(other);
    }
    let Some(root) = document.root() else { return Content::Other(broken(document, file)) };
    let text_of = |key: &str| root.get(key).and_then(|it| it.as_str()).unwrap_or("");
    let (api_version, kind) = (text_of("apiVersion"), text_of("kind"));
    let ours: Option<fn(Object<'a>) -> Content<'a>> = match (split_api_version(api_version).0, kind) {
        ("seaworthy", "Fleet") => Some(Content::Fleet),
        ("seaworthy", "Policy") => Some(Content::Policy),
        ("seaworthy", "Snapshot") => return Content::Other(Other::Tool("the head of a snapshot of a cluster")),
        _ => None,
    };
    if let Some(ours) = ours {
        return Object::new(root, catalog, default_namespace).map_or(Content::Other(Other::TypeMissing), ours);
    }
    if let Some(what) = foreign::tool(file, root, api_version, kind) {
        return Content::Other(Other::Tool(what));
    }
    let is_typed = !api_version.is_empty() && !kind.is_empty();
    let is_openshift = kind == "Template" && root.get("objects").is_some();
    if is_typed && (is_openshift || template::is_template(document, file, root, catalog)) {
        return Content::Other(Other::Template);
    }
    let Some(object) = Object::new(root, catalog, default_namespace) else {
        return Content::Other(untyped(root, file));
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

/// The one object that a document is known to hold, whatever it looks like: a request to an API server carries no
/// template, no list and no file of a tool, and what passes for one must not be left out.
#[must_use]
pub fn only_object<'a>(document: &'a Document, catalog: &Catalog, default_namespace: &'a str) -> Content<'a> {
    let Some(root) = document.root() else { return Content::Other(Other::Broken) };
    match Object::new(root, catalog, default_namespace) {
        Some(object) => Content::Manifest(Manifest { objects: vec![object], list: None, untyped: Vec::new() }),
        None => Content::Other(Other::TypeMissing),
    }
}

/// What a document without a tree is. A file that claims to be YAML, or looks like a manifest, is broken.
fn broken(document: &Document, file: &str) -> Other {
    let kind = document.error().map(|it| it.kind);
    if matches!(kind, Some(SyntaxErrorKind::Unread | SyntaxErrorKind::Limit)) {
        return Other::Broken;
    }
    let looks_like_manifest = foreign::looks_like_manifest(document.text());
    if let Some(what) = foreign::pipeline(file) {
        Other::Foreign(what)
    } else if template::has_bare_marks(document.text()) {
        let is_ours = looks_like_manifest || foreign::is_chart_template(file);
        if is_ours { Other::Template } else { Other::Foreign("a template, not of a manifest") }
    } else if foreign::is_yaml(file) || looks_like_manifest {
        Other::Broken
    } else {
        Other::Foreign("not Kubernetes")
    }
}

/// What a document without apiVersion and kind is.
fn untyped(root: Node<'_>, file: &str) -> Other {
    if !root.is_mapping() {
        let is_list = root.is_sequence();
        let is_object = |it: Node<'_>| it.get("apiVersion").is_some() && it.get("kind").is_some();
        if root.items().any(is_object) || (!is_list && foreign::looks_like_manifest(root.text())) {
            return Other::TypeMissing;
        }
        return Other::Foreign(if is_list { "a list, not Kubernetes" } else { "plain text, not Kubernetes" });
    }
    if let Some(what) = foreign::pipeline(file) {
        return Other::Foreign(what);
    }
    let is_object = |key: &str| root.get(key).is_some_and(|it| it.is_mapping());
    let has = |key: &str| root.entry(key).is_some();
    let is_named = root.get("metadata").is_some_and(|it| it.get("name").is_some() || it.get("generateName").is_some());
    let has_body = ["spec", "data", "stringData"].into_iter().any(is_object) || has("rules");
    let has_kind = root.get("kind").is_some_and(|it| starts_with_capital(it.text()));
    let claims = match (has("apiVersion"), has("kind")) {
        (true, true) => true,
        (true, false) => is_version(root.get("apiVersion").map_or("", |it| it.text())) || is_object("metadata"),
        (false, true) => has_kind && (is_object("metadata") || has_body),
        (false, false) => false,
    };
    let in_spec = |key: &str| root.get("spec").is_some_and(|spec| spec.get(key).is_some());
    if claims || (is_named && has_body) {
        Other::TypeMissing
    } else if in_spec("containers") || in_spec("template") || has_containers(root) {
        Other::Fragment
    } else {
        Other::Foreign(foreign::guess(root))
    }
}

/// `containers:` with images at the top, or a pod template.
fn has_containers(root: Node<'_>) -> bool {
    let has_image = |list: Node<'_>| list.items().any(|it| it.get("image").is_some() && it.get("name").is_some());
    [root.get("containers"), root.at(["template", "spec", "containers"])].into_iter().flatten().any(has_image)
}

/// `v1`, `apps/v1`, `example.com/v2beta1`: what only Kubernetes and its kin write.
fn is_version(api_version: &str) -> bool {
    let (_, version) = split_api_version(api_version);
    let digits = version.strip_prefix('v').unwrap_or("");
    digits.starts_with(|it: char| it.is_ascii_digit()) && digits.bytes().all(|it| it.is_ascii_alphanumeric())
}

fn starts_with_capital(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_uppercase())
}

#[cfg(test)]
mod tests;
