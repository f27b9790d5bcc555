//! What a webhook server is told.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What a webhook server is told. It has no defaults: the command line documents them, once.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where reviews are answered, over HTTPS. Where a machine has no IPv6, `[::]` means all of its IPv4.
    pub listen: SocketAddr,
    /// Where health and metrics are told, over plain HTTP.
    pub status: SocketAddr,
    /// The certificate chain, PEM, the server's own first.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// Certificates, PEM, of those who sign for callers; without it anyone may ask.
    pub client_ca: Option<PathBuf>,
    /// Common names or subject alternative names, of which a caller must carry one; empty means any caller whom
    /// `client_ca` vouches for.
    pub client_names: Vec<String>,
    /// How often the files are looked at for a change.
    pub reload_every: Duration,
    /// The longest that a review may take, from its request's headers to its answer.
    pub timeout: Duration,
    /// The answer where a review could not be finished.
    pub on_failure: OnFailure,
    /// Bytes of a request's body; a larger one is refused.
    pub max_body: usize,
    /// Connections held at once; beyond it the one that was silent longest makes room.
    pub max_connections: usize,
    /// Reviews taken at once, whether they are received, wait or run; beyond it a client is told to come again.
    pub max_reviews: usize,
    /// Threads that review.
    pub workers: usize,
    /// How long a connection is kept without a request.
    pub idle_timeout: Duration,
    /// How long a TLS handshake may take.
    pub handshake_timeout: Duration,
    /// How long reviews are still taken once the process was asked to end and says that it is not ready.
    pub grace: Duration,
    /// Reviews that found nothing are not logged.
    pub quiet: bool,
    /// What is watched in a cluster.
    #[cfg(feature = "cluster")]
    pub watch: Option<crate::Watch>,
}

/// The answer where a review could not be finished: its deadline passed, or it broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// Let the object in.
    Allow,
    /// Keep it out.
    Deny,
}
