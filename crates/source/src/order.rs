//! Sorting in few bytes.
//!
//! The standard library compiles its sort anew for each type, some kilobytes each: in a browser's module, which has
//! dozens, the largest piece of all. Here positions are sorted, once for all types, and the items follow.

use std::cmp::Ordering;

/// Sorts, keeping the order of equal items.
pub fn sort_by<T>(items: &mut [T], compare: &mut dyn FnMut(&T, &T) -> Ordering) {
    let order = positions(items.len(), &mut |left, right| match (items.get(left), items.get(right)) {
        (Some(left), Some(right)) => compare(left, right),
        _ => Ordering::Equal,
    });
    follow(order, &mut |left, right| items.swap(left, right));
}

/// Sorts items by their own order.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, &mut |left, right| left.cmp(right));
}

/// Sorts items by a key.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, &mut |left, right| key(left).cmp(&key(right)));
}

/// A set or map of items, taken one after the other: `collect` would sort them first.
pub fn filled<C: Default + Extend<T>, T>(items: impl IntoIterator<Item = T>) -> C {
    let mut all = C::default();
    all.extend(items);
    all
}

/// The positions in the order of their items.
fn positions(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|left, right| compare(*left, *right));
    order
}

/// Moves the item of each position to its place, by swaps.
fn follow(mut order: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..order.len() {
        let mut here = start;
        // One round of the permutation; a position that points at itself is done.
        while let Some(from) = order.get_mut(here).map(|slot| std::mem::replace(slot, here))
            && from != start
        {
            swap(here, from);
            here = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_items_keep_their_order() {
        for count in 0..40_u64 {
            let mut items: Vec<(u64, u64)> = (0..count).map(|at| (at * 7919 % 5, at)).collect();
            let mut wanted = items.clone();
            wanted.sort_by_key(|it| it.0);
            sort_by_key(&mut items, |it| it.0);
            assert_eq!(items, wanted);
            items.reverse();
            sort(&mut items);
            wanted.sort();
            assert_eq!(items, wanted);
        }
    }
}
