//! The keys of a map, for who looks up many.

use std::collections::BTreeMap;

use seaworthy_source::order::filled;

use super::value::Value;

/// A map of no more entries is searched without an index.
const SMALL: usize = 16;

/// Finds the keys of a map, one by one in a small one.
pub(super) struct Keys<'r> {
    map: Value<'r>,
    /// Empty for a small map.
    index: BTreeMap<&'r str, Value<'r>>,
}

impl<'r> Keys<'r> {
    pub(super) fn of(map: Value<'r>) -> Self {
        let index = if map.len() > SMALL { filled(map.entries()) } else { BTreeMap::new() };
        Self { map, index }
    }

    pub(super) fn get(&self, key: &str) -> Option<Value<'r>> {
        if self.index.is_empty() { self.map.entry(key) } else { self.index.get(key).copied() }
    }

    /// The value under a key, or the map at the address that the value would have.
    pub(super) fn at(&self, key: &str) -> Value<'r> {
        self.get(key).unwrap_or_else(|| self.map.named(format!("{}[{key}]", self.map.path())))
    }
}
