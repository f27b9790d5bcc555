//! `zone-redundancy-missing`.

use foldhash::HashSet;
use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_facts::ZONE_LABELS;
use seaworthy_fleet::{ClusterDocument, Fleet};
use seaworthy_object::Object;
use serde::Deserialize;

use crate::{Category, Check, Meta, Pack, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ZoneRedundancyMissing {}

impl Rule for ZoneRedundancyMissing {
    const META: Meta = Meta {
        id: "zone-redundancy-missing",
        category: Category::Cluster,
        level: Some(Level::Info),
        packs: &[(Pack::Recommended, Level::Warning)],
        since: "0.1.0",
        page: page!("zone_redundancy_missing.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl ZoneRedundancyMissing {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let mut said = HashSet::default();
        for network in fleet.sites().iter().flat_map(|it| &it.networks).filter(|it| it.zones > 1) {
            let Some(gateways) = network.gateways.filter(|it| it.value == Some(1)) else { continue };
            if said.insert(gateways.at) {
                one_gateway(gateways.at, network.zones, report);
            }
        }
        for cluster in fleet.clusters() {
            of_cluster(fleet, cluster, report);
        }
    }
}

fn one_gateway(at: Node<'_>, zones: usize, report: &mut Reporter<'_>) {
    report
        .say_fact(at, format!("one NAT gateway serves {zones} zones: with its zone, all of them lose the internet"))
        .help("make one for each zone (`one_nat_gateway_per_az` in the module): a zone then falls alone");
}

/// A cluster over several zones whose workers are in one, though pods ask to be spread.
fn of_cluster(fleet: &Fleet<'_>, cluster: &ClusterDocument<'_>, report: &mut Reporter<'_>) {
    let mut around: Vec<&str> = cluster.zones.iter().filter_map(|it| it.value).collect();
    around.extend(cluster.subnets.iter().filter_map(|it| it.zone?.value));
    let mut workers = cluster.workers();
    let Some((first, zone)) = workers.next().and_then(|it| Some((it, it.zones.first()?.value?))) else { return };
    let is_alone = cluster.workers().all(|it| it.zones.len() == 1 && it.zones.iter().all(|it| it.value == Some(zone)));
    if !is_alone || around.iter().all(|it| *it == zone) || cluster.nodes_on_demand.is_some() {
        return;
    }
    let Some(claims) = fleet.objects().iter().copied().find(|it| claims_spread(it)) else { return };
    let message = format!("all workers are in {zone}, and {} asks for several zones", claims.reference());
    report
        .say_fact(first.at, message)
        .help("give the group all zones of the cluster, or make one group for each")
        .related(claims.place(), "asks to be spread over zones");
}

/// True if pods insist on several zones.
fn claims_spread<'a>(object: &'a Object<'a>) -> bool {
    let Some(pod) = object.pod() else { return false };
    let is_zone = |key: Option<&str>| key.is_some_and(|it| ZONE_LABELS.contains(&it));
    let spec = pod.spec();
    let spread = spec.field().items_at("topologySpreadConstraints").any(|it| is_zone(it.str_at("topologyKey")));
    let path = "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution";
    spread || spec.field().items_at(path).any(|it| is_zone(it.str_at("topologyKey")))
}
