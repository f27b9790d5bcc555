//! `node-autoscaler-unfit`.

use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_facts::{ClusterDocument, NodeGroup, Tool, release_of};
use seaworthy_fleet::Fleet;
use seaworthy_object::{Container, ImageReference, Pod};
use serde::Deserialize;

use super::{CLUSTER_AUTOSCALER, called, node_autoscaling};
use crate::words::all_of;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NodeAutoscalerUnfit {}

impl Rule for NodeAutoscalerUnfit {
    const META: Meta = Meta {
        id: "node-autoscaler-unfit",
        category: Category::Scaling,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("node_autoscaler_unfit.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl NodeAutoscalerUnfit {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let autoscaler = autoscaler_of(fleet);
        for cluster in fleet.clusters() {
            let Some(promise) = node_autoscaling(fleet, cluster) else { continue };
            permission(fleet, cluster, autoscaler, promise, report);
            if let Some((_, container)) = autoscaler.filter(|_| fleet.clusters().len() == 1) {
                tags(cluster, container, report);
            }
        }
        if let Some((_, container)) = autoscaler {
            version(fleet, container, report);
        }
    }
}

/// The container of the set that runs the cluster autoscaler, with its pod.
fn autoscaler_of<'a>(fleet: &Fleet<'a>) -> Option<(Pod<'a>, Container<'a>)> {
    if !fleet.runs_any_of(&[CLUSTER_AUTOSCALER]) {
        return None;
    }
    let mut pods = fleet.pods().iter().copied().filter(|it| fleet.is_last_definition(it.object()));
    let runs_it = |it: &Container<'a>| {
        let image = it.image().filter(|it| it.text().contains(CLUSTER_AUTOSCALER));
        let image = image.and_then(|it| ImageReference::parse(it.text()).ok());
        image.is_some_and(|it| it.short_name().starts_with(CLUSTER_AUTOSCALER))
    };
    pods.find_map(|pod| Some((pod, pod.containers().find(runs_it)?)))
}

/// The autoscaler changes scaling groups of the provider, which its nodes or its account must be allowed.
fn permission<'a>(
    fleet: &Fleet<'a>,
    cluster: &ClusterDocument<'a>,
    autoscaler: Option<(Pod<'a>, Container<'a>)>,
    promise: &str,
    report: &mut Reporter<'_>,
) {
    if cluster.tool != Tool::Eksctl || is_permitted(cluster) || autoscaler.is_some_and(|it| has_role(fleet, it.0)) {
        return;
    }
    let Some(group) = cluster.workers().next() else { return };
    let message = format!(
        "{promise}, but neither the nodes of group {} nor an account may change the groups of nodes",
        called(group)
    );
    report.say_fact(place_of(group), message).label("no `autoScaler` policy").help(
        "set `iam.withAddonPolicies.autoScaler: true` in the group, or better give the account of the cluster \
             autoscaler `wellKnownPolicies: {autoScaler: true}` under `iam.serviceAccounts`",
    );
}

fn place_of<'a>(group: &NodeGroup<'a>) -> Node<'a> {
    group.name.map_or(group.at, |it| it.at)
}

/// True if a group or an account of the cluster has the right, or one whose rights stand elsewhere.
fn is_permitted(cluster: &ClusterDocument<'_>) -> bool {
    let is_meant = |text: &str| text.to_ascii_lowercase().contains("autoscal");
    let by_group = cluster.workers().any(|group| {
        let allowed = group.may_autoscale.is_some_and(|it| it.value != Some(false));
        // A role of one's own, or policies besides the usual ones: what they allow is not written here.
        let own = ["instanceRoleARN", "instanceRoleName", "attachPolicy", "attachPolicyARNs"];
        allowed || own.iter().any(|key| group.at.at(["iam", key]).is_some())
    });
    let by_account = cluster.accounts.iter().any(|account| {
        let known = account.name.value.is_none_or(is_meant);
        known || account.rights.iter().any(|it| it.value.is_none_or(is_meant))
    });
    by_group || by_account
}

/// True if the account of a pod is tied to a role of the provider, or is not in the set.
fn has_role<'a>(fleet: &Fleet<'a>, pod: Pod<'a>) -> bool {
    const ROLES: &[&str] = &["eks.amazonaws.com/role-arn"];
    let account = fleet.object("", "ServiceAccount", Some(pod.namespace()), pod.spec().service_account());
    let env = |container: Container<'a>| {
        container.env().any(|it| matches!(it.str_at("name"), Some("AWS_ACCESS_KEY_ID" | "AWS_ROLE_ARN")))
    };
    account.is_none_or(|it| ROLES.iter().any(|key| it.annotation(key).is_some()))
        || pod.containers().any(env)
        || pod.annotation("iam.amazonaws.com/role").is_some()
}

/// The autoscaler finds groups by tags: `--node-group-auto-discovery=asg:tag=k8s.io/cluster-autoscaler/enabled,…`.
fn tags(cluster: &ClusterDocument<'_>, container: Container<'_>, report: &mut Reporter<'_>) {
    let lists = ["command", "args"].iter().flat_map(|key| container.field().items_at(key));
    let wanted =
        lists.filter_map(|it| it.text().split_once("node-group-auto-discovery=asg:tag=")).map(|it| it.1).last();
    let Some(wanted) = wanted.filter(|it| !it.contains(['$', '<', '{'])) else { return };
    let keys: Vec<&str> = wanted.split(',').filter_map(|it| it.split('=').next()).map(str::trim).collect();
    for group in cluster.workers() {
        // EKS tags its managed groups, eksctl those that may scale, and kops and Terraform nothing of themselves.
        if group.is_managed || group.may_autoscale.is_some_and(|it| it.value != Some(false)) {
            continue;
        }
        let lacking: Vec<&str> = keys.iter().copied().filter(|key| group.tag(key).is_none()).collect();
        // A cluster of which no group has any is not written with tags in mind, or tags them elsewhere.
        let (false, false) = (lacking.is_empty(), cluster.workers().all(|it| it.tags.is_empty())) else { continue };
        let message = format!(
            "node group {} lacks the tag {} by which the cluster autoscaler finds its groups",
            called(group),
            all_of(&lacking)
        );
        report
            .say_fact(place_of(group), message)
            .label("not found by the autoscaler")
            .help("tag the scaling group as the other groups are")
            .related(container.field(), "it looks for these tags");
    }
}

/// The autoscaler runs the scheduler of its own version to see what would fit.
fn version<'a>(fleet: &Fleet<'a>, container: Container<'a>, report: &mut Reporter<'_>) {
    let Some(image) = container.image() else { return };
    let tag = ImageReference::parse(image.text()).ok().and_then(|it| it.tag());
    let Some((1, minor)) = tag.and_then(release_of) else { return };
    let mut clusters: Vec<(u32, Option<Node<'a>>)> = Vec::new();
    for cluster in fleet.clusters() {
        if let Some((1, of_cluster)) = cluster.release() {
            clusters.push((of_cluster, cluster.version.map(|it| it.at)));
        }
    }
    if fleet.clusters().is_empty() && fleet.facts().versions_stated {
        clusters.extend(fleet.facts().versions.iter().map(|it| (u32::from(it.minor()), None)));
    }
    let away = |of: u32| of.abs_diff(minor);
    let nearest = clusters.iter().min_by_key(|it| away(it.0));
    let Some(&(of_cluster, at)) = nearest.filter(|it| away(it.0) > 0) else { return };
    // One minor off is how an upgrade looks half-way.
    let level = if away(of_cluster) > 1 { Level::Warning } else { Level::Info };
    let message = format!("the cluster autoscaler is of 1.{minor}, the cluster of 1.{of_cluster}");
    let finding = report
        .say(image, message)
        .level(Level::Warning, level)
        .label("another minor version than the cluster")
        .help(format!("run an image of 1.{of_cluster}: it decides with the scheduler that it is built with"));
    if let Some(at) = at {
        finding.related_fact(at, "the cluster");
    }
}
