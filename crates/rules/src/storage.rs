//! Claims, volumes and classes.

mod access_mode_unsupported;
mod claim_template_without_size;
mod class_zones_mismatch;
mod csi_driver_missing;
mod host_path_volume_multi_node;
mod monitoring_store_ephemeral;
mod provisioner_unknown;
mod pvc_unbindable;
mod reclaim_policy_deletes_data;
mod rwo_claim_rolling_update;
mod rwo_claim_shared;
mod stateful_service_without_volume;
mod static_volumes_too_few;
mod storage_class_missing;
mod storage_not_allowed;
mod storage_parameter_meaningless;
mod volume_unused;
mod zonal_class_immediate_binding;
mod zone_without_node;

use foldhash::HashMap;
use seaworthy_document::Node;
use seaworthy_facts::ZONE_LABELS;
use seaworthy_fleet::Fleet;
use seaworthy_placement::{Binding, Bindings};
use seaworthy_source::order;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<pvc_unbindable::PvcUnbindable>(),
        AnyRule::of::<storage_class_missing::StorageClassMissing>(),
        AnyRule::of::<claim_template_without_size::ClaimTemplateWithoutSize>(),
        AnyRule::of::<static_volumes_too_few::StaticVolumesTooFew>(),
        AnyRule::of::<zonal_class_immediate_binding::ZonalClassImmediateBinding>(),
        AnyRule::of::<csi_driver_missing::CsiDriverMissing>(),
        AnyRule::of::<host_path_volume_multi_node::HostPathVolumeMultiNode>(),
        AnyRule::of::<volume_unused::VolumeUnused>(),
        AnyRule::of::<monitoring_store_ephemeral::MonitoringStoreEphemeral>(),
        AnyRule::of::<stateful_service_without_volume::StatefulServiceWithoutVolume>(),
        AnyRule::of::<rwo_claim_rolling_update::RwoClaimRollingUpdate>(),
        AnyRule::of::<rwo_claim_shared::RwoClaimShared>(),
        AnyRule::of::<storage_parameter_meaningless::StorageParameterMeaningless>(),
        AnyRule::of::<provisioner_unknown::ProvisionerUnknown>(),
        AnyRule::of::<access_mode_unsupported::AccessModeUnsupported>(),
        AnyRule::of::<reclaim_policy_deletes_data::ReclaimPolicyDeletesData>(),
        AnyRule::of::<class_zones_mismatch::ClassZonesMismatch>(),
        AnyRule::of::<storage_not_allowed::StorageNotAllowed>(),
        AnyRule::of::<zone_without_node::ZoneWithoutNode>(),
    ]
}

/// The claims that one place of a file asks for: a claim alone, or all that a template makes.
struct Demand<'b, 'a> {
    /// In the order of their pods.
    made: Vec<&'b Binding<'a>>,
    /// Those that stand in the set, so that a StatefulSet adopts them.
    adopted: Vec<&'b Binding<'a>>,
}

/// Every demand of the set, those of definitions that later ones replace included.
fn demands<'b, 'a>(bindings: &'b Bindings<'a>) -> Vec<Demand<'b, 'a>> {
    let mut demands: Vec<Demand<'b, 'a>> = Vec::new();
    let mut by_place: HashMap<Node<'a>, usize> = HashMap::default();
    for binding in bindings.all().iter().chain(bindings.earlier()) {
        let at = *by_place.entry(binding.claim.field.node()).or_insert_with(|| {
            demands.push(Demand { made: Vec::new(), adopted: Vec::new() });
            demands.len() - 1
        });
        if let Some(demand) = demands.get_mut(at) {
            demand.made.push(binding);
        }
    }
    for binding in bindings.all() {
        let template = binding.claim.adopted_by.and_then(|template| by_place.get(&template.node()));
        if let Some(demand) = template.and_then(|&at| demands.get_mut(at)) {
            demand.adopted.push(binding);
        }
    }
    demands
}

/// The zones in which nodes are known to be.
struct NodeZones<'f> {
    /// Their names, each once, in order.
    names: Vec<&'f str>,
    /// True if there are no nodes elsewhere.
    are_all: bool,
}

impl<'f> NodeZones<'f> {
    /// Those that are declared, else those of the nodes: objects of the set, and what is known of the cluster.
    fn of(fleet: &'f Fleet<'_>) -> Self {
        let facts = fleet.facts();
        let (mut names, mut are_all) = (facts.known_zones(), true);
        if facts.zones.is_empty() {
            are_all = facts.nodes.iter().all(|it| !it.zones.is_empty() && !it.open.zones);
            for node in fleet.of_kind("", "Node") {
                let zone = ZONE_LABELS.iter().find_map(|key| node.labels().get(key));
                are_all &= zone.is_some();
                names.extend(zone);
            }
            order::sort(&mut names);
            names.dedup();
        }
        Self { names, are_all }
    }
}
