//! Why a server does not start, or keeps the certificate it has.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The certificates or the key are not usable.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// An address cannot be had.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's words.
        error: io::Error,
    },
    /// The system gives no threads, timers or signals.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
    /// No cluster is there to be watched.
    #[cfg(feature = "cluster")]
    #[error("cannot watch a cluster: {0}")]
    Cluster(String),
    /// A thread that reviews cannot be set up.
    #[error("cannot start a thread that reviews: {0}")]
    Worker(#[from] rayon::ThreadPoolBuildError),
}

/// Why certificates or a key are not usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {path}: {why}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
    /// A file holds something else.
    #[error("{path} {why}", path = path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, as the rest of a sentence.
        why: String,
    },
    /// Two files that belong together do not.
    #[error("{certificate} and {key} do not belong together: the certificate is for another key",
        certificate = certificate.display(), key = key.display())]
    Mismatch {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// TLS cannot work with what the files hold.
    #[error("TLS cannot be set up: {0}")]
    Setup(String),
}
