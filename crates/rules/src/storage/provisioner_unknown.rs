//! `provisioner-unknown`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_fleet::{Fleet, is_near};
use seaworthy_object::{Field, Object, Version, Versions};
use seaworthy_placement::{NO_PROVISIONER, driver, in_tree};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProvisionerUnknown {}

impl Rule for ProvisionerUnknown {
    const META: Meta = Meta {
        id: "provisioner-unknown",
        category: Category::Storage,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("provisioner_unknown.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

/// The names that Kubernetes keeps for what it brings itself.
const OWN: &str = "kubernetes.io/";

/// Provisioners that were part of Kubernetes and have no driver to take over, with the first version without them
/// (page "Persistent Volumes" of kubernetes.io, "not available starting"; `pkg/volume` of 1.30 and 1.31); none for
/// those still there. What moved to a driver is in [`in_tree`].
const GONE: &[(&str, Option<Version>)] = &[
    (NO_PROVISIONER, None),
    ("kubernetes.io/host-path", None),
    ("kubernetes.io/flocker", Some(Version::minor_of(25))),
    ("kubernetes.io/glusterfs", Some(Version::minor_of(26))),
    ("kubernetes.io/photon-pd", Some(Version::minor_of(15))),
    ("kubernetes.io/quobyte", Some(Version::minor_of(25))),
    ("kubernetes.io/rbd", Some(Version::minor_of(31))),
    ("kubernetes.io/scaleio", Some(Version::minor_of(21))),
    ("kubernetes.io/storageos", Some(Version::minor_of(25))),
];

/// Names that are often meant: of the table above, of [`in_tree`], of drivers, and of what small clusters bring.
const MEANT: &[&str] = &[
    NO_PROVISIONER,
    "kubernetes.io/aws-ebs",
    "kubernetes.io/azure-disk",
    "kubernetes.io/azure-file",
    "kubernetes.io/cinder",
    "kubernetes.io/gce-pd",
    "kubernetes.io/portworx-volume",
    "kubernetes.io/vsphere-volume",
    "blob.csi.azure.com",
    "cephfs.csi.ceph.com",
    "cinder.csi.openstack.org",
    "csi.hetzner.cloud",
    "csi.vsphere.vmware.com",
    "disk.csi.azure.com",
    "diskplugin.csi.alibabacloud.com",
    "dobs.csi.digitalocean.com",
    "docker.io/hostpath",
    "driver.longhorn.io",
    "ebs.csi.aws.com",
    "efs.csi.aws.com",
    "file.csi.azure.com",
    "filestore.csi.storage.gke.io",
    "fsx.csi.aws.com",
    "k8s.io/minikube-hostpath",
    "linodebs.csi.linode.com",
    "microk8s.io/hostpath",
    "nfs.csi.k8s.io",
    "openebs.io/local",
    "pd.csi.storage.gke.io",
    "rancher.io/local-path",
    "rbd.csi.ceph.com",
    "rook-ceph.cephfs.csi.ceph.com",
    "rook-ceph.rbd.csi.ceph.com",
    "smb.csi.k8s.io",
];

/// Provisioners that people look for under Kubernetes' own names, and what does the work.
const INSTEAD: &[(&str, &str)] = &[
    ("kubernetes.io/aws-efs", "efs.csi.aws.com"),
    ("kubernetes.io/cephfs", "cephfs.csi.ceph.com"),
    ("kubernetes.io/nfs", "nfs.csi.k8s.io"),
    ("kubernetes.io/rbd", "rbd.csi.ceph.com"),
    ("kubernetes.io/local", NO_PROVISIONER),
    ("kubernetes.io/local-volume", NO_PROVISIONER),
];

impl ProvisionerUnknown {
    fn check<'a>(&self, fleet: &Fleet<'a>, class: &'a Object<'a>, report: &mut Reporter<'_>) {
        if !class.is("storage.k8s.io", "StorageClass") {
            return;
        }
        let Some(field) = class.at("provisioner").filter(|it| !it.text().is_empty()) else { return };
        let name = field.text();
        if in_tree(name).is_some() {
            return;
        }
        match GONE.iter().find(|it| it.0 == name) {
            Some((_, None)) => {}
            Some((_, Some(removed))) => gone(fleet, class, field, *removed, report),
            None if name.starts_with(OWN) => never(fleet, class, field, report),
            None => misspelt(fleet, class, field, report),
        }
    }
}

/// What was there once.
fn gone<'a>(fleet: &Fleet<'a>, class: &'a Object<'a>, field: Field<'a>, removed: Version, report: &mut Reporter<'_>) {
    let versions = report.versions().intersect(Versions::since(removed));
    if versions.is_empty() {
        return;
    }
    let name = field.text();
    let message = format!("class `{}` names `{name}`, which left Kubernetes in {removed}", class.name());
    let help = match instead(name) {
        Some(instead) => format!("use a driver, such as `{instead}`"),
        None => "use a CSI driver for that storage".to_owned(),
    };
    let level = level_of(fleet, class);
    report.say(field, message).label("makes no volume").help(help).level(Level::Error, level).versions(versions);
}

/// What was never there, under a name that only Kubernetes itself answers to.
fn never<'a>(fleet: &Fleet<'a>, class: &'a Object<'a>, field: Field<'a>, report: &mut Reporter<'_>) {
    let name = field.text();
    let level = level_of(fleet, class);
    let message = format!("class `{}` names `{name}`, which no version of Kubernetes has", class.name());
    let finding = report.say(field, message).label("makes no volume").level(Level::Error, level);
    let near = MEANT.iter().copied().find(|meant| name.len() <= LONGEST && is_near(name, meant));
    match near.or_else(|| instead(name)) {
        Some(meant) => {
            let title = format!("name `{meant}`");
            finding.help(format!("did you mean `{meant}`?")).replace(field, meant, title, Safety::Unsafe);
        }
        None => {
            finding.help(
                "names under `kubernetes.io/` are Kubernetes' own; name the driver that makes the volumes, or \
                 `kubernetes.io/no-provisioner`",
            );
        }
    }
}

/// A slip in the name of a known provisioner.
fn misspelt<'a>(fleet: &Fleet<'a>, class: &'a Object<'a>, field: Field<'a>, report: &mut Reporter<'_>) {
    let name = field.text();
    let Some(meant) = slip(fleet, name) else { return };
    let all_given = fleet.facts().lists("storage.k8s.io", "CSIDriver");
    let level = if all_given { level_of(fleet, class) } else { Level::Warning };
    let message =
        format!("class `{}` names the provisioner `{name}`, but `{meant}` is the one that is known", class.name());
    report.say(field, message).level(Level::Error, level).help(format!("did you mean `{meant}`?")).replace(
        field,
        meant,
        format!("name `{meant}`"),
        Safety::Unsafe,
    );
}

/// The provisioner that was meant by a name that is one letter away, and that nothing brings.
pub(super) fn slip(fleet: &Fleet<'_>, name: &str) -> Option<&'static str> {
    if name.len() > LONGEST || driver(name).is_some() || MEANT.contains(&name) {
        return None;
    }
    let meant = MEANT.iter().copied().find(|meant| is_slip(name, meant))?;
    let is_there =
        fleet.facts().has_installed(name) || fleet.object("storage.k8s.io", "CSIDriver", None, name).is_some();
    (!is_there).then_some(meant)
}

/// A class that volumes of the set carry is of use as a name, whoever makes them.
fn level_of<'a>(fleet: &Fleet<'a>, class: &'a Object<'a>) -> Level {
    let mut volumes = fleet.of_kind("", "PersistentVolume");
    let carried = volumes.any(|it| it.str_at("spec.storageClassName") == Some(class.name()));
    if carried { Level::Warning } else { Level::Error }
}

fn instead(name: &str) -> Option<&'static str> {
    INSTEAD.iter().find(|it| it.0 == name).map(|it| it.1)
}

/// The longest name that a server takes.
const LONGEST: usize = 253;

/// One letter, or only its case: names of drivers are alike by design, and two letters are another driver's.
fn is_slip(name: &str, meant: &str) -> bool {
    name != meant && (name.eq_ignore_ascii_case(meant) || is_near(name, meant) && one_edit(name, meant))
}

/// True if one letter too many, too few, another, or two swapped make one name the other.
fn one_edit(left: &str, right: &str) -> bool {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let start = left.iter().zip(&right).take_while(|(one, other)| one == other).count();
    let rest = left.len().min(right.len()) - start;
    let end = left.iter().rev().zip(right.iter().rev()).take(rest).take_while(|(one, other)| one == other).count();
    let (left, right) = (left.get(start..left.len() - end), right.get(start..right.len() - end));
    match (left.unwrap_or(&[]), right.unwrap_or(&[])) {
        ([_], [_]) | ([_], []) | ([], [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_drivers_are_no_slips() {
        let others = [
            "s3.csi.aws.com",
            "com.tencent.cloud.csi.cfs",
            "nasplugin.csi.alibabacloud.com",
            "fss.csi.oraclecloud.com",
            "disk.csi.qingcloud.com",
            "block.csi.vultr.com",
            "manila.csi.openstack.org",
        ];
        for other in others {
            assert_eq!(MEANT.iter().find(|meant| is_slip(other, meant)), None, "{other}");
        }
    }

    #[test]
    fn one_letter_is_a_slip() {
        assert!(is_slip("ebs.csi.aws.co", "ebs.csi.aws.com"));
        assert!(is_slip("esb.csi.aws.com", "ebs.csi.aws.com"));
        assert!(is_slip("EBS.csi.aws.com", "ebs.csi.aws.com"));
        assert!(!is_slip("s3.csi.aws.com", "fsx.csi.aws.com"));
        assert!(!is_slip("team.rbd.csi.ceph.com", "rbd.csi.ceph.com"));
    }
}
