//! What servers warn of (k8s.io/kubernetes, pkg/api/service, `GetWarningsForService`).

use super::super::super::net;
use super::super::super::value::Value;
use super::{Service, TOPOLOGY_HINTS, TOPOLOGY_MODE};

pub(super) fn warn(service: &Service<'_>) {
    let spec = service.spec;
    if let Some(hints) = service.annotation(TOPOLOGY_HINTS) {
        hints.warn(format!("annotation {TOPOLOGY_HINTS} is deprecated, please use {TOPOLOGY_MODE} instead"));
    }
    service.addresses().for_each(net::warn_ip);
    let set = |name: &str| spec.given(name).filter(|it| !it.is_empty());
    let (external, balancer) = (set("externalIPs"), set("loadBalancerIP"));
    let headless = service.kind == "ClusterIP" && spec.str_of("clusterIP") == "None";
    if headless {
        for (field, name) in [(balancer, "loadBalancerIP"), (external, "externalIPs")] {
            if let Some(field) = field.filter(|it| it.since(34)) {
                field.warn(format!("spec.{name} is ignored for headless services"));
            }
        }
        let affinity = spec.get("sessionAffinity");
        if affinity.str_or("None") != "None" && affinity.since(34) {
            affinity.warn("spec.SessionAffinity is ignored for headless services");
        }
    }
    external.into_iter().flat_map(Value::items).for_each(net::warn_ip);
    let ignored = service.kind == "ExternalName";
    if let Some(external) = external.filter(|it| !headless && !ignored && it.since(36)) {
        external.warn("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
    }
    balancer.into_iter().for_each(net::warn_ip);
    spec.items_of("loadBalancerSourceRanges").for_each(net::warn_cidr);
    if let Some(external) = external.filter(|_| ignored) {
        external.warn("spec.externalIPs is ignored when spec.type is \"ExternalName\"");
    }
    if let Some(name) = set("externalName").filter(|_| !ignored) {
        name.warn("spec.externalName is ignored when spec.type is not \"ExternalName\"");
    }
    let close = |it: &Value<'_>| it.str() == "PreferClose" && it.since(35);
    if let Some(distribution) = spec.given("trafficDistribution").filter(close) {
        distribution.warn("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
    }
}
