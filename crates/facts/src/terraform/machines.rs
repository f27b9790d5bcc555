//! Scaling groups, and what changes their size.

use crate::cluster::{NodeGroup, NodeRole};
use crate::sites::{Handle, Machines, Scaling};
use crate::stated::Stated;
use crate::terraform::clusters::{count, text, texts};
use crate::terraform::module::Made;
use crate::terraform::value::{Known, Thing};
use crate::terraform::{Configuration, WellKnown, handle, stated};

/// What the start of a machine says that becomes a node.
const JOINS: [&str; 5] = ["kubeadm", "kubelet", "/etc/eks/bootstrap.sh", "nodeadm", "k3s"];

pub(super) fn of<'a>(configuration: &Configuration<'_, 'a>) -> Vec<Machines<'a>> {
    configuration.of_kind("aws_autoscaling_group").map(|it| group(configuration, it)).collect()
}

fn group<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> Machines<'a> {
    let value = |name: &str| configuration.value(made, name);
    let count = |name: &str| stated(&value(name), made.body, |it| it.as_int().and_then(|it| u32::try_from(it).ok()));
    let places = ["availability_zones", "vpc_zone_identifier"].map(value);
    let named = places.iter().find(|it| !it.is_null());
    let is_single = |it: &Known<'a>| {
        let list = it.as_list()?;
        // A thing may stand for several of its kind.
        list.iter().all(|it| it.as_text().is_some()).then_some(list.len())
    };
    Machines {
        handle: handle(made),
        name: made.name,
        min: count("min_size"),
        max: count("max_size"),
        zones: named.and_then(|it| stated(it, made.body, is_single)),
        are_nodes: are_nodes(configuration, made),
    }
}

/// The group as nodes of the cluster that the configuration makes; none if its machines are something else.
pub(super) fn node_group<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> Option<NodeGroup<'a>> {
    if !are_nodes(configuration, made) {
        return None;
    }
    let value = |name: &str| configuration.value(made, name);
    let mut group = NodeGroup::new(made.body, NodeRole::Worker);
    group.name = text(configuration, made, "name").or(Some(Stated::said(made.name, made.body)));
    group.min = count(&value("min_size"), made.body);
    group.max = count(&value("max_size"), made.body);
    group.desired = count(&value("desired_capacity"), made.body);
    group.zones = texts(&value("availability_zones"), made.body);
    let started = started(configuration, made).into_iter().find_map(|it| configuration.made_by(it));
    let instance = started.and_then(|it| text(configuration, it, "instance_type"));
    group.instance_types.push(instance.unwrap_or(Stated::unknown(made.body)));
    Some(group)
}

/// The launch template or configuration of a group.
fn started<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> Vec<Thing<'a>> {
    let template = configuration.modules.blocks(made.body, "launch_template", &made.scope).0;
    let template = template.first().map(|(body, scope)| configuration.inner(*body, scope, "id"));
    let started = [Some(configuration.value(made, "launch_configuration")), template];
    started.into_iter().flatten().filter_map(|it| it.as_thing()).collect()
}

/// By their tags, by what they are called, or by how they start.
fn are_nodes<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> bool {
    let is_ours = |text: &str| text.contains("kubernetes.io/") || text.contains("k8s.io/");
    let (blocks, _) = configuration.modules.blocks(made.body, "tag", &made.scope);
    let keys = blocks.iter().map(|(body, scope)| configuration.inner(*body, scope, "key"));
    let listed = configuration.value(made, "tags").items().unwrap_or_default();
    if keys.chain(listed.iter().map(|it| it.get("key"))).any(|it| is_ours(&it.as_pattern())) {
        return true;
    }
    let names = ["name", "name_prefix"].map(|it| configuration.value(made, it).as_pattern().into_owned());
    if names.iter().map(String::as_str).chain([made.name]).any(says_kubernetes) {
        return true;
    }
    started(configuration, made).into_iter().any(|it| joins(configuration, it))
}

fn joins<'a>(configuration: &Configuration<'_, 'a>, thing: Thing<'a>) -> bool {
    let Some(made) = configuration.made_by(thing) else { return false };
    ["user_data", "user_data_base64"].into_iter().filter_map(|it| made.body.get(it)).any(|script| {
        let value = configuration.modules.value(script, &made.scope).as_pattern();
        JOINS.iter().any(|it| value.contains(it) || script.text().contains(it))
    })
}

/// `k8s`, `kube` or `eks` in a name.
fn says_kubernetes(name: &str) -> bool {
    let mut words = name.split(|it: char| !it.is_alphanumeric()).map(str::to_lowercase);
    words.any(|it| it.starts_with("kube") || it == "k8s" || it == "eks" || it == "k3s")
}

/// Policies by which the provider changes the size of a group.
pub(super) fn scalings<'a>(configuration: &Configuration<'_, 'a>) -> Vec<Scaling<'a>> {
    configuration.of_kind("aws_autoscaling_policy").map(|it| scaling(configuration, it)).collect()
}

fn scaling<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> Scaling<'a> {
    let of = configuration.value(made, "autoscaling_group_name").as_thing();
    let group = of.and_then(|it| configuration.made_by(it));
    let of_managed_group =
        group.is_some_and(|it| it.kind == "aws_eks_node_group" || WellKnown::of(it.kind) == Some(WellKnown::Eks));
    let kind = configuration.value(made, "policy_type");
    let metric = metric(configuration, made);
    let by = metric.as_ref().or(Some(&kind)).and_then(Known::as_text);
    Scaling {
        at: metric.as_ref().or(Some(&kind)).and_then(|it| it.at).unwrap_or(made.body),
        name: made.name,
        by: by.map_or("alarms".to_owned(), std::borrow::Cow::into_owned),
        of: of.map(Handle::from),
        of_managed_group,
    }
}

/// The metric that the provider follows, if it follows one it knows.
fn metric<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> Option<Known<'a>> {
    let modules = configuration.modules;
    let (tracking, _) = modules.blocks(made.body, "target_tracking_configuration", &made.scope);
    let (body, scope) = tracking.first()?;
    let (inner, _) = modules.blocks(*body, "predefined_metric_specification", scope);
    let (body, scope) = inner.first()?;
    Some(modules.of_body(*body, "predefined_metric_type", scope)).filter(|it| !it.is_null())
}
