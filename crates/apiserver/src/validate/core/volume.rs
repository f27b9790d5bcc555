//! A pod's volumes (`ValidateVolumes`).

use std::collections::BTreeMap;

use super::super::names::Form;
use super::super::value::Value;

/// The valid volumes of a pod, which its containers may name.
pub(in crate::validate) struct Volumes<'r> {
    by_name: BTreeMap<&'r str, Value<'r>>,
}

impl<'r> Volumes<'r> {
    /// The volume of a name.
    pub(in crate::validate) fn get(&self, name: &str) -> Option<Value<'r>> {
        self.by_name.get(name).copied()
    }

    /// Whether a volume is a claim, or makes one (`isMatchedDevice`).
    pub(in crate::validate) fn is_claim(volume: Value<'_>) -> bool {
        volume.get("persistentVolumeClaim").is_present() || volume.get("ephemeral").is_present()
    }
}

/// `ValidateVolumes`: the volumes of a pod's spec.
pub(in crate::validate) fn volumes<'r>(spec: Value<'r>) -> Volumes<'r> {
    let mut volumes = Volumes { by_name: BTreeMap::new() };
    for volume in spec.get("volumes").items() {
        let before = volume.run().said();
        let name = volume.get("name");
        if name.is_empty() {
            name.required("");
        } else {
            name.invalid_each(Form::Label.faults(name.str()));
        }
        if volumes.by_name.contains_key(name.str()) {
            name.duplicate();
        }
        if volume.run().said() == before {
            volumes.by_name.insert(name.str(), volume);
        }
    }
    volumes
}
