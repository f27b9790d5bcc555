//! `static-volumes-too-few`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_placement::{Bindings, Verdict};
use serde::Deserialize;

use super::{Demand, demands};
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StaticVolumesTooFew {}

impl Rule for StaticVolumesTooFew {
    const META: Meta = Meta {
        id: "static-volumes-too-few",
        category: Category::Storage,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("static_volumes_too_few.md"),
    };
    const CHECK: Check<Self> = Check::Bindings(Self::check);
}

impl StaticVolumesTooFew {
    fn check<'a>(&self, _: &Fleet<'a>, bindings: &Bindings<'a>, report: &mut Reporter<'_>) {
        for demand in demands(bindings) {
            look(bindings, &demand, report);
        }
    }
}

fn look(bindings: &Bindings<'_>, demand: &Demand<'_, '_>, report: &mut Reporter<'_>) {
    let Some(template) = demand.made.first().and_then(|it| it.template()).filter(|it| is_template(*it)) else { return };
    let pending = demand.made.iter().filter(|it| matches!(it.verdict, Verdict::Pending(_)));
    let pending: Vec<&str> = pending.map(|it| it.claim.name.as_str()).collect();
    let total = demand.made.len() + demand.adopted.len();
    // If none is served at all, `pvc-unbindable` or `storage-class-missing` says why.
    let (Some(first), true) = (pending.first(), pending.len() < total) else { return };
    let set = template.object();
    let name = template.at("metadata.name").map_or("", |it| it.text());
    let others = if pending.len() > 1 { format!(" and {} more stay", pending.len() - 1) } else { " stays".to_owned() };
    let message = format!(
        "StatefulSet `{}` needs {total} volumes for `{name}`, but only {} {}: claim `{first}`{others} pending",
        set.name(),
        total - pending.len(),
        if total - pending.len() == 1 { "fits" } else { "fit" }
    );
    let place = set.at("spec.replicas").or_else(|| template.at("metadata.name")).unwrap_or(template);
    let mut finding = report
        .say(place, message)
        .help(format!("add {} more PersistentVolume(s) that fit, or name a class that makes volumes", pending.len()));
    let without = demand.made.iter().find(|it| matches!(it.verdict, Verdict::Pending(_)));
    for misfit in without.into_iter().flat_map(|it| bindings.misfits(it)).take(3) {
        let words = format!("volume `{}` is not left: {}", misfit.volume.name(), misfit.why);
        finding = finding.related(misfit.why.place(misfit.volume), words);
    }
}

/// True for an entry of `volumeClaimTemplates`, false for a claim that is adopted.
fn is_template(field: seaworthy_object::Field<'_>) -> bool {
    field.object().is("apps", "StatefulSet")
}
