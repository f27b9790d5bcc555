//! `spreading-missing`.

use seaworthy_diagnostic::{Fix, Level};
use seaworthy_fleet::{Autoscaler, Fleet};
use seaworthy_object::{Object, Pod};
use serde::Deserialize;

use crate::mending::{self, before, flow_labels};
use crate::words::all_of;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SpreadingMissing {
    /// The labels of nodes over which pods must be spread; without any, one of any kind will do.
    topology_keys: Vec<String>,
    /// From so many replicas on.
    count: i64,
}

impl Default for SpreadingMissing {
    fn default() -> Self {
        Self { topology_keys: Vec::new(), count: 2 }
    }
}

impl Rule for SpreadingMissing {
    const META: Meta = Meta {
        id: "spreading-missing",
        category: Category::Scheduling,
        level: None,
        packs: &[(Pack::Recommended, Level::Info)],
        since: "0.1.0",
        page: page!("spreading_missing.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

/// Kinds whose replicas are alike, so that one stands in for another.
const KINDS: &[(&str, &str)] =
    &[("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "ReplicaSet"), ("", "ReplicationController")];

/// Where pods say from which others they keep away, and the way from an entry to its key.
const ANTI_AFFINITY: [(&str, &str); 2] = [
    ("affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution", "topologyKey"),
    ("affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution", "podAffinityTerm.topologyKey"),
];

const HOSTNAME: &str = "kubernetes.io/hostname";

impl SpreadingMissing {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        if !KINDS.iter().any(|(group, kind)| object.is(group, kind)) || fleet.facts().node_count() == Some(1) {
            return;
        }
        let Some(pod) = object.pod().filter(|_| fleet.is_last_definition(object)) else { return };
        let scaled = fleet.autoscalers_of(object).filter(Autoscaler::sets_replicas).filter_map(|it| it.bounds());
        let replicas = scaled.map(|(min, _)| min).chain(pod.replicas()).max().unwrap_or(1);
        let missing = self.missing(pod);
        if replicas < self.count || missing.as_ref().is_some_and(Vec::is_empty) || spreads_by_default(fleet) {
            return;
        }
        let Some(service) = fleet.services_of(pod).first().copied() else { return };
        let over = missing.map_or_else(String::new, |keys| format!(" over {}", all_of(&keys)));
        let message = format!(
            "{} runs {replicas} pods behind Service `{}`, and nothing spreads them{over}",
            object.reference(),
            service.name()
        );
        let place = object.at("spec.replicas").map_or_else(|| object.place(), Into::into);
        report
            .say(place, message)
            .help("give the pods a topology spread constraint over nodes or zones")
            .related(service, "the Service")
            .mend(self.fix(pod));
    }

    /// The keys over which the pods are not spread; none where any key will do and there is no spreading at all.
    fn missing(&self, pod: Pod<'_>) -> Option<Vec<String>> {
        let spec = pod.spec().field();
        let spread = spec.items_at("topologySpreadConstraints").filter_map(|it| it.str_at("topologyKey"));
        let apart = ANTI_AFFINITY.iter().flat_map(|(list, key)| spec.items_at(list).filter_map(|it| it.str_at(key)));
        let keys: Vec<&str> = spread.chain(apart).collect();
        if self.topology_keys.is_empty() {
            return (!keys.is_empty()).then(Vec::new);
        }
        let missing = self.topology_keys.iter().filter(|it| !keys.contains(&it.as_str()));
        Some(missing.map(|it| format!("`{it}`")).collect())
    }

    fn fix(&self, pod: Pod<'_>) -> Option<Fix> {
        if pod.spec().at("topologySpreadConstraints").is_some() {
            return None;
        }
        let selector = pod.controller_selector()?;
        let key = self.topology_keys.first().map_or(HOSTNAME, String::as_str);
        let lines = [
            "topologySpreadConstraints:",
            "- maxSkew: 1",
            &format!("  topologyKey: {key}"),
            "  whenUnsatisfiable: ScheduleAnyway",
            &format!("  labelSelector: {{matchLabels: {{{}}}}}", flow_labels(&selector)?),
        ];
        let edit = before(pod.spec().at("containers")?, &lines)?;
        Some(mending::by(edit, format!("spread the pods over `{key}`")))
    }
}

/// True if a configuration of the scheduler in the set spreads pods that do not ask for it.
fn spreads_by_default(fleet: &Fleet<'_>) -> bool {
    let configurations = fleet.of_kind("kubescheduler.config.k8s.io", "KubeSchedulerConfiguration");
    let profiles = configurations.flat_map(|it| it.field().items_at("profiles"));
    let mut plugins = profiles.flat_map(|it| it.items_at("pluginConfig"));
    plugins.any(|it| it.items_at("args.defaultConstraints").next().is_some())
}

#[cfg(test)]
mod tests {
    use super::SpreadingMissing;
    use crate::trial::{fixed, messages};

    const SERVICE: &str = "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}}\n";

    fn set(replicas: i64, spec: &str) -> String {
        format!(
            "\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
{spec}      containers: [{{name: web}}]
{SERVICE}"
        )
    }

    #[test]
    fn the_fix_spreads_over_nodes() {
        let spread = r#"      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: kubernetes.io/hostname
        whenUnsatisfiable: ScheduleAnyway
        labelSelector: {matchLabels: {app: "web"}}
"#;
        assert_eq!(fixed::<SpreadingMissing>(&set(2, "")), set(2, spread));
        assert!(messages::<SpreadingMissing>("{}", &set(2, spread)).is_empty());
    }

    #[test]
    fn keys_and_numbers_are_options() {
        let by_zone = "      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution: [{podAffinityTerm: {topologyKey: zone}}]
";
        let said = |options: &str, spec: &str| messages::<SpreadingMissing>(options, &set(2, spec));
        assert!(said("{}", by_zone).is_empty());
        assert_eq!(
            said(r#"{"topology-keys": ["zone", "host"]}"#, by_zone),
            ["Deployment `web` runs 2 pods behind Service `web`, and nothing spreads them over `host`"]
        );
        assert!(said(r#"{"count": 3}"#, "").is_empty());
    }
}
