//! `host-path-volume`.

use seaworthy_diagnostic::Level;
use seaworthy_object::Pod;
use serde::Deserialize;

use super::allowance::Allowed;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

/// Allows directories with all below them.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct HostPathVolume(Allowed);

impl Rule for HostPathVolume {
    const META: Meta = Meta {
        id: "host-path-volume",
        category: Category::Security,
        level: None,
        packs: &[(Pack::PssBaseline, Level::Error)],
        since: "0.1.0",
        page: page!("host_path_volume.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

impl HostPathVolume {
    fn check<'a>(&self, pod: Pod<'a>, report: &mut Reporter<'_>) {
        for volume in pod.spec().volumes() {
            let Some(host) = volume.field().get("hostPath") else { continue };
            let path = host.get("path").map_or("", |it| it.text());
            if self.0.holds(path) {
                continue;
            }
            report
                .say(host.key_place(), format!("volume `{}` is `{path}` of the node", volume.name()))
                .label("outlives the pod, and other pods and the node itself use it")
                .help("keep data in a PersistentVolumeClaim or an `emptyDir`, and files in a ConfigMap or a Secret");
        }
    }
}
