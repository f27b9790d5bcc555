//! A client of HTTP/1.1 over TLS that does no more than a load needs.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::Failure;
use crate::program::Program;

/// Connects to one program.
#[derive(Clone)]
pub(crate) struct Client {
    connector: TlsConnector,
    address: SocketAddr,
}

/// A connection that is kept between requests.
pub(crate) struct Connection {
    stream: TlsStream<TcpStream>,
    received: Vec<u8>,
}

impl Client {
    pub(crate) fn of(program: &Program) -> Result<Self, Failure> {
        let mut roots = RootCertStore::empty();
        roots.add(program.certificate.clone())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = builder.with_root_certificates(roots).with_no_client_auth();
        Ok(Self { connector: Arc::new(config).into(), address: program.webhook })
    }

    pub(crate) async fn connect(&self) -> Result<Connection, Failure> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let stream = self.connector.connect(ServerName::try_from("localhost")?, stream).await?;
        Ok(Connection { stream, received: Vec::new() })
    }
}

impl Connection {
    /// Sends a review and gives the body of the answer, if its status is 200.
    pub(crate) async fn ask(&mut self, body: &[u8]) -> Result<Vec<u8>, Failure> {
        let head = format!(
            "POST /validate?timeout=30s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        self.stream.write_all(&[head.as_bytes(), body].concat()).await?;
        self.stream.flush().await?;
        self.received.clear();
        let (body_at, length) = loop {
            if let Some(end) = memchr::memmem::find(&self.received, b"\r\n\r\n") {
                let head = std::str::from_utf8(self.received.get(..end).unwrap_or_default())?.to_ascii_lowercase();
                if !head.starts_with("http/1.1 200 ") {
                    return Err(head.into());
                }
                let length = head.split("content-length: ").nth(1).and_then(|it| it.lines().next());
                break (end + 4, length.ok_or("an answer without a length")?.parse::<usize>()?);
            }
            self.read().await?;
        };
        while self.received.len() < body_at + length {
            self.read().await?;
        }
        Ok(self.received.split_off(body_at))
    }

    async fn read(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err("the server closed".into()),
            _ => Ok(()),
        }
    }
}
