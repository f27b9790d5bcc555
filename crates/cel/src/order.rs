//! Sorting, once: each use of the standard library's is six kilobytes of the module for browsers.

use std::cmp::Ordering;

/// The places of a list in the order of what stands there; equal things keep their order.
pub(crate) fn sorted_places(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..len).collect();
    let mut merged = Vec::with_capacity(len);
    let mut width = 1;
    while width < len {
        merged.clear();
        for pair in places.chunks(width * 2) {
            let (mut left, mut right) = pair.split_at_checked(width).unwrap_or((pair, &[]));
            loop {
                let from = match (left.first(), right.first()) {
                    (Some(first), Some(second)) if compare(*first, *second) == Ordering::Greater => &mut right,
                    (Some(_), _) => &mut left,
                    (None, Some(_)) => &mut right,
                    (None, None) => break,
                };
                if let Some((first, rest)) = from.split_first() {
                    merged.push(*first);
                    *from = rest;
                }
            }
        }
        std::mem::swap(&mut places, &mut merged);
        width *= 2;
    }
    places
}

/// A list in another order.
pub(crate) fn sorted<T>(list: Vec<T>, compare: fn(&T, &T) -> Ordering) -> Vec<T> {
    let places = sorted_places(list.len(), &mut |left, right| match (list.get(left), list.get(right)) {
        (Some(left), Some(right)) => compare(left, right),
        _ => Ordering::Equal,
    });
    let mut list: Vec<Option<T>> = list.into_iter().map(Some).collect();
    places.into_iter().filter_map(|at| list.get_mut(at)?.take()).collect()
}

#[cfg(test)]
mod tests {
    use super::sorted_places;

    #[test]
    fn equal_things_keep_their_order() {
        for len in 0..50usize {
            let list: Vec<usize> = (0..len).map(|at| at * 7919 % 5).collect();
            let mut expected: Vec<usize> = (0..len).collect();
            expected.sort_by_key(|at| list[*at]);
            assert_eq!(sorted_places(len, &mut |left, right| list[left].cmp(&list[right])), expected);
        }
    }
}
