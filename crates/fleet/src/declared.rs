//! The Fleet document: what people declare about a fleet, read from the same tree as their manifests.

use seaworthy_object::{Field, Object, Place, Version};

use crate::facts::{External, Facts, NodeFacts, Taint};
use crate::nearest;

/// A Fleet document, read. What cannot be read is a [`Fault`] and counts as not said.
#[derive(Debug, Default)]
pub struct Declaration<'a> {
    /// `spec.kubernetes`.
    pub kubernetes: Vec<Version>,
    /// `spec.complete`.
    pub complete: Option<bool>,
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
    /// `spec.promises`.
    pub promises: Vec<&'a str>,
    /// What is wrong with the document itself.
    pub faults: Vec<Fault<'a>>,
}

/// Something wrong with the Fleet document itself.
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
    /// Reads a Fleet document.
    #[must_use]
    pub fn read(object: &'a Object<'a>) -> Self {
        let mut declaration = Self::default();
        let Some(spec) = object.at("spec") else { return declaration };
        declaration.expect_keys(spec, SPEC);
        declaration.kubernetes = declaration.versions(spec);
        declaration.complete = spec.get("complete").and_then(|it| it.as_bool());
        declaration.promises = declaration.strings(spec, "promises");
        if let Some(cluster) = spec.get("cluster") {
            declaration.expect_keys(cluster, CLUSTER);
            declaration.platform = cluster.str_at("platform");
            declaration.runtime = cluster.str_at("runtime");
            declaration.zones = declaration.strings(cluster, "zones");
            declaration.installed = declaration.strings(cluster, "installed");
            declaration.nodes = cluster.items_at("nodes").map(|it| declaration.node(it)).collect();
        }
        declaration.externals = spec.items_at("externals").map(external).collect();
        declaration
    }

    /// The facts it states, on top of others.
    pub fn apply(&self, facts: &mut Facts) {
        let owned = |list: &[&str]| list.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        if !self.kubernetes.is_empty() {
            facts.versions = self.kubernetes.iter().copied().collect();
        }
        facts.complete = self.complete.unwrap_or(facts.complete);
        facts.platform = self.platform.map(str::to_owned).or_else(|| facts.platform.take());
        facts.runtime = self.runtime.map(str::to_owned).or_else(|| facts.runtime.take());
        facts.zones.extend(owned(&self.zones));
        facts.nodes.extend(self.nodes.iter().cloned());
        facts.installed.extend(owned(&self.installed));
        facts.externals.extend(self.externals.iter().cloned());
        facts.promises.extend(owned(&self.promises));
    }

    fn fault(&mut self, at: Place<'a>, message: String, help: Option<String>) {
        self.faults.push(Fault { at, message, help });
    }

    fn expect_keys(&mut self, mapping: Field<'a>, known: &[&'static str]) {
        for (key, value) in mapping.entries() {
            if !known.contains(&key) {
                let help = nearest(key, known.iter().copied()).map(|it| format!("did you mean `{it}`?"));
                self.fault(value.key_place(), format!("the Fleet document has no field `{key}` here"), help);
            }
        }
    }

    fn strings(&mut self, mapping: Field<'a>, key: &str) -> Vec<&'a str> {
        let Some(list) = mapping.get(key) else { return Vec::new() };
        if !list.node().is_sequence() {
            self.fault(list.place(), format!("`{key}` must be a list of names"), None);
        }
        list.items().filter_map(|it| it.as_str()).collect()
    }

    fn versions(&mut self, spec: Field<'a>) -> Vec<Version> {
        let Some(given) = spec.get("kubernetes") else { return Vec::new() };
        let list: Vec<_> = if given.node().is_sequence() { given.items().collect() } else { vec![given] };
        let mut versions = Vec::new();
        for text in list.into_iter().flat_map(|it| it.text().split(',').map(move |text| (it, text.trim()))) {
            match text.1.parse::<Version>() {
                Ok(version) => versions.push(version),
                Err(error) => self.fault(text.0.place(), error.to_string(), None),
            }
        }
        versions
    }

    fn node(&mut self, field: Field<'a>) -> NodeFacts {
        self.expect_keys(field, NODE);
        let text = |key: &str| field.get(key).map(|it| it.text().to_owned());
        let labels = field.get("labels").into_iter().flat_map(|it| it.entries());
        NodeFacts {
            name: text("name"),
            count: field.get("count").and_then(|it| it.as_int()).and_then(|it| u32::try_from(it).ok()).unwrap_or(1),
            zone: text("zone"),
            instance_type: text("instanceType"),
            labels: labels.map(|(key, value)| (key.to_owned(), value.text().to_owned())).collect(),
            taints: field.items_at("taints").map(taint).collect(),
        }
    }
}

const SPEC: &[&str] =
    &["kubernetes", "manifests", "complete", "cluster", "externals", "services", "promises", "environments", "policy"];
const CLUSTER: &[&str] = &["from", "platform", "runtime", "zones", "nodes", "installed"];
const NODE: &[&str] = &["name", "count", "instanceType", "cpu", "memory", "zone", "labels", "taints"];

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
