//! From files to a TLS configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{InconsistentKeys, RootCertStore, ServerConfig, version};
use x509_cert::der::Decode;

use crate::Options;
use crate::caller::Named;
use crate::error::TlsError;

/// The files behind a TLS configuration, as they were read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

/// A configuration and what is told about it.
#[derive(Debug)]
pub(crate) struct Tls {
    pub(crate) config: Arc<ServerConfig>,
    /// When the server's own certificate ends, in seconds since 1970.
    pub(crate) expires: i64,
}

impl Files {
    /// Reads the files that the options name.
    pub(crate) fn read(options: &Options) -> Result<Self, TlsError> {
        Ok(Self {
            certificate: read(&options.certificate)?,
            key: read(&options.key)?,
            client_ca: options.client_ca.as_deref().map(read).transpose()?,
        })
    }

    /// What the files make together; the options say how they are called.
    pub(crate) fn tls(&self, options: &Options) -> Result<Tls, TlsError> {
        let chain = certificates(&self.certificate, &options.certificate)?;
        let own = chain.first().map(AsRef::as_ref).unwrap_or_default();
        let expires = expiry(own).ok_or_else(|| content(&options.certificate, "holds no X.509 certificate"))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| match error {
            pem::Error::NoItemsFound => content(&options.key, "holds no private key in PEM"),
            error => content(&options.key, &format!("is no PEM: {error}")),
        })?;
        let provider = Arc::new(ring::default_provider());
        let pair = CertifiedKey::from_der(chain, key, &provider).map_err(|error| match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                TlsError::Mismatch { certificate: options.certificate.clone(), key: options.key.clone() }
            }
            error => content(&options.key, &format!("holds a key that cannot be used: {error}")),
        })?;
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .map_err(|error| TlsError::Setup(error.to_string()))?;
        let builder = match (&self.client_ca, &options.client_ca) {
            (Some(pem), Some(path)) => builder.with_client_cert_verifier(self::caller(pem, path, options, provider)?),
            _ => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // API servers keep their connections: remembering sessions would only cost memory, and would let a caller in
        // again whose certificate the present configuration refuses.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Tls { config: Arc::new(config), expires })
    }
}

fn caller(pem: &[u8], path: &Path, options: &Options, provider: Arc<CryptoProvider>) -> Result<Arc<Named>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem, path)? {
        roots.add(certificate).map_err(|error| content(path, &format!("holds what is no certificate: {error}")))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| TlsError::Setup(error.to_string()))?;
    Ok(Arc::new(Named::new(verifier, options.client_names.clone())))
}

/// The certificates of a file: at least one.
fn certificates(pem: &[u8], path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let all = all.map_err(|error| content(path, &format!("is no PEM: {error}")))?;
    if all.is_empty() { Err(content(path, "holds no certificate in PEM")) } else { Ok(all) }
}

/// When a certificate ends, in seconds since 1970.
fn expiry(der: &[u8]) -> Option<i64> {
    let certificate = x509_cert::Certificate::from_der(der).ok()?;
    i64::try_from(certificate.tbs_certificate.validity.not_after.to_unix_duration().as_secs()).ok()
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| TlsError::Read { path: path.to_owned(), why: error.to_string() })
}

fn content(path: &Path, why: &str) -> TlsError {
    TlsError::Content { path: PathBuf::from(path), why: why.to_owned() }
}
