//! A pod's volumes (`ValidateVolumes`).

pub(in crate::validate) mod projected;
pub(in crate::validate) mod source;
pub(super) mod warnings;

use std::collections::BTreeMap;

use super::super::names::Form;
use super::super::seen::Seen;
use super::super::value::Value;
use super::container::PULL_POLICIES;
use super::persistent_volume_claim as claim;
use super::pod::{is_pod, spec_before};
use source::{Source, free};

/// The sources of a pod's volumes, in the order in which the server looks for them.
const SOURCES: &[Source] = &[
    Source::new("emptyDir", &[], empty_dir),
    Source::new("hostPath", &["path"], source::host_path),
    Source::new("gitRepo", &["repository"], source::git_repo),
    Source::new("gcePersistentDisk", &["pdName"], source::disk),
    Source::new("awsElasticBlockStore", &["volumeID"], source::disk),
    Source::new("secret", &["secretName"], projected::keys),
    Source::new("nfs", &["server", "path"], source::nfs),
    Source::new("iscsi", &["targetPortal", "iqn"], source::iscsi),
    Source::new("glusterfs", &["endpoints", "path"], free),
    Source::new("flocker", &[], source::flocker),
    Source::new("persistentVolumeClaim", &["claimName"], free),
    Source::new("rbd", &["monitors", "image"], free),
    Source::new("cinder", &["volumeID"], source::named_secret),
    Source::new("cephfs", &["monitors"], free).surplus("cephFS"),
    Source::new("quobyte", &[], source::quobyte),
    Source::new("downwardAPI", &[], projected::downward_api).surplus("downwarAPI"),
    Source::new("fc", &[], source::fc),
    Source::new("flexVolume", &["driver"], source::flex_volume),
    Source::new("configMap", &["name"], projected::keys),
    Source::new("azureFile", &["secretName", "shareName"], free),
    Source::new("vsphereVolume", &["volumePath"], free),
    Source::new("photonPersistentDisk", &["pdID"], free),
    Source::new("portworxVolume", &["volumeID"], free),
    Source::new("azureDisk", &["diskName", "diskURI"], source::azure_disk),
    Source::new("storageos", &["volumeName"], source::storage_os),
    Source::new("projected", &[], projected::projected),
    Source::new("scaleIO", &["gateway", "system", "volumeName"], free),
    Source::new("csi", &[], source::csi),
    Source::new("ephemeral", &[], ephemeral),
    Source::new("image", &[], image),
];

/// The valid volumes of a pod, which its containers may name.
pub(in crate::validate) struct Volumes<'r> {
    by_name: BTreeMap<&'r str, Value<'r>>,
    /// The names of those that the server has dropped, with what mounts them.
    dropped: Seen<'r>,
}

impl<'r> Volumes<'r> {
    /// The volume of a name.
    pub(in crate::validate) fn get(&self, name: &str) -> Option<Value<'r>> {
        self.by_name.get(name).copied()
    }

    /// Whether the server has dropped a volume of the name, and with it what mounts it.
    pub(in crate::validate) fn is_dropped(&self, name: &str) -> bool {
        self.dropped.has(name)
    }

    /// Whether a volume is a claim, or makes one (`isMatchedDevice`): also the template of one in a StatefulSet.
    pub(in crate::validate) fn is_claim(volume: Value<'_>) -> bool {
        ["persistentVolumeClaim", "ephemeral", "metadata"].iter().any(|it| volume.get(it).is_present())
    }

    /// `volumesToAddForTemplates`: a StatefulSet's pods have its claims before their own volumes. Gives the names.
    fn claims(&mut self, spec: Value<'r>) -> Seen<'r> {
        let run = spec.run();
        let mut names = Seen::default();
        if run.kind.kind != "StatefulSet" {
            return names;
        }
        for template in run.root().at("spec.volumeClaimTemplates").items() {
            let (name, count) = (template.at("metadata.name"), names.len());
            if !names.insert(name.str()) {
                continue;
            }
            let path = |field: &str| format!("{}.volumes[{count}].{field}", spec.path());
            let faults = Form::Label.faults(name.str());
            if name.is_empty() {
                name.named(path("persistentVolumeClaim.claimName")).required("");
                name.named(path("name")).required("");
            } else if faults.is_empty() {
                self.by_name.insert(name.str(), template);
            } else {
                name.named(path("name")).invalid_each(faults);
            }
        }
        names
    }
}

/// The pod's name, where the object is a pod: a template's pods have names of their own.
fn pod_name<'r>(value: Value<'r>) -> &'r str {
    if is_pod(value) { value.run().root().at("metadata.name").str() } else { "" }
}

/// Whether a server drops a volume: one of an image, before 1.35 (pkg/api/pod, `dropImageVolumes`).
pub(in crate::validate) fn is_dropped(volume: Value<'_>) -> bool {
    volume.entry("image").is_some_and(|image| image.is_present() && !image.since(35))
}

/// `ValidateVolumes`: the volumes of a pod's spec.
pub(in crate::validate) fn volumes<'r>(spec: Value<'r>) -> Volumes<'r> {
    let list = spec.get("volumes");
    let pod = pod_name(spec);
    let mut volumes = Volumes { by_name: BTreeMap::new(), dropped: Seen::default() };
    let claims = volumes.claims(spec);
    let mut place = claims.len();
    for volume in list.items() {
        let name = volume.get("name");
        if is_dropped(volume) {
            volumes.dropped.insert(name.str());
            continue;
        }
        if claims.has(name.str()) {
            continue;
        }
        let before = volume.run().said();
        if place != volume.index() {
            volume.counted(spec, "volumes", place);
        }
        place += 1;
        volume_source(volume, pod);
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
    made_claims(list, pod);
    volumes
}

/// No volume is a claim that another one of the pod makes.
fn made_claims(list: Value<'_>, pod: &str) {
    if pod.is_empty() {
        return;
    }
    let mut made = Seen::default();
    for volume in list.items().filter(|volume| volume.entry("ephemeral").is_some_and(Value::is_present)) {
        made.insert(volume.str_of("name"));
    }
    if made.len() == 0 {
        return;
    }
    for source in list.items().filter_map(|volume| volume.entry("persistentVolumeClaim")) {
        let claim = source.get("claimName");
        let rest = claim.str().strip_prefix(pod).and_then(|rest| rest.strip_prefix('-'));
        if rest.is_some_and(|name| made.has(name)) {
            claim.invalid("must not reference a PVC that gets created for an ephemeral volume");
        }
    }
}

/// `validateVolumeSource`.
fn volume_source(volume: Value<'_>, pod: &str) {
    if volume.entries().all(|(key, value)| key == "name" || !value.is_present()) {
        // It is an empty directory if nothing else is said.
        return;
    }
    let first = source::one_of(volume, SOURCES);
    let name = volume.get("name");
    if let Some(iscsi) = volume.entry("iscsi")
        && iscsi.has("initiatorName")
        && name.len() + 1 + iscsi.get("targetPortal").len() > 64
    {
        name.invalid(source::TOO_LONG_WITH_INITIATOR);
    }
    if first == Some("ephemeral") && !pod.is_empty() && !name.is_empty() {
        let claim = format!("{pod}-{}", name.str());
        for fault in Form::Subdomain.faults(&claim) {
            name.invalid(&format!("PVC name {}: {fault}", seaworthy_cel::quoted(&claim)));
        }
    }
}

fn empty_dir(source: Value<'_>) {
    let limit = source.get("sizeLimit");
    if limit.quantity().is_some_and(|it| it.is_negative()) {
        limit.forbidden("SizeLimit field must be a valid resource quantity");
    }
}

/// `validateEphemeralVolumeSource`.
fn ephemeral(source: Value<'_>) {
    let template = source.get("volumeClaimTemplate");
    if template.is_present() {
        claim::template(template);
    } else {
        template.required("");
    }
}

/// `hasEmptyImageVolumeReference`, which the server asks since it wants one of templates too.
fn had_no_reference(source: Value<'_>) -> bool {
    let lacks = |volume: Value<'_>| {
        let image = volume.get("image");
        image.is_present() && image.get("reference").is_empty()
    };
    let had = || spec_before(source).is_some_and(|before| before.items_of("volumes").any(lacks));
    *source.run().past.had_no_reference.get_or_init(had) && source.since(37)
}

/// `validateImageVolumeSource`.
fn image(source: Value<'_>) {
    let (reference, policy) = (source.get("reference"), source.get("pullPolicy"));
    if reference.is_empty() && !had_no_reference(source) && (is_pod(source) || reference.since(37)) {
        reference.required("");
    }
    if !policy.is_empty() && !PULL_POLICIES.contains(&policy.str()) {
        policy.not_supported(PULL_POLICIES);
    }
}
