//! Lists in the order in which objects would be applied, of which parts come and go.

use seaworthy_document::NodeId;
use seaworthy_object::{Object, Pod};
use seaworthy_source::SourceId;

/// A place in the order of applying: what is there before anything is applied, then source by source.
pub(crate) type Order = (u32, u32, NodeId);

/// Sources with such ids are there before anything is applied.
const EARLIER: u32 = 1 << 31;

impl crate::Fleet<'_> {
    /// The id of a source that is only known of: its objects are there before any are applied.
    #[must_use]
    pub fn earlier_source(at: u32) -> SourceId {
        SourceId(EARLIER | at)
    }
}

/// Something that has such a place.
pub(crate) trait Placed {
    fn order(&self) -> Order;
}

impl Placed for &Object<'_> {
    fn order(&self) -> Order {
        (self.source().0 ^ EARLIER, self.document().index(), self.root().id())
    }
}

impl Placed for Pod<'_> {
    fn order(&self) -> Order {
        self.object().order()
    }
}

/// Puts something into its place, once.
pub(crate) fn insert<T: Placed>(list: &mut Vec<T>, it: T) {
    if let Err(at) = list.binary_search_by_key(&it.order(), Placed::order) {
        list.insert(at, it);
    }
}

/// Takes something out, if it is there.
pub(crate) fn remove<T: Placed>(list: &mut Vec<T>, order: Order) {
    if let Ok(at) = list.binary_search_by_key(&order, Placed::order) {
        list.remove(at);
    }
}

/// The entry of a table without which an empty list stays.
pub(crate) fn remove_under<K, T, S>(table: &mut std::collections::HashMap<K, Vec<T>, S>, key: &K, order: Order)
where
    K: Eq + std::hash::Hash,
    T: Placed,
    S: std::hash::BuildHasher,
{
    if let Some(list) = table.get_mut(key) {
        remove(list, order);
        if list.is_empty() {
            table.remove(key);
        }
    }
}
