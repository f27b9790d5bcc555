//! Fields that not every type of Service may have.

use std::collections::BTreeSet;

use seaworthy_source::order::filled;

use super::super::super::same::same;
use super::super::super::value::Value;
use super::LOAD_BALANCER_ALONE;

/// Judges the fields that the type of the Service does not have, but for those that the server drops of one that takes
/// the place of another.
pub(super) fn judge(spec: Value<'_>, was: Option<Value<'_>>) {
    let drops = |field| was.is_some_and(|was| drops(spec, was, field));
    let kind = kind(spec);
    if kind == "ExternalName" {
        let is_set = |field| spec.given(field).is_some_and(|it| !it.is_empty());
        if ["clusterIP", "clusterIPs"].into_iter().any(|field| is_set(field) && !drops(field)) {
            spec.get("clusterIPs").forbidden(NAMED);
        }
        if !spec.get("ipFamilies").is_empty() && !drops("ipFamilies") {
            spec.get("ipFamilies").forbidden(NAMED);
        }
        if spec.has("ipFamilyPolicy") && !drops("ipFamilyPolicy") {
            spec.get("ipFamilyPolicy").forbidden(NAMED);
        }
    }
    if kind == "ClusterIP" && !drops("nodePort") {
        for port in spec.items_of("ports").filter_map(|port| port.given("nodePort")).filter(|port| port.int() != 0) {
            port.forbidden("may not be used when `type` is 'ClusterIP'");
        }
    }
    if kind != "LoadBalancer" {
        for field in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
            if spec.has(field) && !drops(field) {
                spec.get(field).forbidden(LOAD_BALANCER_ALONE);
            }
        }
    }
    if let Some(policy) = spec.given("externalTrafficPolicy").filter(|it| !it.is_empty())
        && !is_external(spec)
        && !drops("externalTrafficPolicy")
    {
        policy.invalid("may only be set for externally-accessible services");
    }
    if let Some(health) = spec.given("healthCheckNodePort").filter(|it| it.int() != 0)
        && !is_checked(spec)
        && !drops("healthCheckNodePort")
    {
        health.invalid("may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
    }
}

const NAMED: &str = "may not be set for ExternalName services";

/// `dropTypeDependentFields`: what the old type had and the new one has not, if nobody changed it.
fn drops(spec: Value<'_>, was: Value<'_>, field: &str) -> bool {
    let (balanced, kept) = (kind(was) == "LoadBalancer", |field| same(spec.get(field), was.get(field)));
    // Absent in the old object, it has what the server chose.
    let chosen = |field| kind(was) != "ExternalName" && (!was.has(field) || kept(field));
    match field {
        // It is not put into the list if there was one before.
        "clusterIP" => kind(was) != "ExternalName",
        "clusterIPs" => kind(was) != "ExternalName" && kept("clusterIP") && kept("clusterIPs"),
        "ipFamilies" => chosen("ipFamilies"),
        "ipFamilyPolicy" => chosen("ipFamilyPolicy"),
        "nodePort" => matches!(kind(was), "LoadBalancer" | "NodePort") && node_ports(spec).is_subset(&node_ports(was)),
        "allocateLoadBalancerNodePorts" => {
            let allocates = |spec: Value<'_>| spec.get("allocateLoadBalancerNodePorts").opt_bool().unwrap_or(true);
            balanced && allocates(spec) == allocates(was)
        }
        "loadBalancerClass" => balanced && kept("loadBalancerClass"),
        "externalTrafficPolicy" => {
            let policy = |spec: Value<'_>| spec.get("externalTrafficPolicy").str_or("Cluster").to_owned();
            is_external(was) && policy(spec) == policy(was)
        }
        "healthCheckNodePort" => is_checked(was) && kept("healthCheckNodePort"),
        _ => false,
    }
}

fn node_ports(spec: Value<'_>) -> BTreeSet<i64> {
    filled(spec.items_of("ports").map(|port| port.int_of("nodePort")).filter(|port| *port != 0))
}

/// `spec.type`.
pub(super) fn kind(spec: Value<'_>) -> &str {
    spec.given("type").map_or("ClusterIP", |it| it.str_or("ClusterIP"))
}

/// `ExternallyAccessible`.
pub(super) fn is_external(spec: Value<'_>) -> bool {
    let kind = kind(spec);
    matches!(kind, "LoadBalancer" | "NodePort") || kind == "ClusterIP" && spec.len_of("externalIPs") > 0
}

/// `NeedsHealthCheck`.
pub(in crate::validate) fn is_checked(spec: Value<'_>) -> bool {
    kind(spec) == "LoadBalancer" && spec.str_of("externalTrafficPolicy") == "Local"
}
