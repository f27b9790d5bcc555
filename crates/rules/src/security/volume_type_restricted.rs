//! `volume-type-restricted`.

use seaworthy_diagnostic::Level;
use seaworthy_object::Pod;
use serde::Deserialize;

use crate::{Category, Check, Meta, Pack, Reporter, Rule};

/// The types of the standard *restricted*, in every policy version.
const RESTRICTED: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct VolumeTypeRestricted {
    /// Further types that are fine.
    types: Vec<String>,
}

impl Rule for VolumeTypeRestricted {
    const META: Meta = Meta {
        id: "volume-type-restricted",
        category: Category::Security,
        level: None,
        packs: &[(Pack::PssRestricted, Level::Error)],
        since: "0.1.0",
        page: page!("volume_type_restricted.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

impl VolumeTypeRestricted {
    fn check<'a>(&self, pod: Pod<'a>, report: &mut Reporter<'_>) {
        for volume in pod.spec().volumes() {
            // A volume that is only named is an emptyDir (`SetDefaults_Volume`).
            let Some((kind, source)) = volume.source() else { continue };
            let has_allowed = volume.field().entries().any(|(key, _)| RESTRICTED.contains(&key));
            if has_allowed || self.types.iter().any(|it| it == kind) {
                continue;
            }
            report
                .say(source.key_place(), format!("volume `{}` is of type `{kind}`", volume.name()))
                .label("mounted with the rights of the node")
                .help(
                    "put the storage behind a PersistentVolumeClaim, which an administrator's volume or class serves",
                );
        }
    }
}
