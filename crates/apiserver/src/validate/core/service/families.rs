//! Cluster IPs and IP families: what is looked at when a Service gets its addresses, before it is validated.

use std::collections::BTreeSet;

use super::super::super::net::{self, Ip};
use super::super::super::value::Value;
use super::Service;

/// `initIPFamilyFields`, as far as it does not ask which families the cluster has; gives whether nothing is wrong.
pub(super) fn allocate(service: &Service<'_>) -> bool {
    if service.kind == "ExternalName" {
        return true;
    }
    let run = service.object.run();
    let said = run.said();
    judge(service);
    if run.said() == said {
        judge_policy(service);
    }
    run.said() == said
}

/// `ValidateServiceClusterIPsRelatedFields`.
fn judge(service: &Service<'_>) {
    let (spec, ips) = (service.spec, service.cluster_ips.as_slice());
    let (one, all) = (spec.str_of("clusterIP"), || spec.get("clusterIPs"));
    if one.is_empty() {
        if !ips.is_empty() {
            all().invalid("must be empty when `clusterIP` is not specified");
        }
    } else if ips.first().is_some_and(|first| first.str() != one) {
        all().invalid("first value must match `clusterIP`");
    }
    let mut seen = BTreeSet::new();
    for family in spec.items_of("ipFamilies") {
        if !matches!(family.str(), "IPv4" | "IPv6") {
            family.not_supported(&["IPv4", "IPv6"]);
        }
        if !seen.insert(family.str()) {
            family.duplicate();
        }
    }
    let policies = &["PreferDualStack", "RequireDualStack", "SingleStack"];
    if let Some(policy) = spec.given("ipFamilyPolicy").filter(|it| !policies.contains(&it.str())) {
        policy.not_supported(policies);
    }
    if !judge_addresses(service) {
        return;
    }
    if ips.len() > 1 && !is_dual(ips) {
        all().invalid("may specify no more than one IP for each IP family");
    }
    if service.is_headless() {
        return;
    }
    for (index, family) in spec.items_of("ipFamilies").enumerate() {
        let (Some(ip), Some(parsed)) = (ips.get(index), service.ip_at(index)) else { break };
        let wanted = match (family.str(), parsed.is_v4()) {
            ("IPv4", false) => "IPv4",
            ("IPv6", true) => "IPv6",
            _ => continue,
        };
        let field = if index == 0 { ip.named("spec.clusterIPs[0]") } else { *ip };
        field.invalid(&format!("expected an {wanted} value as indicated by `ipFamilies[{index}]`"));
    }
}

/// The addresses one by one; gives whether each is one.
fn judge_addresses(service: &Service<'_>) -> bool {
    let (ips, all) = (service.cluster_ips.as_slice(), || service.spec.get("clusterIPs"));
    let mut valid = true;
    for (index, ip) in ips.iter().enumerate() {
        if index == 0 && ip.str() == "None" {
            if ips.len() > 1 {
                valid = false;
                all().invalid("'None' must be the first and only value");
            }
        } else {
            valid &= net::legacy_ip(*ip, ip.str()).is_some();
        }
    }
    if ips.len() > 2 {
        all().invalid("may only hold up to 2 values");
    }
    valid
}

/// `IsDualStackIPStrings`.
fn is_dual(ips: &[Value<'_>]) -> bool {
    let families = ips.iter().filter_map(|ip| Ip::parse(ip.str())).map(Ip::is_v4);
    let (v4, v6): (Vec<bool>, Vec<bool>) = families.partition(|is_v4| *is_v4);
    !v4.is_empty() && !v6.is_empty() && v4.len() + v6.len() == ips.len()
}

/// Whether the policy fits what is given.
fn judge_policy(service: &Service<'_>) {
    let selects = !service.spec.get("selector").is_empty();
    let single = match service.spec.given("ipFamilyPolicy").and_then(Value::opt_str) {
        Some(policy) => policy == "SingleStack",
        None => service.spec.str_of("clusterIP") != "None" || selects,
    };
    let families = service.spec.len_of("ipFamilies");
    if !single || service.cluster_ips.len() != 2 && families != 2 {
        return;
    }
    let policy = service.spec.get("ipFamilyPolicy");
    let shown = seaworthy_cel::quoted("SingleStack");
    let words = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
    if service.cluster_ips.len() == 2 {
        policy.invalid_shown(&shown, &format!("{words} cluster IPs are specified"));
    }
    if families == 2 {
        policy.invalid_shown(&shown, &format!("{words} IP families are specified"));
    }
}
