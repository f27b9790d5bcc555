//! `zone-without-node`.

use foldhash::HashSet;
use seaworthy_diagnostic::Level;
use seaworthy_facts::{ClusterDocument, NodeGroup};
use seaworthy_fleet::Fleet;
use seaworthy_object::Object;
use seaworthy_placement::{Binding, Bindings, Supply, Verdict, is_zonal, zones_of_volume};
use serde::Deserialize;

use super::NodeZones;
use super::access_mode_unsupported::provisioner;
use super::class_zones_mismatch::ClassZones;
use crate::words::all_of;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ZoneWithoutNode {}

impl Rule for ZoneWithoutNode {
    const META: Meta = Meta {
        id: "zone-without-node",
        category: Category::Storage,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("zone_without_node.md"),
    };
    const CHECK: Check<Self> = Check::Bindings(Self::check);
}

/// A claim whose disk lies in one zone, and the zones it may lie in; none means any.
struct ZonalClaim<'b, 'a> {
    binding: &'b Binding<'a>,
    zones: Option<Vec<&'a str>>,
}

impl ZoneWithoutNode {
    fn check<'a>(&self, fleet: &Fleet<'a>, bindings: &Bindings<'a>, report: &mut Reporter<'_>) {
        let zones = NodeZones::of(fleet);
        if zones.are_all && !zones.names.is_empty() {
            let bound = bindings.all().iter().filter_map(|it| Some((it, it.volume()?)));
            bound.for_each(|(binding, volume)| without_any(&zones, binding, volume, report));
        }
        // Where several are stated, nobody says which one gets the claims. What makes nodes as they are needed makes
        // them where a disk is.
        let [cluster] = fleet.clusters() else { return };
        if cluster.nodes_on_demand.is_some() || fleet.runs_any_of(&["karpenter"]) {
            return;
        }
        let claims: Vec<ZonalClaim<'_, 'a>> =
            bindings.all().iter().filter_map(|it| ZonalClaim::of(fleet, it)).collect();
        let sure = sure_zones(cluster);
        for group in cluster.workers() {
            let Some(zones) = zones_of(group) else { continue };
            let Some(least) = group.min.and_then(|it| it.value) else { continue };
            if usize::try_from(least).is_ok_and(|least| least >= zones.len()) {
                continue;
            }
            let unsure: Vec<&str> = zones.into_iter().filter(|it| !sure.contains(it)).collect();
            let may_lie = |claim: &&ZonalClaim<'_, 'a>| {
                claim.zones.as_ref().is_none_or(|zones| zones.iter().any(|it| unsure.contains(it)))
            };
            let held: Vec<&ZonalClaim<'_, 'a>> = claims.iter().filter(may_lie).collect();
            if !unsure.is_empty() && !held.is_empty() {
                say(group, least, &unsure, &held, report);
            }
        }
    }
}

/// A volume that is there already, in a zone where no node is.
fn without_any<'a>(zones: &NodeZones<'_>, binding: &Binding<'a>, volume: &'a Object<'a>, report: &mut Reporter<'_>) {
    let Some(lies_in) = zones_of_volume(volume).filter(|it| !it.iter().any(|zone| zones.names.contains(zone))) else {
        return;
    };
    let message = format!(
        "volume `{}` lies in {}, where no node is: the nodes are in {}",
        volume.name(),
        all_of(&lies_in),
        all_of(&zones.names)
    );
    report
        .say(volume, message)
        .label("out of reach of every pod")
        .help("add a node in that zone, or move the data to a volume in a zone that has one")
        .related(binding.claim.place(), "the claim that binds it");
}

fn say(group: &NodeGroup<'_>, least: u32, unsure: &[&str], held: &[&ZonalClaim<'_, '_>], report: &mut Reporter<'_>) {
    let mut names: Vec<String> = held.iter().take(2).map(|it| format!("`{}`", it.binding.claim.name)).collect();
    if held.len() > names.len() {
        names.push(format!("{} more", held.len() - names.len()));
    }
    let nodes = if least == 1 { "node" } else { "nodes" };
    let message = format!(
        "node group `{}` promises {least} {nodes} in all, but spreads over {}: a zone that holds the disk of {} may \
         be left without one",
        group.title(),
        all_of(unsure),
        all_of(&names)
    );
    let at = group.min.filter(|it| !it.is_default).map(|it| it.at).or(group.name.map(|it| it.at));
    let mut finding = report.say_fact(at.unwrap_or(group.at), message).label("fewer nodes than zones").help(
        "make a group for each zone with one node at least, or keep the disks in as many zones as there are nodes; \
             WaitForFirstConsumer only chooses the first place of a disk",
    );
    for claim in held.iter().take(3) {
        finding = finding.related(claim.binding.claim.place(), "its disk stays in one zone");
    }
}

/// The zones of a group, if all are known.
fn zones_of<'a>(group: &NodeGroup<'a>) -> Option<Vec<&'a str>> {
    let zones: Option<Vec<&str>> = group.zones.iter().map(|it| it.value).collect();
    zones.filter(|it| it.len() > 1)
}

/// The zones in which a cluster always has a node: those of groups that keep one in each of theirs.
fn sure_zones<'a>(cluster: &ClusterDocument<'a>) -> HashSet<&'a str> {
    let mut sure = HashSet::default();
    for group in cluster.workers() {
        let zones: Vec<&str> = group.zones.iter().filter_map(|it| it.value).collect();
        let least = group.min.and_then(|it| it.value).unwrap_or(0) as usize;
        if zones.len() == group.zones.len() && least >= zones.len() {
            sure.extend(zones);
        }
    }
    sure
}

impl<'b, 'a> ZonalClaim<'b, 'a> {
    fn of(fleet: &Fleet<'a>, binding: &'b Binding<'a>) -> Option<Self> {
        let zones = match binding.verdict {
            Verdict::Bound(volume) | Verdict::WaitsForPod { volume: Some(volume), .. } => {
                Some(zones_of_volume(volume)?)
            }
            Verdict::Provisioned { .. } | Verdict::WaitsForPod { volume: None, .. } => {
                let Supply::Class { object, .. } = binding.supply else { return None };
                let (_, provisioner) = provisioner(fleet, binding.supply)?;
                if !is_zonal(provisioner, object.and_then(|class| class.at("parameters"))) {
                    return None;
                }
                object.and_then(ClassZones::of).map(|it| it.names)
            }
            _ => return None,
        };
        Some(Self { binding, zones })
    }
}
