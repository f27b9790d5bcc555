//! HTTP over a connection, with bounds.

use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, service_fn};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use crate::connections::{Connection, closed};

/// What a client may send before its body: an API server sends about ten headers of together one kilobyte.
const HEADERS: usize = 64;
const HEADER_BYTES: u32 = 16 << 10;
/// Requests at once over one HTTP/2 connection: as many as Go's client opens at most.
const STREAMS: u32 = 250;
/// Bytes of bodies that a client may send before they are read, a request and a connection.
const STREAM_WINDOW: u32 = 256 << 10;
const CONNECTION_WINDOW: u32 = 1 << 20;
/// When a silent HTTP/2 client is asked whether it is there, and how long it may take to say so.
const PING_EVERY: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection without a request in work may take to end as HTTP asks for.
const FAREWELL: Duration = Duration::from_millis(100);

/// An answer.
pub(crate) type Answer = Response<Full<Bytes>>;

/// The end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The client ended it.
    Client,
    /// The client did not speak HTTP, or broke off within a request.
    Broken,
    /// It was silent too long.
    Idle,
    /// It made room for another.
    Evicted,
    /// The server closes.
    Closing,
}

/// How a connection is served.
#[derive(Debug, Clone)]
pub(crate) struct Manners {
    /// How long it may be silent.
    pub(crate) idle: Duration,
    /// How long its requests may take when the server closes.
    pub(crate) last: Duration,
    pub(crate) closing: watch::Receiver<bool>,
}

/// Serves HTTP/2 or HTTP/1.1 until the connection ends.
pub(crate) async fn serve<IO, Answered>(
    io: IO,
    http2: bool,
    connection: Arc<Connection>,
    manners: Manners,
    answer: impl Fn(Request<Incoming>) -> Answered,
) -> End
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    Answered: Future<Output = Answer> + Send + 'static,
{
    let service = service_fn(|request| {
        let in_use = connection.request();
        let answered = answer(request);
        async move {
            let answer = answered.await;
            drop(in_use);
            Ok::<_, Infallible>(answer)
        }
    });
    let io = TokioIo::new(io);
    if http2 {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(HEADER_BYTES)
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_TIMEOUT);
        drive(builder.serve_connection(io, service), &connection, manners).await
    } else {
        let mut builder = http1::Builder::new();
        builder
            .max_headers(HEADERS)
            .max_buf_size(usize::try_from(HEADER_BYTES).unwrap_or(usize::MAX))
            // Headers that do not end count as silence, which is ended with more manners.
            .header_read_timeout(None);
        drive(builder.serve_connection(io, service), &connection, manners).await
    }
}

/// A connection that can be asked to end.
trait Leave: Future<Output = hyper::Result<()>> {
    /// Takes no further request.
    fn leave(self: Pin<&mut Self>);
}

impl<IO, S> Leave for http1::Connection<IO, S>
where
    IO: hyper::rt::Read + hyper::rt::Write + Unpin,
    S: HttpService<Incoming, ResBody = Full<Bytes>, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    fn leave(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<IO, S> Leave for http2::Connection<IO, S, TokioExecutor>
where
    IO: hyper::rt::Read + hyper::rt::Write + Unpin,
    S: HttpService<
            Incoming,
            ResBody = Full<Bytes>,
            Error: Into<Box<dyn std::error::Error + Send + Sync>>,
            Future: Send + 'static,
        >,
{
    fn leave(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

async fn drive(http: impl Leave, connection: &Connection, mut manners: Manners) -> End {
    let mut http = pin!(http);
    let end = tokio::select! {
        ended = http.as_mut() => return if ended.is_ok() { End::Client } else { End::Broken },
        () = connection.silent_for(manners.idle) => End::Idle,
        () = connection.evicted() => End::Evicted,
        () = closed(&mut manners.closing) => End::Closing,
    };
    http.as_mut().leave();
    let patience = if end == End::Closing { manners.last } else { FAREWELL };
    // What has not ended by then is dropped.
    let _ = tokio::time::timeout(patience, http).await;
    end
}

/// An answer with a body.
pub(crate) fn answer(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

/// An answer of one line of text.
pub(crate) fn line(status: StatusCode, text: &str) -> Answer {
    answer(status, "text/plain; charset=utf-8", format!("{text}\n"))
}
