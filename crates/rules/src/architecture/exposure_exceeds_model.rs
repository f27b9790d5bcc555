//! `exposure-exceeds-model`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Exposure, Fleet};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ExposureExceedsModel {}

impl Rule for ExposureExceedsModel {
    const META: Meta = Meta {
        id: "exposure-exceeds-model",
        category: Category::Architecture,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("exposure_exceeds_model.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl ExposureExceedsModel {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for service in fleet.modelled() {
            let Some(declared) = service.declared.exposure else { continue };
            let mut said: Vec<&str> = Vec::new();
            let exposures = fleet.exposures(&service.workloads, &service.services);
            for exposed in exposures.iter().filter(|it| it.to > declared.value) {
                if said.contains(&exposed.by.as_str()) {
                    continue;
                }
                said.push(&exposed.by);
                let message =
                    format!("`{}` can be reached {}: {}", service.declared.name, from_where(exposed.to), exposed.by);
                report
                    .say(exposed.at, message)
                    .label(format!("the Fleet document says `{}`", declared.value.as_str()))
                    .help(advice(declared.value, exposed.to))
                    .related(declared.field, format!("`{}` is declared here", declared.value.as_str()));
            }
        }
    }
}

fn from_where(exposure: Exposure) -> &'static str {
    match exposure {
        Exposure::None => "by nobody",
        Exposure::Cluster => "from within the cluster",
        Exposure::Node => "on a port of the nodes",
        Exposure::Internal => "from the network around the cluster",
        Exposure::Public => "from outside",
    }
}

fn advice(declared: Exposure, found: Exposure) -> String {
    let narrower = match declared {
        Exposure::None => "remove it",
        Exposure::Cluster => "make it a ClusterIP, or take the way in away",
        Exposure::Node => "make it a NodePort",
        Exposure::Internal | Exposure::Public => "keep the load balancer or Ingress internal",
    };
    format!("{narrower}; if it is meant, say `exposure: {}`", found.as_str())
}
