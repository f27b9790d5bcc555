//! The threads that review.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon::ThreadPoolBuilder;
use rustix::time::{ClockId, clock_gettime};
use seaworthy_admission::{Malformed, Review};
use tokio::sync::oneshot;

use crate::body::Body;
use crate::error::StartError;
use crate::server::Judge;

/// Reading a review nests as deep as its JSON may, which is bounded; a debug build takes more for a level.
const STACK: usize = 16 << 20;

/// How a review ended.
pub(crate) enum Outcome {
    Reviewed(Review),
    Malformed(Malformed),
    /// It was not begun: it has more keys and values than there is memory for.
    Excessive,
    /// It panicked, which is a bug; the server goes on.
    Panicked,
}

/// Bytes of a body from which on a review is large. People's objects are smaller; the largest take a thousand times the
/// time and memory of the usual.
const LARGE: usize = 256 << 10;

/// A fixed number of threads with a queue, and one more for large reviews: those never hold up the others, and only one
/// at a time takes the memory that it needs. What waits is bounded by whoever sends: a body has been received for each,
/// and bodies are bounded.
pub(crate) struct Workers {
    usual: Lane,
    large: Lane,
}

/// Threads and the queue they take from.
struct Lane {
    queue: Sender<Job>,
    busy: Vec<Busy>,
}

/// Since when a thread reviews what it reviews.
#[derive(Debug, Clone, Default)]
struct Busy(Arc<Mutex<Option<Instant>>>);

impl Busy {
    fn set(&self, since: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    fn longer_than(&self, long: Duration) -> bool {
        let since = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() > long)
    }
}

struct Job {
    body: Arc<Body>,
    deadline: Instant,
    answer: oneshot::Sender<(Outcome, Duration)>,
}

impl Workers {
    pub(crate) fn start(count: usize, judge: &Judge) -> Result<Self, StartError> {
        Ok(Self { usual: Lane::start(count, judge)?, large: Lane::start(1, judge)? })
    }

    /// Has a body reviewed. The answer fails if the deadline passed before a thread was free.
    pub(crate) fn review(&self, body: Arc<Body>, deadline: Instant) -> oneshot::Receiver<(Outcome, Duration)> {
        let (answer, outcome) = oneshot::channel();
        let lane = if body.bytes().len() < LARGE { &self.usual } else { &self.large };
        // Threads end after the queue, so there is somebody to take it; if not, the receiver says so.
        let _ = lane.queue.send(Job { body, deadline, answer });
        outcome
    }

    /// True if, of one sort of reviews, no thread has come back for this long.
    pub(crate) fn stuck(&self, long: Duration) -> bool {
        [&self.usual, &self.large].into_iter().any(|lane| lane.busy.iter().all(|busy| busy.longer_than(long)))
    }
}

impl Lane {
    fn start(count: usize, judge: &Judge) -> Result<Self, StartError> {
        let (queue, jobs) = channel();
        let jobs = Arc::new(Mutex::new(jobs));
        let (started, starts) = channel();
        let mut busy = Vec::new();
        for _ in 0..count.max(1) {
            let state = Busy::default();
            busy.push(state.clone());
            let (jobs, judge, started) = (Arc::clone(&jobs), Arc::clone(judge), started.clone());
            let work = move || {
                // The engine divides its work with rayon. A pool of this one thread keeps a review on it: spread over
                // cores, each review would wait for threads that are busy with others.
                let pool = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
                let failed = pool.is_err();
                // Whoever starts the threads waits for this.
                let _ = started.send(pool.map(drop));
                drop(started);
                if !failed {
                    work(&jobs, &judge, &state);
                }
            };
            std::thread::Builder::new().name("review".to_owned()).stack_size(STACK).spawn(work)?;
        }
        drop(started);
        starts.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(Self { queue, busy })
    }
}

fn work(jobs: &Mutex<Receiver<Job>>, judge: &Judge, busy: &Busy) {
    loop {
        let job = jobs.lock().ok().and_then(|jobs| jobs.recv().ok());
        let Some(Job { body, deadline, answer }) = job else { return };
        // Nobody waits any longer: the caller went away, or has its answer.
        if answer.is_closed() || Instant::now() >= deadline {
            continue;
        }
        let start = cpu_time();
        busy.set(Some(Instant::now()));
        let outcome = match body.is_excessive() {
            true => Outcome::Excessive,
            false => match catch_unwind(AssertUnwindSafe(|| judge(body.bytes()))) {
                Ok(Ok(review)) => Outcome::Reviewed(review),
                Ok(Err(malformed)) => Outcome::Malformed(malformed),
                Err(_) => Outcome::Panicked,
            },
        };
        busy.set(None);
        // Its memory is free before the next review is asked for.
        drop(body);
        // The caller may have gone away meanwhile.
        let _ = answer.send((outcome, cpu_time().saturating_sub(start)));
    }
}

/// How long this thread has computed: on a machine that has other work too, a clock would count that as well.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}
