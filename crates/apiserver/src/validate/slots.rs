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
    /// By their hashes, the numbers of the values, counted from 1, at the first free place at or after that of the hash.
    /// A table of its own: a general one would be compiled anew for it.
    numbers: RefCell<Vec<u32>>,
}

impl<'r> Slots<'r> {
    /// None yet; nothing is allocated.
    pub(super) fn new() -> Self {
        Self {
            count: Cell::new(0),
            chunks: [const { OnceCell::new() }; CHUNKS],
            last: OnceCell::new(),
            numbers: RefCell::default(),
        }
    }

    /// Keeps one, or finds the one that is kept.
    #[inline(never)]
    pub(super) fn keep(&self, slot: Slot<'r>) -> &Slot<'r> {
        let count = self.count.get();
        let mut numbers = self.numbers.borrow_mut();
        if (count + 1) * 2 > numbers.len() {
            *numbers = vec![0; numbers.len().max(FIRST) * 2];
            let kept = (0..count).filter_map(|number| Some((number, self.place(number)?.get()?)));
            kept.for_each(|(number, slot)| take_place(&mut numbers, slot.hash(), number));
        }
        let mut at = slot.hash();
        let places = numbers.len();
        while let Some(&number) = numbers.get(at % places).filter(|it| **it != 0) {
            if let Some(kept) = self.place(number as usize - 1).and_then(OnceCell::get)
                && kept.is_same(&slot)
            {
                return kept;
            }
            at = at.wrapping_add(1);
        }
        take_place(&mut numbers, at, count);
        self.count.set(count + 1);
        self.place(count).unwrap_or(&self.last).get_or_init(|| slot)
    }

    fn place(&self, number: usize) -> Option<&OnceCell<Slot<'r>>> {
        let chunk = (number / FIRST + 1).ilog2();
        let length = FIRST << chunk;
        let chunk = self.chunks.get(chunk as usize)?.get_or_init(|| (0..length).map(|_| OnceCell::new()).collect());
        chunk.get(number - (length - FIRST))
    }
}

/// Writes the number of a value to the first free place.
fn take_place(numbers: &mut [u32], mut at: usize, number: usize) {
    let places = numbers.len();
    while numbers.get(at % places).is_some_and(|it| *it != 0) {
        at = at.wrapping_add(1);
    }
    if let (Some(place), Ok(number)) = (numbers.get_mut(at % places), u32::try_from(number + 1)) {
        *place = number;
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
