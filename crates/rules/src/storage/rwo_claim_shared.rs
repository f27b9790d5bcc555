//! `rwo-claim-shared`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Relation};
use seaworthy_object::{Field, Object, Pod};
use serde::Deserialize;

use super::rwo_claim_rolling_update::access;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RwoClaimShared {}

impl Rule for RwoClaimShared {
    const META: Meta = Meta {
        id: "rwo-claim-shared",
        category: Category::Storage,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("rwo_claim_shared.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

/// A workload that mounts a claim.
struct User<'a> {
    pod: Pod<'a>,
    /// Where it names the claim.
    name: Field<'a>,
    /// What scales it, and to how many pods at most.
    scaled: Option<(&'a Object<'a>, i64)>,
}

impl RwoClaimShared {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        if !object.is("", "PersistentVolumeClaim") || !fleet.is_last_definition(object) {
            return;
        }
        let mut users: Vec<User<'a>> = Vec::new();
        for reference in fleet.referrers(object).filter(|it| it.relation == Relation::Mounts) {
            let user = reference.object();
            // A pod may mount one claim twice.
            if users.last().is_some_and(|last| last.pod.object().root() == user.root()) {
                continue;
            }
            let Some(pod) = user.pod().filter(|pod| stands_for_itself(fleet, pod)) else { continue };
            let mut names = pod.spec().volumes().filter_map(|volume| volume.claim_name());
            let Some(name) = names.find(|it| it.text() == object.name()) else { continue };
            let scaled = fleet.autoscalers_of(user).filter_map(|it| Some((it.object(), it.bounds()?.1))).last();
            users.push(User { pod, name, scaled });
        }
        look(fleet, object, &users, report);
    }
}

fn look<'a>(fleet: &Fleet<'a>, claim: &'a Object<'a>, users: &[User<'a>], report: &mut Reporter<'_>) {
    let modes = access(claim);
    let one_node = fleet.facts().node_count() == Some(1);
    let kept_together = one_node || users.iter().any(|user| is_tied_to_a_node(user.pod));
    if !modes.is_one_node() || (kept_together && !modes.is_one_pod()) {
        return;
    }
    let several = users.iter().find_map(|user| Some((user, many(user, one_node)?)));
    let (place, who) = match (users, several) {
        (_, Some((user, many))) => {
            let place = user.pod.object().at("spec.replicas").unwrap_or(user.name);
            (place, format!("{} {many} that mount it", called(user)))
        }
        ([first, second, ..], None) => (second.name, format!("{} and {} both mount it", called(first), called(second))),
        _ => return,
    };
    let message = format!("claim `{}` is {modes}, but {who}", claim.name());
    let help = "give each pod a claim of its own (a StatefulSet with a claim template), use a ReadWriteMany volume, \
                or keep the pods on one node";
    let mode_place = claim.at("spec.accessModes").map_or_else(|| claim.place(), Into::into);
    let mut finding = report.say(place, message).help(help).related(mode_place, format!("the claim is {modes}"));
    if modes.is_one_pod() {
        finding = finding.level(Level::Warning, Level::Error);
    }
    for user in users.iter().filter(|user| user.name != place).take(3) {
        finding = finding.related(user.name, format!("{} mounts it", called(user)));
    }
}

fn called(user: &User<'_>) -> String {
    format!("{} `{}`", user.pod.object().kind(), user.pod.object().name())
}

/// True for the last definition of a workload that keeps running, or runs again and again, and that nothing in the
/// cluster made for another one.
fn stands_for_itself<'a>(fleet: &Fleet<'a>, pod: &Pod<'a>) -> bool {
    let object = pod.object();
    let ends = pod.runs_to_completion() && !object.is("batch", "CronJob");
    let is_idle = pod.replicas() == Some(0) || object.is("", "PodTemplate");
    !ends && !is_idle && object.at("metadata.ownerReferences").is_none() && fleet.is_last_definition(object)
}

/// How a workload says that it has several pods at once.
fn many(user: &User<'_>, one_node: bool) -> Option<String> {
    let replicas = user.pod.replicas().unwrap_or(1);
    if user.pod.object().is("apps", "DaemonSet") {
        return (!one_node).then(|| "runs pods on every node".to_owned());
    }
    match user.scaled {
        Some((by, most)) if most > replicas => {
            Some(format!("runs up to {most} pods, by {} `{}`,", by.kind(), by.name()))
        }
        _ => (replicas > 1).then(|| format!("runs {replicas} pods")),
    }
}

/// True if a rule of the pod keeps it on one node, alone or with others.
fn is_tied_to_a_node(pod: Pod<'_>) -> bool {
    const HOSTNAME: &str = "kubernetes.io/hostname";
    let spec = pod.spec();
    let selects = spec.at("nodeSelector").is_some_and(|it| it.get(HOSTNAME).is_some());
    let mut terms = spec.field().items_at("affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution");
    let nodes =
        spec.field().items_at("affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms");
    let mut expressions = nodes.flat_map(|term| term.items_at("matchExpressions"));
    selects
        || spec.at("nodeName").is_some()
        || terms.any(|term| term.str_at("topologyKey") == Some(HOSTNAME))
        || expressions.any(|it| it.str_at("key") == Some(HOSTNAME))
}
