//! Pods and what holds a pod's spec (`ValidatePodCreate`, `ValidatePodTemplateSpec`, `ValidatePodSpec`).

use std::collections::BTreeSet;

use super::super::meta;
use super::super::names::{self, Form};
use super::super::net;
use super::super::value::Value;
use super::{affinity, annotations, container, pod_security, resources, toleration, volume, warnings};

/// Limits of `dnsConfig`: servers, search paths, and characters of all of those (`MaxDNSNameservers`, …).
const DNS_SERVERS: usize = 3;
const DNS_SEARCHES: usize = 32;
const DNS_SEARCH_BYTES: usize = 2048;
const DNS_POLICIES: &[&str] = &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
/// `hostnameOverride` has at most so many bytes.
const HOSTNAME_LIMIT: usize = 64;

/// Whether the object is a pod, not something that makes pods.
pub(in crate::validate) fn is_pod(value: Value<'_>) -> bool {
    value.run().kind.kind == "Pod"
}

/// The containers of all kinds, in the order of `VisitContainersWithPath`.
pub(in crate::validate) fn containers_of<'r>(spec: Value<'r>) -> impl Iterator<Item = Value<'r>> {
    ["initContainers", "containers", "ephemeralContainers"].into_iter().flat_map(move |name| spec.items_of(name))
}

/// The spec whose place the pod's of this object takes, if any.
pub(super) fn spec_before<'r>(spec: Value<'r>) -> Option<Value<'r>> {
    let before = spec.run().before?;
    Some(before.root().at(match before.kind.kind {
        "CronJob" => "spec.jobTemplate.spec.template.spec",
        "Pod" => "spec",
        "PodTemplate" => "template.spec",
        _ => "spec.template.spec",
    }))
}

/// `ValidatePodCreate`. It refuses a projected `serviceAccountToken` where no account is named, which no server comes to
/// that has its usual plugins: `ServiceAccount` names `default` before.
pub(super) fn pod(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let (spec, noted) = (object.get("spec"), object.at("metadata.annotations"));
    annotations::of_pod(noted, spec, &|| noted.path());
    annotations::app_armor_of_fields(noted, spec);
    pod_spec(spec);
    if !object.run().updates() {
        created(spec, noted);
    }
    warnings::of_pod(object);
}

/// What `ValidatePodCreate` asks of a new pod alone.
fn created(spec: Value<'_>, noted: Value<'_>) {
    let ephemeral = spec.get("ephemeralContainers");
    if !ephemeral.is_empty() {
        ephemeral.forbidden("cannot be set on create");
    }
    let node = spec.get("nodeName");
    if !node.is_empty() && !spec.get("schedulingGates").is_empty() {
        node.forbidden("cannot be set until all schedulingGates have been cleared");
    }
    annotations::agree(noted, spec);
}

/// `ValidatePodTemplate`.
pub(super) fn pod_template(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let template = object.get("template");
    pod_template_spec(template);
    warnings::of_template(template);
}

/// `ValidatePodTemplateSpec`. The server leaves `metadata` out of addresses in it.
pub(in crate::validate) fn pod_template_spec(template: Value<'_>) {
    template_metadata(template);
    let spec = template.get("spec");
    pod_spec(spec);
    annotations::agree(template.at("metadata.annotations"), spec);
    let ephemeral = spec.get("ephemeralContainers");
    if !ephemeral.is_empty() {
        ephemeral.forbidden("ephemeral containers not allowed in pod template");
    }
}

/// What `ValidatePodTemplateSpec` says of labels and annotations.
pub(in crate::validate) fn template_metadata(template: Value<'_>) {
    let (labels, noted) = (template.at("metadata.labels"), template.at("metadata.annotations"));
    if labels.entries().any(|(key, value)| !names::is_key(key) || !names::is_label_value(value.str())) {
        meta::labels(labels.named(format!("{}.labels", template.path())));
    }
    if !noted.is_empty() {
        let path = || format!("{}.annotations", template.path());
        meta::annotations(noted.named(path()));
        annotations::of_pod(noted, template.get("spec"), &path);
    }
}

/// `ValidatePodSpec`.
pub(in crate::validate) fn pod_spec(spec: Value<'_>) {
    let volumes = volume::volumes(spec);
    spec.given("resourceClaims").into_iter().for_each(resource_claims);
    container::containers(spec, &volumes);
    resources::of_pod(spec);
    host_ports(spec);
    container::one_of(spec, "restartPolicy", &["Always", "OnFailure", "Never"]);
    container::one_of(spec, "dnsPolicy", DNS_POLICIES);
    spec.given("nodeSelector").into_iter().for_each(meta::labels);
    pod_security::security_context(spec);
    spec.given("affinity").into_iter().for_each(affinity::affinity);
    dns_config(spec);
    spec.items_of("readinessGates").for_each(|gate| meta::label_name(gate.get("conditionType")));
    scheduling_gates(spec);
    spec.given("topologySpreadConstraints").into_iter().for_each(affinity::topology_spread);
    pod_security::host_process(spec);
    pod_security::host_users(spec);
    hostname_override(spec);
    named_things(spec);
    let out_of_range =
        |it: &Value<'_>| it.opt_int().is_some_and(|seconds| !(1..=i64::from(i32::MAX)).contains(&seconds));
    if let Some(deadline) = spec.given("activeDeadlineSeconds").filter(out_of_range) {
        deadline.invalid("must be between 1 and 2147483647, inclusive");
    }
    spec.given("tolerations").into_iter().for_each(toleration::tolerations);
    host_aliases(spec);
    if let Some(preemption) = spec.given("preemptionPolicy").filter(|it| it.is_empty()) {
        preemption.required("");
    }
    container::one_of(spec, "preemptionPolicy", &["PreemptLowerPriority", "Never"]);
    spec.given("overhead").into_iter().for_each(resources::overhead);
    pod_security::os(spec);
}

/// `validatePodResourceClaims`: since dynamic allocation is there, earlier versions drop them.
fn resource_claims(claims: Value<'_>) {
    if claims.is_empty() || !claims.since(34) {
        return;
    }
    let mirror = is_pod(claims)
        && claims.run().root().at("metadata.annotations").entries().any(|(key, _)| key == annotations::MIRROR);
    let mut seen = BTreeSet::new();
    for claim in claims.items() {
        if mirror {
            claim.named("[]").forbidden("static pods do not support resource claims");
            continue;
        }
        let name = claim.get("name");
        if name.is_empty() {
            name.required("");
        } else if seen.contains(name.str()) {
            name.duplicate();
        } else {
            name.invalid_each(Form::Label.faults(name.str()));
            seen.insert(name.str());
        }
        let (own, template) = (claim.get("resourceClaimName"), claim.get("resourceClaimTemplateName"));
        match (own.is_present(), template.is_present()) {
            (true, true) => {
                claim.invalid("at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
            }
            (false, false) => {
                claim.invalid("must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
            }
            _ => {}
        }
        for name in [own, template].into_iter().filter(|name| name.is_present()) {
            name.invalid_each(Form::Subdomain.faults(name.str()));
        }
    }
}

/// `validatePodHostNetworkDeps`. A port of the host that is not given is that of the container.
fn host_ports(spec: Value<'_>) {
    if !spec.bool_of("hostNetwork") {
        return;
    }
    for port in spec.items_of("containers").flat_map(|container| container.items_of("ports")) {
        let host = port.get("hostPort");
        if host.int() != 0 && host.int() != port.int_of("containerPort") {
            host.invalid("must match `containerPort` when `hostNetwork` is true");
        }
    }
}

/// `validatePodDNSConfig`.
fn dns_config(spec: Value<'_>) {
    let config = spec.get("dnsConfig");
    let needs_config = spec.str_of("dnsPolicy") == "None";
    if !config.is_present() {
        if needs_config {
            config.required("must provide `dnsConfig` when `dnsPolicy` is None");
        }
        return;
    }
    let (servers, searches) = (config.get("nameservers"), config.get("searches"));
    if needs_config && servers.is_empty() {
        return servers.required("must provide at least one DNS nameserver when `dnsPolicy` is None");
    }
    if servers.len() > DNS_SERVERS {
        servers.invalid("must not have more than 3 nameservers");
    }
    for server in servers.items() {
        net::legacy_ip(server, server.str());
    }
    if searches.len() > DNS_SEARCHES {
        searches.invalid("must not have more than 32 search paths");
    }
    let joined: usize = searches.items().map(|search| search.len() + 1).sum();
    if joined > DNS_SEARCH_BYTES + 1 {
        searches.invalid("must not have more than 2048 characters (including spaces) in the search list");
    }
    searches.items().for_each(dns_search);
    for option in config.items_of("options").filter(|option| option.get("name").is_empty()) {
        option.required("must not be empty");
    }
}

/// One search path; `RelaxedDNSSearchValidation` lets labels begin with `_`.
fn dns_search(search: Value<'_>) {
    let text = search.str().strip_suffix('.').unwrap_or(search.str());
    if Form::Subdomain.faults(text).is_empty() {
        return;
    }
    let faults = match (search.since(33), search.str()) {
        (true, ".") => Vec::new(),
        (true, _) => Form::SubdomainWithUnderscore.faults(text),
        (false, _) => Form::Subdomain.faults(text),
    };
    faults.iter().for_each(|fault| search.invalid_text(text, fault));
}

/// `validateSchedulingGates`.
fn scheduling_gates(spec: Value<'_>) {
    let mut seen = BTreeSet::new();
    for gate in spec.items_of("schedulingGates") {
        let name = gate.get("name");
        let faults = if names::is_key(name.str()) {
            Vec::new()
        } else {
            names::key_faults(name.str(), name.since(names::BYTES))
        };
        faults.iter().for_each(|fault| gate.invalid_text(name.str(), fault));
        if !seen.insert(name.str()) {
            gate.duplicate_shown(&seaworthy_cel::quoted(name.str()));
        }
    }
}

/// `validatePodHostName`: since `HostnameOverride` is there.
fn hostname_override(spec: Value<'_>) {
    let Some(name) = spec.given("hostnameOverride").filter(|it| it.since(35)) else { return };
    if spec.bool_of("setHostnameAsFQDN") {
        name.forbidden("may not be specified when setHostnameAsFQDN is true");
    }
    if spec.bool_of("hostNetwork") {
        name.forbidden("may not be specified when hostNetwork is true");
    }
    if name.len() > HOSTNAME_LIMIT {
        name.too_long(HOSTNAME_LIMIT);
    }
    name.invalid_each(Form::Subdomain.faults(name.str()));
}

/// The names of other objects, and those of the pod in its network.
fn named_things(spec: Value<'_>) {
    let (account, deprecated) = (spec.get("serviceAccountName"), spec.get("serviceAccount"));
    if !account.is_empty() {
        account.invalid_each(Form::Subdomain.faults(account.str()));
    } else if !deprecated.is_empty() {
        // The server has taken it for the other by now.
        let faults = Form::Subdomain.faults(deprecated.str());
        faults.iter().for_each(|fault| deprecated.named(account.path()).invalid(fault));
    }
    let of_stateful_set = spec.run().kind.kind == "StatefulSet";
    let names = [
        ("nodeName", Form::Subdomain),
        ("hostname", Form::Label),
        ("subdomain", Form::Label),
        ("priorityClassName", Form::Subdomain),
    ];
    for (name, form) in names {
        let Some(name) = spec.given(name) else { continue };
        // A StatefulSet's controller gives its pods their own.
        let given_later = of_stateful_set && form == Form::Label;
        if !name.is_empty() && !given_later {
            name.invalid_each(form.faults(name.str()));
        }
    }
    if let Some(class) = spec.given("runtimeClassName") {
        class.invalid_each(Form::Subdomain.faults(class.str()));
    }
}

/// `ValidateHostAliases`.
fn host_aliases(spec: Value<'_>) {
    for alias in spec.items_of("hostAliases") {
        let ip = alias.get("ip");
        net::legacy_ip(ip, ip.str());
        for name in alias.items_of("hostnames") {
            name.invalid_each(Form::Subdomain.faults(name.str()));
        }
    }
}
