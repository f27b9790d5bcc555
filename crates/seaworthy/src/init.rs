//! The Fleet document that describes what is there: a beginning for people who want to say what is meant.

use seaworthy_source::order;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use seaworthy_fleet::{Exposure, Fleet, Host, HostName, hosts_in, references};
use seaworthy_object::{Field, Object, Pod};
use serde::Serialize;

use crate::understanding::Understanding;

/// A service as it is written.
#[derive(Serialize, Default)]
struct Service<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    workload: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<Names<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    ports: BTreeSet<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exposure: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stateful: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<Scale>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replicas: Option<i64>,
}

/// One name, or several.
#[derive(Serialize)]
#[serde(untagged)]
enum Names<'a> {
    One(&'a str),
    Several(Vec<&'a str>),
}

impl<'a> Names<'a> {
    /// What must be said; nothing where the only name is the service's own.
    fn of(names: Vec<&'a str>, own: &str) -> Option<Self> {
        match names.as_slice() {
            [] => None,
            [name] if *name == own => None,
            [name] => Some(Names::One(name)),
            _ => Some(Names::Several(names)),
        }
    }
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Link<'a> {
    to: String,
    host: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<i64>,
}

#[derive(Serialize)]
struct Scale {
    min: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu: Option<i64>,
}

#[derive(Serialize)]
struct External<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    ports: BTreeSet<i64>,
}

/// A workload that becomes a service, with the Services that lead to it.
struct Found<'a> {
    name: String,
    workload: &'a Object<'a>,
    services: Vec<&'a Object<'a>>,
    names_repeat: bool,
}

const HEAD: &str = "\
# What this fleet is meant to be. `seaworthy check` compares the manifests with it, and says where they differ.
# Everything below was found in them: correct it where they are wrong, and add what they cannot say.
";

const COMPLETE: &str = "
  # Nothing else runs in the cluster: what is not found in these files is then missing, not merely unknown.
  # complete: true
";

const CLUSTER: &str = "
  # What the cluster is and brings. Claims, classes and autoscalers are judged by it.
  # cluster:
  #   platform: eks               # eks, gke, aks, kops, kubeadm, k3s, kind, minikube, …
  #   zones: [us-east-1a, us-east-1b]
  #   nodes: [{count: 3, instanceType: t3.medium}]
  #   installed: [metrics-server, ingress-nginx, aws-ebs-csi-driver]
";

const EXTERNALS: &str = "
  # What the fleet uses and somebody else runs: no workload in these files is behind it.
";

const SERVICES: &str = "
  # The services. Links are those that variables, arguments and ConfigMaps spell out; hosts that are fixed in an image
  # are worth adding: {to: queue, host: queue.default.svc.cluster.local, port: 61616}.
  # More can be said of each: `stateful: accepted-risk`, `writers: [tracker]`, `promises: [zero-downtime]`.
";

/// The Fleet document of what was understood.
pub(crate) fn document(understanding: &Understanding<'_>) -> String {
    let fleet = &understanding.fleet;
    let found = found(fleet);
    let mut text = HEAD.to_owned();
    text += "apiVersion: seaworthy/v1alpha1\nkind: Fleet\n";
    let name = name(understanding.sources.iter().map(|it| it.name()));
    text += &yaml(&BTreeMap::from([("metadata", BTreeMap::from([("name", name)]))]), "");
    text += "spec:\n";
    let versions: Vec<String> = fleet.facts().versions.iter().map(|it| it.to_string()).collect();
    let _ = match versions.as_slice() {
        [one] => writeln!(text, "  kubernetes: \"{one}\""),
        several => writeln!(text, "  kubernetes: [\"{}\"]", several.join("\", \"")),
    };
    text += COMPLETE;
    text += CLUSTER;
    let externals = externals(fleet, &found);
    if !externals.is_empty() {
        text += EXTERNALS;
        text += "  externals:\n";
        text += &yaml(&externals, "  ");
    }
    if !found.is_empty() {
        text += SERVICES;
        text += "  services:\n";
        for service in &found {
            text += &yaml(&BTreeMap::from([(service.name.as_str(), written(fleet, service, &found))]), "    ");
        }
    }
    text
}

/// A value as YAML, indented; short lists stand on one line.
fn yaml(value: &impl Serialize, indent: &str) -> String {
    let text = yaml_serde::to_string(value).unwrap_or_default();
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match (line.trim_start().strip_prefix("- "), lines.last_mut()) {
            (Some(item), Some(list)) if is_plain(item) && list.ends_with(':') => *list += &format!(" [{item}]"),
            (Some(item), Some(list)) if is_plain(item) && list.ends_with(']') => {
                list.truncate(list.len() - 1);
                *list += &format!(", {item}]");
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines.into_iter().map(|line| format!("{indent}{line}\n")).collect()
}

/// True for a scalar that means the same within brackets.
fn is_plain(item: &str) -> bool {
    item.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.' | b'/'))
}

/// The name of the folder that holds all sources.
fn name<'n>(mut names: impl Iterator<Item = &'n str>) -> String {
    let folder = |name: &'n str| name.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
    let first = names.next().map_or("", folder);
    let mut common: Vec<&str> = first.split(['/', '\\']).collect();
    for name in names {
        let same =
            common.iter().zip(folder(name).split(['/', '\\'])).take_while(|(left, right)| *left == right).count();
        common.truncate(same);
    }
    let last = common.last().copied().unwrap_or("");
    let is_name = |text: &str| text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-') && !text.is_empty();
    if is_name(last) { last.to_ascii_lowercase() } else { "fleet".to_owned() }
}

/// The workloads that are services: those that keep running, without parts of the cluster unless there is nothing else.
fn found<'a>(fleet: &Fleet<'a>) -> Vec<Found<'a>> {
    let all: Vec<_> = fleet.workloads().filter(|it| !it.name().is_empty() && !ends(it)).collect();
    let own: Vec<_> = all.iter().copied().filter(|it| !fleet.is_part_of_cluster(it)).collect();
    let own = if own.is_empty() { all } else { own };
    let mut found: Vec<Found<'a>> = Vec::new();
    for &workload in &own {
        let names_repeat = own.iter().filter(|it| it.name() == workload.name()).count() > 1;
        let mut name = workload.name().to_owned();
        if names_repeat {
            name = format!("{name}-{}", workload.kind().to_ascii_lowercase());
        }
        if found.iter().any(|it| it.name == name) || names_repeat && own.iter().any(|it| it.name() == name) {
            name = format!("{}-{name}", workload.namespace().unwrap_or("default"));
        }
        while found.iter().any(|it| it.name == name) {
            name.push_str("-2");
        }
        let mut services: Vec<_> = workload.pod().map(|pod| fleet.services_of(pod).to_vec()).unwrap_or_default();
        services.retain(|it| fleet.is_last_definition(it));
        if let Some(namesake) = fleet.object("", "Service", workload.namespace(), &name)
            && !services.iter().any(|it| std::ptr::eq(*it, namesake))
        {
            services.push(namesake);
        }
        order::sort_by_key(&mut services, |it| it.name());
        found.push(Found { name, workload, services, names_repeat });
    }
    found
}

fn written<'a>(fleet: &Fleet<'a>, service: &Found<'a>, all: &[Found<'a>]) -> Service<'a> {
    let Found { workload, services, .. } = service;
    let pod = workload.pod();
    let names: Vec<&str> = services.iter().map(|it| it.name()).collect();
    let exposures = fleet.exposures(&[workload], services);
    let scaler = fleet.scaler_of(workload);
    let replicas = if workload.is("", "Pod") { None } else { pod.and_then(|it| it.replicas()) };
    Service {
        workload: (service.name != workload.name()).then(|| format!("{}/{}", workload.kind(), workload.name())),
        service: Names::of(names, &service.name),
        namespace: service.names_repeat.then(|| workload.namespace()).flatten(),
        ports: services.iter().flat_map(|it| ports(it)).collect(),
        links: pod.map(|pod| links(fleet, pod, service, all)).unwrap_or_default(),
        exposure: exposures.first().map(|it| it.to).filter(|it| *it > Exposure::None).map(Exposure::as_str),
        stateful: pod.is_some_and(has_claims),
        scale: scaler.and_then(scale),
        replicas: replicas.filter(|&it| it > 1 || it == 0).filter(|_| scaler.is_none()),
    }
}

fn ports<'a>(service: &'a Object<'a>) -> impl Iterator<Item = i64> {
    let ports = service.field().items_at("spec.ports").filter_map(|it| it.get("port")?.as_int());
    ports.filter(|it| (1..=65535).contains(it))
}

/// True if a container that keeps running mounts a claim.
fn has_claims(pod: Pod<'_>) -> bool {
    let templates = pod.object().field().items_at("spec.volumeClaimTemplates");
    let mut templates = templates.filter_map(|it| it.at("metadata.name"));
    let claims = |it: &seaworthy_object::Volume<'_>| it.claim_name().is_some() || it.field().get("ephemeral").is_some();
    templates.any(|it| pod.uses_volume(it.text()))
        || pod.spec().volumes().filter(claims).any(|it| pod.uses_volume(it.name()))
}

fn scale<'a>(scaler: &'a Object<'a>) -> Option<Scale> {
    if scaler.kind() != "HorizontalPodAutoscaler" {
        return None;
    }
    let number = |path: &str| scaler.at(path).and_then(|it| it.as_int()).filter(|&it| it >= 0);
    let resource = |it: Field<'a>| it.get("resource").filter(|it| it.str_at("name") == Some("cpu"));
    let of_metric = |it: Field<'a>| {
        let cpu = resource(it)?;
        cpu.at("target.averageUtilization").or_else(|| cpu.get("targetAverageUtilization"))?.as_int()
    };
    let cpu = number("spec.targetCPUUtilizationPercentage");
    let (min, max) = (number("spec.minReplicas").unwrap_or(1), number("spec.maxReplicas"));
    Some(Scale {
        min,
        max: max.filter(|&max| max >= min),
        cpu: cpu.or_else(|| scaler.field().items_at("spec.metrics").find_map(of_metric)).filter(|&it| it >= 0),
    })
}

/// The calls that variables, arguments and ConfigMaps spell out.
fn links<'a>(fleet: &Fleet<'a>, pod: Pod<'a>, caller: &Found<'a>, all: &[Found<'a>]) -> Vec<Link<'a>> {
    let mut links: Vec<Link<'a>> = Vec::new();
    for (name, text) in texts(fleet, pod) {
        for host in hosts_in(text) {
            let (Host::Service(service) | Host::Pod(_, service)) = fleet.dns().lookup(host.name, pod.namespace())
            else {
                continue;
            };
            let mut targets = all.iter().filter(|it| it.services.iter().any(|it| std::ptr::eq(*it, service)));
            let Some(target) = targets.next().filter(|it| it.name != caller.name) else { continue };
            let serves = host.port.map(|port| fleet.serves(service, port));
            if !is_call(name, host, serves) {
                continue;
            }
            let port = host.port.filter(|_| serves != Some(Some(false)));
            let link = Link { to: target.name.clone(), host: host.name, port };
            if !links.contains(&link) {
                links.push(link);
            }
        }
    }
    order::sort(&mut links);
    links
}

/// A word is a call if it can be nothing else: `redis:7` is an image, and a variable may hold the word `redis`.
fn is_call(variable: &str, host: HostName<'_>, serves: Option<Option<bool>>) -> bool {
    const HINTS: &[&str] = &["HOST", "ADDR", "SERVER", "URL", "URI", "ENDPOINT", "BROKER", "UPSTREAM", "DNS"];
    let variable = variable.to_ascii_uppercase();
    host.in_url
        || host.name.contains('.')
        || serves == Some(Some(true))
        || host.port.is_none() && HINTS.iter().any(|it| variable.contains(it))
}

/// The texts a pod is given, each with the name of its variable or key.
fn texts<'a>(fleet: &Fleet<'a>, pod: Pod<'a>) -> Vec<(&'a str, &'a str)> {
    let mut texts = Vec::new();
    for container in pod.containers() {
        for variable in container.env() {
            texts.extend(variable.get("value").map(|value| (variable.str_at("name").unwrap_or(""), value.text())));
        }
        for key in ["command", "args"] {
            texts.extend(container.field().items_at(key).map(|it| (key, it.text())));
        }
    }
    for reference in references(pod.object()).iter().filter(|it| it.kind == "ConfigMap") {
        let Some(map) = fleet.object("", "ConfigMap", reference.namespace, reference.name) else { continue };
        texts.extend(map.at("data").into_iter().flat_map(|it| it.entries()).map(|(key, value)| (key, value.text())));
    }
    texts
}

/// Services that no workload of the set is behind.
fn externals<'a>(fleet: &Fleet<'a>, found: &[Found<'a>]) -> Vec<External<'a>> {
    let taken = |service: &Object<'_>| found.iter().flat_map(|it| &it.services).any(|it| std::ptr::eq(*it, service));
    let is_ours = |it: &&'a Object<'a>| {
        !taken(it)
            && !it.name().is_empty()
            && fleet.pods_of(it).is_empty()
            && !fleet.is_part_of_cluster(it)
            && !fleet.facts().brings("Service", it.namespace(), it.name())
            // An external of that name would speak for the service.
            && !found.iter().any(|found| found.name == it.name())
    };
    let mut externals: Vec<External<'a>> = Vec::new();
    for service in fleet.services().iter().copied().filter(is_ours) {
        if externals.iter().any(|it| it.name == service.name()) {
            continue;
        }
        let host = service.str_at("spec.externalName");
        externals.push(External { name: service.name(), host, ports: ports(service).collect() });
    }
    externals
}

fn ends(workload: &Object<'_>) -> bool {
    matches!(workload.kind(), "Job" | "CronJob")
}
