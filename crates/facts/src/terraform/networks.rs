//! VPCs, their subnets and the gateways out of them, and which of them clusters lie in.

use crate::sites::{Handle, Home, Network, SiteSubnet};
use crate::stated::Stated;
use crate::terraform::module::Made;
use crate::terraform::value::{Known, Sort, Thing};
use crate::terraform::{Configuration, WellKnown, handle, pattern};

pub(super) fn of<'a>(configuration: &Configuration<'_, 'a>) -> Vec<Network<'a>> {
    let mut networks: Vec<Network<'a>> = configuration.of_kind("aws_vpc").map(|it| vpc(configuration, it)).collect();
    subnets(configuration, &mut networks);
    gateways(configuration, &mut networks);
    networks.extend(configuration.calls_of(WellKnown::Vpc).map(|it| called(configuration, it)));
    // Tags may be put on from elsewhere in the configuration.
    if configuration.of_kind("aws_ec2_tag").next().is_some() {
        networks.iter_mut().flat_map(|it| &mut it.subnets).for_each(|it| it.has_other_tags = true);
    }
    networks
}

fn vpc<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> Network<'a> {
    let mut ranges = Vec::new();
    add_range(&configuration.value(made, "cidr_block"), made, &mut ranges);
    for more in configuration.of_kind("aws_vpc_ipv4_cidr_block_association") {
        if configuration.value(more, "vpc_id").as_thing().map(Handle::from) == Some(handle(made)) {
            add_range(&configuration.value(more, "cidr_block"), more, &mut ranges);
        }
    }
    Network {
        handle: handle(made),
        name: made.name,
        ranges,
        subnets: Vec::new(),
        is_open: false,
        zones: 0,
        gateways: None,
    }
}

fn add_range<'a>(value: &Known<'a>, made: &Made<'a>, ranges: &mut Vec<Stated<'a, String>>) {
    if !value.is_null() {
        let text = value.as_text().map(std::borrow::Cow::into_owned);
        ranges.push(Stated { value: text, at: value.at.unwrap_or(made.body), is_default: false });
    }
}

/// Puts the subnets into their networks.
fn subnets<'a>(configuration: &Configuration<'_, 'a>, networks: &mut [Network<'a>]) {
    let mut zones: Vec<(Handle<'a>, String)> = Vec::new();
    for made in configuration.of_kind("aws_subnet") {
        let of = configuration.value(made, "vpc_id").as_thing().map(Handle::from);
        let Some(network) = networks.iter_mut().find(|it| Some(it.handle) == of) else {
            // It may be of any of them.
            networks.iter_mut().for_each(|it| it.is_open = true);
            continue;
        };
        let (tags, is_open) = tags(&[configuration.value(made, "tags")]);
        network.subnets.push(SiteSubnet { at: made.body, tags, has_other_tags: is_open });
        network.is_open |= made.scope.is_open;
        if let Some(zone) = configuration.text(made, "availability_zone") {
            zones.push((network.handle, zone));
        }
    }
    for network in networks {
        let mut of: Vec<&str> = zones.iter().filter(|it| it.0 == network.handle).map(|it| it.1.as_str()).collect();
        seaworthy_source::order::sort(&mut of);
        of.dedup();
        network.zones = of.len();
    }
}

/// Counts the NAT gateways of each network.
fn gateways<'a>(configuration: &Configuration<'_, 'a>, networks: &mut [Network<'a>]) {
    let subnet_of = |thing: Thing<'a>| configuration.made_by(thing).filter(|it| it.kind == "aws_subnet");
    for made in configuration.of_kind("aws_nat_gateway") {
        // A regional one is in all zones.
        let is_regional = !configuration.value(made, "availability_mode").is_null();
        let subnet = configuration.value(made, "subnet_id").as_thing().and_then(subnet_of);
        let of = subnet.and_then(|it| configuration.value(it, "vpc_id").as_thing()).map(Handle::from);
        for network in networks.iter_mut() {
            if of.is_some() && of != Some(network.handle) {
                continue;
            }
            let before = network.gateways.take();
            let count = before.map_or(Some(0), |it| it.value);
            let is_known = of.is_some() && !is_regional && !made.scope.is_open;
            let value = count.map(|it| it + 1).filter(|_| is_known);
            network.gateways = Some(Stated { value, at: before.map_or(made.body, |it| it.at), is_default: false });
        }
    }
}

/// What the inputs of the registry's module say.
fn called<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> Network<'a> {
    let value = |name: &str| configuration.value(made, name);
    let mut ranges = Vec::new();
    add_range(&value("cidr"), made, &mut ranges);
    value("secondary_cidr_blocks").items().iter().flatten().for_each(|it| add_range(it, made, &mut ranges));
    let mut parts = Vec::new();
    let mut is_open = false;
    for (list, extra) in [("public_subnets", "public_subnet_tags"), ("private_subnets", "private_subnet_tags")] {
        let items = value(list);
        let count = items.as_list().map_or(usize::from(!items.is_null()), <[_]>::len);
        is_open |= items.as_list().is_none() && !items.is_null();
        let (tags, has_other_tags) = tags(&[value("tags"), value(extra)]);
        parts.extend((0..count).map(|_| SiteSubnet { at: made.body, tags: tags.clone(), has_other_tags }));
    }
    // By zone or by name, tags can be given one by one.
    if made.body.entries().any(|it| it.name().ends_with("_subnet_tags_per_az")) {
        parts.iter_mut().for_each(|it| it.has_other_tags = true);
    }
    let count = |name: &str| value(name).as_list().map_or(0, <[_]>::len);
    let zones = if count("azs") > 0 { count("azs") } else { count("private_subnets") };
    let single = value("single_nat_gateway");
    let has_gateways = value("enable_nat_gateway").as_bool() == Some(true);
    let is_single = has_gateways && single.as_bool() == Some(true);
    let gateways = is_single.then(|| Stated::said(1, single.at.unwrap_or(made.body)));
    Network { handle: handle(made), name: made.name, ranges, subnets: parts, is_open, zones, gateways }
}

/// Tags of all maps, and whether there may be others.
fn tags(maps: &[Known<'_>]) -> (Vec<(String, String)>, bool) {
    let (mut all, mut is_open) = (Vec::new(), false);
    for map in maps.iter().filter(|it| !it.is_null()) {
        match map.as_map() {
            Some(entries) => {
                all.extend(entries.iter().map(|(key, value)| (key.clone().into_owned(), pattern(value))));
            }
            None => is_open = true,
        }
    }
    is_open |= all.iter().any(|(key, _)| key.starts_with(crate::sites::UNKNOWN));
    (all, is_open)
}

/// The network that something lies in, or is.
pub(super) fn network_of<'a>(configuration: &Configuration<'_, 'a>, value: &Known<'a>) -> Option<Handle<'a>> {
    let first = value.items()?.iter().find_map(Known::as_thing)?;
    let made = configuration.made_by(first)?;
    match (first.sort, made.kind) {
        (Sort::Module, kind) if WellKnown::of(kind) == Some(WellKnown::Vpc) => Some(handle(made)),
        (_, "aws_vpc") => Some(handle(made)),
        (_, "aws_subnet") => configuration.value(made, "vpc_id").as_thing().map(Handle::from),
        _ => None,
    }
}

/// The clusters that the configuration makes, each with its network.
pub(super) fn homes<'a>(configuration: &Configuration<'_, 'a>, networks: &[Network<'a>]) -> Vec<Home<'a>> {
    let mut homes = Vec::new();
    for made in configuration.of_kind("aws_eks_cluster") {
        let (blocks, _) = configuration.modules.blocks(made.body, "vpc_config", &made.scope);
        let subnets = blocks.first().map(|(body, scope)| configuration.inner(*body, scope, "subnet_ids"));
        let network = subnets.and_then(|it| network_of(configuration, &it));
        homes.push(Home { at: made.body, handle: handle(made), network });
    }
    for made in configuration.calls_of(WellKnown::Eks) {
        let inputs = ["vpc_id", "subnet_ids", "subnets"].map(|name| configuration.value(made, name));
        let network = inputs.iter().find_map(|it| network_of(configuration, it));
        homes.push(Home { at: made.body, handle: handle(made), network });
    }
    homes.iter_mut().for_each(|home| home.network = home.network.filter(|it| networks.iter().any(|n| n.handle == *it)));
    homes
}

/// The ports of listeners of load balancers that the world reaches.
pub(super) fn public_ports(configuration: &Configuration<'_, '_>) -> Vec<u16> {
    let mut ports = Vec::new();
    for kind in ["aws_lb_listener", "aws_alb_listener"] {
        for listener in configuration.of_kind(kind) {
            let balancer = configuration.value(listener, "load_balancer_arn").as_thing();
            let made = balancer.and_then(|it| configuration.made_by(it));
            let is_public = made.is_some_and(|it| {
                let internal = configuration.value(it, "internal");
                internal.is_null() || internal.as_bool() == Some(false)
            });
            let port = configuration.value(listener, "port").as_int().and_then(|it| u16::try_from(it).ok());
            ports.extend(port.filter(|_| is_public));
        }
    }
    ports
}
