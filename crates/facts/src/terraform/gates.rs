//! Security groups.

use std::collections::BTreeMap;

use seaworthy_document::Node;

use crate::sites::{Gate, Handle, Ingress, Origin, Protocol};
use crate::stated::Stated;
use crate::terraform::module::{Made, Scope};
use crate::terraform::value::Known;
use crate::terraform::{Configuration, Identity, WellKnown, handle, identity, pattern};

/// Rules that the security group module of the registry knows by name, as far as somebody may mind them (its
/// `rules.tf`).
const NAMED: [(&str, u16, u16, Protocol); 20] = [
    ("all-all", 0, u16::MAX, Protocol::All),
    ("all-tcp", 0, u16::MAX, Protocol::Tcp),
    ("all-udp", 0, u16::MAX, Protocol::Udp),
    ("all-icmp", 0, 0, Protocol::Other),
    ("cassandra-clients-tcp", 9042, 9042, Protocol::Tcp),
    ("elasticsearch-java-tcp", 9300, 9300, Protocol::Tcp),
    ("elasticsearch-rest-tcp", 9200, 9200, Protocol::Tcp),
    ("http-80-tcp", 80, 80, Protocol::Tcp),
    ("https-443-tcp", 443, 443, Protocol::Tcp),
    ("kubernetes-api-tcp", 6443, 6443, Protocol::Tcp),
    ("memcached-tcp", 11211, 11211, Protocol::Tcp),
    ("mongodb-27017-tcp", 27017, 27017, Protocol::Tcp),
    ("mssql-tcp", 1433, 1433, Protocol::Tcp),
    ("mysql-tcp", 3306, 3306, Protocol::Tcp),
    ("oracle-db-tcp", 1521, 1521, Protocol::Tcp),
    ("postgresql-tcp", 5432, 5432, Protocol::Tcp),
    ("rdp-tcp", 3389, 3389, Protocol::Tcp),
    ("redis-tcp", 6379, 6379, Protocol::Tcp),
    ("redshift-tcp", 5439, 5439, Protocol::Tcp),
    ("ssh-tcp", 22, 22, Protocol::Tcp),
];

pub(super) fn of<'a>(configuration: &Configuration<'_, 'a>) -> Vec<Gate<'a>> {
    let mut gates = Vec::new();
    for kind in ["aws_security_group", "aws_default_security_group"] {
        gates.extend(configuration.of_kind(kind).map(|it| group(configuration, it)));
    }
    gates.extend(configuration.calls_of(WellKnown::SecurityGroup).map(|it| called(configuration, it)));
    let mut known = BTreeMap::new();
    for (at, gate) in gates.iter().enumerate() {
        known.entry(identity(gate.handle.instance, gate.handle.block)).or_insert(at);
    }
    let mut add = |made: &Made<'a>, rule| add(configuration, made, rule, &mut gates, &mut known);
    for made in configuration.of_kind("aws_security_group_rule") {
        let kind = configuration.value(made, "type");
        match kind.as_text().as_deref() {
            Some("egress") => {}
            Some(_) => add(made, rule(configuration, made.body, &made.scope)),
            None => add(made, None),
        }
    }
    for made in configuration.of_kind("aws_vpc_security_group_ingress_rule") {
        add(made, rule(configuration, made.body, &made.scope));
    }
    gates.extend(configuration.of_kind("google_compute_firewall").filter_map(|it| firewall(configuration, it)));
    azure(configuration, &mut gates);
    gates
}

/// A firewall of Google Cloud: what each `allow` names, from all `source_ranges`.
fn firewall<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> Option<Gate<'a>> {
    let value = |name: &str| configuration.value(made, name);
    if value("direction").as_text().as_deref() == Some("EGRESS") || value("disabled").as_bool() == Some(true) {
        return None;
    }
    let (sources, mut from) = (value("source_ranges"), Vec::new());
    ranges(&sources, made.body, &mut from);
    let origin = made.body.get("source_ranges").unwrap_or(made.body);
    let (blocks, is_open) = configuration.modules.blocks(made.body, "allow", &made.scope);
    let mut ingress = Vec::new();
    for (body, scope) in blocks {
        let protocol = protocol(&configuration.inner(body, &scope, "protocol"));
        let listed = configuration.inner(body, &scope, "ports");
        let spans = if listed.is_null() { vec![Some((0, u16::MAX))] } else { spans(&listed) };
        ingress.extend(spans.into_iter().map(|ports| Ingress {
            at: body,
            origin,
            ports,
            protocol,
            from: from.clone(),
        }));
    }
    Some(Gate { handle: handle(made), name: name_of(configuration, made), ingress, is_open })
}

/// Security groups of Azure, with rules in their blocks or beside them.
fn azure<'a>(configuration: &Configuration<'_, 'a>, gates: &mut Vec<Gate<'a>>) {
    for made in configuration.of_kind("azurerm_network_security_group") {
        let (blocks, is_open) = configuration.modules.blocks(made.body, "security_rule", &made.scope);
        let rules = blocks.iter().flat_map(|(body, scope)| azure_rules(configuration, *body, scope));
        let name = name_of(configuration, made);
        gates.push(Gate { handle: handle(made), name, ingress: rules.collect(), is_open });
    }
    for made in configuration.of_kind("azurerm_network_security_rule") {
        let ingress = azure_rules(configuration, made.body, &made.scope);
        let name = configuration.value(made, "network_security_group_name").as_text();
        let name = name.map_or_else(|| name_of(configuration, made), std::borrow::Cow::into_owned);
        gates.push(Gate { handle: handle(made), name, ingress, is_open: true });
    }
}

/// One rule, once for each span of ports; none if it lets nothing in.
fn azure_rules<'a>(configuration: &Configuration<'_, 'a>, body: Node<'a>, scope: &Scope<'a>) -> Vec<Ingress<'a>> {
    let value = |name: &str| configuration.inner(body, scope, name);
    let says = |name: &str, word: &str| value(name).as_text().is_some_and(|it| it.eq_ignore_ascii_case(word));
    if !says("access", "Allow") || !says("direction", "Inbound") {
        return Vec::new();
    }
    let (mut from, mut origin) = (Vec::new(), None);
    for name in ["source_address_prefix", "source_address_prefixes"] {
        origin = origin.or_else(|| body.get(name));
        ranges(&value(name), body, &mut from);
    }
    // Words for everything (Azure, *Network security group service tags*).
    for range in &mut from {
        if let Origin::Range(Stated { value: Some(text), .. }) = range
            && (text == "*" || text.eq_ignore_ascii_case("Internet") || text.eq_ignore_ascii_case("Any"))
        {
            "0.0.0.0/0".clone_into(text);
        }
    }
    let protocol = match value("protocol").as_text().as_deref() {
        Some("*") => Protocol::Tcp,
        _ => protocol(&value("protocol")),
    };
    let listed = ["destination_port_range", "destination_port_ranges"].map(value);
    let ports = listed.iter().filter(|it| !it.is_null()).flat_map(spans);
    let origin = origin.unwrap_or(body);
    ports.map(|ports| Ingress { at: body, origin, ports, protocol, from: from.clone() }).collect()
}

/// Ports as texts, one or a list: `22`, `8000-8080`, `*`.
fn spans(value: &Known<'_>) -> Vec<Option<(u16, u16)>> {
    let span = |it: &Known<'_>| {
        let text = it.as_text()?;
        if text == "*" {
            return Some((0, u16::MAX));
        }
        let (first, last) = text.split_once('-').unwrap_or((&text, &text));
        Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
    };
    match value.items() {
        Some(items) => items.iter().map(span).collect(),
        None => vec![span(value)],
    }
}

/// A security group with the rules in its block.
fn group<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> Gate<'a> {
    let (blocks, is_open) = configuration.modules.blocks(made.body, "ingress", &made.scope);
    let ingress = blocks.iter().filter_map(|(body, scope)| rule(configuration, *body, scope)).collect();
    Gate { handle: handle(made), name: name_of(configuration, made), ingress, is_open }
}

fn name_of<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> String {
    configuration.text(made, "name").unwrap_or_else(|| made.name.to_owned())
}

/// Adds a rule to the group that it names, or to one that nobody states. Without a rule the group may let anything in.
fn add<'a>(
    configuration: &Configuration<'_, 'a>,
    made: &Made<'a>,
    rule: Option<Ingress<'a>>,
    gates: &mut Vec<Gate<'a>>,
    known: &mut BTreeMap<Identity, usize>,
) {
    let group = configuration.value(made, "security_group_id");
    let handle = group.as_thing().map_or(handle(made), Handle::from);
    let at = *known.entry(identity(handle.instance, handle.block)).or_insert_with(|| {
        gates.push(Gate { handle, name: made.name.to_owned(), ingress: Vec::new(), is_open: true });
        gates.len() - 1
    });
    let Some(gate) = gates.get_mut(at) else { return };
    match rule {
        Some(rule) => gate.ingress.push(rule),
        None => gate.is_open = true,
    }
}

/// One rule: a block of a group, or a resource of its own in either of its forms.
fn rule<'a>(configuration: &Configuration<'_, 'a>, body: Node<'a>, scope: &Scope<'a>) -> Option<Ingress<'a>> {
    let value = |name: &str| configuration.inner(body, scope, name);
    let mut from = Vec::new();
    let mut origin = None;
    for name in ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"] {
        origin = origin.or_else(|| body.get(name));
        ranges(&value(name), body, &mut from);
    }
    for name in ["security_groups", "source_security_group_id", "referenced_security_group_id"] {
        groups(&value(name), &mut from);
    }
    for name in ["prefix_list_ids", "prefix_list_id"] {
        let is_empty = value(name).items().is_some_and(|it| it.is_empty());
        from.extend((!is_empty).then_some(Origin::Unknown));
    }
    if value("self").as_bool() == Some(true) {
        // From itself: nobody else is meant.
        from.push(Origin::Gate(Handle { instance: scope.instance, block: body }));
    }
    let either = |first: &str, second: &str| Some(value(first)).filter(|it| !it.is_null()).unwrap_or(value(second));
    let protocol = protocol(&either("protocol", "ip_protocol"));
    let ports = ports(&value("from_port"), &value("to_port"), protocol);
    Some(Ingress { at: body, origin: origin.unwrap_or(body), ports, protocol, from })
}

/// What the inputs of the registry's module say (its `README.md`).
fn called<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> Gate<'a> {
    let value = |name: &str| configuration.value(made, name);
    let mut gate =
        Gate { handle: handle(made), name: name_of(configuration, made), ingress: Vec::new(), is_open: false };
    let mut usual = Vec::new();
    for name in ["ingress_cidr_blocks", "ingress_ipv6_cidr_blocks"] {
        ranges(&value(name), made.body, &mut usual);
    }
    let rules = value("ingress_rules");
    match rules.items() {
        Some(names) => {
            let origin = made.body.get("ingress_cidr_blocks").unwrap_or(made.body);
            gate.ingress.extend(names.iter().map(|name| named(name, origin, usual.clone())));
        }
        None => gate.is_open = true,
    }
    let inputs = [
        ("ingress_with_cidr_blocks", "cidr_blocks"),
        ("ingress_with_ipv6_cidr_blocks", "ipv6_cidr_blocks"),
        ("ingress_with_source_security_group_id", "source_security_group_id"),
        ("ingress_with_self", "self"),
    ];
    for (input, origin) in inputs {
        let Some(items) = value(input).items() else {
            gate.is_open = true;
            continue;
        };
        for item in &items {
            let mut from = Vec::new();
            let given = item.get(origin);
            match origin {
                "source_security_group_id" => groups(&given, &mut from),
                "self" => from.push(Origin::Gate(handle(made))),
                _ if given.is_null() => from.clone_from(&usual),
                _ => texts(&given, made.body, &mut from),
            }
            let own = item.at.and_then(|it| it.get(origin)).or(item.at);
            gate.ingress.push(entry(item, own.unwrap_or(made.body), from));
        }
    }
    // The same again under other names, for what is known only later, and parts that other modules share.
    gate.is_open |=
        made.body.entries().any(|it| it.name().starts_with("computed_ingress") || it.name().contains("prefix_list"));
    gate
}

/// An object in a list of rules: ports, or a rule by its name.
fn entry<'a>(item: &Known<'a>, origin: Node<'a>, from: Vec<Origin<'a>>) -> Ingress<'a> {
    let at = item.at.unwrap_or(origin);
    let rule = item.get("rule");
    if !rule.is_null() && !rule.is_unknown() {
        return Ingress { at, ..named(&rule, origin, from) };
    }
    let protocol = protocol(&item.get("protocol"));
    let ports = ports(&item.get("from_port"), &item.get("to_port"), protocol);
    Ingress { at, origin, ports, protocol, from }
}

fn named<'a>(name: &Known<'a>, origin: Node<'a>, from: Vec<Origin<'a>>) -> Ingress<'a> {
    let at = name.at.unwrap_or(origin);
    let text = name.as_text();
    let (ports, protocol) = match NAMED.iter().find(|it| Some(it.0) == text.as_deref()) {
        Some(&(_, first, last, protocol)) => (Some((first, last)), protocol),
        None => (None, Protocol::Unknown),
    };
    Ingress { at, origin, ports, protocol, from }
}

/// A list of ranges.
fn ranges<'a>(value: &Known<'a>, body: Node<'a>, from: &mut Vec<Origin<'a>>) {
    match value.items() {
        Some(items) => items.iter().for_each(|it| texts(it, body, from)),
        None if value.as_text().is_some() => texts(value, body, from),
        None => from.push(Origin::Unknown),
    }
}

/// Ranges in one text, with commas.
fn texts<'a>(value: &Known<'a>, body: Node<'a>, from: &mut Vec<Origin<'a>>) {
    match value.as_text() {
        Some(text) => from.extend(text.split(',').filter(|it| !it.trim().is_empty()).map(|it| {
            let at = value.at.unwrap_or(body);
            Origin::Range(Stated { value: Some(it.trim().to_owned()), at, is_default: false })
        })),
        None => from.push(Origin::Unknown),
    }
}

fn groups<'a>(value: &Known<'a>, from: &mut Vec<Origin<'a>>) {
    match value.items() {
        Some(items) => from.extend(items.iter().map(|it| match it.as_thing() {
            Some(thing) => Origin::Gate(Handle::from(thing)),
            None => Origin::Unknown,
        })),
        None => from.push(Origin::Unknown),
    }
}

fn protocol(value: &Known<'_>) -> Protocol {
    if value.is_null() {
        return Protocol::All;
    }
    match pattern(value).to_ascii_lowercase().as_str() {
        "tcp" | "6" => Protocol::Tcp,
        "udp" | "17" => Protocol::Udp,
        "-1" | "all" => Protocol::All,
        "icmp" | "icmpv6" | "1" | "58" | "esp" | "ah" | "50" | "51" => Protocol::Other,
        _ => Protocol::Unknown,
    }
}

fn ports(first: &Known<'_>, last: &Known<'_>, protocol: Protocol) -> Option<(u16, u16)> {
    if protocol == Protocol::All {
        return Some((0, u16::MAX));
    }
    let port = |it: &Known<'_>| it.as_int().and_then(|it| u16::try_from(it).ok());
    Some((port(first)?, port(last)?))
}
