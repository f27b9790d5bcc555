//! One kind of table for everything that has a number: small in a browser's module, where each kind costs kilobytes.

use std::hash::{Hash, Hasher};

use foldhash::fast::FoldHasher;
use foldhash::{HashMap, SharedSeed};

/// Numbers by the hash of what they stand for; who looks one up compares what he finds.
#[derive(Default)]
pub(super) struct Table {
    numbers: HashMap<u64, Vec<u32>>,
}

/// A hash that holds within this process: its seed is drawn when the process starts, so that nobody can choose names
/// that fall together.
pub(super) fn hash(of: impl Hash) -> u64 {
    let mut hasher = FoldHasher::with_seed(0, SharedSeed::global_random());
    of.hash(&mut hasher);
    hasher.finish()
}

impl Table {
    /// All numbers under a hash, and perhaps some of others.
    pub(super) fn under(&self, hash: u64) -> &[u32] {
        self.numbers.get(&hash).map_or(&[], Vec::as_slice)
    }

    /// The number that is meant.
    pub(super) fn find(&self, hash: u64, is_it: &dyn Fn(usize) -> bool) -> Option<u32> {
        self.under(hash).iter().copied().find(|it| is_it(*it as usize))
    }

    /// Puts a number under a hash.
    pub(super) fn put(&mut self, hash: u64, number: u32) {
        self.numbers.entry(hash).or_default().push(number);
    }
}

/// The next number of a list.
pub(super) fn next<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}
