//! eksctl's `ClusterConfig` (`eksctl-io/eksctl`, `pkg/apis/eksctl.io/v1alpha5`).

use seaworthy_document::Node;

use super::{
    Account, AddOn, ClusterDocument, NodeGroup, NodeRole, Range, RangeOf, Subnet, Tool, ZonesByName, zones_by_name,
};
use crate::nodes::Taint;
use crate::stated::{
    Stated, at, count_at, entries_at, flag_at, is_expression, named_texts_at, text, text_at, texts_at,
};

/// What eksctl makes where no type is said (`DefaultNodeType`).
const INSTANCE_TYPE: &str = "m5.large";
/// How many nodes it makes where nothing is said (`DefaultNodeCount`).
const COUNT: u32 = 2;
/// The size of their disks in GiB (`DefaultNodeVolumeSize`).
const VOLUME_SIZE: u32 = 80;
/// The range of the network that it makes (`DefaultCIDR`).
const NETWORK: &str = "192.168.0.0/16";

/// Reads a `ClusterConfig`.
#[inline(never)]
pub(super) fn read(root: Node<'_>) -> ClusterDocument<'_> {
    let mut cluster = ClusterDocument::new(Tool::Eksctl, root);
    cluster.name = text_at(root, "metadata.name");
    cluster.version = text_at(root, "metadata.version").filter(|it| !matches!(it.value, Some("auto" | "latest")));
    cluster.region = text_at(root, "metadata.region");
    cluster.zones = texts_at(root, "availabilityZones");
    cluster.has_identities = flag_at(root, "iam.withOIDC");
    network(root, &mut cluster);
    let by_name = zones_by_name(&cluster.subnets);
    let of_subnets = [of_subnets(&cluster, true), of_subnets(&cluster, false)];
    for (list, is_managed) in [("nodeGroups", false), ("managedNodeGroups", true)] {
        let groups = at(root, list).into_iter().flat_map(|it| it.items()).filter(|it| it.is_mapping());
        for at in groups {
            let mut group = group(at, is_managed);
            let is_private = group.is_private.is_some_and(|it| it.value == Some(true));
            let [public, private] = &of_subnets;
            let usual = if !cluster.zones.is_empty() {
                &cluster.zones
            } else if is_private {
                private
            } else {
                public
            };
            group.zones = zones(&group, &by_name).unwrap_or_else(|| usual.clone());
            cluster.groups.push(group);
        }
    }
    cluster.add_ons = at(root, "addons").into_iter().flat_map(|it| it.items()).filter_map(add_on).collect();
    cluster.accounts = at(root, "iam.serviceAccounts").into_iter().flat_map(|it| it.items()).map(account).collect();
    let associations = at(root, "iam.podIdentityAssociations").into_iter().flat_map(|it| it.items());
    cluster.accounts.extend(associations.map(association));
    let auto = at(root, "autoModeConfig").filter(|it| flag_at(*it, "enabled").and_then(|it| it.value) != Some(false));
    let fargate = at(root, "fargateProfiles").filter(|it| it.is_sequence() && !it.is_empty());
    cluster.nodes_on_demand = auto.or(fargate).or_else(|| at(root, "karpenter"));
    cluster
}

fn network<'a>(root: Node<'a>, cluster: &mut ClusterDocument<'a>) {
    let vpc = at(root, "vpc");
    cluster.network_id = text_at(root, "vpc.id");
    cluster.nat = text_at(root, "vpc.nat.gateway");
    for (visibility, is_public) in [("vpc.subnets.public", true), ("vpc.subnets.private", false)] {
        for (name, at) in entries_at(root, visibility) {
            let key = at.key().unwrap_or(at);
            let zone = text_at(at, "az").or_else(|| is_zone(name).then(|| Stated::said(name, key)));
            cluster.subnets.push(Subnet {
                at,
                name: Some(Stated::said(name, key)),
                id: text_at(at, "id"),
                zone,
                cidr: text_at(at, "cidr"),
                is_public: Some(is_public),
            });
        }
    }
    let own = cluster.network_id.is_none() && cluster.subnets.is_empty();
    let range = text_at(root, "vpc.cidr").or_else(|| own.then(|| Stated::filled(NETWORK, vpc.unwrap_or(root))));
    cluster.ranges.extend(range.map(|cidr| Range { of: RangeOf::Network, cidr }));
    // The plug-in gives pods addresses of the network itself.
    let services = text_at(root, "kubernetesNetworkConfig.serviceIPv4CIDR");
    cluster.ranges.extend(services.map(|cidr| Range { of: RangeOf::Services, cidr }));
}

/// `us-east-1a`: older documents call subnets by their zone.
fn is_zone(name: &str) -> bool {
    let mut end = name.bytes().rev();
    end.next().is_some_and(|it| it.is_ascii_lowercase())
        && end.next().is_some_and(|it| it.is_ascii_digit())
        && name.matches('-').count() >= 2
}

fn group(at: Node<'_>, is_managed: bool) -> NodeGroup<'_> {
    let mut group = NodeGroup::new(at, NodeRole::Worker);
    group.name = text_at(at, "name");
    group.is_managed = is_managed;
    scale(&mut group);
    group.is_private = flag_at(at, "privateNetworking");
    group.subnets = texts_at(at, "subnets");
    group.instance_types = instance_types(at);
    group.labels = named_texts_at(at, "labels");
    group.taints = taints(at);
    group.max_pods = count_at(at, "maxPodsPerNode");
    let has_template = at.get("launchTemplate").is_some();
    group.volume_size = count_at(at, "volumeSize").or_else(|| (!has_template).then(|| Stated::filled(VOLUME_SIZE, at)));
    group.is_spot = flag_at(at, "spot").or_else(|| on_demand(at));
    group.may_autoscale = flag_at(at, "iam.withAddonPolicies.autoScaler");
    group.tags = named_texts_at(at, "tags");
    group.image = text_at(at, "amiFamily");
    group
}

/// Fills in sizes as eksctl does before it makes anything (`ValidateManagedNodeGroup`, `nodegroup.go` of its builder):
/// min := desired or 2, max := desired or min, desired := min.
fn scale(group: &mut NodeGroup<'_>) {
    let at = group.at;
    let (min, max, desired) = (count_at(at, "minSize"), count_at(at, "maxSize"), count_at(at, "desiredCapacity"));
    let filled = |from: Stated<'_, u32>| from.value.map(|it| Stated::filled(it, at)).unwrap_or(Stated::unknown(at));
    let least = min.unwrap_or_else(|| desired.map_or(Stated::filled(COUNT, at), filled));
    let mut most = max.unwrap_or_else(|| filled(desired.unwrap_or(least)));
    if group.is_managed && most.is_default && most.value == Some(0) {
        most.value = Some(1);
    }
    group.desired = Some(desired.unwrap_or_else(|| filled(least)));
    group.min = Some(least);
    group.max = Some(most);
}

/// The zones of its own or of the subnets it names; none if it says neither.
fn zones<'a>(group: &NodeGroup<'a>, by_name: &ZonesByName<'a>) -> Option<Vec<Stated<'a, &'a str>>> {
    let own = texts_at(group.at, "availabilityZones");
    if !own.is_empty() {
        return Some(own);
    }
    if group.subnets.is_empty() {
        return None;
    }
    let named = |subnet: &Stated<'a, &'a str>| by_name.get(subnet.value?).copied();
    Some(group.subnets.iter().map(named).collect::<Option<Vec<_>>>().unwrap_or_default())
}

/// The zones of all public or private subnets, if all are known.
fn of_subnets<'a>(cluster: &ClusterDocument<'a>, is_public: bool) -> Vec<Stated<'a, &'a str>> {
    let subnets = cluster.subnets.iter().filter(|it| it.is_public == Some(is_public));
    subnets.map(|it| it.zone).collect::<Option<Vec<_>>>().unwrap_or_default()
}

fn instance_types(at: Node<'_>) -> Vec<Stated<'_, &str>> {
    let mut types = texts_at(at, "instanceTypes");
    types.extend(texts_at(at, "instancesDistribution.instanceTypes"));
    if types.is_empty() {
        types.extend(text_at(at, "instanceType").filter(|it| it.value != Some("mixed")));
    }
    let is_chosen = ["instanceSelector", "launchTemplate"].iter().any(|key| at.get(key).is_some());
    if types.is_empty() && !is_chosen {
        types.push(Stated::filled(INSTANCE_TYPE, at));
    }
    types
}

/// A list of taints, or the older form: `key: value:Effect`.
fn taints(group: Node<'_>) -> Vec<Stated<'_, Taint>> {
    let Some(taints) = group.get("taints") else { return Vec::new() };
    let listed = taints.items().map(Taint::stated);
    listed
        .chain(taints.entries().map(|entry| {
            let written = entry.value.text();
            if is_expression(written) || is_expression(entry.name()) {
                return Stated::unknown(entry.value);
            }
            let (value, effect) = written.split_once(':').unwrap_or(("", written));
            let value = Some(value.to_owned()).filter(|it| !it.is_empty());
            Stated::said(Taint { key: entry.name().to_owned(), value, effect: effect.to_owned() }, entry.value)
        }))
        .collect()
}

/// A group without managed spot capacity may still buy it by a distribution.
fn on_demand(at: Node<'_>) -> Option<Stated<'_, bool>> {
    let share = count_at(at, "instancesDistribution.onDemandPercentageAboveBaseCapacity")?;
    Some(Stated { value: share.value.map(|it| it < 100), at: share.at, is_default: false })
}

fn add_on(at: Node<'_>) -> Option<AddOn<'_>> {
    Some(AddOn { name: text_at(at, "name")?, version: text_at(at, "version") })
}

fn account(at: Node<'_>) -> Account<'_> {
    let granted = entries_at(at, "wellKnownPolicies").into_iter().filter(|(_, it)| it.as_bool() != Some(false));
    let mut rights: Vec<_> = granted.map(|(name, at)| Stated::said(name, at)).collect();
    rights.extend(texts_at(at, "attachPolicyARNs"));
    Account {
        namespace: text_at(at, "metadata.namespace").unwrap_or(Stated::filled("default", at)),
        name: text_at(at, "metadata.name").unwrap_or(Stated::unknown(at)),
        rights,
    }
}

fn association(at: Node<'_>) -> Account<'_> {
    let mut account = account(at);
    account.namespace = text_at(at, "namespace").unwrap_or(account.namespace);
    account.name = at.get("serviceAccountName").map_or(account.name, text);
    account.rights.extend(texts_at(at, "permissionPolicyARNs"));
    account
}
