//! Claims and volumes: what the volume controller binds, and what the scheduler asks of volumes.

mod access;
mod bindings;
mod claim;
mod class;
mod collect;
mod mismatch;
mod mount;
mod provisioner;
mod shelf;
mod solve;
mod topology;
mod verdict;
mod volume;

pub use access::AccessModes;
pub use bindings::{Binding, Bindings};
pub use claim::{Asked, Claim, Origin, Source};
pub(crate) use class::is_whole_cluster;
pub use class::{Classes, Supply};
pub use mismatch::{Misfit, Mismatch};
pub(crate) use mount::has_volumes;
pub use mount::{Fate, PodVolumes, VolumePod, VolumeReason, Volumes};
pub use provisioner::{
    Driver, InTree, NO_PROVISIONER, driver, drivers_of, in_tree, is_installed, is_zonal, names_csi_driver,
};
pub(crate) use topology::Topology;
pub use topology::{zones_of_class, zones_of_volume};
pub use verdict::{Doubt, Obstacle, Verdict};
pub use volume::PersistentVolume;
