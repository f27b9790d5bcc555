//! `spread-selector-misses-own-pods`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_fleet::controllers_add;
use seaworthy_object::{Field, Pod, Requirement, Selector};
use serde::Deserialize;

use crate::mending::flow_labels;
use crate::words::all_of;
use crate::{Category, Check, Finding, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SpreadSelectorMissesOwnPods {}

impl Rule for SpreadSelectorMissesOwnPods {
    const META: Meta = Meta {
        id: "spread-selector-misses-own-pods",
        category: Category::Scheduling,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("spread_selector_misses_own_pods.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

/// Kinds whose controllers take the labels of the pod from the template and add only those they are known to add.
const KINDS: &[&str] =
    &["Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Job", "CronJob"];

/// Where anti-affinity stands, and the key of the term in an entry.
const ANTI_AFFINITY: [(&str, Option<&str>); 2] = [
    ("affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution", None),
    ("affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution", Some("podAffinityTerm")),
];

impl SpreadSelectorMissesOwnPods {
    fn check(&self, pod: Pod<'_>, report: &mut Reporter<'_>) {
        let object = pod.object();
        if !KINDS.contains(&object.kind()) || !matches!(object.group_kind().group, "" | "apps" | "batch") {
            return;
        }
        for constraint in pod.spec().field().items_at("topologySpreadConstraints") {
            spread(pod, constraint, report);
        }
        for (path, key) in ANTI_AFFINITY {
            for entry in pod.spec().field().items_at(path) {
                if let Some(term) = key.map_or(Some(entry), |key| entry.get(key)) {
                    anti_affinity(pod, term, report);
                }
            }
        }
    }
}

/// A constraint counts the pods that its selector matches; where that is none, any place is as good as another
/// (`podtopologyspread`, `countPodsMatchSelector`: an empty selector counts none either).
fn spread(pod: Pod<'_>, constraint: Field<'_>, report: &mut Reporter<'_>) {
    let selector = constraint.get("labelSelector").map(Selector::from_label_selector);
    let keys = constraint.items_at("matchLabelKeys").next().is_some();
    let Some(selector) = selector.filter(|it| !it.is_empty() || keys) else {
        let place =
            constraint.get("labelSelector").map_or_else(|| constraint.missing("labelSelector"), |it| it.place());
        let of = pod.object().reference();
        let message = format!("the spread constraint of {of} selects no pod, so it spreads nothing");
        report.say(place, message).help(format!("give it the labels of its own pods{}", labels_of(pod)));
        return;
    };
    let missed = missed(pod, &selector);
    if !missed.is_empty() {
        let what = format!("the spread constraint of {} counts", pod.object().reference());
        say_missed(pod, &selector, &missed, &what, "its own pods are not counted, so they are not spread", report);
    }
}

/// Anti-affinity may well be meant for pods of another workload; here it is said only where the selector is absent, or
/// asks for a value that the pod has under another key.
fn anti_affinity(pod: Pod<'_>, term: Field<'_>, report: &mut Reporter<'_>) {
    let Some(selector) = term.get("labelSelector").map(Selector::from_label_selector) else {
        let place = term.missing("labelSelector");
        let message =
            format!("the anti-affinity of {} has no selector, so it keeps away from no pod", pod.object().reference());
        report.say(place, message).help(format!("give it the labels of its own pods{}", labels_of(pod)));
        return;
    };
    let elsewhere = ["namespaces", "namespaceSelector"].iter().any(|key| term.get(key).is_some());
    let own = |asked: &Requirement<'_>| match asked {
        Requirement::In(key, values) => {
            let mut labels = pod.labels().iter();
            pod.labels().get(key).is_none() && labels.any(|(_, value)| value.len() > 1 && values.contains(&value))
        }
        _ => false,
    };
    let missed = missed(pod, &selector);
    if !elsewhere && !missed.is_empty() && selector.requirements().iter().any(own) {
        let what = format!("the anti-affinity of {} keeps away from", pod.object().reference());
        say_missed(pod, &selector, &missed, &what, "its own pods may share a node", report);
    }
}

/// Says that a selector asks for labels that the pod has not.
fn say_missed(
    pod: Pod<'_>,
    selector: &Selector<'_>,
    missed: &[String],
    what: &str,
    label: &'static str,
    report: &mut Reporter<'_>,
) {
    let message = format!("{what} pods with {}, and its own have {}", all_of(missed), have(pod, selector));
    let finding = report
        .say(selector.field(), message)
        .label(label)
        .help(format!("select the labels of its own pods{}", labels_of(pod)));
    mend(pod, selector, finding);
}

/// Puts the labels of the workload's own selector into the place of those asked for.
fn mend(pod: Pod<'_>, selector: &Selector<'_>, finding: Finding<'_>) {
    let labels = pod.controller_selector().and_then(|it| flow_labels(&it));
    if let (Some(labels), Some(asked)) = (labels, selector.field().get("matchLabels"))
        && selector.field().get("matchExpressions").is_none()
    {
        let text = asked.object().document().source_text();
        let ends_line = text.get(asked.span().range()).is_some_and(|it| it.ends_with('\n'));
        let text = format!("{{{labels}}}{}", if ends_line { "\n" } else { "" });
        finding.replace(asked, text, "select its own pods", Safety::Unsafe);
    }
}

/// What the selector asks for and neither the template nor a controller gives.
fn missed(pod: Pod<'_>, selector: &Selector<'_>) -> Vec<String> {
    let adds = |it: &Requirement<'_>| match it {
        Requirement::In(key, _) | Requirement::Exists(key) => controllers_add(key),
        // The server refuses it, which is another rule's to say.
        Requirement::Unreadable => true,
        Requirement::NotIn(..) | Requirement::DoesNotExist(_) => false,
    };
    selector.misses(pod.labels()).filter(|it| !adds(it)).map(|it| format!("`{it}`")).collect()
}

/// What the pods have instead.
fn have(pod: Pod<'_>, selector: &Selector<'_>) -> String {
    let asked = selector.misses(pod.labels()).filter_map(|it| match it {
        Requirement::In(key, _) | Requirement::NotIn(key, _) | Requirement::DoesNotExist(key) => {
            pod.labels().get(key).map(|value| format!("`{key}={value}`"))
        }
        _ => None,
    });
    let mut held: Vec<String> = asked.collect();
    if held.is_empty() {
        held = pod.labels().iter().take(SHOWN).map(|(key, value)| format!("`{key}={value}`")).collect();
    }
    if held.is_empty() { "no labels".to_owned() } else { all_of(&held) }
}

/// So many labels are shown.
const SHOWN: usize = 3;

fn labels_of(pod: Pod<'_>) -> String {
    let keys = pod.controller_selector().map(|it| it.to_string()).filter(|it| !it.is_empty());
    keys.map_or_else(String::new, |it| format!(": `{it}`"))
}

#[cfg(test)]
mod tests {
    use super::SpreadSelectorMissesOwnPods;
    use crate::trial::fixed;

    #[test]
    fn the_fix_selects_its_own_pods() {
        let set = |selector: &str| {
            format!(
                "\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      topologySpreadConstraints:
      - topologyKey: zone
        labelSelector:
{selector}      containers: [{{name: web}}]
"
            )
        };
        let mended = "          matchLabels: {app: \"web\"}\n";
        let fix = |selector: &str| fixed::<SpreadSelectorMissesOwnPods>(&set(selector));
        assert_eq!(fix("          matchLabels: {app: wbe}\n"), set(mended));
        let block = fix("          matchLabels:\n            app: wbe\n");
        assert_eq!(block, set("          matchLabels:\n            {app: \"web\"}\n"));
    }
}
