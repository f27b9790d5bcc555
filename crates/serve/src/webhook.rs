//! `POST /validate`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::body::{Body as _, Incoming};
use hyper::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::http::request::Parts;
use hyper::{Method, Request, StatusCode};
use seaworthy_admission::Review;
use serde_json::json;
use tokio::time::timeout_at;

use crate::OnFailure;
use crate::body::{Body, Lost, discard};
use crate::http::{Answer, answer, line};
use crate::metrics::verdict;
use crate::server::Shared;
use crate::workers::Outcome;

/// Where reviews are sent.
const PATH: &str = "/validate";
/// What the API server sends and reads.
const JSON: &str = "application/json";
/// Characters of a caller's text that are logged: an API server's are shorter.
const LOGGED: usize = 253;

/// A request that is not reviewed.
enum Refusal {
    Path,
    Method,
    ContentType,
    TooLarge,
    Slow,
    Busy,
    Broken,
    Malformed(String),
}

/// Answers a request on the webhook's port.
pub(crate) async fn handle(shared: Arc<Shared>, request: Request<Incoming>) -> Answer {
    let start = Instant::now();
    let (head, mut body) = request.into_parts();
    match review(&shared, &head, &mut body, start).await {
        Ok(answer) => {
            shared.metrics.answered(start.elapsed());
            answer
        }
        Err(refusal) => {
            if !body.is_end_stream() && !matches!(refusal, Refusal::Slow | Refusal::Broken) {
                tokio::spawn(discard(body));
            }
            let (status, reason, why) = refusal.words(&shared);
            shared.metrics.rejected(reason);
            shared.log.warn_sparsely("rejected", json!({"status": status.as_u16(), "reason": reason}));
            refused(status, &why)
        }
    }
}

async fn review(shared: &Arc<Shared>, head: &Parts, body: &mut Incoming, start: Instant) -> Result<Answer, Refusal> {
    fitting(head, shared.options.max_body)?;
    let _slot = shared.slots.try_acquire().map_err(|_| Refusal::Busy)?;
    let _in_flight = InFlight::of(shared);
    let deadline = start + shared.options.timeout.min(asked(head).unwrap_or(Duration::MAX));
    let body = timeout_at(deadline.into(), shared.bodies.receive(body)).await.map_err(|_| Refusal::Slow)?;
    let body = Arc::new(body?);
    let outcome = shared.workers.review(Arc::clone(&body), deadline);
    let failure = match timeout_at(deadline.into(), outcome).await {
        Ok(Ok((Outcome::Reviewed(review), compute))) => {
            shared.metrics.compute.observe(compute.as_secs_f64());
            shared.metrics.reviewed(&review);
            log(shared, &review, compute, start.elapsed());
            return Ok(answer(StatusCode::OK, JSON, review.body));
        }
        Ok(Ok((Outcome::Malformed(malformed), _))) => return Err(Refusal::Malformed(malformed.to_string())),
        Ok(Ok((Outcome::Excessive, _))) => "size",
        Ok(Ok((Outcome::Panicked, _))) => "panic",
        // Either the time is up, or no thread was free before it was.
        Ok(Err(_)) | Err(_) => "deadline",
    };
    Ok(failed(shared, body, failure).await)
}

/// The answer where a review could not be finished.
async fn failed(shared: &Arc<Shared>, body: Arc<Body>, reason: &'static str) -> Answer {
    shared.metrics.failed(reason);
    shared.log.warn_sparsely("review-failed", json!({"reason": reason, "bytes": body.bytes().len()}));
    let why = match reason {
        "deadline" => "Seaworthy could not finish its review in time",
        "size" => "Seaworthy does not review as many keys and values as this object has",
        _ => "Seaworthy could not finish its review",
    };
    let allow = shared.options.on_failure == OnFailure::Allow;
    // Finding the uid reads the body, which may be large.
    let bytes = tokio::task::spawn_blocking(move || seaworthy_admission::failed(body.bytes(), allow, why)).await;
    match bytes {
        Ok(bytes) => answer(StatusCode::OK, JSON, bytes),
        Err(_) => line(StatusCode::INTERNAL_SERVER_ERROR, why),
    }
}

/// What can be said before the body is read.
fn fitting(head: &Parts, max_body: usize) -> Result<(), Refusal> {
    if head.uri.path() != PATH {
        return Err(Refusal::Path);
    }
    if head.method != Method::POST {
        return Err(Refusal::Method);
    }
    let content_type = head.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(JSON) {
        return Err(Refusal::ContentType);
    }
    let length = head.headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > max_body) {
        return Err(Refusal::TooLarge);
    }
    Ok(())
}

/// How long the API server waits, less a tenth for the way: it tells the webhook's `timeoutSeconds` as `?timeout=10s`
/// (`Request.Timeout` of client-go).
fn asked(head: &Parts) -> Option<Duration> {
    let timeout = head.uri.query()?.split('&').find_map(|pair| pair.strip_prefix("timeout="))?;
    let seconds: u32 = timeout.strip_suffix('s')?.parse().ok()?;
    Some(Duration::from_secs(seconds.into()) * 9 / 10)
}

/// One line a review. It names what was asked and the rules that spoke, never what an object holds.
fn log(shared: &Shared, review: &Review, compute: Duration, total: Duration) {
    if shared.options.quiet && review.findings.is_empty() {
        return;
    }
    let mut rules: Vec<_> = review.findings.iter().map(|(rule, _)| *rule).collect();
    rules.sort_unstable();
    rules.dedup();
    shared.log.info(
        "review",
        json!({
            "uid": clipped(&review.uid),
            "operation": clipped(&review.operation),
            "resource": clipped(&review.resource),
            "namespace": clipped(&review.namespace),
            "verdict": verdict(review),
            "rules": rules,
            "computeMs": milliseconds(compute),
            "totalMs": milliseconds(total),
        }),
    );
}

fn clipped(text: &str) -> String {
    text.chars().take(LOGGED).collect()
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

impl Refusal {
    /// The status, a word for the metrics and a line for people.
    fn words(&self, shared: &Shared) -> (StatusCode, &'static str, String) {
        let (status, reason, why) = match self {
            Self::Path => (StatusCode::NOT_FOUND, "path", "reviews are answered at /validate"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method", "reviews are sent by POST"),
            Self::ContentType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type", "a review is sent as application/json")
            }
            Self::TooLarge => {
                let why = format!("a review may have {} bytes", shared.options.max_body);
                return (StatusCode::PAYLOAD_TOO_LARGE, "size", why);
            }
            Self::Slow => (StatusCode::REQUEST_TIMEOUT, "slow", "the body did not arrive in time"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", "too many reviews at once"),
            Self::Broken => (StatusCode::BAD_REQUEST, "broken", "the body broke off"),
            Self::Malformed(why) => return (StatusCode::BAD_REQUEST, "malformed", why.clone()),
        };
        (status, reason, why.to_owned())
    }
}

impl From<Lost> for Refusal {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::TooLarge => Self::TooLarge,
            Lost::NoMemory => Self::Busy,
            Lost::Broken => Self::Broken,
        }
    }
}

fn refused(status: StatusCode, why: &str) -> Answer {
    let mut answer = line(status, why);
    match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            answer.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        }
        // The API server's client comes again after so many seconds, while its own time lasts (`withRetry` of
        // client-go).
        StatusCode::SERVICE_UNAVAILABLE => {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    answer
}

/// Counts a review as taken until it is answered, or its caller goes away.
struct InFlight<'s>(&'s Shared);

impl<'s> InFlight<'s> {
    fn of(shared: &'s Shared) -> Self {
        shared.metrics.in_flight.inc();
        Self(shared)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.metrics.in_flight.dec();
    }
}
