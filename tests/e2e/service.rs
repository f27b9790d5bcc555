//! A Service: one address, behind it whichever servers are ready.

use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Hands connections to servers in turn. Without one it accepts none.
pub struct Service {
    pub port: u16,
    servers: Arc<Mutex<Vec<u16>>>,
    cut: watch::Sender<()>,
}

impl Service {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let service = Self { port, servers: Arc::default(), cut: watch::Sender::default() };
        let (servers, cut) = (Arc::clone(&service.servers), service.cut.subscribe());
        tokio::spawn(async move {
            for turn in 0.. {
                let (client, _) = listener.accept().await.unwrap();
                let server = {
                    let servers = servers.lock().unwrap();
                    (!servers.is_empty()).then(|| servers[turn % servers.len()])
                };
                // Without a server the connection is closed at once: nobody is there.
                if let Some(port) = server {
                    tokio::spawn(carry(client, port, cut.clone()));
                }
            }
        });
        service
    }

    /// The servers that new connections go to. Those that are there stay.
    pub fn set(&self, ports: &[u16]) {
        *self.servers.lock().unwrap() = ports.to_vec();
    }

    /// The same, and ends all connections.
    pub fn replace(&self, ports: &[u16]) {
        self.set(ports);
        self.cut.send_replace(());
    }

    /// Where the API server calls it.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}/validate", self.port)
    }
}

async fn carry(mut client: TcpStream, port: u16, mut cut: watch::Receiver<()>) {
    cut.mark_unchanged();
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    // A Service holds nothing back.
    for stream in [&client, &server] {
        stream.set_nodelay(true).unwrap();
    }
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
        _ = cut.changed() => {}
    }
}
