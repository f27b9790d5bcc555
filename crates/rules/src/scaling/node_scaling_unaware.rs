//! `node-scaling-unaware`.

use foldhash::HashSet;
use seaworthy_diagnostic::Level;
use seaworthy_facts::{Scaling, Site};
use seaworthy_fleet::Fleet;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NodeScalingUnaware {}

impl Rule for NodeScalingUnaware {
    const META: Meta = Meta {
        id: "node-scaling-unaware",
        category: Category::Scaling,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("node_scaling_unaware.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// What drains a node before the provider takes it away.
const HANDLER: &str = "aws-node-termination-handler";
/// What changes the number of nodes for Kubernetes.
const AUTOSCALERS: [&str; 2] = ["cluster-autoscaler", "karpenter"];

impl NodeScalingUnaware {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let of_sites = fleet.sites().iter().flat_map(|site| site.scalings.iter().map(move |it| (site, it)));
        let of_nodes: Vec<&Scaling<'_>> =
            of_sites.filter(|(site, it)| resizes_nodes(site, it)).map(|it| it.1).collect();
        if of_nodes.is_empty() {
            return;
        }
        let autoscaler = AUTOSCALERS.into_iter().find(|it| runs(fleet, it));
        if autoscaler.is_none() && runs(fleet, HANDLER) {
            return;
        }
        let mut said = HashSet::default();
        for scaling in of_nodes {
            if said.insert(scaling.at) {
                say(scaling, autoscaler, report);
            }
        }
    }
}

fn say(scaling: &Scaling<'_>, autoscaler: Option<&str>, report: &mut Reporter<'_>) {
    let why = match autoscaler {
        Some(name) => format!("{name} sets the same number"),
        None => "pods that wait for a node do not count, and nodes go without a drain".to_owned(),
    };
    let message = format!("`{}` resizes nodes by {} without asking Kubernetes: {why}", scaling.name, scaling.by);
    report
        .say_fact(scaling.at, message)
        .help("let the cluster autoscaler or Karpenter set the number of nodes, and take the policy out");
}

/// True if the machines whose number it changes are known to be nodes.
fn resizes_nodes(site: &Site<'_>, scaling: &Scaling<'_>) -> bool {
    let of = |handle| site.machines.iter().find(|it| it.handle == handle);
    scaling.of_managed_group || scaling.of.and_then(of).is_some_and(|it| it.are_nodes)
}

/// True if a program is declared, or runs in the fleet.
fn runs(fleet: &Fleet<'_>, name: &str) -> bool {
    fleet.facts().has_installed(name)
        || fleet.pods().iter().any(|pod| {
            let mut images = pod.containers().filter_map(|it| it.field().str_at("image"));
            images.any(|image| image.split(['/', ':', '@']).any(|it| it == name))
        })
}
