//! From how far out pods and Services can be reached.

use core::net::IpAddr;
use seaworthy_source::order;

use foldhash::HashMap;
use seaworthy_object::{Field, Object, Pod};

use crate::ordered::{Placed, insert};
use crate::reads::Key;
use crate::{Exposure, Fleet};

/// A place that lets something be reached.
#[derive(Debug, Clone)]
pub struct Exposed<'a> {
    /// From how far out.
    pub to: Exposure,
    /// The value that does it.
    pub at: Field<'a>,
    /// What it is, as a person would say it: ``Service `web` is a LoadBalancer``.
    pub by: String,
}

/// What leads traffic from outside, by namespace and name of the Service it leads to.
pub(crate) type Routes<'a> = HashMap<(&'a str, &'a str), Vec<&'a Object<'a>>>;

/// Annotations that keep a load balancer within the provider's network, and their values (the providers'
/// documentation).
const INTERNAL: &[(&str, &[&str])] = &[
    ("service.beta.kubernetes.io/aws-load-balancer-internal", &["true", "0.0.0.0/0"]),
    ("service.beta.kubernetes.io/aws-load-balancer-scheme", &["internal"]),
    ("alb.ingress.kubernetes.io/scheme", &["internal"]),
    ("networking.gke.io/load-balancer-type", &["Internal"]),
    ("cloud.google.com/load-balancer-type", &["Internal", "internal"]),
    ("service.beta.kubernetes.io/azure-load-balancer-internal", &["true"]),
    ("service.beta.kubernetes.io/openstack-internal-load-balancer", &["true"]),
    ("service.beta.kubernetes.io/oci-load-balancer-internal", &["true"]),
    ("oci-network-load-balancer.oraclecloud.com/internal", &["true"]),
    ("service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type", &["private"]),
    ("service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type", &["intranet"]),
    ("service.beta.kubernetes.io/do-loadbalancer-network", &["INTERNAL"]),
    ("load-balancer.hetzner.cloud/disable-public-network", &["true"]),
];

/// Annotations that list who may come in.
const SOURCE_RANGES: &[&str] = &[
    "service.beta.kubernetes.io/load-balancer-source-ranges",
    "service.beta.kubernetes.io/azure-allowed-ip-ranges",
    "service.beta.kubernetes.io/do-loadbalancer-allow-rules",
];

/// Platforms on somebody's own machine: a load balancer there is no way in from the internet.
const LOCAL: &[&str] = &["docker-desktop", "k3d", "kind", "minikube"];

/// Kinds of the Gateway API that lead to Services.
const ROUTES: &[&str] = &["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"];

impl<'a> Fleet<'a> {
    /// Everything that lets workloads and their Services be reached, the farthest first.
    #[must_use]
    pub fn exposures(&self, workloads: &[&'a Object<'a>], services: &[&'a Object<'a>]) -> Vec<Exposed<'a>> {
        let mut all: Vec<Exposed<'a>> = workloads.iter().filter_map(|it| it.pod()).flat_map(open_ports).collect();
        for object in services {
            all.extend(of_service(object));
            let namespace = object.namespace().unwrap_or("default");
            self.reads.key(Key::Route(namespace, object.name()));
            let routes = self.routes().get(&(namespace, object.name()));
            all.extend(routes.into_iter().flatten().flat_map(|it| leading(it, namespace, object.name())));
        }
        order::sort_by_key(&mut all, |it| std::cmp::Reverse(it.to));
        all
    }

    /// True if everybody on the internet reaches the load balancer of a Service: it is not internal, nothing says who
    /// may come in, and the cluster is not known to run on somebody's own machine.
    #[must_use]
    pub fn is_open_to_world(&self, service: &Object<'_>) -> bool {
        let is_local = self.facts().platform.as_deref().is_some_and(|it| LOCAL.contains(&it));
        !is_local && is_load_balancer(service) && !is_internal(service) && !has_source_ranges(service)
    }

    /// True if the Fleet document wants a Service to be reached from everywhere.
    #[must_use]
    pub fn is_meant_to_be_public(&self, service: &Object<'_>) -> bool {
        let mut public =
            self.modelled().iter().filter(|it| it.declared.exposure.is_some_and(|it| it.value == Exposure::Public));
        public.any(|it| it.services.iter().any(|it| it.reference() == service.reference()))
    }

    fn routes(&self) -> &Routes<'a> {
        self.routes.get_or_init(|| {
            let mut routes = Routes::default();
            self.objects.iter().for_each(|it| add_routes(&mut routes, it));
            routes
        })
    }
}

/// Takes in where an object leads.
pub(crate) fn add_routes<'a>(routes: &mut Routes<'a>, object: &'a Object<'a>) {
    for (namespace, name, _) in backends(object) {
        let list = routes.entry((namespace, name)).or_default();
        if list.last().is_none_or(|last| last.order() < object.order()) {
            list.push(object);
        } else {
            insert(list, object);
        }
    }
}

/// The ways in by which an object leads to one Service.
fn leading<'a>(object: &'a Object<'a>, namespace: &str, name: &str) -> Vec<Exposed<'a>> {
    let to = if is_internal(object) { Exposure::Internal } else { Exposure::Public };
    let by = || format!("{} leads to it", object.reference());
    let backends = backends(object).into_iter().filter(|it| (it.0, it.1) == (namespace, name));
    backends.map(|(.., at)| Exposed { to, at, by: by() }).collect()
}

/// The Services an object leads traffic to from outside: namespace, name, and where the name stands.
pub(crate) fn backends<'a>(object: &'a Object<'a>) -> Vec<(&'a str, &'a str, Field<'a>)> {
    let own = object.namespace().unwrap_or("default");
    let names: Vec<Field<'a>> = match (object.group_kind().group, object.kind()) {
        ("networking.k8s.io", "Ingress") => {
            let paths = object.field().items_at("spec.rules").flat_map(|rule| rule.items_at("http.paths"));
            let backends = paths.filter_map(|path| path.get("backend"));
            let default = ["spec.defaultBackend", "spec.backend"].into_iter().filter_map(|it| object.at(it));
            backends.chain(default).filter_map(|it| it.at("service.name").or_else(|| it.get("serviceName"))).collect()
        }
        ("gateway.networking.k8s.io", kind) if ROUTES.contains(&kind) => {
            let rules = object.field().items_at("spec.rules");
            return rules
                .flat_map(|rule| rule.items_at("backendRefs"))
                .filter(|it| it.str_at("kind").unwrap_or("Service") == "Service")
                .filter_map(|it| Some((it.str_at("namespace").unwrap_or(own), it.str_at("name")?, it.get("name")?)))
                .collect();
        }
        ("route.openshift.io", "Route") => object.at("spec.to.name").into_iter().collect(),
        ("networking.istio.io", "VirtualService") => return behind_gateways(object, own),
        _ => return Vec::new(),
    };
    names.into_iter().map(|name| (own, name.text(), name)).collect()
}

/// The hosts a VirtualService leads to from a gateway; without one it speaks about calls within the mesh.
fn behind_gateways<'a>(object: &'a Object<'a>, own: &'a str) -> Vec<(&'a str, &'a str, Field<'a>)> {
    if !object.field().items_at("spec.gateways").any(|it| it.text() != "mesh") {
        return Vec::new();
    }
    let routes = ["spec.http", "spec.tcp", "spec.tls"].into_iter().flat_map(|it| object.field().items_at(it));
    let hosts = routes.flat_map(|it| it.items_at("route")).filter_map(|it| it.at("destination.host"));
    hosts
        .map(|host| {
            let mut parts = host.text().split('.');
            (parts.next().unwrap_or(""), parts.next().unwrap_or(own), host)
        })
        .map(|(name, namespace, host)| (namespace, name, host))
        .collect()
}

fn of_service<'a>(service: &'a Object<'a>) -> Option<Exposed<'a>> {
    let kind = service.at("spec.type");
    let reference = service.reference();
    let (to, at, by) = match kind.map(|it| it.text()) {
        Some("LoadBalancer") => {
            let to = if is_internal(service) { Exposure::Internal } else { Exposure::Public };
            (to, kind?, format!("{reference} is a LoadBalancer"))
        }
        Some("NodePort") => (Exposure::Node, kind?, format!("{reference} is a NodePort")),
        _ => match service.at("spec.externalIPs").filter(|it| !it.node().is_empty()) {
            Some(addresses) => (Exposure::Internal, addresses, format!("{reference} has external addresses")),
            None => (Exposure::Cluster, service.at("metadata.name")?, format!("there is {reference}")),
        },
    };
    Some(Exposed { to, at, by })
}

/// Ports of the node that a pod opens by itself.
fn open_ports(pod: Pod<'_>) -> Vec<Exposed<'_>> {
    let reference = pod.object().reference();
    if let Some(flag) = pod.spec().at("hostNetwork").filter(|it| it.is_true()) {
        return vec![Exposed { to: Exposure::Node, at: flag, by: format!("{reference} lives in the node's network") }];
    }
    let ports = pod.containers().flat_map(|it| it.ports()).filter_map(|it| it.field().get("hostPort"));
    let open = ports.filter(|it| it.as_int().is_some_and(|port| port > 0));
    open.map(|at| {
        let by = format!("{reference} opens port {} of its node", at.text());
        Exposed { to: Exposure::Node, at, by }
    })
    .collect()
}

/// True for a range that nobody reaches from outside (RFC 1918 and 4193).
fn is_private(range: &str) -> bool {
    match range.split('/').next().unwrap_or(range).parse() {
        Ok(IpAddr::V4(address)) => address.is_private(),
        Ok(IpAddr::V6(address)) => address.is_unique_local(),
        Err(_) => false,
    }
}

fn is_load_balancer(service: &Object<'_>) -> bool {
    service.root().at(["spec", "type"]).is_some_and(|it| it.text() == "LoadBalancer")
}

/// True if a Service says who may come in, and that is not everybody.
fn has_source_ranges(service: &Object<'_>) -> bool {
    let field = service.root().at(["spec", "loadBalancerSourceRanges"]);
    let annotations = service.root().at(["metadata", "annotations"]);
    let listed = SOURCE_RANGES.iter().filter_map(|key| annotations?.get(key)).flat_map(|it| it.text().split(','));
    let ranges = field.into_iter().flat_map(|it| it.items()).map(|it| it.text()).chain(listed).map(str::trim);
    let mut ranges = ranges.filter(|range| !range.is_empty()).peekable();
    ranges.peek().is_some() && ranges.all(|range| !range.ends_with("/0"))
}

/// True for what the AWS load balancer controller makes, unless a scheme is given: internal is its default.
fn is_internal_by_default(object: &Object<'_>) -> bool {
    let annotation = |key: &str| object.root().at(["metadata", "annotations", key]).map_or("", |it| it.text());
    let schemes = ["alb.ingress.kubernetes.io/scheme", "service.beta.kubernetes.io/aws-load-balancer-scheme"];
    let older = "service.beta.kubernetes.io/aws-load-balancer-internal";
    let class = |key: &str| object.root().at(["spec", key]).map_or("", |it| it.text());
    let is_its_own = matches!(annotation("service.beta.kubernetes.io/aws-load-balancer-type"), "external" | "nlb-ip")
        || matches!(class("loadBalancerClass"), "service.k8s.aws/nlb")
        || class("ingressClassName") == "alb"
        || annotation("kubernetes.io/ingress.class") == "alb";
    is_its_own && schemes.iter().chain([&older]).all(|key| annotation(key).is_empty())
}

/// True for load balancers and Ingresses that stay within the provider's network.
#[must_use]
pub fn is_internal(object: &Object<'_>) -> bool {
    let annotated = INTERNAL.iter().any(|(key, values)| {
        let annotations = object.root().at(["metadata", "annotations"]);
        annotations.and_then(|it| it.get(key)).is_some_and(|it| values.contains(&it.text()))
    });
    let class = object.root().at(["spec", "ingressClassName"]).map_or("", |it| it.text());
    let mut ranges =
        object.root().at(["spec", "loadBalancerSourceRanges"]).into_iter().flat_map(|it| it.items()).peekable();
    annotated
        || is_internal_by_default(object)
        || class.contains("internal")
        || class.contains("private")
        || ranges.peek().is_some() && ranges.all(|it| is_private(it.text()))
}
