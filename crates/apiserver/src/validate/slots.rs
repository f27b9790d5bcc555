//! Where a run keeps the values that rules look at: each stays at its place, so that a value is one pointer.
//!
//! A value that is looked at again is found again. So there are never more of them than nodes and fields that rules ask
//! for, however often loops in loops look.

use std::cell::{Cell, OnceCell, RefCell};

use super::value::Slot;

/// So many are in the first chunk; each further one has twice as many as the one before it.
const FIRST: usize = 64;
/// More than memory holds.
const CHUNKS: usize = 24;

type Chunk<'r> = OnceCell<Box<[OnceCell<Slot<'r>>]>>;

/// The values.
pub(super) struct Slots<'r> {
    count: Cell<usize>,
    chunks: [Chunk<'r>; CHUNKS],
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
            last: OnceCell::new(),
            table: RefCell::default(),
        }
    }

    /// Keeps one, or finds the one that is kept.
    #[inline(never)]
    pub(super) fn keep(&'r self, slot: Slot<'r>) -> &'r Slot<'r> {
        let count = self.count.get();
        let mut table = self.table.borrow_mut();
        if count * 2 >= table.len() {
            grow(&mut table);
        }
        let place = find(&table, &slot);
        if let Some(Some(kept)) = table.get(place) {
            return kept;
        }
        let kept = self.free(count).unwrap_or(&self.last).get_or_init(|| slot);
        if let Some(place) = table.get_mut(place) {
            *place = Some(kept);
        }
        self.count.set(count + 1);
        kept
    }

    /// Where the value of this number is kept.
    fn free(&self, number: usize) -> Option<&OnceCell<Slot<'r>>> {
        let chunk = (number / FIRST + 1).ilog2();
        let length = FIRST << chunk;
        let chunk = self.chunks.get(chunk as usize)?.get_or_init(|| (0..length).map(|_| OnceCell::new()).collect());
        chunk.get(number - (length - FIRST))
    }
}

/// The place that holds a value, or the free one where it belongs.
fn find<'r>(table: &[Option<&'r Slot<'r>>], slot: &Slot<'r>) -> usize {
    let last = table.len().wrapping_sub(1);
    let mut at = slot.hash() & last;
    while let Some(Some(kept)) = table.get(at)
        && !kept.is_same(slot)
    {
        at = (at + 1) & last;
    }
    at
}

#[inline(never)]
fn grow<'r>(table: &mut Vec<Option<&'r Slot<'r>>>) {
    let larger = vec![None; (table.len() * 4).max(FIRST * 2)];
    for slot in std::mem::replace(table, larger).into_iter().flatten() {
        let place = find(table, slot);
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
