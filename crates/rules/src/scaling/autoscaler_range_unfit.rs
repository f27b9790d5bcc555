//! `autoscaler-range-unfit`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Autoscaler, AutoscalerKind};
use seaworthy_object::{Object, Place};
use serde::Deserialize;

use crate::{Category, Check, Meta, Pack, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AutoscalerRangeUnfit {
    /// The fewest replicas that an autoscaler may leave.
    min: Option<i64>,
    /// The most replicas that it may make.
    max: Option<i64>,
    /// How far apart its two bounds are at least.
    spread: Option<i64>,
}

impl Rule for AutoscalerRangeUnfit {
    const META: Meta = Meta {
        id: "autoscaler-range-unfit",
        category: Category::Scaling,
        level: Some(Level::Info),
        packs: &[(Pack::Recommended, Level::Warning)],
        since: "0.1.0",
        page: page!("autoscaler_range_unfit.md"),
    };
    const CHECK: Check<Self> = Check::Object(Self::check);
}

impl AutoscalerRangeUnfit {
    fn check<'a>(&self, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let Some(autoscaler) = Autoscaler::of(object) else { return };
        let Some((min, max)) = autoscaler.bounds() else { return };
        let (least, most) = match autoscaler.kind() {
            AutoscalerKind::Keda => ("minReplicaCount", "maxReplicaCount"),
            _ => ("minReplicas", "maxReplicas"),
        };
        let place = |key: &str| {
            let spec = object.at("spec");
            spec.map_or_else(|| object.place(), |it| it.get(key).map_or_else(|| it.missing(key), Place::from))
        };
        let name = object.reference();
        // KEDA takes a workload to no replicas and back, whatever its bounds.
        let rests = min == 0 || object.at("spec.idleReplicaCount").is_some();
        if min == max && !rests {
            let message = format!("{name} keeps {max} {} at least and at most: it never scales", replicas(max));
            report
                .say(place(most), message)
                .label("no room to scale")
                .help("raise the maximum, or take the autoscaler away and set `replicas` of what it drives");
        } else if let Some(spread) = self.spread.filter(|spread| max.saturating_sub(min) < *spread && min <= max) {
            let message = format!("{name} scales from {min} to {max}, and the two must be {spread} apart at least");
            report.say(place(most), message).help("raise the maximum");
        }
        if let Some(bound) = self.min.filter(|bound| min < *bound && !rests) {
            let message = format!("{name} may leave {min} {}, but {bound} is the least that is allowed", replicas(min));
            report.say(place(least), message).help(format!("set `{least}: {bound}`"));
        }
        if let Some(bound) = self.max.filter(|bound| max > *bound) {
            let message = format!("{name} may make {max} {}, but {bound} is the most that is allowed", replicas(max));
            report.say(place(most), message).help(format!("set `{most}: {bound}`"));
        }
    }
}

fn replicas(count: i64) -> &'static str {
    if count == 1 { "replica" } else { "replicas" }
}
