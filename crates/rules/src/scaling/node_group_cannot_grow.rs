//! `node-group-cannot-grow`.

use seaworthy_diagnostic::{Edit, Level};
use seaworthy_document::Node;
use seaworthy_facts::{ClusterDocument, NodeGroup, Tool};
use seaworthy_fleet::Fleet;
use seaworthy_source::Span;
use serde::Deserialize;

use super::{called, node_autoscaling};
use crate::mending;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NodeGroupCannotGrow {}

impl Rule for NodeGroupCannotGrow {
    const META: Meta = Meta {
        id: "node-group-cannot-grow",
        category: Category::Scaling,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("node_group_cannot_grow.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl NodeGroupCannotGrow {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for cluster in fleet.clusters() {
            let Some(promise) = node_autoscaling(fleet, cluster) else { continue };
            // Beside a group that can grow, the others are fixed on purpose.
            if cluster.workers().any(can_grow) {
                continue;
            }
            for group in cluster.workers() {
                match bounds(group) {
                    Some((min, max)) if min == max => say(cluster, group, max, promise, report),
                    Some(_) => {}
                    None => report.unknown_fact(group.at, "bounds of a node group", "they are not written as numbers"),
                }
            }
        }
    }
}

fn say(cluster: &ClusterDocument<'_>, group: &NodeGroup<'_>, max: u32, promise: &str, report: &mut Reporter<'_>) {
    let filled = [group.min, group.max].into_iter().flatten().any(|it| it.is_default);
    let name = called(group);
    let nodes = if max == 1 { "node" } else { "nodes" };
    let why = if filled && cluster.tool == Tool::Eksctl {
        ", as eksctl fills in the bounds that are not written"
    } else {
        ""
    };
    let message =
        format!("node group {name} has {max} {nodes} at least and at most{why}, but {promise}: none is ever added");
    let written = |it: &Node<'_>| *it != group.at;
    let mut places = [group.max, group.desired, group.min].into_iter().flatten().map(|it| it.at);
    let at = places.find(written).or(group.name.map(|it| it.at)).unwrap_or(group.at);
    let (least, most) = match cluster.tool {
        Tool::Terraform => ("min_size", "max_size"),
        _ => ("minSize", "maxSize"),
    };
    let fix = room(cluster.tool, group, max).map(|it| mending::by(it, format!("let it grow to {} nodes", double(max))));
    report
        .say_fact(at, message)
        .label("no room to grow")
        .help(format!("set `{least}` and `{most}` apart, with the load in mind that is expected"))
        .mend(fix);
}

/// A maximum of twice as much: in place of the one that is written, or as a line of its own above the first that says
/// how many there are.
fn room(tool: Tool, group: &NodeGroup<'_>, max: u32) -> Option<Edit> {
    let source = group.at.document().source();
    let stated = group.max?;
    if !stated.is_default {
        return Some(Edit { source, span: stated.at.span(), text: double(max).to_string() });
    }
    let written = [group.desired, group.min].into_iter().flatten().find(|it| !it.is_default)?;
    let start = written.at.key()?.span().start as usize;
    let text = written.at.document().source_text();
    let indent = text.get(..start)?.rsplit('\n').next()?;
    let in_block = tool == Tool::Eksctl && indent.chars().all(|it| it == ' ');
    in_block.then(|| Edit { source, span: Span::of(start..start), text: format!("maxSize: {}\n{indent}", double(max)) })
}

fn double(max: u32) -> u32 {
    max.saturating_mul(2).max(1)
}

/// The fewest and the most nodes of a group, as far as they are known.
fn bounds(group: &NodeGroup<'_>) -> Option<(u32, u32)> {
    Some((group.min?.value?, group.max?.value?))
}

/// True for a group that may have more nodes, or of which nobody can tell.
fn can_grow(group: &NodeGroup<'_>) -> bool {
    bounds(group).is_some_and(|(min, max)| min < max)
}
