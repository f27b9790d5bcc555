//! Time of a thread on a processor: what is computed, on a machine that does other things too.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Lets the engine do all its work on this thread, so that all of it is counted.
///
/// # Panics
/// If the engine has threads already.
pub fn on_one_thread() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    assert!(pool.is_ok(), "the pool is this thread");
}

/// What some work on this thread takes.
pub fn took(work: impl FnOnce()) -> Duration {
    let start = now();
    work();
    now() - start
}

fn now() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or(0))
}

/// The middle, the 99th of a hundred, and the longest, in milliseconds.
#[must_use]
pub fn figures(mut all: Vec<Duration>) -> String {
    all.sort();
    let at = |part: usize| all.get((all.len() - 1) * part / 100).map_or(0.0, |it| it.as_secs_f64() * 1e3);
    format!("median {:.2} ms, 99th {:.2} ms, longest {:.2} ms", at(50), at(99), at(100))
}
