//! Classes, drivers and attachments of volumes (k8s.io/kubernetes, pkg/apis/storage/validation).

mod attachment;
mod class;
mod csi;

use super::Validate;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "CSIDriver" => csi::driver,
        "CSINode" => csi::node,
        "CSIStorageCapacity" => csi::storage_capacity,
        "StorageClass" => class::storage_class,
        "VolumeAttachment" => attachment::volume_attachment,
        "VolumeAttributesClass" => class::volume_attributes_class,
        _ => return None,
    })
}
