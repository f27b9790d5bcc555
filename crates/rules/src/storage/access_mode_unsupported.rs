//! `access-mode-unsupported`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::Field;
use seaworthy_placement::{Binding, Bindings, Supply, Verdict, in_tree};
use serde::Deserialize;

use super::demands;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AccessModeUnsupported {}

impl Rule for AccessModeUnsupported {
    const META: Meta = Meta {
        id: "access-mode-unsupported",
        category: Category::Storage,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("access_mode_unsupported.md"),
    };
    const CHECK: Check<Self> = Check::Bindings(Self::check);
}

/// What a driver refuses for volumes with a file system.
enum Refuses {
    /// ReadWriteMany and ReadOnlyMany.
    Sharing,
    /// ReadWriteMany; it makes volumes that many nodes read.
    Writers,
    /// Both, unless its own configuration says otherwise.
    SharingByDefault,
}

/// Drivers of disks that one node mounts at a time: the drivers list of kubernetes-csi.github.io ("Read/Write Single
/// Pod") and how each driver validates capabilities (`isValidCapability` of aws-ebs-csi-driver,
/// `IsValidVolumeCapabilities` of azuredisk-csi-driver, `validateVolumeCapabilities` of
/// gcp-compute-persistent-disk-csi-driver, `docs/rbd` of ceph-csi, `README` of local-path-provisioner). Drivers that
/// share some of their volumes (Cinder, vSphere, Longhorn, Portworx) are not here.
const DISKS: &[(&str, Refuses)] = &[
    ("csi.cloudscale.ch", Refuses::Sharing),
    ("csi.hetzner.cloud", Refuses::Sharing),
    ("csi.scaleway.com", Refuses::Writers),
    ("disk.csi.azure.com", Refuses::Writers),
    ("dobs.csi.digitalocean.com", Refuses::Sharing),
    ("ebs.csi.aws.com", Refuses::Sharing),
    ("ebs.csi.eks.amazonaws.com", Refuses::Sharing),
    ("linodebs.csi.linode.com", Refuses::Sharing),
    ("pd.csi.storage.gke.io", Refuses::Writers),
    ("rancher.io/local-path", Refuses::SharingByDefault),
    ("rbd.csi.ceph.com", Refuses::Writers),
    ("topolvm.cybozu.com", Refuses::Sharing),
    ("topolvm.io", Refuses::Sharing),
    ("vpc.block.csi.ibm.io", Refuses::Sharing),
];

/// The provisioners of classes that platforms bring ([`seaworthy_facts::brings_storage_class`]): platform, class,
/// provisioner (their documentation).
const BROUGHT: &[(&str, &str, &str)] = &[
    ("aks", "default", "disk.csi.azure.com"),
    ("aks", "managed", "disk.csi.azure.com"),
    ("aks", "managed-csi", "disk.csi.azure.com"),
    ("aks", "managed-csi-premium", "disk.csi.azure.com"),
    ("aks", "managed-premium", "disk.csi.azure.com"),
    ("digitalocean", "do-block-storage", "dobs.csi.digitalocean.com"),
    ("digitalocean", "do-block-storage-retain", "dobs.csi.digitalocean.com"),
    ("digitalocean", "do-block-storage-xfs", "dobs.csi.digitalocean.com"),
    ("eks", "gp2", "ebs.csi.aws.com"),
    ("gke", "premium-rwo", "pd.csi.storage.gke.io"),
    ("gke", "standard", "pd.csi.storage.gke.io"),
    ("gke", "standard-rwo", "pd.csi.storage.gke.io"),
    ("k3s", "local-path", "rancher.io/local-path"),
    ("kops", "kops-csi-1-21", "ebs.csi.aws.com"),
];

impl AccessModeUnsupported {
    fn check<'a>(&self, fleet: &Fleet<'a>, bindings: &Bindings<'a>, report: &mut Reporter<'_>) {
        for demand in demands(bindings) {
            let is_made = |it: &&Binding<'a>| {
                matches!(it.verdict, Verdict::Provisioned { .. } | Verdict::WaitsForPod { volume: None, .. })
            };
            let Some(binding) = demand.made.iter().copied().find(is_made) else { continue };
            let claim = &binding.claim;
            let Some((class, provisioner)) = provisioner(fleet, binding.supply) else { continue };
            let name = in_tree(provisioner).map_or(provisioner, |it| it.driver);
            let Some((_, refuses)) = DISKS.iter().find(|it| it.0 == name || is_of_operator(name, it.0)) else {
                continue;
            };
            let Some(mode) = refused(claim.field, refuses).filter(|_| claim.mode == "Filesystem") else { continue };
            let who = match binding.template() {
                Some(_) => format!("{} `{}`", claim.object().kind(), claim.object().name()),
                None => format!("claim `{}`", claim.name),
            };
            let message = format!(
                "{who} asks for {}, but class `{class}` makes disks of `{name}`, which one node mounts at a time",
                mode.text()
            );
            let level = if matches!(refuses, Refuses::SharingByDefault) { Level::Warning } else { Level::Error };
            report.say(mode, message).level(Level::Error, level).label("the driver refuses it").help(
                "ask for ReadWriteOnce, or for a class of shares (NFS, EFS, Filestore, Azure Files, CephFS) if several \
                     nodes must write",
            );
        }
    }
}

/// True for the driver that Rook installs under the name of its namespace: `rook-ceph.rbd.csi.ceph.com`.
fn is_of_operator(name: &str, driver: &str) -> bool {
    driver.ends_with(".csi.ceph.com") && name.strip_suffix(driver).is_some_and(|it| it.ends_with('.'))
}

/// The class and the provisioner behind a claim.
pub(super) fn provisioner<'a>(fleet: &Fleet<'a>, supply: Supply<'a>) -> Option<(&'a str, &'a str)> {
    let Supply::Class { name, object } = supply else { return None };
    let brought = || {
        let platform = fleet.facts().platform.as_deref()?;
        BROUGHT.iter().find(|it| (it.0, it.1) == (platform, name)).map(|it| it.2)
    };
    Some((name, object.map_or_else(brought, |class| class.str_at("provisioner"))?))
}

/// The first mode of a claim that the driver refuses.
fn refused<'a>(claim: Field<'a>, refuses: &Refuses) -> Option<Field<'a>> {
    claim.items_at("spec.accessModes").find(|mode| match mode.text() {
        "ReadWriteMany" => true,
        "ReadOnlyMany" => !matches!(refuses, Refuses::Writers),
        _ => false,
    })
}
