//! `pvc-unbindable`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Facts, Fleet};
use seaworthy_object::Place;
use seaworthy_placement::{Binding, Bindings, Doubt, Misfit, Obstacle, Origin, Verdict};
use serde::Deserialize;

use super::demands;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PvcUnbindable {}

impl Rule for PvcUnbindable {
    const META: Meta = Meta {
        id: "pvc-unbindable",
        category: Category::Storage,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("pvc_unbindable.md"),
    };
    const CHECK: Check<Self> = Check::Bindings(Self::check);
}

/// So many volumes are shown with what keeps them from the claim.
const SHOWN: usize = 5;

/// So many volumes are compared with a claim whose class is missing.
pub(super) const LOOKED_AT: usize = 100;

impl PvcUnbindable {
    fn check<'a>(&self, _: &Fleet<'a>, bindings: &Bindings<'a>, report: &mut Reporter<'_>) {
        for demand in demands(bindings) {
            // A template that is served in part is for `static-volumes-too-few`.
            let is_template = demand.made.iter().any(|it| matches!(it.claim.origin, Origin::Template { .. }));
            if is_template && (!demand.adopted.is_empty() || demand.made.iter().any(|it| it.binds())) {
                continue;
            }
            let worst = demand.made.iter().find(|it| matches!(it.verdict, Verdict::Pending(_)));
            let Some(binding) = worst.or(demand.made.first()) else { continue };
            match &binding.verdict {
                Verdict::Pending(obstacle) if !is_class_alone(bindings, binding) => {
                    say(bindings, binding, obstacle, report);
                }
                Verdict::Unknown(Doubt::Volumes(why)) => {
                    let wanted = format!("a PersistentVolume for claim `{}`", binding.claim);
                    report.unknown(binding.claim.place(), wanted, why.as_str());
                }
                Verdict::Unknown(Doubt::Volume { name, why }) => {
                    report.unknown(binding.claim.place(), format!("PersistentVolume {name}"), why.as_str());
                }
                _ => {}
            }
        }
    }
}

/// True if the missing class is all there is to say, and `storage-class-missing` says it: no volume carries the class,
/// and none would fit but for the class.
pub(super) fn is_class_alone<'a>(bindings: &Bindings<'a>, binding: &Binding<'a>) -> bool {
    let Verdict::Pending(Obstacle::ClassMissing { class, .. }) = binding.verdict else { return false };
    let looked_at = bindings.volumes().iter().take(LOOKED_AT);
    let mut free = looked_at.filter(|it| it.kept_for.is_none() && bindings.holder(it.name()).is_none());
    !bindings.carries(class) && !free.any(|volume| binding.claim.fits(volume))
}

fn say<'a>(bindings: &Bindings<'a>, binding: &Binding<'a>, obstacle: &Obstacle<'a>, report: &mut Reporter<'_>) {
    let shown: Vec<Misfit<'a>> = match obstacle {
        Obstacle::VolumeMisfits(misfit) => vec![misfit.clone()],
        Obstacle::VolumeMissing { .. } | Obstacle::Lost { .. } => Vec::new(),
        _ => bindings.misfits(binding).take(SHOWN).collect(),
    };
    let hidden = match obstacle {
        Obstacle::VolumeMisfits(_) | Obstacle::VolumeMissing { .. } | Obstacle::Lost { .. } => 0,
        _ => bindings.volumes().len().saturating_sub(shown.len()),
    };
    let message = format!("claim `{}` can never bind: {obstacle}", name(binding));
    let mut help = help(binding, obstacle, hidden);
    if binding.is_open {
        help.push_str("; other claims want the same volumes, and which of them is served is open");
    }
    let label = label(obstacle, report.facts());
    let mut finding = report.say(place(binding, obstacle, &shown), message).help(help);
    if let Some(label) = label {
        finding = finding.label(label);
    }
    for misfit in shown {
        let words = format!("volume `{}` does not fit: {}", misfit.volume.name(), misfit.why);
        finding = finding.related(misfit.why.place(misfit.volume), words);
    }
}

fn name(binding: &Binding<'_>) -> String {
    binding.claim.name.clone()
}

/// The value to change: the class where the class is to blame, else what the likeliest volume lacks.
fn place<'a>(binding: &Binding<'a>, obstacle: &Obstacle<'a>, shown: &[Misfit<'a>]) -> Place<'a> {
    let claim = &binding.claim;
    let class = || match claim.asked() {
        seaworthy_placement::Asked::Class(field) => Some(field),
        _ => None,
    };
    let field = match obstacle {
        Obstacle::ClassMissing { .. } => class(),
        Obstacle::VolumeMissing { .. } | Obstacle::Lost { .. } => claim.volume,
        Obstacle::SourceMissing { .. } => {
            claim.field.at("spec.dataSourceRef").or_else(|| claim.field.at("spec.dataSource"))
        }
        Obstacle::VolumeMisfits(misfit) => misfit.why.asking(claim).or(claim.volume),
        Obstacle::SelectorRefused { .. } => claim.field.at("spec.selector"),
        Obstacle::ClassMakesNone { .. } | Obstacle::NoClass => {
            shown.first().and_then(|misfit| misfit.why.asking(claim)).or_else(class)
        }
    };
    field.map_or_else(|| claim.place(), Into::into)
}

fn label(obstacle: &Obstacle<'_>, facts: &Facts) -> Option<String> {
    match obstacle {
        Obstacle::ClassMissing { .. } => Some(match &facts.platform {
            Some(platform) => format!("not defined here, and not a class of {platform}"),
            None => "not defined here".to_owned(),
        }),
        _ => None,
    }
}

fn help(binding: &Binding<'_>, obstacle: &Obstacle<'_>, hidden: usize) -> String {
    let claim = &binding.claim;
    let first = match obstacle {
        Obstacle::ClassMissing { class, nearest } => {
            let nearest = nearest.map_or_else(String::new, |it| format!("did you mean the class `{it}`? "));
            format!(
                "{nearest}A class that the cluster brings is declared in fleet.yaml: \
                 `cluster: {{installed: [{class}]}}`"
            )
        }
        Obstacle::ClassMakesNone { class } => format!(
            "add a PersistentVolume of class `{}` with at least {} and {}",
            class.name(),
            claim.size(),
            claim.access
        ),
        Obstacle::SelectorRefused { .. } => "drop the selector, or add a PersistentVolume with its labels".to_owned(),
        Obstacle::NoClass => format!(
            "name a class that makes volumes, or add a PersistentVolume without a class with at least {} and {}",
            claim.size(),
            claim.access
        ),
        Obstacle::Lost { .. } => "restore the data into a new claim: a lost one never binds again".to_owned(),
        Obstacle::SourceMissing { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
        Obstacle::SourceMissing { kind, .. } => format!("add the {kind}, or drop `dataSourceRef`"),
        Obstacle::VolumeMissing { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
        Obstacle::VolumeMissing { nearest: None, .. } => "add the volume, or drop `volumeName`".to_owned(),
        Obstacle::VolumeMisfits(_) => "change the claim or the volume, or drop `volumeName`".to_owned(),
    };
    if hidden == 0 { first } else { format!("{first} (and {hidden} more volumes do not fit)") }
}
