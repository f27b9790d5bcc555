//! Where volumes may be used: the node affinity of volumes, the allowed topologies of classes, zones.

use foldhash::HashSet;
use seaworthy_facts::ZONE_LABELS;
use seaworthy_object::{Field, Object, Requirement, Selector};

use super::provisioner::{in_tree, is_zonal};
use crate::scheduler::Node;

/// What is asked of one label of a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Expression<'a> {
    key: &'a str,
    operator: Operator,
    values: Vec<&'a str>,
}

/// The operators of a `NodeSelectorRequirement`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    Gt,
    Lt,
    /// One that no version knows: it fails whatever the label is.
    Never,
}

/// Which nodes a volume or a class allows: one of the terms must hold, and in it all expressions. No terms at all allow
/// all nodes; a term without expressions allows none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Topology<'a> {
    terms: Option<Vec<Vec<Expression<'a>>>>,
}

impl<'a> Topology<'a> {
    /// `spec.nodeAffinity.required` of a volume (`CheckNodeAffinity`). It is held against the labels of a node alone,
    /// so that what it asks of a field is asked of an empty name.
    pub(crate) fn of_volume(volume: &'a Object<'a>) -> Self {
        let Some(required) = volume.at("spec.nodeAffinity.required") else { return Self::default() };
        let terms = required.items_at("nodeSelectorTerms").map(|term| {
            let fields = term.items_at("matchFields").map(|it| Expression {
                key: "",
                operator: if it.str_at("operator") == Some("NotIn") { Operator::Exists } else { Operator::Never },
                values: Vec::new(),
            });
            term.items_at("matchExpressions").map(expression).chain(fields).collect()
        });
        Self { terms: Some(terms.collect()) }
    }

    /// What a term of a node selector asks of labels.
    pub(crate) fn of_term(term: Field<'a>) -> Self {
        let expressions: Vec<_> = term.items_at("matchExpressions").map(expression).collect();
        Self { terms: (!expressions.is_empty()).then(|| vec![expressions]) }
    }

    /// `allowedTopologies` of a class (`MatchTopologySelectorTerms`).
    pub(crate) fn of_class(class: &'a Object<'a>) -> Self {
        let terms: Vec<_> = (class.field().items_at("allowedTopologies"))
            .map(|term| term.items_at("matchLabelExpressions").map(one_of).collect())
            .collect();
        Self { terms: (!terms.is_empty()).then_some(terms) }
    }

    /// True if it allows every node there may be.
    pub(crate) fn is_anywhere(&self) -> bool {
        self.terms.is_none()
    }

    /// True if it allows a node.
    pub(crate) fn allows(&self, node: &Node<'_>) -> bool {
        let Some(terms) = &self.terms else { return true };
        terms.iter().any(|term| !term.is_empty() && term.iter().all(|it| it.holds(node)))
    }

    /// Labels of which a node must have one of the values for it to be allowed: one label a term, the name of a host
    /// where it is asked for. None if a term asks for no value.
    pub(crate) fn anchors(&self) -> Option<Vec<(&'a str, &[&'a str])>> {
        let mut anchors = Vec::new();
        // A term without expressions allows no node.
        for term in self.terms.as_ref()?.iter().filter(|it| !it.is_empty()) {
            let asked = || term.iter().filter(|it| it.operator == Operator::In);
            let host = asked().find(|it| it.key == "kubernetes.io/hostname");
            let anchor = host.or_else(|| asked().next())?;
            anchors.push((anchor.key, anchor.values.as_slice()));
        }
        Some(anchors)
    }

    /// The zones that it allows; none if it allows all.
    fn zones(&self) -> Option<Vec<&'a str>> {
        let (mut zones, mut seen) = (Vec::new(), HashSet::default());
        for term in self.terms.as_ref()? {
            let zone = term.iter().find(|it| it.operator == Operator::In && is_zone_label(it.key))?;
            zones.extend(zone.values.iter().copied().filter(|it| seen.insert(*it)));
        }
        Some(zones)
    }
}

impl Expression<'_> {
    fn holds(&self, node: &Node<'_>) -> bool {
        let value = node.label(self.key);
        let number = || Some((value?.parse::<i64>().ok()?, self.values.first()?.parse::<i64>().ok()?));
        match self.operator {
            Operator::In => value.is_some_and(|it| self.values.contains(&it)),
            Operator::NotIn => value.is_none_or(|it| !self.values.contains(&it)),
            // What a field of the node is not.
            Operator::Exists => self.key.is_empty() || value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::Gt => number().is_some_and(|(value, bound)| value > bound),
            Operator::Lt => number().is_some_and(|(value, bound)| value < bound),
            Operator::Never => false,
        }
    }
}

fn expression(field: Field<'_>) -> Expression<'_> {
    let operator = match field.str_at("operator") {
        Some("In") => Operator::In,
        Some("NotIn") => Operator::NotIn,
        Some("Exists") => Operator::Exists,
        Some("DoesNotExist") => Operator::DoesNotExist,
        Some("Gt") => Operator::Gt,
        Some("Lt") => Operator::Lt,
        _ => Operator::Never,
    };
    Expression { operator, ..one_of(field) }
}

fn one_of(field: Field<'_>) -> Expression<'_> {
    Expression {
        key: field.get("key").map_or("", |it| it.text()),
        operator: Operator::In,
        values: field.items_at("values").map(|it| it.text()).collect(),
    }
}

/// True for the labels by which nodes and drivers name a zone: Kubernetes' own, and drivers'
/// (`topology.ebs.csi.aws.com/zone`, `topology.gke.io/zone`, …).
fn is_zone_label(key: &str) -> bool {
    ZONE_LABELS.contains(&key) || (key.starts_with("topology.") && key.ends_with("/zone"))
}

/// The zones in which a class makes volumes: by `allowedTopologies`, else by its parameters `zone` and `zones`; none if
/// it says nothing of zones.
#[must_use]
pub fn zones_of_class<'a>(class: &'a Object<'a>) -> Option<Vec<&'a str>> {
    let allowed = Topology::of_class(class).zones();
    let named = || {
        let parameters = class.at("parameters")?;
        let value = parameters.get("zones").or_else(|| parameters.get("zone"))?.text();
        let zones: Vec<&str> = value.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
        (!zones.is_empty()).then_some(zones)
    };
    allowed.or_else(named)
}

/// The zones in which a volume can be used: by its node affinity, else by its labels; none if it says nothing of zones.
#[must_use]
pub fn zones_of_volume<'a>(volume: &'a Object<'a>) -> Option<Vec<&'a str>> {
    let labels = volume.labels();
    let labelled = || ZONE_LABELS.iter().find_map(|key| parts(labels.get(key)?));
    Topology::of_volume(volume).zones().or_else(labelled)
}

/// The zones or regions of a volume's label, which two underscores divide; none if one of them is empty
/// (`LabelZonesToSet`): such a label counts for nothing.
pub(crate) fn parts(label: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = label.split("__").map(str::trim).collect();
    parts.iter().all(|it| !it.is_empty()).then_some(parts)
}

/// How far from the node of the first pod a volume that a driver makes can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// On that node alone.
    Node,
    /// In its zone.
    Zone,
    /// Everywhere, as far as anybody knows.
    Anywhere,
}

/// Drivers whose volumes are directories or disks of one node (their own pages).
const NODE_LOCAL: &[&str] = &[
    "rancher.io/local-path",
    "openebs.io/local",
    "local.csi.openebs.io",
    "zfs.csi.openebs.io",
    "topolvm.io",
    "topolvm.cybozu.com",
    "hostpath.csi.k8s.io",
    "k8s.io/minikube-hostpath",
    "docker.io/hostpath",
];

/// How far the volumes of a class reach.
pub(crate) fn reach(class: &Object<'_>) -> Reach {
    let provisioner = class.root().get("provisioner").map_or("", |it| it.text());
    let name = in_tree(provisioner).map_or(provisioner, |it| it.driver);
    if NODE_LOCAL.contains(&name) {
        return Reach::Node;
    }
    let parameters = class.root().get("parameters").map(|it| Field::new(class, it));
    if is_zonal(name, parameters) { Reach::Zone } else { Reach::Anywhere }
}

/// True if the labels of a node meet a selector.
pub(crate) fn selects(selector: &Selector<'_>, node: &Node<'_>) -> bool {
    selector.requirements().iter().all(|it| match it {
        Requirement::In(key, values) => node.label(key).is_some_and(|value| values.contains(&value)),
        Requirement::NotIn(key, values) => node.label(key).is_none_or(|value| !values.contains(&value)),
        Requirement::Exists(key) => node.label(key).is_some(),
        Requirement::DoesNotExist(key) => node.label(key).is_none(),
        Requirement::Unreadable => false,
    })
}
