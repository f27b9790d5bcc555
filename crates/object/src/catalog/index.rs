//! A hash table from names to the numbers of what bears them: every key of every object is looked up in one.

/// Numbers of things by the hash of their name. Those of one hash stand in their order.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// A power of two, at most half full: the number of a thing and 1, or 0 for none.
    slots: Vec<u16>,
}

impl Index {
    /// The index of things with these hashes.
    pub(super) fn of(hashes: impl ExactSizeIterator<Item = u32>) -> Self {
        let mut slots = vec![0; (hashes.len() * 2).next_power_of_two()];
        for (number, hash) in hashes.enumerate() {
            let taken = Candidates { slots: &slots, at: hash as usize }.count();
            let free = (hash as usize).wrapping_add(taken) & (slots.len() - 1);
            if let Some(slot) = slots.get_mut(free) {
                *slot = u16::try_from(number + 1).unwrap_or(0);
            }
        }
        Self { slots }
    }

    /// The numbers of things that may have this hash, all that have it among them.
    pub(super) fn candidates(&self, hash: u32) -> Candidates<'_> {
        Candidates { slots: &self.slots, at: hash as usize }
    }
}

/// The slots from one on, until one is free.
pub(super) struct Candidates<'i> {
    slots: &'i [u16],
    at: usize,
}

impl Iterator for Candidates<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let slot = *self.slots.get(self.at & self.slots.len().wrapping_sub(1))?;
        self.at = self.at.wrapping_add(1);
        usize::from(slot).checked_sub(1)
    }
}
