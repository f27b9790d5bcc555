//! The certificates that new connections get: exchanged when the files change.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use serde_json::json;

use crate::Options;
use crate::error::TlsError;
use crate::log::Log;
use crate::metrics::Metrics;
use crate::tls::Files;

/// The present TLS configuration. A connection keeps the one that it began with.
#[derive(Debug)]
pub(crate) struct Certificates {
    present: ArcSwap<ServerConfig>,
}

impl Certificates {
    /// Reads the files for the first time.
    pub(crate) fn load(options: &Options, metrics: &Metrics, log: &Log) -> Result<(Self, Files), TlsError> {
        let files = Files::read(options)?;
        let tls = files.tls(options)?;
        metrics.certificate_expiry.set(tls.expires);
        log.info("certificate-loaded", json!({"expires": tls.expires}));
        Ok((Self { present: ArcSwap::new(tls.config) }, files))
    }

    pub(crate) fn present(&self) -> Arc<ServerConfig> {
        self.present.load_full()
    }

    /// Looks at the files again and again, for as long as it is polled. Kubernetes exchanges mounted Secrets by
    /// renaming a link, which watching a file by name does not see: contents are compared. A certificate and its key
    /// may change one after the other: a pair that does not fit, or cannot be read, leaves what is there.
    pub(crate) async fn follow(&self, options: &Options, mut seen: Files, metrics: &Metrics, log: &Log) {
        let mut complained: Option<TlsError> = None;
        loop {
            tokio::time::sleep(options.reload_every).await;
            let loaded = Files::read(options).and_then(|files| {
                if files == seen {
                    return Ok(None);
                }
                let tls = files.tls(options)?;
                Ok(Some((files, tls)))
            });
            match loaded {
                // A pair that was wrong for a while may be put back as it was.
                Ok(None) => complained = None,
                Ok(Some((files, tls))) => {
                    seen = files;
                    complained = None;
                    self.present.store(tls.config);
                    metrics.certificate_expiry.set(tls.expires);
                    metrics.reload(true);
                    log.info("certificate-loaded", json!({"expires": tls.expires}));
                }
                Err(error) if complained.as_ref() == Some(&error) => {}
                Err(error) => {
                    metrics.reload(false);
                    log.error("certificate-kept", json!({"why": error.to_string()}));
                    complained = Some(error);
                }
            }
        }
    }
}
