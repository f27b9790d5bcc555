//! Receiving a request's body, within bounds.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Keys and values of a review. Objects of 1.5 MiB, the most that etcd takes, have fewer, old and new, unless somebody
/// means them to; reading takes 600 bytes of memory for each, and whoever reaches the webhook can send what nobody would
/// store.
const NODES: usize = 250_000;
/// How many of the largest bodies may be in memory at once.
const LARGEST_AT_ONCE: usize = 8;
/// How long what is refused is still read, so that the client reads the answer instead of a reset connection.
const LINGER: Duration = Duration::from_secs(2);
/// How much of it is read.
const LINGER_BYTES: usize = 64 << 20;

/// A received body; its share of the memory that bodies may take is free when it goes.
#[derive(Debug)]
pub(crate) struct Body {
    bytes: Vec<u8>,
    _share: Option<OwnedSemaphorePermit>,
}

impl Body {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// True if reading it would take more memory than there may be.
    pub(crate) fn is_excessive(&self) -> bool {
        self.bytes.len() > NODES && nodes(&self.bytes) > NODES
    }
}

/// The keys and values of a JSON text, without the memory that reading it takes: each follows one of four marks.
fn nodes(json: &[u8]) -> usize {
    let (mut nodes, mut quoted, mut escaped) = (1, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' | b',' | b':' if !quoted => nodes += 1,
            _ => {}
        }
    }
    nodes
}

/// Why a body is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// It is larger than a body may be.
    TooLarge,
    /// Other bodies take all the memory that there is for them.
    NoMemory,
    /// The client broke off, or sent what is no body.
    Broken,
}

/// The memory that bodies may take, in bytes. Many slow senders of large bodies cannot take more.
#[derive(Debug)]
pub(crate) struct Bodies {
    largest: usize,
    memory: Arc<Semaphore>,
}

impl Bodies {
    pub(crate) fn new(largest: usize) -> Self {
        let memory = largest.saturating_mul(LARGEST_AT_ONCE).min(Semaphore::MAX_PERMITS);
        Self { largest, memory: Arc::new(Semaphore::new(memory)) }
    }

    /// Receives a body. Memory is taken as bytes arrive, not as they are announced.
    pub(crate) async fn receive(&self, body: &mut Incoming) -> Result<Body, Lost> {
        if body.size_hint().lower() > u64::try_from(self.largest).unwrap_or(u64::MAX) {
            return Err(Lost::TooLarge);
        }
        let mut received = Body { bytes: Vec::new(), _share: None };
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Lost::Broken)?.into_data() else { continue };
            if received.bytes.len() + data.len() > self.largest {
                return Err(Lost::TooLarge);
            }
            let share = u32::try_from(data.len()).map_err(|_| Lost::TooLarge)?;
            let share = Arc::clone(&self.memory).try_acquire_many_owned(share).map_err(|_| Lost::NoMemory)?;
            match &mut received._share {
                Some(all) => all.merge(share),
                none => *none = Some(share),
            }
            received.bytes.extend_from_slice(&data);
        }
        Ok(received)
    }
}

/// Reads on for a while and forgets what it reads.
pub(crate) async fn discard(mut body: Incoming) {
    let forget = async {
        let mut seen = 0;
        while let Some(Ok(frame)) = body.frame().await {
            seen += frame.data_ref().map_or(0, bytes_of);
            if seen > LINGER_BYTES {
                return;
            }
        }
    };
    // What comes later is for the connection to end with.
    let _ = tokio::time::timeout(LINGER, forget).await;
}

fn bytes_of(data: &hyper::body::Bytes) -> usize {
    data.len()
}

#[cfg(test)]
mod tests {
    use super::nodes;

    #[test]
    fn keys_and_values_are_counted() {
        // An object, its key, a list and three elements; marks in texts are text.
        assert_eq!(nodes(br#"{"a": ["[{,:\"\\", "\"", 3]}"#), 6);
    }
}
