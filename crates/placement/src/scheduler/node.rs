//! Nodes, as far as the scheduler looks at them.

use std::borrow::Cow;

use seaworthy_facts::ZONE_LABELS;
use seaworthy_object::{Object, Quantity};

/// A node by its place in the order in which nodes were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A node as the scheduler sees it (`framework.NodeInfo`), from a Node or made of a group.
#[derive(Debug, Clone, Default)]
pub struct Node<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its labels.
    pub labels: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Its taints.
    pub taints: Vec<NodeTaint<'a>>,
    /// `spec.unschedulable`.
    pub is_unschedulable: bool,
    /// What it has for pods, by the names of resources. What is not there it does not have; what is there without an
    /// amount it has, nobody knows how much of.
    pub allocatable: Vec<(Cow<'a, str>, Option<Quantity>)>,
    /// True if nothing is said about what it has: then of every resource nobody knows how much.
    pub is_unmeasured: bool,
    /// The images it has, by each of their names, and their sizes in bytes.
    pub images: Vec<(Cow<'a, str>, i64)>,
    /// The features that its kubelet declares; nothing if nobody lists them.
    pub features: Option<Vec<Cow<'a, str>>>,
}

/// A taint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeTaint<'a> {
    /// Its key.
    pub key: Cow<'a, str>,
    /// Its value; may be empty.
    pub value: Cow<'a, str>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: Cow<'a, str>,
}

impl<'a> Node<'a> {
    /// A Node object.
    #[must_use]
    pub fn of(object: &'a Object<'a>) -> Self {
        let text = |key: &str, of: seaworthy_object::Field<'a>| Cow::Borrowed(of.get(key).map_or("", |it| it.text()));
        let amounts = object.at("status.allocatable").or_else(|| object.at("status.capacity"));
        Self {
            name: Cow::Borrowed(object.name()),
            labels: object.labels().iter().map(|(key, value)| (Cow::Borrowed(key), Cow::Borrowed(value))).collect(),
            taints: (object.field().items_at("spec.taints"))
                .map(|it| NodeTaint { key: text("key", it), value: text("value", it), effect: text("effect", it) })
                .collect(),
            is_unschedulable: object.at("spec.unschedulable").is_some_and(|it| it.is_true()),
            is_unmeasured: amounts.is_none(),
            allocatable: (amounts.into_iter().flat_map(|it| it.entries()))
                .map(|(name, amount)| (Cow::Borrowed(name), Quantity::of(amount)))
                .collect(),
            images: (object.field().items_at("status.images"))
                .flat_map(|it| {
                    let size = it.get("sizeBytes").and_then(|it| it.as_int()).unwrap_or(0).max(0);
                    it.items_at("names").map(move |it| (Cow::Borrowed(it.text()), size))
                })
                .collect(),
            features: amounts.map(|_| {
                object.field().items_at("status.declaredFeatures").map(|it| Cow::Borrowed(it.text())).collect()
            }),
        }
    }

    /// The value of a label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.iter().find(|it| it.0 == key).map(|it| &*it.1)
    }

    /// The zone it is in, by either label.
    #[must_use]
    pub fn zone(&self) -> Option<&str> {
        ZONE_LABELS.iter().find_map(|key| self.label(key))
    }
}
