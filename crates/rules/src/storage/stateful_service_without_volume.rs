//! `stateful-service-without-volume`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Stateful};
use seaworthy_object::{Pod, Volume};
use serde::Deserialize;

use crate::architecture;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct StatefulServiceWithoutVolume {}

/// Volumes that hold what somebody else wrote, not data of the pod (core/v1 `VolumeSource`).
const NO_DATA: &[&str] = &["configMap", "secret", "projected", "downwardAPI", "image", "gitRepo"];

/// Volumes that do not outlive the pod, or its stay on a node.
const FLEETING: &[(&str, &str)] =
    &[("emptyDir", "dies with its pod"), ("hostPath", "stays behind on its node when the pod moves")];

/// Inline CSI drivers that bring secrets and certificates, not room for data.
const SECRET_DRIVERS: &[&str] = &["secrets-store.csi.k8s.io", "csi.cert-manager.io", "csi.spiffe.io"];

impl Rule for StatefulServiceWithoutVolume {
    const META: Meta = Meta {
        id: "stateful-service-without-volume",
        category: Category::Storage,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("stateful_service_without_volume.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl StatefulServiceWithoutVolume {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for service in fleet.modelled() {
            let Some(stateful) = service.declared.stateful.filter(|it| it.value == Stateful::Yes) else { continue };
            if architecture::is_external(fleet, service.declared) {
                continue;
            }
            for pod in service.pods().filter(|it| !keeps_data(*it)) {
                let (name, reference) = (service.declared.name, pod.object().reference());
                let help = "give it a PersistentVolumeClaim, or say `stateful: accepted-risk`";
                let finding = match fleeting(pod) {
                    Some((volume, kind, why)) => {
                        let what = volume.name();
                        let message =
                            format!("`{name}` keeps data, but volume `{what}` of {reference} is {kind} and {why}");
                        report.say(volume.source().map_or(volume.field(), |it| it.1), message)
                    }
                    None => {
                        let message =
                            format!("`{name}` keeps data, but {reference} mounts no volume: they die with its pod");
                        report.say(pod.object(), message)
                    }
                };
                finding.help(help).related(stateful.field, "its state is declared here");
            }
        }
    }
}

/// True if a container that keeps running mounts something that outlives the pod.
fn keeps_data(pod: Pod<'_>) -> bool {
    let templates = pod.object().field().items_at("spec.volumeClaimTemplates");
    let mut templates = templates.filter_map(|it| it.at("metadata.name"));
    templates.any(|it| pod.uses_volume(it.text()))
        || pod.spec().volumes().any(|volume| pod.uses_volume(volume.name()) && outlives(volume))
}

fn outlives(volume: Volume<'_>) -> bool {
    volume.source().is_some_and(|(kind, source)| {
        let brings_secrets = source.str_at("driver").is_some_and(|it| SECRET_DRIVERS.contains(&it));
        !NO_DATA.contains(&kind) && !FLEETING.iter().any(|it| it.0 == kind) && !brings_secrets
    })
}

fn fleeting(pod: Pod<'_>) -> Option<(Volume<'_>, &'static str, &'static str)> {
    pod.spec().volumes().filter(|it| pod.uses_volume(it.name())).find_map(|volume| {
        let (kind, _) = volume.source()?;
        let (kind, why) = FLEETING.iter().find(|it| it.0 == kind)?;
        Some((volume, *kind, *why))
    })
}
