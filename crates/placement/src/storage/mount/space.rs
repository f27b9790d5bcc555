//! What the space that is left of volumes is worth to the scheduler (`volumebinding/scorer.go`).

use super::{PodVolumes, Volumes};
use crate::scheduler::{Node, NodeId};

/// What the claims of one class ask for, and what they get of it, in bytes.
struct OfClass<'a> {
    class: &'a str,
    asked: i128,
    capacity: i128,
}

impl<'a> Volumes<'a> {
    /// From 0 to 100: how much is left on a node of the volumes that its claims would bind, or, if they would bind
    /// none, of the space they would be made in. The mean of their classes; nothing without claims that wait.
    pub(crate) fn score(&self, volumes: &PodVolumes, node: (NodeId, &Node<'_>)) -> i64 {
        if volumes.is_anywhere || (volumes.delayed.is_empty() && volumes.alike.is_empty()) {
            return 0;
        }
        let mut chosen = self.scratch.take();
        self.bind(volumes, node, &mut chosen);
        let mut classes: Vec<OfClass<'a>> = Vec::new();
        for (claim, volume) in &chosen {
            let volume = volume.and_then(|it| self.volumes.get(it as usize));
            if let (Some(held), Some(volume)) = (self.claims.get(*claim as usize), volume) {
                add(&mut classes, volume.class, held.claim.size().value(), &|it| {
                    it.saturating_add(volume.capacity.value())
                });
            }
        }
        if classes.is_empty() {
            let made = chosen.iter().map(|it| &it.0).chain(&volumes.alike);
            for held in made.filter_map(|id| self.claims.get(*id as usize)) {
                if let Some(capacity) = self.limits.space(held.object, &held.claim, node.1) {
                    // They share the space of their class.
                    add(&mut classes, held.class, held.claim.size().value(), &|_| capacity);
                }
            }
        }
        chosen.clear();
        self.scratch.replace(chosen);
        mean(&classes)
    }
}

/// Adds a claim to its class. `capacity` says what the class has with it.
fn add<'a>(classes: &mut Vec<OfClass<'a>>, class: &'a str, asked: i128, capacity: &dyn Fn(i128) -> i128) {
    match classes.iter_mut().find(|it| it.class == class) {
        Some(of) => {
            of.asked = of.asked.saturating_add(asked);
            of.capacity = capacity(of.capacity);
        }
        None => classes.push(OfClass { class, asked, capacity: capacity(0) }),
    }
}

/// The mean of what is left, in per cent, rounded.
fn mean(classes: &[OfClass<'_>]) -> i64 {
    let left = |it: &OfClass<'_>| {
        let fits = it.capacity > 0 && (0..=it.capacity).contains(&it.asked);
        if fits { 100 - it.asked.saturating_mul(100) / it.capacity } else { 0 }
    };
    let count = i128::try_from(classes.len()).unwrap_or(1);
    let sum: i128 = classes.iter().map(left).sum();
    if count == 0 { 0 } else { i64::try_from((2 * sum + count) / (2 * count)).unwrap_or(0) }
}
