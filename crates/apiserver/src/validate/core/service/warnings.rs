//! What servers warn of (k8s.io/kubernetes, pkg/api/service, `GetWarningsForService`).

use super::super::super::net;
use super::{Service, TOPOLOGY_HINTS, TOPOLOGY_MODE};

pub(super) fn warn(service: &Service<'_>) {
    let spec = service.spec;
    if let Some(hints) = service.annotation(TOPOLOGY_HINTS) {
        hints.warn(format!("annotation {TOPOLOGY_HINTS} is deprecated, please use {TOPOLOGY_MODE} instead"));
    }
    service.addresses().for_each(net::warn_ip);
    let (external, balancer) = (spec.get("externalIPs"), spec.get("loadBalancerIP"));
    let headless = service.kind == "ClusterIP" && spec.get("clusterIP").str() == "None";
    if headless {
        for (field, name) in [(balancer, "loadBalancerIP"), (external, "externalIPs")] {
            if !field.is_empty() && field.since(34) {
                field.warn(format!("spec.{name} is ignored for headless services"));
            }
        }
        let affinity = spec.get("sessionAffinity");
        if affinity.str_or("None") != "None" && affinity.since(34) {
            affinity.warn("spec.SessionAffinity is ignored for headless services");
        }
    }
    external.items().for_each(net::warn_ip);
    let ignored = service.kind == "ExternalName";
    if !external.is_empty() && !headless && !ignored && external.since(36) {
        external.warn("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
    }
    if !balancer.is_empty() {
        net::warn_ip(balancer);
    }
    spec.items_of("loadBalancerSourceRanges").for_each(net::warn_cidr);
    if ignored && !external.is_empty() {
        external.warn("spec.externalIPs is ignored when spec.type is \"ExternalName\"");
    }
    let name = spec.get("externalName");
    if !ignored && !name.is_empty() {
        name.warn("spec.externalName is ignored when spec.type is not \"ExternalName\"");
    }
    let distribution = spec.get("trafficDistribution");
    if distribution.str() == "PreferClose" && distribution.since(35) {
        distribution.warn("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
    }
}
