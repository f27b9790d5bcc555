//! Edits that leave every pod where it is.

use seaworthy_document::{Entry, Node, Value};
use seaworthy_object::Object;

/// What of a container says nothing of its place. A field that the scheduler comes to look at, or a rule that looks at
/// placements, must go from here. An image does, where nodes say which they have (`ImageLocality`).
const OF_CONTAINERS: &[&str] = &[
    "args",
    "command",
    "env",
    "envFrom",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "readinessProbe",
    "securityContext",
    "startupProbe",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "workingDir",
];

/// The same of a pod.
const OF_PODS: &[&str] = &[
    "activeDeadlineSeconds",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "ephemeralContainers",
    "hostAliases",
    "imagePullSecrets",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "terminationGracePeriodSeconds",
];

/// The same of the metadata of a template.
const OF_TEMPLATES: &[&str] = &["annotations"];

/// The same of the metadata of what has a template.
const OF_WORKLOADS: &[&str] = &["annotations", "labels"];

/// True if two objects of one identity are the same to a scheduler, and to whoever looks at what it did: they differ in
/// their places, and in fields that nobody asks for who places pods; images are such where `images_count` is false.
#[must_use]
pub fn is_placed_alike<'a, 'b>(before: &'a Object<'a>, after: &'b Object<'b>, images_count: bool) -> bool {
    let (old, new) = (before.pod(), after.pod());
    let path = old.map(|it| it.spec().field().path()).unwrap_or_default();
    if path != new.map(|it| it.spec().field().path()).unwrap_or_default() {
        return false;
    }
    let at = match old {
        None => At::Elsewhere,
        Some(pod) if pod.is_bare() => At::Above { rest: &path, is_top: false },
        Some(_) => At::Above { rest: &path, is_top: true },
    };
    same(before.root(), after.root(), at, images_count)
}

/// Where in an object something stands.
#[derive(Clone, Copy)]
enum At<'p> {
    /// Above the spec of a pod, to which this path leads; at the top of something with a template, or not.
    Above {
        rest: &'p str,
        is_top: bool,
    },
    /// The metadata of something with a template.
    Workload,
    /// The metadata of a template.
    Template,
    Pod,
    Containers,
    Container,
    Elsewhere,
}

impl<'p> At<'p> {
    fn below(self, key: &str) -> Self {
        match self {
            At::Above { is_top: true, .. } if key == "metadata" => At::Workload,
            At::Above { rest, is_top } => {
                let (head, tail) = rest.split_once('.').unwrap_or((rest, ""));
                match key {
                    "metadata" if tail.is_empty() && !is_top => At::Template,
                    _ if key != head => At::Elsewhere,
                    _ if tail.is_empty() => At::Pod,
                    _ => At::Above { rest: tail, is_top: false },
                }
            }
            At::Pod if matches!(key, "containers" | "initContainers") => At::Containers,
            _ => At::Elsewhere,
        }
    }

    fn item(self) -> Self {
        if let At::Containers = self { At::Container } else { At::Elsewhere }
    }

    fn left_out(self) -> &'static [&'static str] {
        match self {
            At::Workload => OF_WORKLOADS,
            At::Template => OF_TEMPLATES,
            At::Pod => OF_PODS,
            At::Container => OF_CONTAINERS,
            At::Above { .. } | At::Containers | At::Elsewhere => &[],
        }
    }
}

fn same(old: Node<'_>, new: Node<'_>, at: At<'_>, images_count: bool) -> bool {
    match (old.value(), new.value()) {
        (Value::Mapping, Value::Mapping) => {
            let counts = |it: &Entry<'_>| !at.left_out().contains(&it.name()) || images_count && it.name() == "image";
            let (mut old, mut new) = (old.entries().filter(counts), new.entries().filter(counts));
            loop {
                match (old.next(), new.next()) {
                    (None, None) => return true,
                    (Some(old), Some(new)) if old.name() == new.name() => {
                        if !same(old.value, new.value, at.below(old.name()), images_count) {
                            return false;
                        }
                    }
                    _ => return false,
                }
            }
        }
        (Value::Sequence, Value::Sequence) => {
            old.len() == new.len()
                && old.items().zip(new.items()).all(|(old, new)| same(old, new, at.item(), images_count))
        }
        (old, new) => old == new,
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_document::Document;
    use seaworthy_object::Catalog;
    use seaworthy_source::Source;

    use super::*;

    const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {a: b}}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}, annotations: {at: noon}}
    spec:
      serviceAccountName: web
      containers:
      - {name: web, image: web, env: [{name: A, value: b}], resources: {requests: {cpu: 1}}}
";
    const POD: &str = "{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {containers: \
                       [{name: web, image: web, args: [a]}], nodeName: one}}";

    fn alike(text: &str, old: &str, new: &str) -> bool {
        let edited = text.replacen(old, new, 1);
        assert_ne!(text, edited);
        let read = |text: &str| -> Vec<Document> { seaworthy_document::read(&Source::new("web.yaml", text)) };
        let (before, after, catalog) = (read(text), read(&edited), Catalog::built_in());
        fn object<'a>(documents: &'a [Document], catalog: &Catalog) -> Object<'a> {
            Object::new(documents[0].root().unwrap(), catalog, "default").unwrap()
        }
        let (before, after) = (object(&before, &catalog), object(&after, &catalog));
        let alike = is_placed_alike(&before, &after, false);
        assert_eq!(is_placed_alike(&before, &after, true), alike && !old.starts_with("image"));
        alike
    }

    #[test]
    fn what_no_scheduler_looks_at() {
        for (old, new) in [
            ("image: web", "image: web:2"),
            ("value: b", "value: c"),
            ("env: [{name: A, value: b}], ", ""),
            ("at: noon", "at: night"),
            ("a: b", "a: c"),
            ("serviceAccountName: web", "serviceAccountName: other"),
            ("spec:", "\n# a comment\nspec:"),
        ] {
            assert!(alike(DEPLOYMENT, old, new), "{old} → {new}");
        }
        assert!(alike(POD, "args: [a]", "args: [b, c]"));
    }

    #[test]
    fn what_decides_where_a_pod_runs() {
        for (old, new) in [
            ("cpu: 1", "cpu: 2"),
            ("cpu: 1", "cpu: '1'"),
            ("replicas: 2", "replicas: 3"),
            ("{app: web}", "{app: other}"),
            ("image: web", "ports: [{hostPort: 80, containerPort: 80}]"),
            ("      serviceAccountName: web", "      nodeName: one"),
            ("spec:", "spec:\n  paused: true"),
            ("kind: Deployment", "kind: StatefulSet"),
        ] {
            assert!(!alike(DEPLOYMENT, old, new), "{old} → {new}");
        }
        for (old, new) in [("{app: web}", "{app: other}"), ("nodeName: one", "nodeName: two"), ("{name: web", "{a: b")]
        {
            assert!(!alike(POD, old, new), "{old} → {new}");
        }
        assert!(!alike("{apiVersion: v1, kind: ConfigMap, data: {image: a}}", "image: a", "image: b"));
    }
}
