//! A process of `seaworthy serve`, as one pod of the Deployment.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::control_plane::free_port;

/// A running server. It is killed with this value.
pub struct Server {
    child: Child,
    pub port: u16,
    status: u16,
    log: tempfile::NamedTempFile,
}

impl Server {
    /// Starts it with these arguments, on ports of its own, and waits until it is ready.
    pub async fn start(program: &Path, arguments: &[String]) -> Self {
        Self::start_in(program, arguments, Path::new("/none")).await
    }

    /// The same, in the cluster of a kubeconfig.
    pub async fn start_in(program: &Path, arguments: &[String], kubeconfig: &Path) -> Self {
        let (port, status) = (free_port(), free_port());
        let log = tempfile::NamedTempFile::new().unwrap();
        let output: File = log.reopen().unwrap();
        let child = Command::new(program)
            .args(arguments)
            .env("KUBECONFIG", kubeconfig)
            .arg(format!("--listen=127.0.0.1:{port}"))
            .arg(format!("--status=127.0.0.1:{status}"))
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        let mut server = Self { child, port, status, log };
        let start = Instant::now();
        while server.status("/readyz").is_none_or(|(code, _)| code != 200) {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none() && start.elapsed() < Duration::from_secs(60), "not ready: {}", server.logs());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        server
    }

    /// Asks the port of health and metrics; none if nobody answers.
    pub fn status(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.status)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: e2e\r\nConnection: close\r\n\r\n").ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    /// The sum of the samples of a metric, whatever their labels.
    pub fn metric(&self, name: &str) -> f64 {
        let (_, text) = self.status("/metrics").unwrap_or_else(|| panic!("no metrics: {}", self.logs()));
        let samples = text.lines().filter(|it| it.split(['{', ' ']).next() == Some(name));
        samples.map(|it| it.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
    }

    /// Reviews that were answered.
    pub fn reviews(&self) -> f64 {
        self.metric("seaworthy_reviews_total")
    }

    /// Waits until the certificate in use ends at another time than this.
    pub async fn reloaded(&self, expiry: f64) {
        let start = Instant::now();
        while self.metric(EXPIRY) == expiry {
            assert!(start.elapsed() < Duration::from_secs(30), "the certificate was not reloaded: {}", self.logs());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// When the certificate in use ends, in seconds since 1970.
    pub fn expiry(&self) -> f64 {
        self.metric(EXPIRY)
    }

    /// Asks it to end, as a kubelet does.
    pub fn terminate(&self) {
        let done = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// Waits until it has ended by itself, with success.
    pub async fn ended(mut self) {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}: {}", self.logs());
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "it did not end: {}", self.logs());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The end of what it logged.
    pub fn logs(&self) -> String {
        let text = std::fs::read_to_string(self.log.path()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }
}

const EXPIRY: &str = "seaworthy_certificate_expiry_timestamp_seconds";

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
