//! Disks that pods name themselves: two pods cannot have one on the same node (VolumeRestrictions).

use seaworthy_object::{Field, Pod};

/// A disk of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Disk {
    kind: Kind,
    /// What makes it the same disk.
    name: String,
    /// The monitors of a Ceph cluster: one in common suffices.
    monitors: Vec<String>,
    read_only: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    GooglePersistentDisk,
    ElasticBlockStore,
    Iscsi,
    Rbd,
}

/// The keys of volumes that are looked at, and the field that names the disk.
const KINDS: &[(&str, Kind, &str)] = &[
    ("gcePersistentDisk", Kind::GooglePersistentDisk, "pdName"),
    ("awsElasticBlockStore", Kind::ElasticBlockStore, "volumeID"),
    ("iscsi", Kind::Iscsi, "iqn"),
    ("rbd", Kind::Rbd, "image"),
];

/// The disks that a pod names.
pub(super) fn of(pod: Pod<'_>) -> Vec<Disk> {
    let named = |volume: Field<'_>| {
        let (kind, source, name) = KINDS.iter().find_map(|it| Some((it.1, volume.get(it.0)?, it.2)))?;
        let text = |key: &str, default: &str| source.get(key).map_or(default, |it| it.text()).to_owned();
        let is_rbd = kind == Kind::Rbd;
        Some(Disk {
            kind,
            // The server's default of a pool is `rbd`.
            name: if is_rbd { format!("{}/{}", text("pool", "rbd"), text(name, "")) } else { text(name, "") },
            monitors: source.items_at("monitors").filter(|_| is_rbd).map(|it| it.text().to_owned()).collect(),
            read_only: source.get("readOnly").is_some_and(|it| it.is_true()),
        })
    };
    pod.spec().volumes().filter_map(|it| named(it.field())).collect()
}

impl Disk {
    /// True if two pods with these cannot run on one node (`isVolumeConflict`).
    pub(super) fn conflicts(&self, other: &Disk) -> bool {
        let both_read = self.read_only && other.read_only && self.kind != Kind::ElasticBlockStore;
        let same_cluster = self.kind != Kind::Rbd || self.monitors.iter().any(|it| other.monitors.contains(it));
        self.kind == other.kind && self.name == other.name && same_cluster && !both_read
    }
}
