//! `seaworthy place`.

use std::io::{self, BufWriter, Write};

use seaworthy::{NodePlacement, Placement, PodPlacement, Policy, Question};

use crate::args::{Common, Format, Place};
use crate::check::validator;
use crate::failure::Failure;
use crate::table::Table;
use crate::{input, progress};

/// Tells where pods run. True if one cannot.
pub(crate) fn run(place: &Place, common: &Common) -> Result<bool, Failure> {
    let question = Question {
        scale: place.at.into(),
        groups: place.groups.into(),
        without: place.without.clone(),
        add: place.add_node.clone(),
    };
    let placement = progress::with_spinner("placing …".to_owned(), common.quiet, || {
        let input = input::read(&place.paths.paths, common)?;
        let validator = validator(common, Policy::default()).with_cluster(input.cluster).with_crds(input.crds);
        validator.place(&input.manifests, &question).ok_or(Failure::NoNodes)
    })?;
    let mut out = BufWriter::new(io::stdout().lock());
    match place.format {
        Format::Json => {
            serde_json::to_writer(&mut out, &placement).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        Format::Text => write!(out, "{}", text(&placement))?,
    }
    out.flush()?;
    Ok(placement.summary.pending > 0 || placement.summary.claims_pending > 0)
}

fn text(placement: &Placement) -> String {
    let tables = [nodes(placement), pods(placement), claims(placement)];
    let tables = tables.iter().filter(|it| !it.is_empty()).map(ToString::to_string);
    tables.chain([summary(placement)]).collect()
}

fn nodes(placement: &Placement) -> Table {
    let mut table = Table::new(&["NODE", "ZONE", "PODS", "CPU", "MEMORY", ""]);
    for node in &placement.nodes {
        table.row([
            node.node.clone(),
            node.zone.clone().unwrap_or_default(),
            pods_on(node),
            bar(node, "cpu"),
            bar(node, "memory"),
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

fn pods(placement: &Placement) -> Table {
    let mut table = Table::new(&["POD", "", "VERDICT", "NODE", "WHY"]);
    for pod in &placement.pods {
        let count = if pod.replicas == 1 { String::new() } else { pod.replicas.to_string() };
        table.row([pod.pod.clone(), count, pod.verdict.to_owned(), on(pod), pod.message.clone()]);
    }
    table
}

/// The first few nodes, and how many more there are.
fn on(pod: &PodPlacement) -> String {
    const SHOWN: usize = 4;
    let names: Vec<&str> = pod.on.iter().take(SHOWN).map(|it| it.node.as_str()).collect();
    let more = pod.on.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(", … {more} more") };
    format!("{}{more}", names.join(", "))
}

fn claims(placement: &Placement) -> Table {
    let mut table = Table::new(&["CLAIM", "VERDICT", "WHY"]);
    for claim in placement.claims.iter().filter(|it| matches!(it.verdict, "pending" | "unknown")) {
        table.row([claim.claim.clone(), claim.verdict.to_owned(), claim.message.clone()]);
    }
    table
}

fn summary(placement: &Placement) -> String {
    let all = &placement.summary;
    let mut said = match (all.pending, all.pods) {
        (0, pods) => format!("All of {pods} pods can be placed"),
        (pending, pods) => format!("{pending} of {pods} pods cannot be placed"),
    };
    if all.unknown > 0 {
        said = format!("{said}, {} unknown", all.unknown);
    }
    said.push('.');
    if let Some(max) = &all.at_hpa_max {
        said.push_str(&format!(" At HPA maximum ({}): {} of {}.", max.of.join(", "), max.pending, max.pods));
    }
    said.push('\n');
    said
}
