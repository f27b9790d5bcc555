//! Services: what a cluster has given out stays.

use super::super::core::service::typed::is_checked;
use super::super::same::same;
use super::super::value::Value;
use super::IMMUTABLE;

/// `ValidateServiceUpdate`. An address that the server chose is in no manifest: only those that are written are compared.
pub(super) fn service(new: Value<'_>, old: Value<'_>) {
    let (spec, was) = (new.get("spec"), old.get("spec"));
    let external = |spec: Value<'_>| spec.str_of("type") == "ExternalName";
    if !external(spec) && !external(was) {
        addresses(spec, was);
    }
    let balanced = |spec: Value<'_>| spec.str_of("type") == "LoadBalancer";
    let class = spec.get("loadBalancerClass");
    if balanced(spec) && balanced(was) && !same(class, was.get("loadBalancerClass")) {
        class.invalid_or_null("may not change once set");
    }
    let port = |spec: Value<'_>| spec.int_of("healthCheckNodePort");
    // The server keeps a port that the new object does not name.
    if is_checked(spec) && is_checked(was) && port(spec) != port(was) && port(spec) != 0 && port(was) != 0 {
        spec.get("healthCheckNodePort").forbidden(IMMUTABLE);
    }
}

/// `validateUpgradeDowngradeClusterIPs`.
fn addresses(spec: Value<'_>, was: Value<'_>) {
    let (address, before) = (first(spec), first(was));
    // Absent, the server keeps the address; a headless Service has none to lose, but may not become one or cease to be.
    if address.is_empty() || address.str() == before.str() {
        return;
    }
    if before.is_empty() && address.str() != "None" {
        return;
    }
    let list = spec.get("clusterIPs");
    let shown = seaworthy_cel::quoted(address.str());
    let at = if list.is_present() { address } else { spec.get("clusterIP") };
    at.named("spec.clusterIPs[0]").invalid_shown(&format!("[{shown}]"), "may not change once set");
}

/// The address that counts: the first of the list, or the one beside it.
fn first(spec: Value<'_>) -> Value<'_> {
    let listed = spec.items_of("clusterIPs").next();
    listed.filter(|it| !it.is_empty()).unwrap_or(spec.get("clusterIP"))
}
