//! EKS clusters with their groups of nodes.

use std::borrow::Cow;

use seaworthy_document::Node;

use crate::cluster::{Account, AddOn, ClusterDocument, NodeGroup, NodeRole, Range, RangeOf, Subnet, Tool};
use crate::nodes::Taint;
use crate::stated::Stated;
use crate::terraform::module::{Made, Scope};
use crate::terraform::networks::network_of;
use crate::terraform::value::{HOLE, Known};
use crate::terraform::{Configuration, WellKnown, handle, machines, stated};

/// What EKS makes where a group names no type (AWS, `CreateNodegroup`).
const INSTANCE_TYPE: &str = "t3.medium";

/// How many nodes the registry's module makes where nothing is said (`node_groups.tf`): at least, at most, at first.
const COUNTS: [(&str, u32); 3] = [("min_size", 1), ("max_size", 3), ("desired_size", 1)];

/// Inputs of the registry's module that give rights, and what eksctl calls them (`iam-role-for-service-accounts-eks`).
const RIGHTS: [(&str, &str); 6] = [
    ("attach_cert_manager_policy", "certManager"),
    ("attach_cluster_autoscaler_policy", "autoScaler"),
    ("attach_ebs_csi_policy", "ebsCSIController"),
    ("attach_efs_csi_policy", "efsCSIController"),
    ("attach_external_dns_policy", "externalDNS"),
    ("attach_load_balancer_controller_policy", "awsLoadBalancerController"),
];

pub(super) fn of<'a>(configuration: &Configuration<'_, 'a>) -> Vec<ClusterDocument<'a>> {
    let own: Vec<_> = configuration.of_kind("aws_eks_cluster").collect();
    let mut clusters: Vec<ClusterDocument<'a>> = own.iter().map(|it| cluster(configuration, it)).collect();
    for made in configuration.of_kind("aws_eks_node_group") {
        let of = configuration.value(made, "cluster_name").as_text();
        let is_of = |it: &ClusterDocument<'a>| of.is_some() && it.name.and_then(|it| it.value) == of.as_deref();
        let at = clusters.iter().position(is_of).or((clusters.len() == 1).then_some(0));
        if let Some(cluster) = at.and_then(|it| clusters.get_mut(it)) {
            let group = managed_group(configuration, made, cluster);
            cluster.groups.push(group);
        }
    }
    clusters.extend(configuration.calls_of(WellKnown::Eks).map(|it| called(configuration, it)));
    if let [only] = clusters.as_mut_slice() {
        beside(configuration, only);
    }
    clusters
}

fn cluster<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> ClusterDocument<'a> {
    let mut cluster = ClusterDocument::new(Tool::Terraform, made.body);
    cluster.name = text(configuration, made, "name");
    cluster.version = text(configuration, made, "version");
    let (blocks, _) = configuration.modules.blocks(made.body, "vpc_config", &made.scope);
    let subnets = blocks.first().map(|(body, scope)| configuration.inner(*body, scope, "subnet_ids"));
    network(configuration, subnets.as_ref(), &mut cluster);
    let (blocks, _) = configuration.modules.blocks(made.body, "kubernetes_network_config", &made.scope);
    if let Some((body, scope)) = blocks.first() {
        let services = configuration.inner(*body, scope, "service_ipv4_cidr");
        cluster.ranges.extend(written(&services, *body).map(|cidr| Range { of: RangeOf::Services, cidr }));
    }
    let auto = configuration.modules.blocks(made.body, "compute_config", &made.scope).0;
    cluster.nodes_on_demand = auto.first().and_then(|(body, scope)| {
        let enabled = configuration.inner(*body, scope, "enabled");
        (enabled.as_bool() != Some(false)).then_some(*body)
    });
    cluster
}

/// The network that subnets lie in: its range, its zones and its parts.
fn network<'a>(configuration: &Configuration<'_, 'a>, subnets: Option<&Known<'a>>, cluster: &mut ClusterDocument<'a>) {
    let Some(network) = subnets.and_then(|it| network_of(configuration, it)) else { return };
    let made = |it: &&Made<'a>| handle(it) == network;
    if let Some(call) = configuration.calls_of(WellKnown::Vpc).find(made) {
        let range = configuration.value(call, "cidr");
        cluster.ranges.extend(written(&range, call.body).map(|cidr| Range { of: RangeOf::Network, cidr }));
        cluster.zones = texts(&configuration.value(call, "azs"), call.body);
        for (list, is_public) in [("public_subnets", true), ("private_subnets", false)] {
            let cidrs = configuration.value(call, list);
            for (at, cidr) in cidrs.as_list().into_iter().flatten().enumerate() {
                cluster.subnets.push(Subnet {
                    at: cidr.at.unwrap_or(call.body),
                    name: None,
                    id: None,
                    zone: cluster.zones.get(at).copied(),
                    cidr: written(cidr, call.body),
                    is_public: Some(is_public),
                });
            }
        }
    } else if let Some(vpc) = configuration.of_kind("aws_vpc").find(made) {
        let range = configuration.value(vpc, "cidr_block");
        cluster.ranges.extend(written(&range, vpc.body).map(|cidr| Range { of: RangeOf::Network, cidr }));
        for subnet in configuration.of_kind("aws_subnet") {
            let of = configuration.value(subnet, "vpc_id").as_thing();
            if of.is_some_and(|it| it.block == vpc.body) {
                cluster.subnets.push(Subnet {
                    at: subnet.body,
                    name: None,
                    id: None,
                    zone: text(configuration, subnet, "availability_zone"),
                    cidr: text(configuration, subnet, "cidr_block"),
                    is_public: configuration.value(subnet, "map_public_ip_on_launch").as_bool(),
                });
            }
        }
        cluster.zones = cluster.subnets.iter().filter_map(|it| it.zone).collect();
    }
}

/// A managed group of nodes that is a resource of its own.
fn managed_group<'a>(
    configuration: &Configuration<'_, 'a>,
    made: &Made<'a>,
    cluster: &ClusterDocument<'a>,
) -> NodeGroup<'a> {
    let mut group = NodeGroup::new(made.body, NodeRole::Worker);
    group.is_managed = true;
    group.name = text(configuration, made, "node_group_name").or(Some(name_of(made)));
    let (sizes, _) = configuration.modules.blocks(made.body, "scaling_config", &made.scope);
    if let Some((body, scope)) = sizes.first() {
        let [min, max, desired] = COUNTS.map(|(name, _)| count(&configuration.inner(*body, scope, name), *body));
        (group.min, group.max, group.desired) = (min, max, desired);
    }
    group.instance_types = texts(&configuration.value(made, "instance_types"), made.body);
    let has_template = made.body.entry("launch_template").is_some();
    if group.instance_types.is_empty() {
        let of_template = template(configuration, made).and_then(|it| text(configuration, it, "instance_type"));
        let usual = (!has_template).then(|| Stated::filled(INSTANCE_TYPE, made.body));
        group.instance_types.extend(of_template.or(usual));
    }
    group.labels = entries(&configuration.value(made, "labels"), made.body);
    let (taints, _) = configuration.modules.blocks(made.body, "taint", &made.scope);
    group.taints = taints.iter().map(|(body, scope)| taint(&block(configuration, *body, scope), *body)).collect();
    group.volume_size = count(&configuration.value(made, "disk_size"), made.body);
    let capacity = configuration.value(made, "capacity_type");
    group.is_spot = stated(&capacity, made.body, |it| it.as_text().map(|it| it == "SPOT"));
    group.version = text(configuration, made, "version");
    group.image = text(configuration, made, "ami_type");
    group.zones = zones(configuration, &configuration.value(made, "subnet_ids"), made.body, cluster);
    group
}

/// The attributes of a block as a map.
fn block<'a>(configuration: &Configuration<'_, 'a>, body: Node<'a>, scope: &Scope<'a>) -> Known<'a> {
    configuration.modules.value(body, scope)
}

/// The launch template of a group, if the configuration makes it.
fn template<'m, 'a>(configuration: &'m Configuration<'_, 'a>, made: &Made<'a>) -> Option<&'m Made<'a>> {
    let (blocks, _) = configuration.modules.blocks(made.body, "launch_template", &made.scope);
    let (body, scope) = blocks.first()?;
    let of = ["id", "name"].into_iter().find_map(|it| configuration.inner(*body, scope, it).as_thing())?;
    configuration.made_by(of)
}

/// The zones of subnets: those of the resources named, or all of a module's. One that is not known stays among them.
fn zones<'a>(
    configuration: &Configuration<'_, 'a>,
    subnets: &Known<'a>,
    body: Node<'a>,
    cluster: &ClusterDocument<'a>,
) -> Vec<Stated<'a, &'a str>> {
    if subnets.is_null() {
        return cluster.zones.clone();
    }
    let mut zones = Vec::new();
    for item in subnets.items().unwrap_or_default() {
        let made = item.as_thing().and_then(|it| configuration.made_by(it));
        if made.is_some_and(|it| WellKnown::of(it.kind) == Some(WellKnown::Vpc)) {
            return cluster.zones.clone();
        }
        let unknown = Stated::unknown(item.at.or(subnets.at).unwrap_or(body));
        let all = configuration.resources.iter().filter(|it| made.is_some_and(|made| made.body == it.body));
        let named = all.map(|it| text(configuration, it, "availability_zone").unwrap_or(unknown));
        let before = zones.len();
        zones.extend(named);
        if zones.len() == before {
            zones.push(unknown);
        }
    }
    zones
}

/// A cluster of the registry's module.
fn called<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> ClusterDocument<'a> {
    let first = |names: [&str; 2]| names.into_iter().find_map(|it| text(configuration, made, it));
    let value = |name: &str| configuration.value(made, name);
    let mut cluster = ClusterDocument::new(Tool::Terraform, made.body);
    cluster.name = first(["cluster_name", "name"]);
    cluster.version = first(["cluster_version", "kubernetes_version"]);
    cluster.has_identities = configuration.flag(made, "enable_irsa").or(Some(Stated::filled(true, made.body)));
    let subnets = ["subnet_ids", "subnets", "vpc_id"].map(value);
    network(configuration, subnets.iter().find(|it| it.as_thing().is_some() || it.as_list().is_some()), &mut cluster);
    for input in ["cluster_addons", "addons"] {
        let add_ons = value(input);
        for (name, settings) in add_ons.as_map().into_iter().flatten() {
            let at = settings.at.unwrap_or(made.body);
            let name = Stated { value: borrowed(name), at, is_default: false };
            cluster.add_ons.push(AddOn { name, version: written(&settings.get("addon_version"), at) });
        }
    }
    let services = first(["cluster_service_ipv4_cidr", "service_ipv4_cidr"]);
    cluster.ranges.extend(services.map(|cidr| Range { of: RangeOf::Services, cidr }));
    for (input, defaults, is_managed) in [
        ("eks_managed_node_groups", "eks_managed_node_group_defaults", true),
        ("node_groups", "node_groups_defaults", true),
        ("self_managed_node_groups", "self_managed_node_group_defaults", false),
    ] {
        let (groups, defaults) = (value(input), value(defaults));
        for (name, settings) in groups.as_map().into_iter().flatten() {
            let group = listed_group(configuration, made, (name, settings, &defaults), &cluster);
            cluster.groups.push(NodeGroup { is_managed, ..group });
        }
        // A group that nobody can count is still a group.
        if groups.as_map().is_none() && !groups.is_null() {
            let at = groups.at.unwrap_or(made.body);
            cluster.nodes_on_demand = cluster.nodes_on_demand.or(Some(at));
        }
    }
    let elsewhere = ["fargate_profiles", "cluster_compute_config", "compute_config", "worker_groups"];
    let found = elsewhere.iter().filter_map(|it| made.body.get(it)).find(|it| !it.is_empty() || it.is_expression());
    cluster.nodes_on_demand = cluster.nodes_on_demand.or(found);
    cluster
}

/// A group in the map that the registry's module takes.
fn listed_group<'a>(
    configuration: &Configuration<'_, 'a>,
    made: &Made<'a>,
    (name, settings, defaults): (&Cow<'a, str>, &Known<'a>, &Known<'a>),
    cluster: &ClusterDocument<'a>,
) -> NodeGroup<'a> {
    let at = settings.at.unwrap_or(made.body);
    let value = |name: &str| {
        let own = settings.get(name);
        if own.is_null() && !defaults.is_null() { defaults.get(name) } else { own }
    };
    let mut group = NodeGroup::new(at, NodeRole::Worker);
    group.name = Some(Stated { value: borrowed(name), at: at.key().unwrap_or(at), is_default: false });
    let [min, max, desired] =
        COUNTS.map(|(name, usual)| count(&value(name), at).or_else(|| Some(Stated::filled(usual, at))));
    (group.min, group.max, group.desired) = (min, max, desired);
    group.instance_types = texts(&value("instance_types"), at);
    group.instance_types.extend(written(&value("instance_type"), at));
    if group.instance_types.is_empty() {
        group.instance_types.push(Stated::filled(INSTANCE_TYPE, at));
    }
    group.labels = entries(&value("labels"), at);
    let taints = value("taints");
    let one_by_one = taints.as_map().into_iter().flatten().map(|it| &it.1);
    group.taints = taints.as_list().into_iter().flatten().chain(one_by_one).map(|it| taint(it, at)).collect();
    if group.taints.is_empty() && taints.is_unknown() {
        group.taints.push(Stated::unknown(at));
    }
    group.is_spot = stated(&value("capacity_type"), at, |it| it.as_text().map(|it| it == "SPOT"));
    group.image = written(&value("ami_type"), at);
    group.zones = zones(configuration, &value("subnet_ids"), at, cluster);
    group
}

/// What stands beside the one cluster of a configuration: add-ons, roles, groups of its own machines.
fn beside<'a>(configuration: &Configuration<'_, 'a>, cluster: &mut ClusterDocument<'a>) {
    for made in configuration.of_kind("aws_eks_addon") {
        let version = text(configuration, made, "addon_version");
        let name = text(configuration, made, "addon_name");
        cluster.add_ons.extend(name.map(|name| AddOn { name, version }));
    }
    for made in configuration.of_kind("helm_release") {
        let version = text(configuration, made, "version");
        let chart = text(configuration, made, "chart");
        cluster.add_ons.extend(chart.map(|name| AddOn { name, version }));
    }
    if cluster.has_identities.is_none()
        && let Some(provider) = configuration.of_kind("aws_iam_openid_connect_provider").next()
    {
        cluster.has_identities = Some(Stated::said(true, provider.body));
    }
    let roles = configuration.calls.iter().filter(|it| it.kind.contains("iam-role-for-service-accounts"));
    for role in roles {
        accounts(configuration, role, cluster);
    }
    for made in configuration.of_kind("aws_autoscaling_group") {
        let group = machines::node_group(configuration, made);
        cluster.groups.extend(group);
    }
    let elsewhere = configuration.of_kind("aws_eks_fargate_profile").next().map(|it| it.body);
    let karpenter = configuration.calls.iter().find(|it| it.kind.ends_with("//modules/karpenter")).map(|it| it.body);
    cluster.nodes_on_demand = cluster.nodes_on_demand.or(elsewhere).or(karpenter);
}

/// The service accounts that a role of the registry's module is for.
fn accounts<'a>(configuration: &Configuration<'_, 'a>, role: &Made<'a>, cluster: &mut ClusterDocument<'a>) {
    let granted = RIGHTS.iter().filter(|it| configuration.value(role, it.0).as_bool() == Some(true));
    let rights: Vec<Stated<'a, &'a str>> = granted.map(|it| Stated::said(it.1, role.body)).collect();
    let providers = configuration.value(role, "oidc_providers");
    for (_, provider) in providers.as_map().into_iter().flatten() {
        for name in provider.get("namespace_service_accounts").items().unwrap_or_default() {
            let Some((namespace, account)) = name.as_written().and_then(|it| it.split_once(':')) else { continue };
            let at = name.at.unwrap_or(role.body);
            cluster.accounts.push(Account {
                namespace: Stated::said(namespace, at),
                name: Stated::said(account, at),
                rights: rights.clone(),
            });
        }
    }
}

/// A taint as AWS spells it.
fn taint<'a>(value: &Known<'a>, body: Node<'a>) -> Stated<'a, Taint> {
    let at = value.at.unwrap_or(body);
    let text = |name: &str| value.get(name).as_text().map(Cow::into_owned);
    let effect = text("effect").map(|it| match it.as_str() {
        "NO_SCHEDULE" => "NoSchedule".to_owned(),
        "NO_EXECUTE" => "NoExecute".to_owned(),
        "PREFER_NO_SCHEDULE" => "PreferNoSchedule".to_owned(),
        _ => it,
    });
    let taint = text("key").zip(effect).map(|(key, effect)| Taint { key, value: text("value"), effect });
    Stated { value: taint, at, is_default: false }
}

pub(super) fn text<'a>(
    configuration: &Configuration<'_, 'a>,
    made: &Made<'a>,
    name: &str,
) -> Option<Stated<'a, &'a str>> {
    written(&configuration.value(made, name), made.body)
}

/// A text as it stands in a literal; one that is put together has no value.
fn written<'a>(value: &Known<'a>, body: Node<'a>) -> Option<Stated<'a, &'a str>> {
    let scalar = value.at.filter(|it| !it.is_expression() && !it.is_mapping() && !it.is_sequence());
    stated(value, body, |it| it.as_written().or_else(|| it.as_number().and(scalar).map(|it| it.text())))
}

pub(super) fn texts<'a>(value: &Known<'a>, body: Node<'a>) -> Vec<Stated<'a, &'a str>> {
    match value.as_list() {
        Some(items) => items.iter().filter_map(|it| written(it, body)).collect(),
        None if value.is_null() => Vec::new(),
        None => vec![Stated::unknown(value.at.unwrap_or(body))],
    }
}

pub(super) fn count<'a>(value: &Known<'a>, body: Node<'a>) -> Option<Stated<'a, u32>> {
    stated(value, body, |it| it.as_int().and_then(|it| u32::try_from(it).ok()))
}

/// The entries of a map whose keys stand in the source as they are.
fn entries<'a>(value: &Known<'a>, body: Node<'a>) -> Vec<(&'a str, Stated<'a, &'a str>)> {
    let map = value.as_map().into_iter().flatten();
    map.filter_map(|(key, value)| Some((borrowed(key)?, written(value, body)?))).collect()
}

fn borrowed<'a>(text: &Cow<'a, str>) -> Option<&'a str> {
    if let Cow::Borrowed(text) = text { Some(*text).filter(|it| !it.contains(HOLE)) } else { None }
}

fn name_of<'a>(made: &Made<'a>) -> Stated<'a, &'a str> {
    Stated::said(made.name, made.body)
}
