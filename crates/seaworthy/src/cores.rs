//! Work on all cores, where there are threads.

#[cfg(feature = "parallel")]
use rayon::prelude::*;

/// What `work` makes of each item, in their order.
#[cfg(feature = "parallel")]
pub(crate) fn map<'i, T: Sync, R: Send>(items: &'i [T], work: impl Fn(usize, &'i T) -> R + Sync) -> Vec<R> {
    items.par_iter().enumerate().map(|(at, item)| work(at, item)).collect()
}

/// The same on the one core that there is.
#[cfg(not(feature = "parallel"))]
pub(crate) fn map<'i, T, R>(items: &'i [T], work: impl Fn(usize, &'i T) -> R) -> Vec<R> {
    items.iter().enumerate().map(|(at, item)| work(at, item)).collect()
}

/// What `work` makes of each item that it takes, in their order.
#[cfg(feature = "parallel")]
pub(crate) fn turn<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    items.into_par_iter().map(work).collect()
}

/// The same on the one core that there is.
#[cfg(not(feature = "parallel"))]
pub(crate) fn turn<T, R>(items: Vec<T>, work: impl Fn(T) -> R) -> Vec<R> {
    items.into_iter().map(work).collect()
}

/// Both at once.
#[cfg(feature = "parallel")]
pub(crate) fn join<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    rayon::join(one, other)
}

/// One after the other on the one core that there is.
#[cfg(not(feature = "parallel"))]
pub(crate) fn join<A, B>(one: impl FnOnce() -> A, other: impl FnOnce() -> B) -> (A, B) {
    (one(), other())
}
