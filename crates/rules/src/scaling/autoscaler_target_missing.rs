//! `autoscaler-target-missing`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_fleet::{Autoscaler, AutoscalerKind, Fleet, Resolution, Target};
use seaworthy_object::GroupKind;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AutoscalerTargetMissing {}

impl Rule for AutoscalerTargetMissing {
    const META: Meta = Meta {
        id: "autoscaler-target-missing",
        category: Category::Scaling,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("autoscaler_target_missing.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl AutoscalerTargetMissing {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for autoscaler in fleet.autoscalers() {
            let (Some(name), Some(target)) = (autoscaler.target_name(), fleet.target_of(&autoscaler)) else { continue };
            let of = autoscaler.target_group_kind();
            let namespace = autoscaler.object().namespace().unwrap_or("default");
            let words = format!("{} names {} `{}`", autoscaler.object().reference(), of.kind, name.text());
            match target {
                Target::Named(Resolution::Broken { nearest }) => {
                    let message = format!("{words}, which namespace `{namespace}` does not have: it never scales");
                    let finding = report.say(name, message).label("no such target");
                    match nearest {
                        Some(nearest) => {
                            let title = format!("drive `{nearest}`");
                            let finding = finding.help(format!("did you mean `{nearest}`?"));
                            finding.replace(name, nearest, title, Safety::Unsafe);
                        }
                        None => {
                            finding.help(where_else(fleet, of, namespace, name.text()));
                        }
                    }
                }
                Target::Named(Resolution::NearMiss { nearest }) => {
                    report
                        .say(name, format!("{words}, which is not here, but `{nearest}` is"))
                        .level(Level::Error, Level::Warning)
                        .help(format!("did you mean `{nearest}`?"))
                        .replace(name, nearest, format!("drive `{nearest}`"), Safety::Unsafe);
                }
                Target::Named(Resolution::Unknown(why)) => {
                    report.unknown(name, format!("{} {namespace}/{}", of.kind, name.text()), why.as_str());
                }
                Target::Named(Resolution::Resolved(_) | Resolution::BuiltIn) => {}
                Target::Unscalable => unscalable(&autoscaler, of, report),
                Target::NoSuchKind { nearest } => no_such_kind(&autoscaler, nearest, report),
            }
        }
    }
}

/// A workload of that name under another kind or in another namespace.
fn where_else(fleet: &Fleet<'_>, of: GroupKind<'_>, namespace: &str, name: &str) -> String {
    const KINDS: &[(&str, &str)] = &[("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "ReplicaSet")];
    let other_kind = KINDS.iter().find_map(|(group, kind)| fleet.object(group, kind, Some(namespace), name));
    let elsewhere = fleet.namespaces_with(of.group, of.kind, Some(namespace), name);
    match (other_kind, elsewhere.first()) {
        (Some(object), _) => format!("a {} `{name}` is there: name that kind", object.kind()),
        (None, Some(other)) => {
            format!("one of that name is in namespace `{other}`; an autoscaler only sees its own namespace")
        }
        (None, None) => format!("add the {} `{name}`, or delete the autoscaler", of.kind),
    }
}

fn unscalable(autoscaler: &Autoscaler<'_>, of: GroupKind<'_>, report: &mut Reporter<'_>) {
    if autoscaler.kind() == AutoscalerKind::Vertical {
        return;
    }
    let Some(kind) = autoscaler.target().get("kind") else { return };
    let object = autoscaler.object().reference();
    report
        .say(kind, format!("{object} drives a {}, which has no `scale`: nothing can set its replicas", of.kind))
        .label("cannot be scaled")
        .help("an autoscaler can drive a Deployment, a StatefulSet, a ReplicaSet or a ReplicationController");
}

fn no_such_kind(autoscaler: &Autoscaler<'_>, nearest: Option<&'static str>, report: &mut Reporter<'_>) {
    let Some(kind) = autoscaler.target().get("kind") else { return };
    let object = autoscaler.object().reference();
    let api_version = autoscaler.target_api_version();
    let finding = report
        .say(kind, format!("{object} names the kind `{}`, which `{api_version}` does not have", kind.text()))
        .label("no such kind");
    if let Some(nearest) = nearest {
        finding.help(format!("did you mean `{nearest}`?")).replace(
            kind,
            nearest,
            format!("name the kind `{nearest}`"),
            Safety::Unsafe,
        );
    }
}
