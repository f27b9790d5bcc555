//! Provisioners: plugins once in the tree of Kubernetes, and the drivers that took over.

use seaworthy_fleet::Fleet;
use seaworthy_object::{Field, Version};

/// The provisioner of classes that make nothing.
pub const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

/// A volume plugin that was part of Kubernetes and moved to a CSI driver.
#[derive(Debug, Clone, Copy)]
pub struct InTree {
    /// The provisioner's name.
    pub name: &'static str,
    /// The CSI driver that does its work.
    pub driver: &'static str,
    /// The version that hands the work to the driver by default.
    pub migrated: Version,
    /// The first version without the plugin, if it went.
    pub removed: Option<Version>,
}

/// A driver outside Kubernetes' tree.
#[derive(Debug, Clone, Copy)]
pub struct Driver {
    /// The name classes call it by.
    pub name: &'static str,
    /// The add-ons that bring it, by the names people and images call them.
    pub addons: &'static [&'static str],
    /// The platforms that bring it.
    pub platforms: &'static [&'static str],
    /// True if a volume lives in one zone only.
    pub zonal: bool,
}

const fn moved(name: &'static str, driver: &'static str, migrated: u8, removed: Option<Version>) -> InTree {
    InTree { name, driver, migrated: Version::minor_of(migrated), removed }
}

/// `pkg/features/kube_features.go` of Kubernetes (the gates CSIMigrationAWS, …: since when on by default) and the pages
/// "Volumes" and "CSI migration status" of kubernetes.io (when the plugin went).
const IN_TREE: &[InTree] = &[
    moved("kubernetes.io/aws-ebs", "ebs.csi.aws.com", 23, Some(Version::minor_of(27))),
    moved("kubernetes.io/gce-pd", "pd.csi.storage.gke.io", 23, Some(Version::minor_of(28))),
    moved("kubernetes.io/azure-disk", "disk.csi.azure.com", 23, Some(Version::minor_of(27))),
    moved("kubernetes.io/azure-file", "file.csi.azure.com", 24, Some(Version::minor_of(30))),
    moved("kubernetes.io/cinder", "cinder.csi.openstack.org", 18, Some(Version::minor_of(26))),
    moved("kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com", 25, Some(Version::minor_of(30))),
    moved("kubernetes.io/portworx-volume", "pxd.portworx.com", 31, None),
];

const fn known(name: &'static str, addons: &'static [&'static str], platforms: &'static [&'static str]) -> Driver {
    Driver { name, addons, platforms, zonal: false }
}

const fn zonal(name: &'static str, addons: &'static [&'static str], platforms: &'static [&'static str]) -> Driver {
    Driver { name, addons, platforms, zonal: true }
}

/// The drivers list of kubernetes-csi.github.io and the drivers' own pages: names, the projects that install them, the
/// platforms whose documentation says that they come installed, and whether a volume is an object of one zone.
const DRIVERS: &[Driver] = &[
    zonal("ebs.csi.aws.com", &["aws-ebs-csi-driver", "ebs-csi-driver"], &["kops", "openshift"]),
    zonal("ebs.csi.eks.amazonaws.com", &["eks-auto-mode"], &[]),
    known("efs.csi.aws.com", &["aws-efs-csi-driver", "efs-csi-driver"], &[]),
    known("fsx.csi.aws.com", &["aws-fsx-csi-driver", "fsx-csi-driver"], &[]),
    zonal(
        "pd.csi.storage.gke.io",
        &["gcp-compute-persistent-disk-csi-driver", "gce-pd-csi-driver"],
        &["gke", "openshift"],
    ),
    known("filestore.csi.storage.gke.io", &["gcp-filestore-csi-driver"], &["gke"]),
    known("gcsfuse.csi.storage.gke.io", &["gcs-fuse-csi-driver"], &["gke"]),
    zonal("disk.csi.azure.com", &["azuredisk-csi-driver", "azuredisk-csi"], &["aks", "openshift"]),
    known("file.csi.azure.com", &["azurefile-csi-driver", "azurefile-csi"], &["aks", "openshift"]),
    known("blob.csi.azure.com", &["blob-csi-driver", "blob-csi"], &[]),
    zonal("cinder.csi.openstack.org", &["cinder-csi-plugin", "openstack-cinder-csi"], &["openshift"]),
    known("csi.vsphere.vmware.com", &["vsphere-csi-driver", "vsphere-csi"], &["openshift", "tanzu"]),
    known("dobs.csi.digitalocean.com", &["csi-digitalocean", "do-csi-plugin"], &["digitalocean"]),
    zonal("csi.hetzner.cloud", &["hcloud-csi"], &[]),
    known("linodebs.csi.linode.com", &["linode-blockstorage-csi-driver"], &["linode", "lke"]),
    zonal("blockvolume.csi.oraclecloud.com", &["oci-csi-driver", "cloud-provider-oci"], &["oke"]),
    zonal("vpc.block.csi.ibm.io", &["ibm-vpc-block-csi-driver", "vpc-block-csi-driver"], &[]),
    zonal("diskplugin.csi.alibabacloud.com", &["alibaba-cloud-csi-driver", "csi-plugin"], &["ack"]),
    zonal("com.tencent.cloud.csi.cbs", &["csi-tencentcloud", "kubernetes-csi-tencentcloud"], &["tke"]),
    known("pxd.portworx.com", &["portworx", "px-csi-driver"], &[]),
    known("driver.longhorn.io", &["longhorn"], &[]),
    known("rook-ceph.rbd.csi.ceph.com", &["rook", "rook-ceph"], &[]),
    known("rook-ceph.cephfs.csi.ceph.com", &["rook", "rook-ceph"], &[]),
    known("rbd.csi.ceph.com", &["ceph-csi-rbd", "cephcsi", "ceph-csi"], &[]),
    known("cephfs.csi.ceph.com", &["ceph-csi-cephfs", "cephcsi", "ceph-csi"], &[]),
    known("nfs.csi.k8s.io", &["csi-driver-nfs", "nfsplugin"], &[]),
    known("smb.csi.k8s.io", &["csi-driver-smb", "smbplugin"], &[]),
    known("hostpath.csi.k8s.io", &["csi-hostpath-driver", "csi-driver-host-path", "hostpathplugin"], &[]),
    known("local.csi.openebs.io", &["openebs", "lvm-localpv"], &[]),
    known("zfs.csi.openebs.io", &["openebs", "zfs-localpv"], &[]),
    known("topolvm.io", &["topolvm"], &[]),
];

/// The in-tree plugin of this name, if it moved to a CSI driver.
#[must_use]
pub fn in_tree(provisioner: &str) -> Option<&'static InTree> {
    IN_TREE.iter().find(|it| it.name == provisioner)
}

/// The driver of this name.
#[must_use]
pub fn driver(name: &str) -> Option<&'static Driver> {
    DRIVERS.iter().find(|it| it.name == name)
}

/// The drivers that an add-on of this name brings.
pub fn drivers_of(addon: &str) -> impl Iterator<Item = &'static Driver> {
    DRIVERS.iter().filter(move |it| it.addons.contains(&addon))
}

/// True if a provisioner's name is that of a CSI driver.
#[must_use]
pub fn names_csi_driver(provisioner: &str) -> bool {
    driver(provisioner).is_some() || provisioner.split(['.', '/']).any(|part| part == "csi")
}

/// True if the set, an add-on or the platform brings a driver.
#[must_use]
pub fn is_installed(fleet: &Fleet<'_>, name: &str) -> bool {
    let facts = fleet.facts();
    if facts.has_installed(name) || fleet.object("storage.k8s.io", "CSIDriver", None, name).is_some() {
        return true;
    }
    driver(name).is_some_and(|known| {
        facts.platform.as_deref().is_some_and(|platform| known.platforms.contains(&platform))
            || fleet.runs_any_of(known.addons)
    })
}

/// Parameters, in small letters, of classes whose disks live in no zone: blobs of a storage account, as
/// `kubernetes.io/azure-disk` made them.
const ZONELESS: &[(&str, &str, &[&str])] =
    &[("disk.csi.azure.com", "kind", &["dedicated", "shared"]), ("disk.csi.azure.com", "storageaccount", &[])];

/// True if a class makes disks that live in one zone each: by its provisioner, unless a parameter asks for copies in
/// several zones, or for what lives in none.
#[must_use]
pub fn is_zonal(provisioner: &str, parameters: Option<Field<'_>>) -> bool {
    let name = in_tree(provisioner).map_or(provisioner, |it| it.driver);
    let spread =
        |value: &str| value.eq_ignore_ascii_case("regional-pd") || value.to_ascii_uppercase().ends_with("_ZRS");
    let is_zoneless = |key: &str, value: &str| {
        let (key, value) = (key.to_ascii_lowercase(), value.to_ascii_lowercase());
        let mut rows = ZONELESS.iter().filter(|row| row.0 == name && row.1 == key);
        rows.any(|(_, _, values)| values.is_empty() || values.contains(&value.as_str()))
    };
    let mut parameters = parameters.into_iter().flat_map(|it| it.entries());
    driver(name).is_some_and(|it| it.zonal)
        && !parameters.any(|(key, value)| spread(value.text()) || is_zoneless(key, value.text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plugin_moved_to_a_driver_of_the_table() {
        for plugin in IN_TREE {
            assert!(driver(plugin.driver).is_some(), "{}", plugin.name);
            assert!(plugin.removed.is_none_or(|removed| plugin.migrated < removed), "{}", plugin.name);
        }
    }

    #[test]
    fn disks_are_zonal_and_shares_are_not() {
        assert!(is_zonal("kubernetes.io/aws-ebs", None));
        assert!(is_zonal("ebs.csi.aws.com", None));
        assert!(!is_zonal("efs.csi.aws.com", None));
        assert!(!is_zonal("example.com/anything", None));
    }
}
