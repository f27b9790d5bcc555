//! `autoscaler-threshold-above-limit`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Autoscaler, Fleet};
use seaworthy_object::{Container, Pod, Quantity};
use serde::Deserialize;

use super::autoscaler_metric_without_request::{Utilisation, utilisations};
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AutoscalerThresholdAboveLimit {}

impl Rule for AutoscalerThresholdAboveLimit {
    const META: Meta = Meta {
        id: "autoscaler-threshold-above-limit",
        category: Category::Scaling,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("autoscaler_threshold_above_limit.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// What the controller takes for no difference, in per cent (`--horizontal-pod-autoscaler-tolerance`, 0.1).
const TOLERANCE: i64 = 10;

impl AutoscalerThresholdAboveLimit {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for autoscaler in fleet.autoscalers() {
            let Some(pod) = fleet.workload_of(&autoscaler).and_then(|it| it.pod()) else { continue };
            for metric in utilisations(&autoscaler) {
                judge(fleet, &autoscaler, &metric, pod, report);
            }
        }
    }
}

fn judge<'a>(
    fleet: &Fleet<'a>,
    autoscaler: &Autoscaler<'a>,
    metric: &Utilisation<'a>,
    pod: Pod<'a>,
    report: &mut Reporter<'_>,
) {
    let (Some(percent), Some((request, limit))) = (metric.percent, totals(fleet, metric, pod)) else { return };
    let threshold = request.percent(percent);
    let is_above = threshold > limit;
    // At the limit, the controller still sees no difference worth a pod.
    let own_tolerance = autoscaler.object().at("spec.behavior.scaleUp.tolerance").is_some();
    let is_near = !own_tolerance && threshold.percent(100 + TOLERANCE) >= limit;
    if !(1..=i64::from(i32::MAX)).contains(&percent) || !(is_above || is_near) {
        return;
    }
    let resource = metric.resource;
    let of = metric.container.map_or_else(|| "a pod".to_owned(), |name| format!("container `{name}`"));
    let (threshold, request, limit) =
        (threshold.rounded_to_thousandths().canonical(), request.canonical(), limit.canonical());
    let limit_says = if is_above {
        format!("but the limit is {limit}: it never scales up")
    } else {
        format!("and the limit is {limit}: the controller heeds no difference below 10 %, so it never scales up")
    };
    let message = format!(
        "{} adds pods above {threshold} {resource} of {of} ({percent} % of {request}), {limit_says}",
        autoscaler.object().reference(),
    );
    let most = most_percent(&limit, &request);
    let help = match most {
        Some(most) => format!("aim at less than {most} %, or raise the limit"),
        None => "aim at less, or raise the limit".to_owned(),
    };
    report
        .say(metric.at.clone(), message)
        .level(Level::Warning, if is_above { Level::Warning } else { Level::Info })
        .label("never reached")
        .help(help)
        .related(pod.object(), format!("what it drives: limit {limit}"));
}

/// What the pods that a metric looks at request and may use at most; none if some container has no request or no limit.
fn totals<'a>(fleet: &Fleet<'a>, metric: &Utilisation<'a>, pod: Pod<'a>) -> Option<(Quantity, Quantity)> {
    let resource = metric.resource;
    if ["requests", "limits"].iter().any(|list| pod.spec().pod_level(list, resource).is_some()) {
        return None;
    }
    let looked_at = |it: &Container<'a>| it.keeps_running() && metric.container.is_none_or(|name| name == it.name());
    let mut totals: Option<(Quantity, Quantity)> = None;
    for container in pod.containers().filter(looked_at) {
        let limit = container.limit(resource).or_else(|| fleet.default_limit(pod.namespace(), resource));
        let request = container.request(resource).or_else(|| fleet.default_request(pod.namespace(), resource));
        let (request, limit) = (Quantity::of(request?)?, Quantity::of(limit?)?);
        totals = Some(match totals {
            Some((requests, limits)) => (requests.plus(&request), limits.plus(&limit)),
            None => (request, limit),
        });
    }
    totals.filter(|(request, limit)| !request.is_zero() && !limit.is_zero())
}

/// The percentage of the request at which the limit lies, less what the controller does not heed.
fn most_percent(limit: &str, request: &str) -> Option<i128> {
    let (limit, request): (Quantity, Quantity) = (limit.parse().ok()?, request.parse().ok()?);
    let scaled = limit.nanos().checked_mul(10_000)?;
    Some(scaled.checked_div(request.nanos().checked_mul(i128::from(100 + TOLERANCE))?)?).filter(|it| *it > 0)
}
