//! `seaworthy serve` as a process: how it starts, what it logs, how it ends.
#![cfg(feature = "serve")]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod seaworthy;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use seaworthy::{folder, run_with};
use serde_json::{Value, json};

/// Writes a certificate and its key.
fn write_pair(folder: &Path) {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("tls.crt"), pair.cert.pem()).unwrap();
    std::fs::write(folder.join("tls.key"), pair.signing_key.serialize_pem()).unwrap();
}

const FILES: [&str; 4] = ["--certificate", "tls.crt", "--key", "tls.key"];

/// A server that ends with the test.
struct Server {
    child: Child,
    log: BufReader<std::process::ChildStderr>,
    status: String,
    webhook: String,
}

impl Server {
    fn start(folder: &Path, flags: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
            .args(["serve", "--listen", "127.0.0.1:0", "--status", "127.0.0.1:0", "--grace", "0s"])
            .args(FILES)
            .args(flags)
            .current_dir(folder)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut started = Value::Null;
        while started["event"] != "started" {
            let mut line = String::new();
            assert!(log.read_line(&mut line).unwrap() > 0, "it does not start");
            started = serde_json::from_str(&line).unwrap();
        }
        let address = |name: &str| started[name].as_str().unwrap().to_owned();
        Self { child, log, status: address("status"), webhook: address("webhook") }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.status).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends a body to be reviewed; the answer with its head.
    fn post(&self, folder: &Path, body: &str) -> String {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(folder.join("tls.crt")).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        let config = Arc::new(builder.with_no_client_auth());
        let client = ClientConnection::new(config, ServerName::try_from("localhost").unwrap()).unwrap();
        let mut stream = StreamOwned::new(client, TcpStream::connect(&self.webhook).unwrap());
        let head = "POST /validate HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json";
        write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks it to end: the exit code and the rest of the log.
    fn stop(&mut self, signal: &str) -> (Option<i32>, Vec<Value>) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        let lines = rest.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (self.child.wait().unwrap().code(), lines)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended if the test went well.
        let _ = self.child.kill();
    }
}

#[test]
fn a_server_starts_and_ends() {
    let folder = folder();
    write_pair(folder.path());
    for signal in ["-TERM", "-INT"] {
        let mut server = Server::start(folder.path(), &[]);
        assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
        assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
        let (code, log) = server.stop(signal);
        assert_eq!(code, Some(0));
        let events: Vec<_> = log.iter().map(|line| line["event"].clone()).collect();
        assert_eq!(events, ["ending", "ended"]);
    }
}

#[test]
fn what_keeps_a_server_from_starting() {
    let folder = folder();
    let refused = |flags: &[&str], why: &str| {
        let arguments = [&["serve", "--listen", "127.0.0.1:0", "--status", "127.0.0.1:0"], flags].concat();
        let answer = run_with(&arguments, "", folder.path());
        assert_eq!(answer.code, 2, "{}", answer.err);
        assert!(answer.err.contains(why), "{why} is not in {}", answer.err);
    };
    refused(&[], "--certificate <FILE>");
    refused(&FILES, "cannot read tls.crt");
    write_pair(folder.path());
    let key = std::fs::read(folder.path().join("tls.key")).unwrap();
    write_pair(folder.path());
    std::fs::write(folder.path().join("other.key"), key).unwrap();
    refused(&["--certificate", "tls.crt", "--key", "other.key"], "do not belong together");
    refused(&[&FILES[..], &["--timeout", "soon"]].concat(), "`soon` is no time such as `4s`");
    refused(&[&FILES[..], &["--timeout=-4s"]].concat(), "no time");
    refused(&[&FILES[..], &["--max-reviews", "0"]].concat(), "`0` is no count");
    refused(&[&FILES[..], &["--client-name", "kube-apiserver"]].concat(), "--client-ca");
    refused(&[&FILES[..], &["--complete"]].concat(), "--complete has no meaning for `serve`");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let answer = run_with(&[&["serve", "--listen", &address], &FILES[..]].concat(), "", folder.path());
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains(&format!("cannot listen on {address}")), "{}", answer.err);
    let policy = "apiVersion: seaworthy/v1alpha1\nkind: Policy\nspec:\n  levels: {image-latest: loud}\n";
    std::fs::write(folder.path().join("policy.yaml"), policy).unwrap();
    refused(&[&FILES[..], &["--policy", "policy.yaml"]].concat(), "policy.yaml:4:26");
}

#[test]
fn the_policy_holds_and_no_log_line_holds_an_object() {
    let folder = folder();
    write_pair(folder.path());
    let policy = "apiVersion: seaworthy/v1alpha1\nkind: Policy\nspec:\n  levels: {image-latest: error}\n";
    std::fs::write(folder.path().join("policy.yaml"), policy).unwrap();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "the-name", "namespace": "shop"},
        "spec": {"containers": [{"name": "a", "image": "the-image:latest", "imagePullPolicy": "the-policy",
            "env": [{"name": "PASSWORD", "value": "the-secret"}]}]}});
    let review = json!({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": {
        "uid": "the-uid", "operation": "CREATE", "name": "the-name", "namespace": "shop", "object": pod,
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"}}})
    .to_string();
    let fleet = "apiVersion: seaworthy/v1alpha1\nkind: Fleet\nmetadata: {name: f}\nspec: {kubernetes: '1.20'}\n";
    std::fs::write(folder.path().join("fleet.yaml"), fleet).unwrap();
    let mut server = Server::start(folder.path(), &["--policy", "policy.yaml", "--fleet", "fleet.yaml"]);
    let answer = server.post(folder.path(), &review);
    assert!(answer.contains("\"allowed\":false") && answer.contains("image-latest"), "{answer}");
    assert!(answer.contains("the-policy"), "the sender is told what he sent: {answer}");
    let answer = server.post(folder.path(), &review.replace("\"spec\":{", "\"spec\":{\"hostUsers\":true,"));
    assert!(answer.contains("spec.hostUsers"), "1.20, which the Fleet document declares, has no such field: {answer}");
    let answer = server.post(folder.path(), "{\"secret\": \"the-secret");
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let (code, log) = server.stop("-TERM");
    assert_eq!(code, Some(0));
    let line = log.iter().find(|line| line["event"] == "review").unwrap();
    assert_eq!(
        (&line["uid"], &line["verdict"], &line["resource"]),
        (&json!("the-uid"), &json!("denied"), &json!("pods"))
    );
    assert!(line["rules"].as_array().unwrap().contains(&json!("image-latest")), "{line}");
    assert!(log.iter().any(|line| line["event"] == "rejected" && line["status"] == 400));
    for word in ["the-name", "the-image", "the-policy", "the-secret", "PASSWORD"] {
        assert!(!log.iter().any(|line| line.to_string().contains(word)), "{word}: {log:?}");
    }
}
