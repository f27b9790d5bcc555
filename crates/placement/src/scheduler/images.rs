//! What the images on nodes are worth: a pod starts sooner where they are (`ImageLocality`).

use std::borrow::Cow;

use seaworthy_object::{Pod, Role};
use seaworthy_source::order;

use super::Node;
use super::names::{Name, Names};
use super::score::{MOST, float, whole};

/// Images that pods mount as volumes count from here on (`sumImageScores`).
pub(super) const VOLUMES_SINCE: u8 = 36;

/// What all images of a pod must come to before they count, and what each of its containers may come to, in bytes.
const LEAST: i64 = 23 * 1024 * 1024;
const MOST_OF_ONE: i64 = 1000 * 1024 * 1024;

/// The images that nodes have.
#[derive(Default)]
pub(super) struct Images {
    /// Sorted by name: the size in bytes as the first node says it, and how many nodes have it.
    all: Vec<(Name, i64, u32)>,
    nodes: usize,
}

/// The images of a pod.
#[derive(Default)]
pub(super) struct Wanted {
    /// Those that some node has, one for each container that runs it, and what each is worth there.
    found: Vec<(Name, i64)>,
    /// How many there are in all.
    count: i64,
}

impl Images {
    /// The images of these nodes, and for each node their names, sorted.
    pub(super) fn of<'a>(nodes: &[Node<'a>], names: &mut Names<'a>) -> (Self, Vec<Vec<Name>>) {
        let (mut all, mut by_node) = (Vec::new(), Vec::with_capacity(nodes.len()));
        for node in nodes {
            let mut own: Vec<(Name, i64, u32)> =
                node.images.iter().map(|(name, size)| (names.of(name.clone()), *size, 1)).collect();
            order::sort_by_key(&mut own, |it| it.0);
            own.dedup_by_key(|it| it.0);
            by_node.push(own.iter().map(|it| it.0).collect());
            all.append(&mut own);
        }
        order::sort_by_key(&mut all, |it| it.0);
        all.dedup_by(|next, first| {
            let is_same = next.0 == first.0;
            first.2 += u32::from(is_same);
            is_same
        });
        (Self { all, nodes: nodes.len() }, by_node)
    }

    /// The images of a pod's containers and, where they count, of its volumes.
    pub(super) fn wanted<'a>(&self, pod: Pod<'a>, with_volumes: bool, names: &Names<'a>) -> Wanted {
        let mut wanted = Wanted::default();
        let containers = pod.containers().filter(|it| it.role() != Role::Ephemeral).map(|it| it.image());
        let volumes = pod.spec().volumes().filter(|_| with_volumes).filter_map(|it| it.field().get("image"));
        for image in containers.chain(volumes.map(|it| it.get("reference"))) {
            wanted.count += 1;
            let name = image.filter(|_| !self.all.is_empty()).and_then(|it| names.find(&tagged(it.text())));
            let found = name.and_then(|it| self.all.binary_search_by_key(&it, |it| it.0).ok());
            wanted.found.extend(found.and_then(|at| self.all.get(at)).map(|&(name, size, on)| {
                let spread = f64::from(on) / float(i64::try_from(self.nodes).unwrap_or(i64::MAX));
                (name, whole(float(size) * spread))
            }));
        }
        wanted
    }
}

impl Wanted {
    /// True if no node has any of them.
    pub(super) fn is_nowhere(&self) -> bool {
        self.found.is_empty()
    }

    /// What a node with these images is worth.
    pub(super) fn score(&self, images: &[Name]) -> i64 {
        let there = self.found.iter().filter(|it| images.binary_search(&it.0).is_ok());
        let sum = there.fold(0_i64, |sum, it| sum.saturating_add(it.1));
        let most = MOST_OF_ONE.saturating_mul(self.count);
        MOST * (sum.clamp(LEAST, most) - LEAST) / (most - LEAST)
    }
}

/// An image as nodes call it (`normalizedImageName`).
fn tagged(image: &str) -> Cow<'_, str> {
    if image.rfind(':') <= image.rfind('/') { format!("{image}:latest").into() } else { image.into() }
}
