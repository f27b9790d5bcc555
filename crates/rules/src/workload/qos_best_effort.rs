//! `qos-best-effort`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Object, Pod, QosClass, Role};
use serde::Deserialize;

use crate::{Category, Check, Meta, Pack, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct QosBestEffort {}

impl Rule for QosBestEffort {
    const META: Meta = Meta {
        id: "qos-best-effort",
        category: Category::Workload,
        level: Some(Level::Info),
        packs: &[(Pack::Recommended, Level::Warning)],
        since: "0.1.0",
        page: page!("qos_best_effort.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl QosBestEffort {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        if let Some(pod) = object.pod() {
            let qos = pod.qos();
            if qos.class != QosClass::BestEffort || is_filled(fleet, pod) {
                return;
            }
            let container = pod.containers().find(|it| it.role() == Role::Ordinary).map(|it| it.field());
            let place = container.unwrap_or(pod.spec().field()).missing("resources");
            report
                .say(place, format!("{} runs as BestEffort: {}", pod.object().reference(), qos.why))
                .label("asks for nothing")
                .help("request the cpu and memory it needs: a node short of memory kills and evicts BestEffort pods first");
        }
    }
}

/// True if a LimitRange of the namespace gives its containers something to ask for.
fn is_filled(fleet: &Fleet<'_>, pod: Pod<'_>) -> bool {
    ["cpu", "memory"].iter().any(|resource| fleet.default_request(pod.namespace(), resource).is_some())
}
