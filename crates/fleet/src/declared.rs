//! The Fleet document: what people declare about a fleet, read from the same tree as their manifests.

mod keys;
mod schema;
mod service;
mod shape;

pub use schema::{policy_schema, schema};
pub use service::{DeclaredService, Exposure, Link, Scale, Stated, Stateful};

use seaworthy_facts::{External, Facts, NodeFacts, Open, Taint};
use seaworthy_object::{Field, Object, Place, Version};

use crate::nearest;
use shape::{conform, did_you_mean};

/// A Fleet document, read. What cannot be read is a [`Fault`] and counts as not said. Its `spec.policy` is for the stage
/// that knows rules.
#[derive(Debug, Default)]
pub struct Declaration<'a> {
    /// `spec.kubernetes`.
    pub kubernetes: Vec<Version>,
    /// Where it says so.
    pub kubernetes_at: Option<Field<'a>>,
    /// `spec.manifests`: paths from the folder of the document, for the door that walks.
    pub manifests: Vec<Field<'a>>,
    /// `spec.complete`.
    pub complete: Option<bool>,
    /// `spec.cluster.from`: paths from the folder of the document.
    pub cluster_from: Vec<Field<'a>>,
    /// `spec.cluster.platform`.
    pub platform: Option<&'a str>,
    /// `spec.cluster.runtime`.
    pub runtime: Option<&'a str>,
    /// `spec.cluster.zones`.
    pub zones: Vec<&'a str>,
    /// `spec.cluster.nodes`.
    pub nodes: Vec<NodeFacts>,
    /// `spec.cluster.installed`.
    pub installed: Vec<&'a str>,
    /// `spec.externals`.
    pub externals: Vec<External>,
    /// `spec.services`, in the order of the document.
    pub services: Vec<DeclaredService<'a>>,
    /// `spec.promises`.
    pub promises: Vec<&'a str>,
    /// `spec.environments`.
    pub environments: Vec<Environment<'a>>,
}

/// Where the fleet runs.
#[derive(Debug, Clone)]
pub struct Environment<'a> {
    /// Everything that is said of it.
    pub field: Field<'a>,
    /// Its name.
    pub name: &'a str,
    /// Where objects go that name no namespace.
    pub namespace: Option<&'a str>,
}

/// Something wrong with a Fleet document or a Policy document itself.
#[derive(Debug)]
pub struct Fault<'a> {
    /// Where.
    pub at: Place<'a>,
    /// What.
    pub message: String,
    /// What was probably meant.
    pub help: Option<String>,
}

impl<'a> Declaration<'a> {
    /// Reads a Fleet document, all but its policy, and says what is wrong with it.
    #[must_use]
    #[inline(never)]
    pub fn read(object: &'a Object<'a>, faults: &mut Vec<Fault<'a>>) -> Self {
        let mut declaration = Self::default();
        conform(object.field(), &keys::FLEET, faults);
        let Some(spec) = object.at("spec") else { return declaration };
        declaration.kubernetes = versions(spec);
        declaration.kubernetes_at = spec.get("kubernetes");
        declaration.manifests = spec.items_at("manifests").collect();
        declaration.complete = spec.get("complete").and_then(|it| it.as_bool());
        declaration.promises = texts(spec, "promises");
        if let Some(cluster) = spec.get("cluster") {
            declaration.cluster_from = cluster.items_at("from").collect();
            declaration.platform = cluster.str_at("platform");
            declaration.runtime = cluster.str_at("runtime");
            declaration.zones = texts(cluster, "zones");
            declaration.installed = texts(cluster, "installed");
            declaration.nodes = cluster.items_at("nodes").map(node).collect();
            cluster.items_at("nodes").for_each(|it| check_sizes(it, faults));
        }
        declaration.externals = spec.items_at("externals").map(external).collect();
        declaration.services =
            named(spec, "services").map(|(name, field)| DeclaredService::read(name, field)).collect();
        declaration.environments = named(spec, "environments")
            .map(|(name, field)| Environment { field, name, namespace: field.str_at("namespace") })
            .collect();
        declaration.join(faults);
        declaration
    }

    /// The service of a name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&DeclaredService<'a>> {
        self.services.iter().find(|service| service.name == name)
    }

    /// The external of a name.
    #[must_use]
    pub fn external(&self, name: &str) -> Option<&External> {
        self.externals.iter().find(|external| external.name == name)
    }

    /// The facts it states, on top of others: its zones and its groups of nodes are all there are, but for nodes that
    /// were given one by one.
    pub fn apply(&self, facts: &mut Facts) {
        let owned = |list: &[&str]| list.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        if !self.kubernetes.is_empty() {
            facts.versions = self.kubernetes.iter().copied().collect();
            facts.versions_stated = true;
        }
        facts.complete = self.complete.unwrap_or(facts.complete);
        facts.platform = self.platform.map(str::to_owned).or_else(|| facts.platform.take());
        facts.runtime = self.runtime.map(str::to_owned).or_else(|| facts.runtime.take());
        if !self.zones.is_empty() {
            facts.zones = owned(&self.zones);
        }
        if !self.nodes.is_empty() {
            facts.nodes.retain(|it| it.is_node);
            facts.nodes.extend(self.nodes.iter().cloned());
        }
        facts.installed.extend(owned(&self.installed));
        facts.externals.extend(self.externals.iter().cloned());
        facts.promises.extend(owned(&self.promises));
    }

    /// Names in the document that must be names of the document.
    fn join(&self, faults: &mut Vec<Fault<'a>>) {
        let names = || {
            let externals = self.externals.iter().map(|it| it.name.as_str());
            self.services.iter().map(|it| it.name).chain(externals).collect::<Vec<_>>()
        };
        for service in &self.services {
            for link in &service.links {
                if self.service(link.to).is_none() && self.external(link.to).is_none() && !link.to.is_empty() {
                    let message =
                        format!("`{}` links to `{}`, which is no service and no external", service.name, link.to);
                    faults.push(Fault { at: link.target().place(), message, help: advice(link.to, &names()) });
                }
            }
            for &writer in &service.writers {
                if self.service(writer.text()).is_none() {
                    let message =
                        format!("`{}` names the writer `{}`, which is no service", service.name, writer.text());
                    faults.push(Fault { at: writer.place(), message, help: advice(writer.text(), &names()) });
                }
            }
            if let Some(Scale { min: Some(min), max: Some(max), .. }) = &service.scale
                && min.value > max.value
            {
                let message = format!("`{}` scales from {} to {}", service.name, min.value, max.value);
                faults.push(Fault {
                    at: max.field.place(),
                    message,
                    help: Some("`max` is not below `min`".to_owned()),
                });
            }
        }
    }
}

/// Says what is wrong with the form of a Policy document; what its names mean, the stage that knows rules says.
pub fn check_policy<'a>(object: &'a Object<'a>, faults: &mut Vec<Fault<'a>>) {
    conform(object.field(), &keys::POLICY_DOCUMENT, faults);
}

fn advice(name: &str, names: &[&str]) -> Option<String> {
    nearest(name, names.iter().copied()).map(did_you_mean)
}

/// The texts of a list, numbers as they are spelt.
fn texts<'a>(mapping: Field<'a>, key: &str) -> Vec<&'a str> {
    mapping.items_at(key).map(|it| it.text()).filter(|it| !it.is_empty()).collect()
}

/// The entries under a key; a name with nothing after it is there too.
fn named<'a>(mapping: Field<'a>, key: &str) -> impl Iterator<Item = (&'a str, Field<'a>)> {
    let under = mapping.get(key);
    under
        .into_iter()
        .flat_map(|it| it.node().entries().map(move |entry| (entry.name(), Field::new(it.object(), entry.value))))
}

fn versions(spec: Field<'_>) -> Vec<Version> {
    let Some(given) = spec.get("kubernetes") else { return Vec::new() };
    let list: Vec<_> = if given.node().is_sequence() { given.items().collect() } else { vec![given] };
    list.into_iter().flat_map(|it| it.text().split(',')).filter_map(|text| text.trim().parse().ok()).collect()
}

fn node(field: Field<'_>) -> NodeFacts {
    let text = |key: &str| field.get(key).map(|it| it.text().to_owned());
    let number = |key: &str| field.get(key).and_then(|it| it.as_int()).and_then(|it| u32::try_from(it).ok());
    let labels = field.get("labels").into_iter().flat_map(|it| it.entries());
    NodeFacts {
        name: text("name"),
        is_node: false,
        count: number("count").or_else(|| number("min")).unwrap_or(1),
        min: number("min"),
        max: number("max"),
        zones: text("zone").into_iter().collect(),
        instance_types: text("instanceType").into_iter().collect(),
        allocatable: ["cpu", "memory", "pods"].iter().filter_map(|&key| Some((key.to_owned(), text(key)?))).collect(),
        labels: labels.map(|(key, value)| (key.to_owned(), value.text().to_owned())).collect(),
        taints: field.items_at("taints").map(taint).collect(),
        unschedulable: false,
        open: Open::default(),
    }
}

/// Says what is wrong with the sizes of a group.
fn check_sizes<'a>(group: Field<'a>, faults: &mut Vec<Fault<'a>>) {
    let number = |key: &str| group.get(key).and_then(|it| it.as_int());
    if let (Some(min), Some(max)) = (number("min"), number("max"))
        && min > max
    {
        let message = format!("`{}` has from {min} to {max} nodes", group.path());
        let at = group.get("max").unwrap_or(group).place();
        faults.push(Fault { at, message, help: Some("`max` is not below `min`".to_owned()) });
    }
}

fn taint(field: Field<'_>) -> Taint {
    let text = |key: &str| field.get(key).map(|it| it.text().to_owned());
    Taint { key: text("key").unwrap_or_default(), value: text("value"), effect: text("effect").unwrap_or_default() }
}

fn external(field: Field<'_>) -> External {
    let text = |key: &str| field.get(key).map(|it| it.text().to_owned());
    External {
        name: text("name").unwrap_or_default(),
        host: text("host"),
        ports: field.items_at("ports").filter_map(|it| it.as_int()).filter_map(|it| u16::try_from(it).ok()).collect(),
        env: field.items_at("env").map(|it| it.text().to_owned()).collect(),
    }
}
