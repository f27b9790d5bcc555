//! `quota-exceeded`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Why};
use seaworthy_object::{Container, Field, Object, Pod, Quantity, Role};
use seaworthy_source::order;
use serde::Deserialize;

use super::quota::{Quota, asked_of_containers};
use crate::words::all_of;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct QuotaExceeded {}

impl Rule for QuotaExceeded {
    const META: Meta = Meta {
        id: "quota-exceeded",
        category: Category::Scheduling,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("quota_exceeded.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

/// Of the quotas of a namespace only so many are counted up, each of which looks at every pod.
const CROWD: usize = 32;
const UNCOUNTED: &str = "of a namespace the first 32 quotas are counted up";

/// So many of those who ask for the most are named.
const SHOWN: usize = 3;

impl QuotaExceeded {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let Some(quota) = Quota::of(object).filter(|_| fleet.is_last_definition(object)) else { return };
        let quotas = fleet.of_kind_in("", "ResourceQuota", object.namespace());
        if !quotas.take(CROWD).any(|it| it.root() == object.root()) {
            return report.unknown(object.place(), "what counts against this quota".to_owned(), UNCOUNTED);
        }
        for (resource, hard) in quota.hard() {
            sum(fleet, quota, resource, hard, report);
        }
        let asked: Vec<&str> = quota.hard().map(|(it, _)| it).filter(|it| asked_of_containers(it).is_some()).collect();
        if asked.is_empty() {
            return;
        }
        for pod in fleet.pods_in(quota.namespace()) {
            if is_made_here(pod) && quota.covers(fleet, pod) {
                each_container(fleet, object, pod, &asked, report);
            }
        }
    }
}

/// What the set asks for together.
fn sum<'a>(fleet: &Fleet<'a>, quota: Quota<'a>, resource: &str, hard: Field<'a>, report: &mut Reporter<'_>) {
    let Some(most) = Quantity::of(hard) else { return };
    let mut shares = quota.shares(fleet, resource);
    let asked = shares.iter().fold(Quantity::zero(), |sum, it| sum.plus(&it.amount));
    if asked <= most {
        return;
    }
    let message = format!(
        "quota `{}` allows {resource} of {}, and the set alone asks for {}",
        hard.object().name(),
        hard.text(),
        asked.canonical(),
    );
    order::sort_by(&mut shares, &mut |a, b| b.amount.cmp(&a.amount));
    let mut finding = report
        .say(hard, message)
        .label("what comes last is refused: \"exceeded quota\"")
        .help("raise the quota, or ask for less");
    for share in shares.iter().take(SHOWN) {
        let object = share.at.object();
        let place = if share.at.node() == object.root() { object.place() } else { share.at.place() };
        finding = finding.related(place, format!("{} asks for {}", object.reference(), share.amount.canonical()));
    }
}

/// True unless another object makes the pod, which is judged itself, or the server has it already.
fn is_made_here(pod: Pod<'_>) -> bool {
    let object = pod.object();
    matches!(object.group_kind().group, "" | "apps" | "batch")
        && object.kind() != "PodTemplate"
        && ["metadata.ownerReferences", "metadata.uid"].iter().all(|it| object.at(it).is_none())
}

/// Where a quota counts cpu or memory, every container must state it, unless the pod does as a whole
/// (`enforcePodContainerConstraints`).
fn each_container<'a>(
    fleet: &Fleet<'a>,
    quota: &'a Object<'a>,
    pod: Pod<'a>,
    asked: &[&str],
    report: &mut Reporter<'_>,
) {
    if pod.spec().at("resources").is_some() {
        return;
    }
    let misses = |container: &Container<'a>, resource: &str| {
        let asked = asked_of_containers(resource);
        asked.is_some_and(|(list, resource)| list.of_container(fleet, pod, *container, resource).is_none())
    };
    let mut first = None;
    // As the server says it, and in a sentence.
    let (mut missing, mut said): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for resource in asked {
        let containers = pod.containers().filter(|it| it.role() != Role::Ephemeral);
        let names: Vec<Container<'a>> = containers.filter(|it| misses(it, resource)).collect();
        first = first.or(names.first().copied());
        let names: Vec<&str> = names.iter().map(Container::name).collect();
        if !names.is_empty() {
            missing.push(format!("{resource} for: {}", names.join(",")));
            let verb = if names.len() == 1 { "does not" } else { "do not" };
            let names: Vec<String> = names.iter().map(|it| format!("`{it}`")).collect();
            said.push(format!("{resource}, which {} {verb}", all_of(&names)));
        }
    }
    let Some(container) = first else { return };
    let place = container.at("resources").unwrap_or(container.field());
    if !fleet.facts().lists("", "LimitRange") || fleet.may_be_unread("LimitRange", "limits") {
        let what = format!("a LimitRange of namespace {} that gives {}", pod.namespace(), missing.join("; "));
        return report.unknown(place, what, Why::NotGiven.as_str());
    }
    let who = if pod.is_bare() { "is refused" } else { "gets no pods" };
    let message = format!(
        "{} {who}: quota `{}` obliges containers to state {}",
        pod.object().reference(),
        quota.name(),
        all_of(&said)
    );
    report
        .say(place, message)
        .label(format!("\"failed quota: {}: must specify {}\"", quota.name(), missing.join("; ")))
        .help("state it for each container, or have a LimitRange fill it in")
        .related(quota, "the quota");
}
