//! Services (`ValidateServiceCreate`).

use std::collections::{BTreeMap, BTreeSet};

use super::super::meta;
use super::super::names::{self, Form};
use super::super::net::{self, Ip};
use super::super::value::Value;
use seaworthy_cel::quoted;

mod families;
pub(in crate::validate) mod typed;
mod warnings;

/// A Service as the server holds it once it has set its defaults and made its cluster IPs agree.
struct Service<'r> {
    object: Value<'r>,
    spec: Value<'r>,
    /// `spec.type`.
    kind: &'r str,
    /// `spec.clusterIPs`, or the one of `spec.clusterIP` (`normalizeClusterIPs`).
    cluster_ips: Vec<Value<'r>>,
    /// `spec.ports`, with the node ports they get.
    ports: Vec<Port<'r>>,
}

struct Port<'r> {
    value: Value<'r>,
    number: i64,
    protocol: &'r str,
    node_port: i64,
}

/// Which field an annotation had before: the ranges of a load balancer.
const SOURCE_RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
const TOPOLOGY_HINTS: &str = "service.kubernetes.io/topology-aware-hints";
const TOPOLOGY_MODE: &str = "service.kubernetes.io/topology-mode";
const LOAD_BALANCER_ALONE: &str = "may only be used when `type` is 'LoadBalancer'";
/// The longest a client keeps its endpoint, in seconds (`MaxClientIPServiceAffinitySeconds`).
const AFFINITY_LIMIT: i64 = 86400;

/// The validation of a Service. Its addresses and ports are allocated before: what is wrong there is said alone.
pub(super) fn service(object: Value<'_>) {
    let mut service = Service::of(object);
    if !families::allocate(&service) || !service.allocate_node_ports() {
        return;
    }
    meta::object_meta_by(object, &|name| names::service_faults(object, name));
    service.judge();
    if !object.run().refuses() {
        warnings::warn(&service);
    }
}

impl<'r> Service<'r> {
    fn of(object: Value<'r>) -> Self {
        let spec = object.get("spec");
        let one = spec.given("clusterIP").filter(|it| !it.is_empty());
        let cluster_ips = match one {
            Some(one) if spec.len_of("clusterIPs") == 0 => vec![one.named("spec.clusterIPs[0]")],
            _ => spec.items_of("clusterIPs").collect(),
        };
        let ports = spec.items_of("ports").map(|value| Port {
            value,
            number: value.int_of("port"),
            protocol: value.given("protocol").map_or("TCP", |it| it.str_or("TCP")),
            node_port: value.int_of("nodePort"),
        });
        Self { object, spec, kind: typed::kind(spec), cluster_ips, ports: ports.collect() }
    }

    /// `isHeadlessService`.
    fn is_headless(&self) -> bool {
        matches!(self.cluster_ips.as_slice(), [one] if one.str() == "None") || self.stays_headless()
    }

    /// Whether it has no address of its own since it had none before, and does not say another (`patchAllocatedValues`).
    fn stays_headless(&self) -> bool {
        let was = |before: Value<'_>| {
            let spec = before.get("spec");
            let mut addresses = spec.items_of("clusterIPs").chain([spec.get("clusterIP")]);
            typed::kind(spec) != "ExternalName" && addresses.any(|it| it.str() == "None")
        };
        self.cluster_ips.is_empty()
            && self.kind != "ExternalName"
            && self.object.run().before.is_some_and(|before| was(before.root()))
    }

    fn annotation(&self, key: &str) -> Option<Value<'r>> {
        self.object.get("metadata").given("annotations")?.entry(key)
    }

    /// `initNodePorts`, as it is without anything allocated before: gives whether every port can have its own.
    fn allocate_node_ports(&mut self) -> bool {
        let allocates = match self.kind {
            "NodePort" => true,
            "LoadBalancer" => self.spec.get("allocateLoadBalancerNodePorts").opt_bool().unwrap_or(true),
            _ => return true,
        };
        // What is asked for first for each number of a port, and what the numbers got.
        let mut wanted: BTreeMap<i64, i64> = BTreeMap::new();
        for port in self.ports.iter().filter(|port| port.node_port != 0) {
            wanted.entry(port.number).or_insert(port.node_port);
        }
        let (mut given, mut taken) = (BTreeMap::new(), BTreeSet::new());
        for port in &mut self.ports {
            if port.node_port == 0 && !allocates {
                continue;
            }
            let before: Option<i64> = given.get(&port.number).copied();
            let asked = match before {
                None => wanted.get(&port.number).copied(),
                Some(before) if port.node_port == 0 || before == port.node_port => {
                    port.node_port = before;
                    continue;
                }
                Some(_) => Some(port.node_port),
            };
            // Of those that nobody asks for, the cluster alone knows which it is.
            let node_port = asked.unwrap_or_else(|| taken.last().copied().unwrap_or(32768) + 1);
            if !taken.insert(node_port) {
                let field = port.value.get("nodePort");
                field.invalid_shown(&node_port.to_string(), "provided port is already allocated");
                return false;
            }
            if before.is_none() {
                port.node_port = node_port;
                given.insert(port.number, node_port);
            }
        }
        true
    }

    /// `validateService`.
    fn judge(&self) {
        self.judge_topology();
        if self.ports.is_empty() && !self.is_headless() && self.kind != "ExternalName" {
            self.spec.get("ports").required("");
        }
        self.judge_kind();
        let mut names = BTreeSet::new();
        for port in &self.ports {
            self.judge_port(port, &mut names);
        }
        meta::labels(self.spec.get("selector"));
        self.judge_affinity();
        self.judge_external_ips();
        if !matches!(self.kind, "ClusterIP" | "ExternalName" | "LoadBalancer" | "NodePort") {
            self.spec.get("type").not_supported(&["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
        }
        self.judge_node_ports();
        self.judge_duplicate_ports();
        self.judge_load_balancer();
        self.judge_traffic();
        let was = self.object.run().before.map(|before| before.root().get("spec"));
        typed::judge(self.spec, was);
    }

    fn judge_topology(&self) {
        if let (Some(hints), Some(mode)) = (self.annotation(TOPOLOGY_HINTS), self.annotation(TOPOLOGY_MODE))
            && hints.str() != mode.str()
        {
            mode.invalid(&format!("must match annotations[{TOPOLOGY_HINTS}] when both are specified"));
        }
    }

    fn judge_kind(&self) {
        let spec = self.spec;
        match self.kind {
            "LoadBalancer" | "NodePort" if self.is_headless() => {
                let none = self.cluster_ips.first().copied().unwrap_or(spec.get("clusterIP"));
                let words = format!("may not be set to 'None' for {} services", self.kind);
                none.named("spec.clusterIPs[0]").invalid_text("None", &words);
            }
            "LoadBalancer" => {
                // The ports of kubelets were out of bounds before 1.33.
                for port in self.ports.iter().filter(|port| port.number == 10250 && !port.value.since(33)) {
                    let words = "may not expose port 10250 externally since it is used by kubelet";
                    port.value.invalid_shown("10250", words);
                }
            }
            "ExternalName" => {
                let field = spec.get("externalName");
                let name = field.str().strip_suffix('.').unwrap_or(field.str());
                if name.is_empty() {
                    field.required("");
                } else {
                    for fault in Form::Subdomain.faults(name) {
                        field.invalid_text(name, &fault);
                    }
                }
            }
            _ => {}
        }
    }

    /// `validateServicePort`.
    fn judge_port(&self, port: &Port<'r>, names: &mut BTreeSet<&'r str>) {
        let name = port.value.get("name");
        if !name.is_empty() {
            name.invalid_each(Form::Label.faults(name.str()));
            if !names.insert(name.str()) {
                name.duplicate();
            }
        } else if self.ports.len() > 1 {
            name.required("");
        }
        net::port_number(port.value.get("port"));
        if !net::PROTOCOLS.contains(&port.protocol) {
            port.value.get("protocol").not_supported(net::PROTOCOLS);
        }
        let target = port.value.get("targetPort");
        if target.is_empty() || target.opt_int() == Some(0) {
            if !net::is_port(port.number) {
                target.invalid_shown(&port.number.to_string(), net::PORT_RANGE);
            }
        } else {
            net::port_number_or_name(target);
        }
        port.value.given("appProtocol").into_iter().for_each(meta::label_name);
    }

    fn judge_affinity(&self) {
        let Some(affinity) = self.spec.given("sessionAffinity") else { return };
        match affinity.str_or("None") {
            "None" => {}
            "ClientIP" => {
                let timeout = self.spec.at("sessionAffinityConfig.clientIP.timeoutSeconds");
                if timeout.opt_int().is_some_and(|seconds| !(1..=AFFINITY_LIMIT).contains(&seconds)) {
                    timeout.invalid(&format!("must be greater than 0 and less than {AFFINITY_LIMIT}"));
                }
            }
            _ => affinity.not_supported(&["ClientIP", "None"]),
        }
    }

    fn judge_external_ips(&self) {
        for ip in self.spec.items_of("externalIPs") {
            if net::legacy_ip(ip, ip.str()).is_some() {
                net::endpoint_ip(ip, ip.str());
            }
        }
    }

    fn judge_node_ports(&self) {
        let mut seen = BTreeSet::new();
        for port in self.ports.iter().filter(|port| port.node_port != 0) {
            if !seen.insert((port.protocol, port.node_port)) {
                port.value.get("nodePort").duplicate_shown(&port.node_port.to_string());
            }
        }
    }

    fn judge_duplicate_ports(&self) {
        let mut seen = BTreeSet::new();
        for port in &self.ports {
            if !seen.insert((port.protocol, port.number)) {
                port.value.duplicate_shown(&key_shown(port));
            }
        }
    }

    fn judge_load_balancer(&self) {
        let (spec, balances) = (self.spec, self.kind == "LoadBalancer");
        if let Some(ranges) = spec.given("loadBalancerSourceRanges").filter(|it| !it.is_empty()) {
            if !balances {
                ranges.named("spec.LoadBalancerSourceRanges").forbidden(LOAD_BALANCER_ALONE);
            }
            for range in ranges.items() {
                let text = range.str().trim();
                if !net::Cidr::parse(text).is_some_and(net::Cidr::is_strict) {
                    net::legacy_cidr(range.named(format!("spec.LoadBalancerSourceRanges[{}]", range.index())), text);
                }
            }
        } else if let Some(annotation) = self.annotation(SOURCE_RANGES) {
            if !balances {
                annotation.forbidden(LOAD_BALANCER_ALONE);
            }
            let text = annotation.str().trim();
            if !text.is_empty() {
                for range in text.split(',') {
                    net::legacy_cidr(annotation, range.trim());
                }
            }
        }
        if balances {
            spec.given("loadBalancerClass").into_iter().for_each(meta::label_name);
        }
    }

    /// `validateServiceExternalTrafficPolicy` and its neighbours.
    fn judge_traffic(&self) {
        let is_other = |it: &Value<'_>| !matches!(it.str(), "Cluster" | "Local");
        if let Some(policy) = self.spec.given("externalTrafficPolicy").filter(|it| is_other(it) && !it.is_empty())
            && typed::is_external(self.spec)
        {
            policy.not_supported(&["Cluster", "Local"]);
        }
        if let Some(health) = self.spec.given("healthCheckNodePort").filter(|it| it.int() != 0)
            && typed::is_checked(self.spec)
        {
            net::port_number(health);
        }
        if let Some(internal) = self.spec.given("internalTrafficPolicy").filter(is_other) {
            internal.not_supported(&["Cluster", "Local"]);
        }
        let Some(distribution) = self.spec.given("trafficDistribution") else { return };
        match distribution.opt_str() {
            None | Some("PreferClose") => {}
            // Alpha before: a server drops it.
            Some(_) if !distribution.since(31) => {}
            Some(_) if !distribution.since(34) => distribution.not_supported(&["PreferClose"]),
            Some("PreferSameZone" | "PreferSameNode") => {}
            Some(_) => distribution.not_supported(&["PreferClose", "PreferSameZone", "PreferSameNode"]),
        }
    }

    fn addresses(&self) -> impl Iterator<Item = Value<'r>> {
        let set = !self.is_headless() && !self.spec.str_of("clusterIP").is_empty();
        self.cluster_ips.iter().copied().filter(move |_| set)
    }

    fn ip_at(&self, index: usize) -> Option<Ip> {
        self.cluster_ips.get(index).and_then(|ip| Ip::parse(ip.str()))
    }
}

/// The key of a port as Go prints it: a port with a protocol and a number alone.
fn key_shown(port: &Port<'_>) -> String {
    let (protocol, number) = (quoted(port.protocol), port.number);
    if port.value.since(34) {
        format!(
            "{{\"Name\":\"\",\"Protocol\":{protocol},\"AppProtocol\":null,\"Port\":{number},\"TargetPort\":0,\
             \"NodePort\":0}}"
        )
    } else {
        format!(
            "core.ServicePort{{Name:\"\", Protocol:{protocol}, AppProtocol:(*string)(nil), Port:{number}, \
             TargetPort:intstr.IntOrString{{Type:0, IntVal:0, StrVal:\"\"}}, NodePort:0}}"
        )
    }
}
