//! `class-zones-mismatch`.

use foldhash::HashSet;
use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Field, Object};
use seaworthy_placement::{in_tree, is_zonal, zones_of_class};
use serde::Deserialize;

use super::NodeZones;
use crate::words::all_of;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClassZonesMismatch {}

impl Rule for ClassZonesMismatch {
    const META: Meta = Meta {
        id: "class-zones-mismatch",
        category: Category::Storage,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("class_zones_mismatch.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

/// The zones a class makes volumes in.
pub(super) struct ClassZones<'a> {
    /// Where they are stated: a parameter, or `allowedTopologies`.
    pub(super) field: Field<'a>,
    /// Their names.
    pub(super) names: Vec<&'a str>,
}

impl<'a> ClassZones<'a> {
    /// The zones that a class states; none if it leaves them open, also by one term that names none.
    pub(super) fn of(class: &'a Object<'a>) -> Option<Self> {
        let names = zones_of_class(class).filter(|it| !it.is_empty())?;
        let parameter = |key: &str| class.at("parameters")?.get(key);
        let field = class.at("allowedTopologies").or_else(|| parameter("zones")).or_else(|| parameter("zone"))?;
        Some(Self { field, names })
    }

    /// True if some name is filled in by a tool.
    fn is_filled_in(&self) -> bool {
        self.names.iter().any(|it| it.contains(['$', '{', '<']))
    }
}

impl ClassZonesMismatch {
    fn check<'a>(&self, fleet: &Fleet<'a>, class: &'a Object<'a>, report: &mut Reporter<'_>) {
        if !class.is("storage.k8s.io", "StorageClass") {
            return;
        }
        let NodeZones { names: nodes, are_all } = NodeZones::of(fleet);
        let Some(zones) = ClassZones::of(class).filter(|it| !it.is_filled_in()) else { return };
        if nodes.is_empty() {
            return;
        }
        let (of_nodes, of_class) = (set(&nodes), set(&zones.names));
        let without_node: Vec<&str> = zones.names.iter().copied().filter(|it| !of_nodes.contains(it)).collect();
        if are_all && !without_node.is_empty() {
            let message = format!(
                "class `{}` makes volumes in {}, where no node is: the nodes are in {}",
                class.name(),
                all_of(&without_node),
                all_of(&nodes)
            );
            report
                .say(zones.field, message)
                .label("a volume there is out of reach of every pod")
                .help("name the zones of the nodes, or none and `volumeBindingMode: WaitForFirstConsumer`");
            return;
        }
        let left_out: Vec<&str> = nodes.into_iter().filter(|it| !of_class.contains(it)).collect();
        let provisioner = class.str_at("provisioner").unwrap_or("");
        if left_out.is_empty()
            || !is_zonal(provisioner, class.at("parameters"))
            || is_one_of_several(fleet, class, &left_out)
        {
            return;
        }
        let message = format!(
            "class `{}` makes volumes in {} only, but there are nodes in {} too",
            class.name(),
            all_of(&zones.names),
            all_of(&left_out)
        );
        report.say(zones.field, message).label("no pod that needs one can run on the other nodes").help(
            "add the missing zones, or name none and let `volumeBindingMode: WaitForFirstConsumer` choose; the \
                 fields are immutable, so the class must be recreated",
        );
    }
}

/// True if another class of the same driver makes volumes in all zones that this one leaves out, as with a class for
/// each zone.
fn is_one_of_several<'a>(fleet: &Fleet<'a>, class: &'a Object<'a>, left_out: &[&str]) -> bool {
    let driver = |class: &'a Object<'a>| {
        let name = class.str_at("provisioner").unwrap_or("");
        in_tree(name).map_or(name, |it| it.driver)
    };
    let mut left_out = left_out.to_vec();
    for other in fleet.of_kind("storage.k8s.io", "StorageClass") {
        if other.name() == class.name() || driver(other) != driver(class) {
            continue;
        }
        match ClassZones::of(other) {
            Some(zones) => {
                let zones = set(&zones.names);
                left_out.retain(|it| !zones.contains(it));
            }
            None => left_out.clear(),
        }
        if left_out.is_empty() {
            break;
        }
    }
    left_out.is_empty()
}

fn set<'n>(names: &[&'n str]) -> HashSet<&'n str> {
    names.iter().copied().collect()
}
