//! Where a run keeps the values that rules look at: each stays at its place, so that a value is one pointer.

use std::cell::{Cell, OnceCell};

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
}

impl<'r> Slots<'r> {
    /// None yet; nothing is allocated.
    pub(super) fn new() -> Self {
        Self { count: Cell::new(0), chunks: [const { OnceCell::new() }; CHUNKS], last: OnceCell::new() }
    }

    /// Keeps one.
    #[inline(never)]
    pub(super) fn keep(&self, slot: Slot<'r>) -> &Slot<'r> {
        let count = self.count.get();
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
