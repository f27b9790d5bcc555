//! `autoscaler-target-version-unserved`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_fleet::{Autoscaler, AutoscalerKind};
use seaworthy_object::{Object, Version};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AutoscalerTargetVersionUnserved {}

impl Rule for AutoscalerTargetVersionUnserved {
    const META: Meta = Meta {
        id: "autoscaler-target-version-unserved",
        category: Category::Scaling,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("autoscaler_target_version_unserved.md"),
    };
    const CHECK: Check<Self> = Check::Object(Self::check);
}

impl AutoscalerTargetVersionUnserved {
    fn check<'a>(&self, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        // A vertical autoscaler knows its targets by their kind alone.
        let Some(autoscaler) = Autoscaler::of(object).filter(|it| it.kind() != AutoscalerKind::Vertical) else {
            return;
        };
        let Some((served, instead)) = autoscaler.target_served() else { return };
        let unserved = report.versions().minus(served);
        if unserved.is_empty() {
            return;
        }
        let (kind, written) = (autoscaler.target_kind(), autoscaler.target().get("apiVersion"));
        let reference = object.reference();
        let message = match (written, served.newest()) {
            (None, _) => {
                format!("{reference} names a {kind} without `apiVersion`, so it is looked for in the core group")
            }
            (Some(written), Some(last)) => {
                let (version, gone) = (written.text(), Version::minor_of(last.minor().saturating_add(1)));
                format!("{reference} drives a {kind} of `{version}`, which Kubernetes does not serve since {gone}")
            }
            (Some(written), None) => {
                format!("{reference} drives a {kind} of `{}`, which has no such kind", written.text())
            }
        };
        let help = format!("use `{instead}`; the controller says FailedGetScale: no matches for kind \"{kind}\"");
        match written {
            Some(written) => {
                report.say(written, message).label("never scales").help(help).versions(unserved).replace(
                    written,
                    instead,
                    format!("use `{instead}`"),
                    Safety::Safe,
                );
            }
            None => {
                report.say(autoscaler.target().missing("apiVersion"), message).help(help).versions(unserved);
            }
        }
    }
}
