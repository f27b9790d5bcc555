//! Handshakes: versions, names, callers, and certificates that change.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod webhook;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::BodyExt;
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use seaworthy_serve::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use webhook::{Authority, Pair, Webhook, client, connect, good, judge, options, post, response, within, write_pair};

/// A ClientHello that offers a version at most, as OpenSSL writes it, without SNI.
fn hello(version: [u8; 2]) -> Vec<u8> {
    let mut body = vec![version[0], version[1]];
    body.extend([7; 32]); // random
    body.push(0); // no session
    // TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA and its like, which TLS 1.1 has too, and one of TLS 1.2.
    body.extend([0, 6, 0xc0, 0x09, 0xc0, 0x13, 0xc0, 0x2b]);
    body.extend([1, 0]); // no compression
    // Supported groups: secp256r1; point formats: uncompressed; signature algorithms: ECDSA with SHA-256.
    let extensions = [0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3];
    body.extend([0, u8::try_from(extensions.len()).unwrap()]);
    body.extend(extensions);
    let mut handshake = vec![1, 0, 0, u8::try_from(body.len()).unwrap()];
    handshake.extend(body);
    let mut record = vec![0x16, 3, 1, 0, u8::try_from(handshake.len()).unwrap()];
    record.extend(handshake);
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn old_versions_of_tls_are_refused() {
    let webhook = Webhook::start().await;
    for version in [[3, 0], [3, 1], [3, 2]] {
        let mut stream = TcpStream::connect(webhook.address).await.unwrap();
        stream.write_all(&hello(version)).await.unwrap();
        let mut answer = Vec::new();
        within(stream.read_to_end(&mut answer)).await.unwrap();
        // A fatal alert: 70, protocol_version.
        assert_eq!((answer[0], &answer[5..]), (21, &[2, 70][..]), "{version:?}");
    }
    // The same words with 1.2 are the begin of a handshake: a ServerHello.
    let mut stream = TcpStream::connect(webhook.address).await.unwrap();
    stream.write_all(&hello([3, 3])).await.unwrap();
    let mut answer = [0; 6];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!((answer[0], answer[5]), (22, 2));
    drop(stream);
    // Plain HTTP on the port of TLS.
    let mut stream = TcpStream::connect(webhook.address).await.unwrap();
    stream.write_all(b"POST /validate HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    within(stream.read_to_end(&mut answer)).await.unwrap();
    assert_eq!((answer[0], answer.len()), (21, 7), "an alert");
    webhook.reaches("seaworthy_connections_closed_total{reason=\"handshake-failed\"}", 5.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn present_versions_of_tls_are_spoken_with_and_without_sni() {
    let webhook = Webhook::start().await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for sni in [true, false] {
            let mut config = versioned(&webhook.authority, version);
            config.enable_sni = sni;
            let mut stream = connect(webhook.address, config).await.unwrap();
            assert_eq!(stream.get_ref().1.protocol_version(), Some(version.version));
            stream.write_all(b"GET /x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
            let mut answer = String::new();
            within(stream.read_to_string(&mut answer)).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
        }
    }
}

fn versioned(authority: &Authority, version: &'static rustls::SupportedProtocolVersion) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
    builder.with_root_certificates(roots).with_no_client_auth()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_does_not_go_on_is_ended() {
    let webhook = Webhook::with(judge(), |options| options.handshake_timeout = Duration::from_millis(200)).await;
    for sent in [&b""[..], &hello([3, 3])[..20]] {
        let mut stream = TcpStream::connect(webhook.address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let mut answer = Vec::new();
        let _ = within(stream.read_to_end(&mut answer)).await;
    }
    webhook.reaches("seaworthy_connections_closed_total{reason=\"handshake-timeout\"}", 2.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_does_not_start_with_files_that_are_wrong() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let options = options(folder.path(), &authority);
    let pair = authority.signs("webhook", &["localhost"]);
    let other = authority.signs("webhook", &["localhost"]);
    let expect = |certificate: Option<&str>, key: Option<&str>, ca: Option<&str>, why: &'static str| {
        let mut options = options.clone();
        let write = |name: &str, text: Option<&str>| {
            let path = folder.path().join(name);
            match text {
                Some(text) => std::fs::write(&path, text).unwrap(),
                None => std::fs::remove_file(&path).unwrap_or_default(),
            }
            path
        };
        write("tls.crt", certificate);
        write("tls.key", key);
        options.client_ca = ca.map(|ca| write("ca.crt", Some(ca)));
        async move {
            let error = Server::bind(options, judge()).await.err().expect("it starts").to_string();
            assert!(error.contains(why), "{error}");
        }
    };
    let (certificate, key) = (pair.certificate.as_str(), pair.key.as_str());
    expect(None, Some(key), None, "cannot read").await;
    expect(Some(certificate), None, None, "tls.key").await;
    expect(Some(certificate), Some(&other.key), None, "do not belong together").await;
    expect(Some(key), Some(certificate), None, "tls.crt holds no certificate in PEM").await;
    expect(Some(certificate), Some(certificate), None, "tls.key holds no private key in PEM").await;
    expect(Some("garbage"), Some(key), None, "tls.crt holds no certificate in PEM").await;
    expect(Some(&certificate.replace("MII", "AAA")), Some(key), None, "tls.crt").await;
    expect(certificate.get(..200), Some(key), None, "tls.crt").await;
    expect(Some(certificate), Some(key), Some("garbage"), "ca.crt holds no certificate in PEM").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_callers_of_the_authority_and_the_name() {
    let callers = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.crt");
    std::fs::write(&ca, callers.pem()).unwrap();
    let webhook = Webhook::with(judge(), |options| {
        options.client_ca = Some(ca.clone());
        options.client_names = vec!["kube-apiserver".to_owned(), "apiserver.example.com".to_owned()];
    })
    .await;
    let reached = async |own: Option<&Pair>| reaches(&webhook, client(&webhook.authority, own)).await;
    assert!(reached(Some(&callers.signs("kube-apiserver", &[]))).await, "by common name");
    assert!(reached(Some(&callers.signs("other", &["apiserver.example.com"]))).await, "by alternative name");
    assert!(!reached(None).await, "no certificate");
    assert!(!reached(Some(&callers.signs("system:node:a", &["example.com"]))).await, "another name");
    assert!(!reached(Some(&Authority::new().signs("kube-apiserver", &[]))).await, "another authority");

    // The authority changes while the server runs.
    let next = Authority::new();
    std::fs::write(&ca, next.pem()).unwrap();
    webhook.reaches("seaworthy_certificate_reloads_total{result=\"ok\"}", 1.0).await;
    assert!(reached(Some(&next.signs("kube-apiserver", &[]))).await, "the next authority");
    assert!(!reached(Some(&callers.signs("kube-apiserver", &[]))).await, "the last authority");
}

/// True if a client gets an answer. With TLS 1.3 it learns of a refusal only when it reads.
async fn reaches(webhook: &Webhook, config: ClientConfig) -> bool {
    let Ok(mut stream) = connect(webhook.address, config).await else { return false };
    let _ = stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let mut answer = Vec::new();
    within(stream.read_to_end(&mut answer)).await.is_ok() && answer.starts_with(b"HTTP/1.1 404")
}

/// The serial of the certificate that a new connection is shown.
async fn shown(webhook: &Webhook) -> Vec<u8> {
    let stream = webhook.connect().await;
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_pair_keeps_the_one_before() {
    let webhook = Webhook::start().await;
    let first = shown(&webhook).await;
    let (next, other) = (webhook.authority.signs("n", &["localhost"]), webhook.authority.signs("o", &["localhost"]));
    let failed = "seaworthy_certificate_reloads_total{result=\"failed\"}";
    // A key that is for another certificate, half a file, no file: each is said once.
    write_pair(webhook.folder.path(), &Pair { certificate: next.certificate.clone(), key: other.key });
    webhook.reaches(failed, 1.0).await;
    std::fs::write(webhook.folder.path().join("tls.crt"), next.certificate.get(..100).unwrap()).unwrap();
    webhook.reaches(failed, 2.0).await;
    std::fs::remove_file(webhook.folder.path().join("tls.key")).unwrap();
    webhook.reaches(failed, 3.0).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(webhook.metric(failed).await, 3.0, "said again");
    assert_eq!(shown(&webhook).await, first);
    write_pair(webhook.folder.path(), &next);
    webhook.reaches("seaworthy_certificate_reloads_total{result=\"ok\"}", 1.0).await;
    assert_ne!(shown(&webhook).await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_change_under_load_without_one_failed_request() {
    let webhook = Webhook::start().await;
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let config = Arc::new(webhook.client());
    // Some keep their connection, some make a new one for each request.
    let clients = (0..8).map(|at| {
        let (stop, answered, config) = (Arc::clone(&stop), Arc::clone(&answered), Arc::clone(&config));
        let address = webhook.address;
        tokio::spawn(async move {
            let keep = at % 2 == 0;
            let mut kept = None;
            while !stop.load(Ordering::Relaxed) {
                let mut sender = match kept.take() {
                    Some(sender) => sender,
                    None => sender(address, Arc::clone(&config)).await,
                };
                let answer = within(sender.send_request(post(good("load")))).await.unwrap();
                assert_eq!(answer.status(), 200);
                let body = within(answer.into_body().collect()).await.unwrap().to_bytes();
                assert_eq!(response(std::str::from_utf8(&body).unwrap())["allowed"], true);
                answered.fetch_add(1, Ordering::Relaxed);
                kept = keep.then_some(sender);
            }
        })
    });
    let clients: Vec<_> = clients.collect();
    for at in 1..=10 {
        let pair = webhook.authority.signs(&format!("webhook {at}"), &["localhost"]);
        // One file, then the other, as a careless tool writes them: in between they do not fit.
        std::fs::write(webhook.folder.path().join("tls.key"), &pair.key).unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        std::fs::write(webhook.folder.path().join("tls.crt"), &pair.certificate).unwrap();
        webhook.reaches("seaworthy_certificate_reloads_total{result=\"ok\"}", f64::from(at)).await;
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    assert!(answered.load(Ordering::Relaxed) > 100, "{answered:?}");
    assert!(webhook.metric("seaworthy_certificate_reloads_total{result=\"failed\"}").await >= 1.0);
}

async fn sender(
    address: std::net::SocketAddr,
    config: Arc<ClientConfig>,
) -> hyper::client::conn::http1::SendRequest<http_body_util::Full<hyper::body::Bytes>> {
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = within(TlsConnector::from(config).connect(name, stream)).await.unwrap();
    let (sender, connection) =
        hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}
