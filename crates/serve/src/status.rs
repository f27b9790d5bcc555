//! `/healthz`, `/readyz` and `/metrics`, over plain HTTP.

use hyper::body::Incoming;
use hyper::header::{ALLOW, HeaderValue};
use hyper::{Method, Request, StatusCode};

use crate::http::{Answer, answer, line};
use crate::server::Shared;

/// Threads that have not come back from a review after this many timeouts will not.
const STUCK_AFTER: u32 = 10;
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers a request on the port for health and metrics.
pub(crate) fn handle(shared: &Shared, request: &Request<Incoming>) -> Answer {
    let told = match request.uri().path() {
        "/healthz" if shared.workers.stuck(shared.options.timeout * STUCK_AFTER) => {
            line(StatusCode::SERVICE_UNAVAILABLE, "no thread comes back from its review")
        }
        "/readyz" if !shared.is_ready() => line(StatusCode::SERVICE_UNAVAILABLE, "ending"),
        "/healthz" | "/readyz" => line(StatusCode::OK, "ok"),
        "/metrics" => match shared.metrics.text() {
            Ok(text) => answer(StatusCode::OK, OPEN_METRICS, text),
            Err(_) => line(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written"),
        },
        _ => return line(StatusCode::NOT_FOUND, "there are /healthz, /readyz and /metrics"),
    };
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return told;
    }
    let mut refused = line(StatusCode::METHOD_NOT_ALLOWED, "it is read by GET");
    refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    refused
}
