//! Which connections are held, and which one goes when there are too many.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

/// How long a listener rests when the system gives it no connection: it is out of descriptors or memory.
const REST: Duration = Duration::from_millis(50);

/// The open connections of a listener. Beyond the limit the one that was silent longest makes room for a new one: who
/// opens connections and says nothing cannot keep others out.
#[derive(Debug)]
pub(crate) struct Connections {
    limit: usize,
    open: Mutex<BTreeMap<u64, Arc<Connection>>>,
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    use_: Mutex<Use>,
    evicted: Notify,
}

#[derive(Debug)]
struct Use {
    requests: usize,
    silent_since: Instant,
}

/// A place among the open connections, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    id: u64,
    connection: Arc<Connection>,
    of: Arc<Connections>,
}

impl Connections {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit: limit.max(1), open: Mutex::default() })
    }

    /// A place for a new connection; none if there are too many and each has a request in work.
    fn admit(self: &Arc<Self>) -> Option<Place> {
        if locked(&self.open).len() >= self.limit && !self.evict() {
            return None;
        }
        let connection = Arc::new(Connection {
            use_: Mutex::new(Use { requests: 0, silent_since: Instant::now() }),
            evicted: Notify::new(),
        });
        let mut open = locked(&self.open);
        let id = open.last_key_value().map_or(0, |(last, _)| last + 1);
        open.insert(id, Arc::clone(&connection));
        Some(Place { id, connection, of: Arc::clone(self) })
    }

    /// Tells the connection that was silent longest to go; false if none is silent.
    fn evict(&self) -> bool {
        let mut open = locked(&self.open);
        let silent = open.iter().filter_map(|(id, it)| it.silent_since().map(|since| (since, *id)));
        let Some(connection) = silent.min().and_then(|(_, id)| open.remove(&id)) else { return false };
        connection.evicted.notify_one();
        true
    }
}

impl Connection {
    /// A request begins; it ends when what is given back is dropped.
    pub(crate) fn request(self: &Arc<Self>) -> InUse {
        locked(&self.use_).requests += 1;
        InUse(Arc::clone(self))
    }

    fn silent_since(&self) -> Option<Instant> {
        let used = locked(&self.use_);
        (used.requests == 0).then_some(used.silent_since)
    }

    /// Waits until it is told to go.
    pub(crate) async fn evicted(&self) {
        self.evicted.notified().await;
    }

    /// Waits until there was no request for this long.
    pub(crate) async fn silent_for(&self, long: Duration) {
        loop {
            let now = Instant::now();
            let since = self.silent_since().unwrap_or(now);
            if now.duration_since(since) >= long {
                return;
            }
            sleep_until(since + long).await;
        }
    }
}

/// A request in work.
#[derive(Debug)]
pub(crate) struct InUse(Arc<Connection>);

impl Drop for InUse {
    fn drop(&mut self) {
        let mut used = locked(&self.0.use_);
        used.requests -= 1;
        used.silent_since = Instant::now();
    }
}

impl Place {
    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        locked(&self.of.open).remove(&self.id);
    }
}

/// What happened to a connection before it was served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// All places are taken by connections with requests in work.
    Full,
    /// The system gave none.
    System,
}

/// Takes connections until it is told to close, each served as a task of its own; then waits for those that are there.
pub(crate) async fn accept<Served: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    connections: Arc<Connections>,
    mut closing: watch::Receiver<bool>,
    serve: impl Fn(TcpStream, Place) -> Served,
    refused: impl Fn(Refused),
) {
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            () = closed(&mut closing) => break,
            Some(_) = tasks.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => match connections.admit() {
                    Some(place) => {
                        // Answers are one write each; only latency would be lost without it.
                        let _ = stream.set_nodelay(true);
                        tasks.spawn(serve(stream, place));
                    }
                    None => refused(Refused::Full),
                },
                Err(_) => {
                    refused(Refused::System);
                    connections.evict();
                    sleep(REST).await;
                }
            },
        }
    }
    drop(listener);
    while tasks.join_next().await.is_some() {}
}

/// Waits until the server closes, or is gone.
pub(crate) async fn closed(closing: &mut watch::Receiver<bool>) {
    let _ = closing.wait_for(|closing| *closing).await;
}

/// What these locks guard is whole at any time.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
