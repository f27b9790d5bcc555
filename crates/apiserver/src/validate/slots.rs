//! Where a run keeps the values that rules look at: each stays at its place, so that a value is one pointer.
//!
//! What a list or an object holds is kept side by side when the first of it is asked for. What is not there hangs on the
//! value it is missing in, each name once. So there are no more of them than nodes and fields that rules ask for,
//! however often loops in loops look.

use std::cell::{Cell, OnceCell};

use super::value::Slot;

/// So many are in the first chunk; each further one has at least twice as many as the one before it.
const FIRST: usize = 64;
/// More than memory holds.
const CHUNKS: usize = 24;

pub(super) type Cells<'r> = [OnceCell<Slot<'r>>];

/// The values.
pub(super) struct Slots<'r> {
    chunks: [OnceCell<Box<Cells<'r>>>; CHUNKS],
    /// What is free of the last chunk.
    free: Cell<&'r Cells<'r>>,
    /// The one that has no place in the chunks.
    last: OnceCell<Slot<'r>>,
}

impl<'r> Slots<'r> {
    /// None yet; nothing is allocated.
    pub(super) fn new() -> Self {
        Self { chunks: [const { OnceCell::new() }; CHUNKS], free: Cell::new(&[]), last: OnceCell::new() }
    }

    /// Cells for so many values.
    pub(super) fn cells(&'r self, count: usize) -> &'r Cells<'r> {
        if self.free.get().len() < count {
            self.free.set(self.chunk(count));
        }
        let (cells, rest) = self.free.get().split_at_checked(count).unwrap_or_default();
        self.free.set(rest);
        cells
    }

    /// Keeps one more value.
    pub(super) fn add(&'r self, slot: Slot<'r>) -> &'r Slot<'r> {
        self.cells(1).first().unwrap_or(&self.last).get_or_init(|| slot)
    }

    /// A further chunk, with cells for at least so many values.
    #[inline(never)]
    fn chunk(&'r self, least: usize) -> &'r Cells<'r> {
        let Some(at) = self.chunks.iter().position(|it| it.get().is_none()) else { return &[] };
        let cells = || (0..least.max(FIRST << at)).map(|_| OnceCell::new()).collect();
        self.chunks.get(at).map_or(&[], |chunk| chunk.get_or_init(cells))
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_object::{Catalog, Object, Version, Versions};
    use seaworthy_source::Source;

    use super::super::run::Run;

    #[test]
    fn loops_in_loops_keep_each_value_once() {
        let taints: String = (0..100).map(|at| format!("  - {{key: k{at}}}\n")).collect();
        let source = Source::new("a.yaml", format!("apiVersion: v1\nkind: Node\nspec:\n  taints:\n{taints}"));
        let documents = seaworthy_document::read(&source);
        let catalog = Catalog::built_in();
        let object = Object::new(documents[0].root().unwrap(), &catalog, "default").unwrap();
        let version = Version::NEWEST;
        let kind = catalog.kind("", "v1", "Node").unwrap();
        let run = Run::new(&object, &catalog, kind, version, Versions::one(version));
        let taints = run.root().at("spec.taints");
        let mut looks = 0;
        for _ in 0..100 {
            for (at, taint) in taints.items().enumerate() {
                assert_eq!(taint.get("key").str(), format!("k{at}"));
                assert_eq!(taint.get("value").path(), format!("spec.taints[{at}].value"));
                assert_eq!((taint.str_of("key").len(), taint.has("effect")), (taint.len_of("key"), false));
                looks += 6;
            }
        }
        assert_eq!(looks, 60_000);
        // Itself, its two fields for each, and what is around them; nothing of what was only asked whether it is there.
        let free = run.slots.free.get().len();
        let all: usize = run.slots.chunks.iter().filter_map(|it| it.get()).map(|it| it.len()).sum();
        assert!(all - free <= 3 * 100 + 64, "{all} without {free}");
    }
}
