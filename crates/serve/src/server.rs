//! The life of a server: bind, serve, drain.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use seaworthy_admission::{Malformed, Review};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_rustls::TlsAcceptor;

use crate::body::Bodies;
use crate::connections::{Connections, Place, Refused, accept};
use crate::http::{End, Manners, serve};
use crate::log::Log;
use crate::metrics::Metrics;
use crate::reload::Certificates;
use crate::tls::Files;
use crate::workers::Workers;
use crate::{Options, StartError, status, webhook};

/// What answers a review: the body of a request in, the answer out. It runs on several threads at once.
pub type Judge = Arc<dyn Fn(&[u8]) -> Result<Review, Malformed> + Send + Sync>;

/// Connections held on the port for health and metrics: a kubelet and a few collectors ask.
const STATUS_CONNECTIONS: usize = 64;
const STATUS_IDLE: Duration = Duration::from_secs(120);
/// How much longer than a review the last answers may take when the server closes.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// A server that has its addresses, its certificate and its threads, and takes no request yet.
pub struct Server {
    shared: Arc<Shared>,
    webhook: TcpListener,
    status: TcpListener,
    files: Files,
    /// Ends the watch of the cluster when it goes.
    #[cfg(feature = "cluster")]
    watching: Option<crate::watch::Watching>,
}

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) metrics: Metrics,
    pub(crate) log: Log,
    pub(crate) workers: Workers,
    pub(crate) slots: Semaphore,
    pub(crate) bodies: Bodies,
    certificates: Certificates,
    ending: AtomicBool,
}

impl Shared {
    pub(crate) fn is_ready(&self) -> bool {
        !self.ending.load(Ordering::Relaxed)
    }
}

impl Server {
    /// Reads the certificates, starts the threads that review and takes the addresses.
    ///
    /// # Errors
    /// A file cannot be used, an address cannot be had, or the system gives no threads.
    #[cfg_attr(not(feature = "cluster"), expect(unused_mut, reason = "only a watch is taken out"))]
    pub async fn bind(mut options: Options, judge: Judge) -> Result<Self, StartError> {
        let metrics = Metrics::new();
        let log = Log::to_stderr(&metrics)?;
        let (certificates, files) = Certificates::load(&options, &metrics, &log)?;
        #[cfg(feature = "cluster")]
        let watch = match options.watch.take() {
            Some(watch) => Some(watch.connected().await?),
            None => None,
        };
        let webhook = listen(options.listen).await?;
        let status = listen(options.status).await?;
        let shared = Shared {
            workers: Workers::start(options.workers, &judge)?,
            slots: Semaphore::new(options.max_reviews.clamp(1, Semaphore::MAX_PERMITS)),
            bodies: Bodies::new(options.max_body),
            certificates,
            ending: AtomicBool::new(false),
            options,
            metrics,
            log,
        };
        let shared = Arc::new(shared);
        Ok(Self {
            #[cfg(feature = "cluster")]
            watching: watch.map(|watch| watch.start(Arc::clone(&shared))).transpose()?,
            shared,
            webhook,
            status,
            files,
        })
    }

    /// Where reviews are answered.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.webhook.local_addr()
    }

    /// Where health and metrics are told.
    ///
    /// # Errors
    /// The system does not say.
    pub fn status_address(&self) -> std::io::Result<SocketAddr> {
        self.status.local_addr()
    }

    /// Serves until `stop` is told to, or has nobody left who could. Then it says that it is not ready, serves on for
    /// the grace that the options give, so that whoever routes to it can learn of it, closes its port and answers what
    /// it has. A second word ends the grace.
    pub async fn run(self, mut stop: mpsc::Receiver<()>) {
        #[cfg(feature = "cluster")]
        let _watching = self.watching;
        let Self { shared, webhook, status, files, .. } = self;
        let (close, closing) = watch::channel(false);
        let started = json!({"webhook": webhook.local_addr().ok(), "status": status.local_addr().ok()});
        let reviews = tokio::spawn(serve_reviews(webhook, Arc::clone(&shared), closing.clone()));
        // This port is open until the last review is answered.
        let (_open, open) = watch::channel(false);
        let told = tokio::spawn(serve_status(status, Arc::clone(&shared), open));
        shared.log.info("started", started);
        let serving = async {
            let _ = stop.recv().await;
            shared.ending.store(true, Ordering::Relaxed);
            shared.log.info("ending", json!({"graceSeconds": shared.options.grace.as_secs()}));
            // Either the grace is over or somebody is in a hurry.
            let _ = tokio::time::timeout(shared.options.grace, stop.recv()).await;
        };
        tokio::select! {
            () = shared.certificates.follow(&shared.options, files, &shared.metrics, &shared.log) => {}
            () = serving => {}
        }
        let _ = close.send(true);
        // A connection bounds its own end; a task that failed has no answer left.
        let _ = reviews.await;
        told.abort();
        shared.log.info("ended", json!({}));
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    let listener = match TcpListener::bind(address).await {
        // `[::]` means every address; a machine without IPv6 has only the others.
        Err(error) if address.is_ipv6() && address.ip().is_unspecified() && no_ipv6(&error) => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await
        }
        listener => listener,
    };
    listener.map_err(|error| StartError::Listen { address, error })
}

fn no_ipv6(error: &std::io::Error) -> bool {
    // EAFNOSUPPORT of Linux has no kind of its own.
    error.kind() == std::io::ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(97)
}

async fn serve_reviews(listener: TcpListener, shared: Arc<Shared>, closing: watch::Receiver<bool>) {
    let connections = Connections::new(shared.options.max_connections);
    let manners = Manners {
        idle: shared.options.idle_timeout,
        last: shared.options.timeout + LAST_ANSWERS,
        closing: closing.clone(),
    };
    let of_reviews = Arc::clone(&shared);
    let serve = move |stream, place| serve_connection(stream, place, Arc::clone(&of_reviews), manners.clone());
    let refused = |why| {
        shared.metrics.closed(match why {
            Refused::Full => "full",
            Refused::System => "system",
        });
    };
    accept(listener, connections, closing, serve, refused).await;
}

/// From a TCP connection to its end.
async fn serve_connection(stream: TcpStream, place: Place, shared: Arc<Shared>, manners: Manners) {
    shared.metrics.connections.inc();
    let connection = Arc::clone(place.connection());
    let handshake = TlsAcceptor::from(shared.certificates.present()).accept(stream);
    let handshake = tokio::time::timeout(shared.options.handshake_timeout, handshake);
    let handshake = tokio::select! {
        shaken = handshake => Some(shaken),
        () = connection.evicted() => None,
    };
    let reason = match handshake {
        None => Some("evicted"),
        Some(Err(_)) => Some("handshake-timeout"),
        Some(Ok(Err(error))) => {
            // Words of the TLS library: what was offered, not what was sent.
            shared.log.warn_sparsely("handshake-failed", json!({"why": error.to_string()}));
            Some("handshake-failed")
        }
        Some(Ok(Ok(stream))) => {
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let of_requests = Arc::clone(&shared);
            let answer = move |request: Request<Incoming>| webhook::handle(Arc::clone(&of_requests), request);
            match serve(stream, http2, connection, manners, answer).await {
                End::Client | End::Closing => None,
                End::Broken => Some("broken"),
                End::Idle => Some("idle"),
                End::Evicted => Some("evicted"),
            }
        }
    };
    if let Some(reason) = reason {
        shared.metrics.closed(reason);
    }
    shared.metrics.connections.dec();
}

async fn serve_status(listener: TcpListener, shared: Arc<Shared>, open: watch::Receiver<bool>) {
    let manners = Manners { idle: STATUS_IDLE, last: LAST_ANSWERS, closing: open.clone() };
    let serve = move |stream, place: Place| {
        let (shared, manners) = (Arc::clone(&shared), manners.clone());
        async move {
            let connection = Arc::clone(place.connection());
            let answer = move |request: Request<Incoming>| std::future::ready(status::handle(&shared, &request));
            serve(stream, false, connection, manners, answer).await;
        }
    };
    accept(listener, Connections::new(STATUS_CONNECTIONS), open, serve, |_| {}).await;
}
