//! `storage-not-allowed`.

use seaworthy_object::{Field, Object, Place, Pod};
use serde::Deserialize;

use crate::words::all_of;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct StorageNotAllowed {
    /// True if a claim must name its class.
    require_class: bool,
    /// The classes that claims may name; empty for any.
    classes: Vec<String>,
    /// The reclaim policies that classes and volumes may have; empty for any.
    reclaim: Vec<String>,
    /// The access modes that claims may ask for; empty for any.
    access_modes: Vec<String>,
    /// Annotations that claims must have, with a value.
    annotations: Vec<String>,
    /// True if an emptyDir must be bounded, by itself or by what its containers may write.
    empty_dir_limit: bool,
}

impl Rule for StorageNotAllowed {
    const META: Meta = Meta {
        id: "storage-not-allowed",
        category: Category::Storage,
        level: None,
        packs: &[],
        since: "0.1.0",
        page: page!("storage_not_allowed.md"),
    };
    const CHECK: Check<Self> = Check::Object(Self::check);
}

/// The annotation that was the class of a claim before there was a field.
const OLD_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

/// The resource that a container's writes to an emptyDir count as.
const EPHEMERAL: &str = "ephemeral-storage";

impl StorageNotAllowed {
    fn check<'a>(&self, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        match (object.group(), object.kind()) {
            ("", "PersistentVolumeClaim") => self.claim(object.field(), &object.reference().to_string(), report),
            ("", "PersistentVolume") => {
                self.reclaim(object, "spec.persistentVolumeReclaimPolicy", "Retain", report);
            }
            ("storage.k8s.io", "StorageClass") => self.reclaim(object, "reclaimPolicy", "Delete", report),
            _ => {}
        }
        if object.is("apps", "StatefulSet") {
            for template in object.field().items_at("spec.volumeClaimTemplates") {
                let name = template.str_at("metadata.name").unwrap_or("");
                self.claim(template, &format!("claim template `{name}` of {}", object.reference()), report);
            }
        }
        if let Some(pod) = object.pod() {
            self.volumes(pod, report);
        }
    }

    fn claim<'a>(&self, claim: Field<'a>, who: &str, report: &mut Reporter<'_>) {
        let spec = claim.get("spec").unwrap_or(claim);
        let annotation = |key: &str| claim.at("metadata.annotations")?.get(key).filter(|it| !it.text().is_empty());
        let class = annotation(OLD_CLASS).or_else(|| spec.get("storageClassName")).filter(|it| !it.text().is_empty());
        match class {
            None if self.require_class => {
                report
                    .say(spec.missing("storageClassName"), format!("{who} names no class"))
                    .help("set `storageClassName`");
            }
            Some(class) if !admits(&self.classes, class.text()) => {
                let message = format!("{who} asks for class `{}`, which is not allowed", class.text());
                report.say(class, message).help(format!("allowed: {}", all_of(&self.classes)));
            }
            _ => {}
        }
        for mode in spec.items_at("accessModes").filter(|it| !admits(&self.access_modes, it.text())) {
            let message = format!("{who} asks for {}, which is not allowed", mode.text());
            report.say(mode, message).help(format!("allowed: {}", all_of(&self.access_modes)));
        }
        for key in self.annotations.iter().filter(|key| annotation(key).is_none()) {
            let metadata = claim.get("metadata").unwrap_or(claim);
            let place: Place<'_> =
                metadata.get("annotations").map_or_else(|| metadata.missing("annotations"), |it| it.missing(key));
            report.say(place, format!("{who} has no annotation `{key}`")).help("set it to a value");
        }
    }

    fn reclaim<'a>(&self, object: &'a Object<'a>, path: &str, default: &str, report: &mut Reporter<'_>) {
        let policy = object.at(path);
        let value = policy.map_or(default, |it| it.text());
        if admits(&self.reclaim, value) {
            return;
        }
        let message = format!("{} has the reclaim policy {value}, which is not allowed", object.reference());
        let place = policy.map_or_else(|| object.place(), Into::into);
        report.say(place, message).help(format!("allowed: {}", all_of(&self.reclaim)));
    }

    fn volumes(&self, pod: Pod<'_>, report: &mut Reporter<'_>) {
        for volume in pod.spec().volumes() {
            if let Some(template) = volume.field().at("ephemeral.volumeClaimTemplate") {
                let who = format!("volume `{}` of {}", volume.name(), pod.object().reference());
                self.claim(template, &who, report);
            }
            let Some(("emptyDir", empty)) = volume.source() else { continue };
            if !self.empty_dir_limit || empty.get("sizeLimit").is_some() {
                continue;
            }
            let is_unbounded = |it: &seaworthy_object::Container<'_>| {
                it.mounts().any(|mount| mount.str_at("name") == Some(volume.name()))
                    && (it.limit(EPHEMERAL).is_none() || it.request(EPHEMERAL).is_none())
            };
            let Some(container) = pod.containers().find(is_unbounded) else { continue };
            let message = format!(
                "volume `{}` of {} has no `sizeLimit`, and container `{}` no limit for {EPHEMERAL}",
                volume.name(),
                pod.object().reference(),
                container.name()
            );
            report.say(volume.field(), message).help("set `emptyDir.sizeLimit`, or limit what its containers write");
        }
    }
}

/// True if a list that is set has the value.
fn admits(list: &[String], value: &str) -> bool {
    list.is_empty() || list.iter().any(|it| it == value)
}
