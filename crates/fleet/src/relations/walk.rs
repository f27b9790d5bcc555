//! Finds the references and selectors of one object.

use seaworthy_object::{Field, Object, Selector, split_api_version};

use super::tables::{CLUSTER_SCOPED, CONTAINER, EVERY, OBJECT, POD, Row, Scope};
use super::{Reference, Relation, Selection, Use};

/// The references of an object by name, its pod's included.
#[must_use]
pub fn references<'a>(object: &'a Object<'a>) -> Vec<Reference<'a>> {
    let mut found = Vec::new();
    for row in EVERY {
        follow(object.field(), row, &mut found);
    }
    for (_, _, row) in OBJECT.iter().filter(|(group, kind, _)| object.is(group, kind)) {
        follow(object.field(), row, &mut found);
    }
    if let Some(pod) = object.pod() {
        for row in POD {
            follow(pod.spec().field(), row, &mut found);
        }
        // The retired spelling counts where the new one is not given.
        if pod.spec().at("serviceAccountName").is_none()
            && let Some(field) = pod.spec().at("serviceAccount")
        {
            found.extend(named(field, Use::Account, "ServiceAccount", object.namespace(), field.text()));
        }
        for row in CONTAINER {
            for container in pod.containers() {
                follow(container.field(), row, &mut found);
            }
        }
    }
    found.extend(annotated(object));
    found
}

/// The pods an object asks for by labels.
#[must_use]
pub fn selections<'a>(object: &'a Object<'a>) -> Vec<Selection<'a>> {
    let at = |path: &str, relation| {
        let selector = object.at(path).map(Selector::from_label_selector)?;
        Some(Selection { relation, selector, namespace: object.namespace() })
    };
    let selection = match (object.group_kind().group, object.kind()) {
        ("", kind @ ("Service" | "ReplicationController")) => {
            let relation = if kind == "Service" { Relation::Selects } else { Relation::Owns };
            let selector = object.at("spec.selector").map(Selector::from_labels);
            selector.map(|selector| Selection { relation, selector, namespace: object.namespace() })
        }
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") => at("spec.selector", Relation::Owns),
        ("policy", "PodDisruptionBudget") => at("spec.selector", Relation::Selects),
        ("networking.k8s.io", "NetworkPolicy") => at("spec.podSelector", Relation::Selects),
        _ => None,
    };
    selection.into_iter().collect()
}

fn follow<'a>(from: Field<'a>, row: &Row, found: &mut Vec<Reference<'a>>) {
    for holder in all_at(from, row.holder) {
        let Some(field) = holder.get(row.name) else { continue };
        let name = field.text();
        if name.is_empty() || field.node().is_mapping() || field.node().is_sequence() {
            continue;
        }
        let Some((group, kind)) = other_end(holder, row) else { continue };
        let own = field.object().namespace();
        let namespace = match row.scope {
            _ if row.kind.is_empty() && CLUSTER_SCOPED.contains(&kind) => None,
            Scope::Cluster => None,
            Scope::Own => own,
            Scope::Given(key) => holder.str_at(key),
            Scope::GivenOrOwn(key) => holder.str_at(key).or(own),
        };
        let parts =
            row.parts.split(',').filter(|path| !path.is_empty()).flat_map(|path| all_at(holder, path)).collect();
        let optional = holder.get("optional").is_some_and(|it| it.is_true());
        found.push(Reference {
            relation: row.relation,
            role: row.role,
            field,
            group,
            kind,
            namespace,
            name,
            parts,
            optional,
        });
    }
}

/// The group and kind a row leads to: its own, or those the holder gives.
fn other_end<'a>(holder: Field<'a>, row: &Row) -> Option<(&'a str, &'a str)> {
    if row.kind.is_empty() || holder.get("kind").is_some() && matches!(row.role, Use::ScaleTarget | Use::Backend) {
        let given = holder.str_at("kind").unwrap_or(row.kind);
        let group = holder
            .str_at("apiGroup")
            .or_else(|| holder.str_at("group"))
            .unwrap_or_else(|| holder.str_at("apiVersion").map_or("", |it| split_api_version(it).0));
        let group = if group.is_empty() { row.group } else { group };
        return (!given.is_empty()).then_some((group, given));
    }
    Some((row.group, row.kind))
}

/// Every value at keys joined by dots; lists on the way, and at its end, are walked whole.
fn all_at<'a>(from: Field<'a>, path: &str) -> Vec<Field<'a>> {
    let mut fields = vec![from];
    for key in path.split('.').filter(|key| !key.is_empty()) {
        let next = fields.iter().filter_map(|field| field.get(key));
        fields = next
            .flat_map(|field| if field.node().is_sequence() { field.items().collect() } else { vec![field] })
            .collect();
        if fields.is_empty() {
            break;
        }
    }
    fields
}

fn named<'a>(
    field: Field<'a>,
    role: Use,
    kind: &'static str,
    namespace: Option<&'a str>,
    name: &'a str,
) -> Option<Reference<'a>> {
    let relation = Relation::Refers;
    let parts = Vec::new();
    (!name.is_empty()).then_some(Reference {
        relation,
        role,
        field,
        group: "",
        kind,
        namespace,
        name,
        parts,
        optional: false,
    })
}

/// Annotations that name an object: the account of a token Secret, the Secrets of an Ingress' controller.
fn annotated<'a>(object: &'a Object<'a>) -> Option<Reference<'a>> {
    if object.is("", "Secret") && object.str_at("type") == Some("kubernetes.io/service-account-token") {
        let field = object.annotation("kubernetes.io/service-account.name")?;
        return named(field, Use::Token, "ServiceAccount", object.namespace(), field.text());
    }
    if object.is("networking.k8s.io", "Ingress") {
        let prefixes = ["nginx.ingress.kubernetes.io/", "ingress.kubernetes.io/"];
        let field = prefixes.iter().find_map(|prefix| object.annotation(&format!("{prefix}auth-secret")))?;
        let (namespace, name) = match field.text().split_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (object.namespace(), field.text()),
        };
        return named(field, Use::Login, "Secret", namespace, name);
    }
    None
}
