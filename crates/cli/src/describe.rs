//! `seaworthy describe`.

use std::io::{self, Write};

use seaworthy::{Description, ObjectName, Policy, Reach, WorkloadDescription};

use crate::args::{Common, Describe, Format};
use crate::check::validator;
use crate::failure::Failure;
use crate::table::{Table, folded};
use crate::{input, progress};

/// So many of a list are shown.
const SHOWN: usize = 3;

/// Prints what the model understood.
pub(crate) fn run(describe: &Describe, common: &Common) -> Result<bool, Failure> {
    let description = progress::with_spinner("reading …".to_owned(), common.quiet, || {
        let input = input::read(&describe.paths.paths, common)?;
        let validator = validator(common, Policy::default()).with_cluster(input.cluster).with_crds(input.crds);
        Ok::<_, Failure>(validator.describe(&input.manifests))
    })?;
    let mut out = io::stdout().lock();
    match describe.format {
        Format::Json => {
            serde_json::to_writer(&mut out, &description).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        Format::Text => write!(out, "{}", tables(&description))?,
    }
    Ok(false)
}

fn tables(description: &Description) -> String {
    let all = [
        workloads(description),
        services(description),
        claims(description),
        budgets(description),
        evictions(description),
    ];
    let tables: Vec<_> = all.into_iter().filter(|table| !table.is_empty()).map(|table| table.to_string()).collect();
    if tables.is_empty() { "No workload, no Service, no claim.\n".to_owned() } else { tables.join("\n") }
}

fn workloads(description: &Description) -> Table {
    let mut table = Table::new(&["WORKLOAD", "REPLICAS", "QOS", "WHY", "REACHED BY", "STATE"]);
    for workload in &description.workloads {
        table.row([
            name(&workload.object),
            workload.replicas.map(|it| it.to_string()).unwrap_or_default(),
            workload.qos_class.clone(),
            workload.why.clone(),
            workload.reached_by.iter().map(reach).collect::<Vec<_>>().join(", "),
            folded(&workload.state, SHOWN),
        ]);
    }
    table
}

/// `webapp :80 (public, LoadBalancer)`.
fn reach(reach: &Reach) -> String {
    let ports: Vec<_> = reach.ports.iter().map(|port| format!(":{port}")).collect();
    let by = match (reach.exposure, reach.by.as_str()) {
        ("cluster", "ClusterIP") => String::new(),
        ("cluster", by) => format!(" ({by})"),
        (exposure, by) => format!(" ({exposure}, {by})"),
    };
    format!("{} {}{by}", reach.service, ports.join(" "))
}

fn services(description: &Description) -> Table {
    let mut table = Table::new(&["SERVICE", "TYPE", "PORTS", "SELECTS", "EXPOSURE"]);
    for service in &description.services {
        table.row([
            name(&service.object).trim_start_matches("Service/").to_owned(),
            service.kind.clone(),
            service.ports.join(", "),
            folded(&service.selects, SHOWN),
            service.exposure.to_owned(),
        ]);
    }
    table
}

fn claims(description: &Description) -> Table {
    let mut table = Table::new(&["CLAIM", "ASKS", "FOR", "OUTCOME"]);
    for claim in &description.claims {
        let owner = claim.owner.clone().unwrap_or_default();
        let shown = claim.claim.strip_prefix("default/").unwrap_or(&claim.claim);
        table.row([shown.to_owned(), claim.asks.clone(), owner, claim.message.clone()]);
    }
    table
}

fn budgets(description: &Description) -> Table {
    let mut table = Table::new(&["BUDGET", "ASKS", "SELECTS", "EXPECTED", "AT LEAST", "MAY GO", "DRAIN"]);
    for budget in &description.disruption_budgets {
        let number = |it: Option<i64>| it.map(|it| it.to_string()).unwrap_or_default();
        table.row([
            name(&budget.object).trim_start_matches("PodDisruptionBudget/").to_owned(),
            budget.asks.clone(),
            folded(&budget.selects, SHOWN),
            number(budget.expected_pods),
            number(budget.desired_healthy),
            number(budget.disruptions_allowed),
            format!("{}: {}", budget.drain, budget.message),
        ]);
    }
    table
}

/// Who goes first where a node runs out of memory; a workload alone is not in line.
fn evictions(description: &Description) -> Table {
    let mut table = Table::new(&["EVICTED", "WORKLOAD", "PRIORITY", "WHY"]);
    let mut line: Vec<&WorkloadDescription> = description.workloads.iter().collect();
    if line.len() < 2 {
        return table;
    }
    line.sort_by_key(|it| it.eviction.turn.unwrap_or(usize::MAX));
    for workload in line {
        let eviction = &workload.eviction;
        table.row([
            eviction.turn.map(|it| it.to_string()).unwrap_or_default(),
            name(&workload.object),
            eviction.priority.map(|it| it.to_string()).unwrap_or_default(),
            eviction.why.clone(),
        ]);
    }
    table
}

/// `Deployment/web`, with the namespace where it is not `default`.
fn name(object: &ObjectName) -> String {
    match object.namespace.as_deref() {
        None | Some("default") => format!("{}/{}", object.kind, object.name),
        Some(namespace) => format!("{}/{} ({namespace})", object.kind, object.name),
    }
}
