//! Where a run keeps the values that rules look at: each stays at its place, so that a value is one pointer.
//!
//! What is asked for again, a node or a field of a value, is found again, before anything is looked up in the document.
//! So there are no more of them than nodes and fields that rules ask for, however often loops in loops look.

use std::cell::{Cell, OnceCell, RefCell};

use super::value::{Asked, Slot};

/// So many are in the first chunk; each further one has twice as many as the one before it.
const FIRST: usize = 32;
/// More than memory holds.
const CHUNKS: usize = 24;

type Cells<'r> = [OnceCell<Slot<'r>>];

/// The values.
pub(super) struct Slots<'r> {
    count: Cell<usize>,
    chunks: [OnceCell<Box<Cells<'r>>>; CHUNKS],
    /// What is free of the last chunk.
    free: Cell<&'r Cells<'r>>,
    /// The one that has no place in the chunks.
    last: OnceCell<Slot<'r>>,
    /// By their hashes, each at the first free place at or after that of the hash; the places are a power of two, at
    /// most half of them taken. A table of its own: a general one would be compiled anew for it.
    table: RefCell<Vec<Option<&'r Slot<'r>>>>,
}

impl<'r> Slots<'r> {
    /// None yet; nothing is allocated.
    pub(super) fn new() -> Self {
        Self {
            count: Cell::new(0),
            chunks: [const { OnceCell::new() }; CHUNKS],
            free: Cell::new(&[]),
            last: OnceCell::new(),
            table: RefCell::default(),
        }
    }

    /// The value that is asked for: the one that is kept, or a new one.
    #[inline(never)]
    pub(super) fn keep(&'r self, asked: Asked, new: &dyn Fn() -> Slot<'r>) -> &'r Slot<'r> {
        let count = self.count.get();
        let mut table = self.table.borrow_mut();
        if count * 2 >= table.len() {
            grow(&mut table);
        }
        let place = find(&table, asked);
        if let Some(Some(kept)) = table.get(place) {
            return kept;
        }
        let kept = self.add(new());
        if let Some(place) = table.get_mut(place) {
            *place = Some(kept);
        }
        self.count.set(count + 1);
        kept
    }

    /// Keeps a value that nobody asks for again.
    pub(super) fn add(&'r self, slot: Slot<'r>) -> &'r Slot<'r> {
        self.free().get_or_init(|| slot)
    }

    /// A cell for the next value.
    fn free(&'r self) -> &'r OnceCell<Slot<'r>> {
        if self.free.get().is_empty() {
            self.free.set(self.chunk());
        }
        let Some((cell, rest)) = self.free.get().split_first() else { return &self.last };
        self.free.set(rest);
        cell
    }

    /// The next chunk.
    #[inline(never)]
    fn chunk(&'r self) -> &'r Cells<'r> {
        let Some(at) = self.chunks.iter().position(|it| it.get().is_none()) else { return &[] };
        let cells = || (0..FIRST << at).map(|_| OnceCell::new()).collect();
        self.chunks.get(at).map_or(&[], |chunk| chunk.get_or_init(cells))
    }
}

/// The place that holds a value, or the free one where it belongs.
fn find(table: &[Option<&Slot<'_>>], asked: Asked) -> usize {
    let last = table.len().wrapping_sub(1);
    let mut at = asked.hash() & last;
    while let Some(Some(kept)) = table.get(at)
        && kept.asked != asked
    {
        at = (at + 1) & last;
    }
    at
}

#[inline(never)]
fn grow<'r>(table: &mut Vec<Option<&'r Slot<'r>>>) {
    let larger = vec![None; (table.len() * 4).max(FIRST * 4)];
    for slot in std::mem::replace(table, larger).into_iter().flatten() {
        let place = find(table, slot.asked);
        if let Some(place) = table.get_mut(place) {
            *place = Some(slot);
        }
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
                looks += 3;
            }
        }
        assert_eq!(looks, 30_000);
        assert!(run.slots.count.get() <= 3 * 100 + 10, "{}", run.slots.count.get());
    }
}
