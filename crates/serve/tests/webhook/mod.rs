//! A server on loopback, its certificates, and clients that are as impolite as a test needs them.
#![allow(dead_code, reason = "each test file uses what it needs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![allow(clippy::indexing_slicing, reason = "a test may panic")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use seaworthy::Validator;
use seaworthy_admission::Reviewer;
use seaworthy_serve::{Judge, OnFailure, Options, Server};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How long anything may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// An authority that signs certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, PEM.
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for a common name, with alternative names.
    pub(crate) fn signs(&self, common: &str, alternative: &[&str]) -> Pair {
        let alternative: Vec<String> = alternative.iter().map(|&it| it.to_owned()).collect();
        let mut params = CertificateParams::new(alternative).unwrap();
        params.distinguished_name.push(DnType::CommonName, common);
        let key = KeyPair::generate().unwrap();
        Pair { certificate: params.signed_by(&key, &self.0).unwrap().pem(), key: key.serialize_pem() }
    }
}

/// A server that ends with the test.
pub(crate) struct Webhook {
    pub(crate) address: SocketAddr,
    pub(crate) status: SocketAddr,
    pub(crate) authority: Authority,
    pub(crate) folder: TempDir,
    pub(crate) stop: mpsc::Sender<()>,
    pub(crate) ended: JoinHandle<()>,
}

/// Options with a certificate of an authority, in a folder.
pub(crate) fn options(folder: &Path, authority: &Authority) -> Options {
    let pair = authority.signs("webhook", &["localhost"]);
    write_pair(folder, &pair);
    Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        status: SocketAddr::from(([127, 0, 0, 1], 0)),
        certificate: folder.join("tls.crt"),
        key: folder.join("tls.key"),
        client_ca: None,
        client_names: Vec::new(),
        reload_every: Duration::from_millis(20),
        timeout: Duration::from_secs(10),
        on_failure: OnFailure::Deny,
        max_body: 7 << 20,
        max_connections: 1_000,
        max_reviews: 1_000,
        workers: 2,
        idle_timeout: Duration::from_secs(60),
        handshake_timeout: Duration::from_secs(5),
        grace: Duration::ZERO,
        quiet: true,
        #[cfg(feature = "cluster")]
        watch: None,
    }
}

pub(crate) fn write_pair(folder: &Path, pair: &Pair) {
    std::fs::write(folder.join("tls.crt"), &pair.certificate).unwrap();
    std::fs::write(folder.join("tls.key"), &pair.key).unwrap();
}

/// The judge that the program uses.
pub(crate) fn judge() -> Judge {
    let reviewer = Reviewer::new(Validator::default());
    Arc::new(move |body| reviewer.review(body))
}

/// A judge that holds reviews until they are let go.
pub(crate) fn slow(held: Arc<AtomicBool>) -> Judge {
    let judge = judge();
    Arc::new(move |body| {
        while held.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
        }
        judge(body)
    })
}

impl Webhook {
    /// A server as the program starts it.
    pub(crate) async fn start() -> Self {
        Self::with(judge(), |_| {}).await
    }

    /// A server with another judge, or other options.
    pub(crate) async fn with(judge: Judge, change: impl FnOnce(&mut Options)) -> Self {
        let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
        let mut options = options(folder.path(), &authority);
        change(&mut options);
        let server = Server::bind(options, judge).await.unwrap();
        let (address, status) = (server.address().unwrap(), server.status_address().unwrap());
        let (stop, stopped) = mpsc::channel(1);
        let ended = tokio::spawn(server.run(stopped));
        Self { address, status, authority, folder, stop, ended }
    }

    /// A configuration of a client that trusts the server.
    pub(crate) fn client(&self) -> ClientConfig {
        client(&self.authority, None)
    }

    /// A TLS connection that speaks HTTP/1.1.
    pub(crate) async fn connect(&self) -> TlsStream<TcpStream> {
        connect(self.address, self.client()).await.unwrap()
    }

    /// Sends bytes over a connection of their own, and reads until the server closes.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        // A server that has heard enough may close before all is written.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = within(stream.read_to_end(&mut answer)).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Sends a request over HTTP/1.1 on a connection of its own.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> (u16, String) {
        let answer = self.answer(request).await;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// The same, with the headers of the answer.
    pub(crate) async fn answer(&self, request: Request<Full<Bytes>>) -> Response<hyper::body::Incoming> {
        let io = TokioIo::new(self.connect().await);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        within(sender.send_request(request)).await.unwrap()
    }

    /// A connection over HTTP/2.
    pub(crate) async fn http2(&self) -> hyper::client::conn::http2::SendRequest<Full<Bytes>> {
        let mut config = self.client();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let io = TokioIo::new(connect(self.address, config).await.unwrap());
        let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
        tokio::spawn(connection);
        sender
    }

    /// Asks the port for health and metrics.
    pub(crate) async fn status(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.status).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        within(stream.read_to_string(&mut answer)).await.unwrap();
        answer
    }

    /// The value of a metric, written with its labels; 0 if it is not there.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let text = self.status("/metrics").await;
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.map_or(0.0, |value| value.parse().unwrap())
    }

    /// Waits until a metric reaches a value.
    pub(crate) async fn reaches(&self, name: &str, value: f64) {
        let reached = async {
            while self.metric(name).await < value {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("{name} does not reach {value}"));
    }
}

/// A client that trusts an authority, with a certificate of its own if it has one.
pub(crate) fn client(authority: &Authority, own: Option<&Pair>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    match own {
        None => builder.with_no_client_auth(),
        Some(pair) => {
            let chain = vec![CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap()];
            builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap()).unwrap()
        }
    }
}

/// A TLS connection.
pub(crate) async fn connect(address: SocketAddr, config: ClientConfig) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    within(TlsConnector::from(Arc::new(config)).connect(name, stream)).await
}

/// What is not there in time fails the test.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it takes too long")
}

/// A request for a review.
pub(crate) fn post(body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let builder = Request::post("https://localhost/validate").header("host", "localhost");
    builder.header("content-type", "application/json").body(Full::new(body.into())).unwrap()
}

/// The review of an object that is created.
pub(crate) fn review(uid: &str, object: &Value) -> String {
    let request = json!({
        "uid": uid,
        "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
        "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
        "requestKind": {"group": "apps", "version": "v1", "kind": "Deployment"},
        "requestResource": {"group": "apps", "version": "v1", "resource": "deployments"},
        "name": object["metadata"]["name"],
        "namespace": "shop",
        "operation": "CREATE",
        "userInfo": {"username": "jane", "groups": ["system:authenticated"]},
        "object": object,
        "oldObject": null,
        "dryRun": false,
        "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
    });
    json!({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}).to_string()
}

/// A Deployment that nothing is wrong with.
pub(crate) fn deployment(replicas: &Value) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{
                    "name": "web",
                    "image": "example.com/web:1.2.3",
                    "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
                    "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
                }]},
            },
        },
    })
}

/// A review whose object is fine.
pub(crate) fn good(uid: &str) -> String {
    review(uid, &deployment(&json!(2)))
}

/// A review whose object is refused.
pub(crate) fn bad(uid: &str) -> String {
    review(uid, &deployment(&json!("two")))
}

/// The response in an answer.
pub(crate) fn response(body: &str) -> Value {
    let answer: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
    assert_eq!((&answer["kind"], &answer["apiVersion"]), (&json!("AdmissionReview"), &json!("admission.k8s.io/v1")));
    answer["response"].clone()
}
