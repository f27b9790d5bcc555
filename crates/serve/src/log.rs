//! Events as JSON, a line each.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Map, Value};
use x509_cert::der::DateTime;

use crate::metrics::Metrics;

/// Lines that wait to be written. Whoever reads standard error may be slow: reviews are not.
const WAITING: usize = 4_096;
/// How often an event that strangers can cause is told.
const SPARSE: Duration = Duration::from_secs(1);

/// Writes events as JSON, a line each, to standard error. No event holds the contents of an object.
#[derive(Debug)]
pub(crate) struct Log {
    lines: Option<SyncSender<String>>,
    writer: Option<JoinHandle<()>>,
    sparse: Mutex<BTreeMap<&'static str, Sparse>>,
    dropped: prometheus_client::metrics::counter::Counter,
}

/// When an event was last told, and how often it was not.
#[derive(Debug, Default)]
struct Sparse {
    last: Option<Instant>,
    withheld: u64,
}

impl Log {
    /// A log to standard error.
    pub(crate) fn to_stderr(metrics: &Metrics) -> std::io::Result<Self> {
        let (lines, waiting) = sync_channel(WAITING);
        let writer = std::thread::Builder::new().name("log".to_owned()).spawn(move || write(&waiting))?;
        let dropped = metrics.log_lines_dropped.clone();
        Ok(Self { lines: Some(lines), writer: Some(writer), sparse: Mutex::default(), dropped })
    }

    pub(crate) fn info(&self, event: &str, fields: Value) {
        self.line("info", event, fields);
    }

    pub(crate) fn error(&self, event: &str, fields: Value) {
        self.line("error", event, fields);
    }

    /// An event that strangers can cause as often as they like: one a second is told, with the number of the others.
    pub(crate) fn warn_sparsely(&self, event: &'static str, mut fields: Value) {
        let Ok(mut events) = self.sparse.lock() else { return };
        let sparse = events.entry(event).or_default();
        if sparse.last.is_some_and(|last| last.elapsed() < SPARSE) {
            sparse.withheld += 1;
            return;
        }
        sparse.last = Some(Instant::now());
        let withheld = std::mem::take(&mut sparse.withheld);
        if let (Value::Object(fields), true) = (&mut fields, withheld > 0) {
            fields.insert("withheld".to_owned(), withheld.into());
        }
        self.line("warn", event, fields);
    }

    fn line(&self, level: &str, event: &str, fields: Value) {
        let line = line(level, event, fields);
        if let Some(Err(TrySendError::Full(_))) = self.lines.as_ref().map(|lines| lines.try_send(line)) {
            self.dropped.inc();
        }
    }
}

impl Drop for Log {
    /// Writes what is left.
    fn drop(&mut self) {
        drop(self.lines.take());
        if let Some(writer) = self.writer.take() {
            // The writer does not panic, and if it did there would be no log to say so.
            let _ = writer.join();
        }
    }
}

fn write(waiting: &Receiver<String>) {
    for line in waiting {
        // Nothing is left to do if standard error is closed.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

/// One event, with its line feed.
pub(crate) fn line(level: &str, event: &str, fields: Value) -> String {
    let mut all = Map::new();
    all.insert("time".to_owned(), now().into());
    all.insert("level".to_owned(), level.into());
    all.insert("event".to_owned(), event.into());
    if let Value::Object(fields) = fields {
        all.extend(fields);
    }
    format!("{}\n", Value::Object(all))
}

/// The present as RFC 3339 writes it, in milliseconds.
fn now() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = DateTime::from_unix_duration(now).map(|it| it.to_string()).unwrap_or_default();
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), now.subsec_millis())
}
