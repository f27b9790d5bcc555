//! The server under load: the released program as a process of its own.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rcgen::generate_simple_self_signed;
use rustls::pki_types::CertificateDer;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Failure;

/// A running server.
pub(crate) struct Program {
    child: Child,
    folder: PathBuf,
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) webhook: SocketAddr,
    status: SocketAddr,
}

impl Program {
    /// Starts the program at a path, else the one beside this, on free ports of loopback.
    pub(crate) async fn start(path: Option<&OsStr>, flags: &[String]) -> Result<Self, Failure> {
        let beside = std::env::current_exe()?.with_file_name("seaworthy");
        let folder = std::env::temp_dir().join(format!("seaworthy-load-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let pair = generate_simple_self_signed(["localhost".to_owned()])?;
        std::fs::write(folder.join("tls.crt"), pair.cert.pem())?;
        std::fs::write(folder.join("tls.key"), pair.signing_key.serialize_pem())?;
        let mut child = Command::new(path.map_or(beside.as_path(), Path::new))
            .args(["serve", "--listen", "127.0.0.1:0", "--status", "127.0.0.1:0", "--grace", "0s"])
            .args(flags)
            .arg("--certificate")
            .arg(folder.join("tls.crt"))
            .arg("--key")
            .arg(folder.join("tls.key"))
            .stderr(Stdio::piped())
            .spawn()?;
        let mut log = BufReader::new(child.stderr.take().ok_or("no log")?).lines();
        let started = log.by_ref().map_while(Result::ok).filter_map(|line| serde_json::from_str::<Value>(&line).ok());
        let started = { started }.find(|line| line.get("event").is_some_and(|event| event == "started"));
        let started = started.ok_or("the program does not start: is it built? cargo build --release")?;
        // Somebody reads the log to its end, as a node does.
        std::thread::spawn(move || log.for_each(drop));
        let address = |name: &str| -> Result<SocketAddr, Failure> {
            Ok(started.get(name).and_then(Value::as_str).ok_or("no address")?.parse()?)
        };
        let (webhook, status) = (address("webhook")?, address("status")?);
        Ok(Self { child, folder, certificate: pair.cert.der().clone(), webhook, status })
    }

    pub(crate) async fn metrics(&self) -> Result<Metrics, Failure> {
        let mut stream = TcpStream::connect(self.status).await?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        Ok(Metrics(text))
    }

    /// The most memory it ever had, in MiB.
    pub(crate) fn peak_mib(&self) -> Result<f64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        Ok(peak.ok_or("no VmHWM")?.parse::<f64>()? / 1024.0)
    }

    /// Asks it to end, which it does with exit code 0.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let ended = tokio::task::spawn_blocking(move || {
            let ended = self.child.wait();
            std::fs::remove_dir_all(&self.folder).and(ended)
        });
        let ended = ended.await??;
        if ended.success() { Ok(()) } else { Err(format!("the program ended with {ended}").into()) }
    }
}

/// What a server counted.
pub(crate) struct Metrics(String);

impl Metrics {
    pub(crate) fn value(&self, name: &str) -> f64 {
        let value = self.0.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        value.unwrap_or(f64::NAN)
    }

    /// The value that a share of a histogram stays below, taken as evenly spread within a bucket.
    pub(crate) fn quantile(&self, name: &str, share: f64) -> f64 {
        let prefix = format!("{name}_bucket{{le=\"");
        let buckets = self.0.lines().filter_map(|line| {
            let (bound, count) = line.strip_prefix(&prefix)?.split_once("\"} ")?;
            Some((bound.parse::<f64>().unwrap_or(f64::INFINITY), count.parse::<f64>().ok()?))
        });
        let wanted = share * self.value(&format!("{name}_count"));
        let (mut lower, mut below) = (0.0, 0.0);
        for (bound, count) in buckets {
            if count >= wanted {
                return lower + (bound - lower) * (wanted - below) / (count - below);
            }
            (lower, below) = (bound, count);
        }
        f64::NAN
    }
}
