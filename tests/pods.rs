//! No pod slips past the webhook: every place of every version of every kind at which the API has a pod, each of its
//! lists of containers, is looked into. What the API has comes from its own schemas, not from a list of ours.

use seaworthy::{Overrides, Validator, Versions};
use seaworthy_admission::{Reviewer, Scope};
use seaworthy_object::Catalog;
use seaworthy_object::catalog::{Kind, Shape, Type};
use serde_json::{Value, json};

/// The ways from a type to its pods, as keys.
fn pods(catalog: &Catalog, ty: &Type, way: &mut Vec<&'static str>, found: &mut Vec<Vec<&'static str>>) {
    if ty.short_name() == "PodSpec" {
        found.push(way.clone());
        return;
    }
    for field in ty.all_fields() {
        if let Shape::Object(id) = field.shape
            && way.len() < 8
        {
            way.push(field.name);
            pods(catalog, catalog.ty(id), way, found);
            way.pop();
        }
    }
}

/// The fields of a pod that are lists of something with a security context of a container.
fn container_lists(catalog: &Catalog, spec: &Type) -> Vec<&'static str> {
    let is_container = |shape: &Shape| match shape {
        Shape::List(inner) => {
            inner.object().is_some_and(|id| !catalog.ty(id).versions_with("securityContext").is_empty())
        }
        _ => false,
    };
    let mut lists: Vec<_> = spec.all_fields().filter(|it| is_container(&it.shape)).map(|it| it.name).collect();
    lists.dedup();
    lists
}

/// A review of an object that runs a privileged container in one list of the pod at the end of a way.
fn review(kind: &Kind, way: &[&str], list: &str) -> Value {
    let container = json!({"name": "c", "image": "registry.example.com/c:1", "securityContext": {"privileged": true}});
    let mut spec = json!({"containers": [{"name": "main", "image": "registry.example.com/main:1"}]});
    spec[list] = json!([container]);
    let mut object = json!({"apiVersion": kind.api_version(), "kind": kind.kind, "metadata": {"name": "a"}});
    let mut at = &mut object;
    for key in way {
        at = &mut at[*key];
    }
    *at = spec;
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "1", "operation": "CREATE", "namespace": "default", "object": object,
        "kind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "resource": {"group": kind.group, "version": kind.version, "resource": kind.plural},
    }})
}

#[test]
fn no_pod_slips_past() {
    let catalog = Catalog::built_in();
    let overrides = Overrides { versions: Some(Versions::ALL), ..Overrides::default() };
    let reviewer = Reviewer::new(Validator::new(overrides, seaworthy::Policy::default()));
    let mut missed = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for kind in catalog.kinds().filter(|it| it.is_creatable()) {
        let mut ways = Vec::new();
        pods(&catalog, catalog.type_of(kind), &mut Vec::new(), &mut ways);
        let spec = catalog.type_named("io.k8s.api.core.v1.PodSpec").unwrap();
        for way in ways {
            for list in container_lists(&catalog, catalog.ty(spec)) {
                let review = reviewer.review(review(kind, &way, list).to_string().as_bytes()).unwrap();
                assert_eq!(review.scope, Scope::Judged);
                if !review.findings.iter().any(|it| it.0 == "privileged-container") {
                    missed.push(format!("{} {}: {}.{list}", kind.api_version(), kind.kind, way.join(".")));
                }
                seen.insert(format!("{}.{list}", kind.kind));
            }
        }
    }
    assert!(missed.is_empty(), "\n{}", missed.join("\n"));
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for kind in [
            "Pod",
            "Deployment",
            "StatefulSet",
            "DaemonSet",
            "ReplicaSet",
            "ReplicationController",
            "Job",
            "CronJob",
            "PodTemplate",
        ] {
            assert!(seen.contains(&format!("{kind}.{list}")), "{kind}.{list} was not tried: {seen:?}");
        }
    }
}
