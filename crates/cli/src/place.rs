//! `seaworthy place`.

use std::io::{self, BufWriter, Write};

use seaworthy::{Failure, NodePlacement, OwnPods, Placement, PodPlacement, Policy, Question};

use crate::args::{Common, Format, Place};
use crate::check::validator;
use crate::failure::Failure as NotDone;
use crate::table::{Table, folded};
use crate::{input, progress, terminal};

/// So many of a list are shown.
const SHOWN: usize = 4;

/// Tells where pods run. True if one cannot.
pub(crate) fn run(place: &Place, common: &Common) -> Result<bool, NotDone> {
    let question = Question {
        scale: place.at.into(),
        groups: place.groups.into(),
        without: place.without.clone(),
        add: place.add_node.clone(),
    };
    let placement = progress::with_spinner("placing …".to_owned(), common.quiet, || {
        let input = input::read(&place.paths.paths, common)?;
        let validator = validator(common, Policy::default()).with_cluster(input.cluster).with_crds(input.crds);
        validator.place(&input.manifests, &question, place.failures).map_err(NotDone::NotPlaced)
    })?;
    if place.failures && placement.summary.failures.is_none() {
        terminal::complain("there are more than 200 nodes: nobody asks what each single failure leaves");
    }
    let mut out = BufWriter::new(io::stdout().lock());
    match place.format {
        Format::Json => {
            serde_json::to_writer(&mut out, &placement).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        Format::Text => write!(out, "{}", text(&placement, common.quiet))?,
    }
    out.flush()?;
    Ok(placement.summary.pending > 0 || placement.summary.claims_pending > 0)
}

fn text(placement: &Placement, quiet: bool) -> String {
    let tables = [nodes(placement), pods(placement, quiet), claims(placement)];
    let tables = tables.iter().skip(usize::from(quiet)).filter(|it| !it.is_empty()).map(ToString::to_string);
    tables.chain([summary(placement)]).collect()
}

fn nodes(placement: &Placement) -> Table {
    let mut table = Table::new(&["NODE", "ZONE", "PODS", "CPU", "MEMORY", "FULL"]);
    for node in &placement.nodes {
        let full =
            node.resources.iter().filter(|it| it.allocatable.as_ref() == Some(&it.requested) && it.percent.is_some());
        table.row([
            node.node.clone(),
            node.zone.clone().unwrap_or_default(),
            pods_on(node),
            bar(node, "cpu"),
            bar(node, "memory"),
            full.map(|it| it.resource.as_str()).collect::<Vec<_>>().join(", "),
        ]);
    }
    table
}

/// `11/17`.
fn pods_on(node: &NodePlacement) -> String {
    let pods = node.resources.iter().find(|it| it.resource == "pods");
    let of = |it: &Option<String>| it.clone().unwrap_or_else(|| "?".to_owned());
    pods.map_or_else(String::new, |it| format!("{}/{}", it.requested, of(&it.allocatable)))
}

/// `[########--] 82 %`.
fn bar(node: &NodePlacement, resource: &str) -> String {
    const WIDTH: u64 = 10;
    let Some(fill) = node.resources.iter().find(|it| it.resource == resource) else { return String::new() };
    let Some(percent) = fill.percent else { return format!("{} of ?", fill.requested) };
    let full = usize::try_from((percent.min(100) * WIDTH).div_ceil(100)).unwrap_or(0);
    format!("[{:-<10}] {percent:>3} %", "#".repeat(full))
}

/// A row for pods of one workload of which the same is to be said; quietly, of those that have no place.
fn pods(placement: &Placement, quiet: bool) -> Table {
    let mut table = Table::new(&["POD", "COUNT", "VERDICT", "NODE", "WHY"]);
    let is_said = |it: &&PodPlacement| !(quiet && it.verdict == "placed");
    let said: Vec<&PodPlacement> = placement.pods.iter().filter(is_said).collect();
    for alike in said.chunk_by(|left, right| is_alike(left, right)) {
        let (Some(first), Some(last)) = (alike.first(), alike.last()) else { continue };
        let name = match alike.len() {
            1 => first.pod.clone(),
            _ => format!(
                "{} … {}",
                first.pod,
                last.pod.rsplit('/').next().unwrap_or("").rsplit(" … ").next().unwrap_or("")
            ),
        };
        let pods = alike.iter().fold(0, |sum: u64, it| sum.saturating_add(it.replicas));
        let mut on: Vec<String> = Vec::new();
        for node in alike.iter().flat_map(|it| &it.on).map(|it| &it.node) {
            if on.len() < 100 && !on.contains(node) {
                on.push(node.clone());
            }
        }
        table.row([name, pods.to_string(), first.verdict.to_owned(), folded(&on, SHOWN), why(first)]);
    }
    table
}

/// True for two pods of one workload of which the same is said.
fn is_alike(left: &PodPlacement, right: &PodPlacement) -> bool {
    left.owner.is_some()
        && left.pod != right.pod
        && (&left.owner, left.verdict, &left.message, &left.evicts)
            == (&right.owner, right.verdict, &right.message, &right.evicts)
        && left.pod.split('/').next() == right.pod.split('/').next()
}

/// The scheduler's words; where it would make room, that too.
fn why(pod: &PodPlacement) -> String {
    match &pod.evicts {
        Some(evicts) => format!("{} It would evict {} from {}.", pod.message, count(evicts.pods, "pod"), evicts.node),
        None => pod.message.clone(),
    }
}

fn count(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn claims(placement: &Placement) -> Table {
    let mut table = Table::new(&["CLAIM", "VERDICT", "WHY"]);
    let said: Vec<_> = placement.claims.iter().filter(|it| matches!(it.verdict, "pending" | "unknown")).collect();
    for alike in said.chunk_by(|left, right| (left.verdict, &left.message) == (right.verdict, &right.message)) {
        let (Some(first), Some(last)) = (alike.first(), alike.last()) else { continue };
        // The verdict stands beside it.
        let why = first.message.strip_prefix("unknown: ").unwrap_or(&first.message).to_owned();
        if alike.len() > SHOWN {
            let name = format!("{} … {} ({})", first.claim, last.claim, alike.len());
            table.row([name, first.verdict.to_owned(), why]);
            continue;
        }
        for claim in alike {
            table.row([claim.claim.clone(), claim.verdict.to_owned(), why.clone()]);
        }
    }
    table
}

/// One line: how many have no place, and how many with more of everything, or less.
fn summary(placement: &Placement) -> String {
    let all = &placement.summary;
    let mut said = match (all.pending, all.unknown, all.pods) {
        (_, _, 0) => "There is no pod to place".to_owned(),
        (0, 0, 1) => "The pod can be placed".to_owned(),
        (0, 0, pods) => format!("All of {pods} pods can be placed"),
        (pending, 0, pods) => format!("{pending} of {pods} pods cannot be placed"),
        (0, unknown, pods) => format!("{} of {pods} pods can be placed, {unknown} are unknown", all.placed),
        (pending, unknown, pods) => format!("{pending} of {pods} pods cannot be placed, {unknown} are unknown"),
    };
    match all.claims_pending {
        0 => {}
        1 => said.push_str(", 1 claim never binds"),
        claims => said.push_str(&format!(", {claims} claims never bind")),
    }
    said.push('.');
    for (what, more) in [("HPA maximum", &all.at_hpa_max), ("the groups' maximum", &all.at_groups_max)] {
        if let Some(more) = more {
            said.push_str(&format!(" At {what} ({}): {} of {}.", folded(&more.of, SHOWN), more.pending, more.pods));
        }
    }
    if let Some(failures) = &all.failures {
        said.push_str(&worst(failures));
    }
    if let Some(OwnPods { each_node, cluster }) = &all.own_pods {
        said.push_str(&format!(" The platform's own pods take room too: {each_node} on each node, {cluster} more."));
    }
    if all.nodes_cut {
        said.push_str(&format!(" Only the first {} nodes were looked at.", all.nodes));
    }
    said.push('\n');
    said
}

/// The worst failure of a node, and of a zone.
fn worst(failures: &[Failure]) -> String {
    let of = |kind: &str| {
        let mut worst: Option<&Failure> = None;
        for failure in failures.iter().filter(|it| it.without.starts_with(kind)) {
            if worst.is_none_or(|it| failure.pending > it.pending) {
                worst = Some(failure);
            }
        }
        match worst? {
            Failure { pending: 0, .. } => Some(format!(" Any {kind} can fail.")),
            Failure { without, pending, of } => {
                let name = without.strip_prefix(kind)?.trim_start_matches('=');
                Some(format!(" Without {kind} {name}: {pending} more ({}).", folded(of, SHOWN)))
            }
        }
    };
    ["node", "zone"].into_iter().filter_map(of).collect()
}
