//! `storage-class-missing`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_fleet::{Fleet, nearest};
use seaworthy_placement::{Asked, Bindings, Supply};
use serde::Deserialize;

use super::demands;
use super::pvc_unbindable::{LOOKED_AT, is_class_alone};
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StorageClassMissing {}

impl Rule for StorageClassMissing {
    const META: Meta = Meta {
        id: "storage-class-missing",
        category: Category::Storage,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("storage_class_missing.md"),
    };
    const CHECK: Check<Self> = Check::Bindings(Self::check);
}

impl StorageClassMissing {
    fn check<'a>(&self, fleet: &Fleet<'a>, bindings: &Bindings<'a>, report: &mut Reporter<'_>) {
        for demand in demands(bindings) {
            let Some(binding) = demand.made.first() else { continue };
            let claim = &binding.claim;
            let Asked::Class(field) = claim.asked() else { continue };
            // A claim that names its volume, or whose template is adopted, never asks its class for one.
            if claim.volume.is_some() || claim.adopted_by.is_some() || bindings.carries(field.text()) {
                continue;
            }
            let who = match binding.template() {
                Some(_) => format!("{} `{}`", claim.object().kind(), claim.object().name()),
                None => format!("claim `{}`", claim.name),
            };
            match binding.supply {
                Supply::Missing { name, nearest: class } if is_class_alone(bindings, binding) => {
                    let carried =
                        || nearest(name, bindings.volumes().iter().take(LOOKED_AT).map(|volume| volume.class));
                    let near = class.or_else(carried);
                    let meant = near.map(|it| format!("did you mean `{it}`? Else define"));
                    let meant = meant.as_deref().unwrap_or("define");
                    let help = format!(
                        "{meant} the class, or declare it in fleet.yaml if the cluster brings it: \
                         `cluster: {{installed: [{name}]}}`"
                    );
                    let finding = report
                        .say(field, format!("{who} asks for class `{name}`, which does not exist"))
                        .label(match &fleet.facts().platform {
                            Some(platform) => format!("not defined here, and not a class of {platform}"),
                            None => "not defined here".to_owned(),
                        })
                        .help(help);
                    if let Some(near) = near {
                        finding.replace(field, near, format!("ask for class `{near}`"), Safety::Unsafe);
                    }
                }
                Supply::Elsewhere { name, near: Some(near), .. } => {
                    report
                        .say(field, format!("{who} asks for class `{name}`, which is not in this set, but `{near}` is"))
                        .help(format!("did you mean `{near}`?"))
                        .level(Level::Error, Level::Warning)
                        .replace(field, near, format!("ask for class `{near}`"), Safety::Unsafe);
                }
                Supply::Elsewhere { name, why, near: None } => {
                    report.unknown(field, format!("StorageClass {name}"), why.as_str());
                }
                _ => {}
            }
        }
    }
}
