//! What a client may send that is no review: each is answered as its protocol says, and reviews go on.

#![allow(clippy::indexing_slicing, reason = "a test may panic")]

mod webhook;

use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::{Method, Request};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use webhook::{Webhook, deployment, good, post, response, review, within};

/// The head of a request for a review.
fn head(length: usize) -> String {
    format!("POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n")
}

#[track_caller]
fn starts(answer: &str, status: u16) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
}

impl Webhook {
    /// Whatever was sent: the next review is answered.
    async fn goes_on(&self) {
        assert_eq!(response(&self.send(post(good("goes on"))).await.1)["allowed"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http() {
    let webhook = Webhook::start().await;
    for garbage in [
        &b"\x00\x01\x02\x03\xff\xfe\r\n\r\n"[..],
        b"HELO example.com\r\n\r\n",
        b"POST /validate HTTP/9.9\r\n\r\n",
        b"POST /validate HTTP/1.1\r\ncontent-length: many\r\n\r\n",
        b"POST /validate HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /validate HTTP/1.1\r\nno colon here\r\n\r\n",
        b"POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: gzip\r\n\r\n",
    ] {
        starts(&webhook.raw(garbage).await, 400);
    }
    let chunked =
        "POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n";
    starts(&webhook.raw(format!("{chunked}\r\nzz\r\n{{}}\r\n0\r\n\r\n").as_bytes()).await, 400);
    webhook.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_without_its_preface_and_with_broken_frames() {
    let webhook = Webhook::start().await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let no_settings = [&preface[..], &[0xff; 64]].concat();
    // HEADERS on stream 0, which HTTP/2 calls a protocol error.
    let on_no_stream = [&preface[..], &[0, 0, 0, 4, 0, 0, 0, 0, 0], &[0, 0, 1, 1, 5, 0, 0, 0, 0, 0x82]].concat();
    for bytes in [b"GET / HTTP/1.1\r\n\r\n".to_vec(), no_settings, on_no_stream] {
        let mut config = webhook.client();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let mut stream = webhook::connect(webhook.address, config).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        let mut answer = Vec::new();
        // The server closes, where it still can with a GOAWAY, which not every client waits for.
        let _ = within(stream.read_to_end(&mut answer)).await;
        assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    }
    webhook.reaches("seaworthy_connections_closed_total{reason=\"broken\"}", 3.0).await;
    webhook.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off() {
    let webhook = Webhook::start().await;
    for truncated in ["POST /valid", &head(100), &format!("{}\r\n{{\"kind\":", head(100))] {
        let mut stream = webhook.connect().await;
        stream.write_all(truncated.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // The server closes; that is all there is to say.
        let _ = within(stream.read_to_end(&mut answer)).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
    }
    webhook.goes_on().await;
    assert_eq!(webhook.metric("seaworthy_reviews_in_flight").await, 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_method_path_or_type() {
    let webhook = Webhook::start().await;
    let get = Request::get("https://localhost/validate").body(Full::default()).unwrap();
    let refused = webhook.answer(get).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["allow"]), (405, &"POST".parse().unwrap()));
    for method in [Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS, Method::TRACE] {
        let mut request = post(good("method"));
        *request.method_mut() = method;
        assert_eq!(webhook.answer(request).await.status(), 405);
    }
    for path in ["", "validate/", "Validate", "healthz", "metrics", "validate/../validate"] {
        let mut request = post(good("path"));
        *request.uri_mut() = format!("https://localhost/{path}").parse().unwrap();
        assert_eq!(webhook.send(request).await.0, 404, "{path}");
    }
    for wrong in ["text/plain", "application/yaml", "application/json-patch+json", ""] {
        let mut request = post(good("type"));
        request.headers_mut().insert("content-type", wrong.parse().unwrap());
        assert_eq!(webhook.send(request).await.0, 415, "{wrong}");
    }
    let mut request = post(good("type"));
    request.headers_mut().remove("content-type");
    assert_eq!(webhook.send(request).await.0, 415);
    for right in ["application/json; charset=utf-8", "Application/JSON"] {
        let mut request = post(good("type"));
        request.headers_mut().insert("content-type", right.parse().unwrap());
        assert_eq!(webhook.send(request).await.0, 200, "{right}");
    }
    assert_eq!(webhook.metric("seaworthy_requests_rejected_total{reason=\"content-type\"}").await, 5.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_review() {
    let webhook = Webhook::start().await;
    let request = json!({"uid": "x", "operation": "CREATE", "object": deployment(&json!(1))});
    for body in [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "[1, 2".to_owned(),
        "\u{0}\u{1}".to_owned(),
        json!({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1beta1", "request": request}).to_string(),
        json!({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v2", "request": request}).to_string(),
        json!({"kind": "Pod", "apiVersion": "v1", "request": request}).to_string(),
        json!({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1"}).to_string(),
        "[".repeat(200_000),
        "{\"a\":".repeat(100_000),
    ] {
        let (status, answer) = webhook.send(post(body.clone())).await;
        assert_eq!(status, 400, "{}: {answer}", body.chars().take(100).collect::<String>());
    }
    assert_eq!(webhook.send(post(&b"\xff\xfe{}"[..])).await.0, 400);
    assert_eq!(webhook.metric("seaworthy_requests_rejected_total{reason=\"malformed\"}").await, 12.0);
    webhook.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_nests_deeply() {
    let webhook = Webhook::start().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for levels in [150, 1_000, 200_000] {
            let deep = format!("{}1{}", open.repeat(levels), close.repeat(levels));
            let body = good("deep").replace("\"replicas\":2", &format!("\"replicas\":{deep}"));
            let (status, answer) = webhook.send(post(body)).await;
            // Refused, or let in with a warning that nobody looked: a server that reads it knows what it takes.
            let warned = || response(&answer)["warnings"][0].as_str().is_some_and(|it| it.contains("nothing of this"));
            assert!(status == 400 || response(&answer)["allowed"] == false || warned(), "{levels}: {status} {answer}");
        }
    }
    webhook.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_is_too_large() {
    let webhook = Webhook::start().await;
    let large = review("large", &json!({"data": "x".repeat(10 << 20)}));
    let (status, why) = webhook.send(post(large.clone())).await;
    assert_eq!((status, why.as_str()), (413, "a review may have 7340032 bytes\n"));
    // The same over HTTP/2, and without a length that says so.
    let mut http2 = webhook.http2().await;
    assert_eq!(within(http2.send_request(post(large.clone()))).await.unwrap().status(), 413);
    let chunked = "POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\
                   connection: close\r\n";
    let chunked = format!("{chunked}\r\n{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    starts(&webhook.raw(chunked.as_bytes()).await, 413);
    // What fits is read.
    let fits = review("fits", &json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "x".repeat(6 << 20)}}));
    assert_eq!(webhook.send(post(fits)).await.0, 200);
    webhook.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_of_more_values_than_anybody_stores() {
    let webhook = Webhook::start().await;
    for data in [json!(vec![json!([]); 2_000_000]), json!(vec![json!({"a": 1}); 400_000])] {
        let (status, answer) = webhook.send(post(review("full", &json!({"kind": "Full", "data": data})))).await;
        let answer = response(&answer);
        assert_eq!((status, &answer["uid"], &answer["allowed"]), (200, &json!("full"), &json!(false)), "{answer}");
    }
    assert_eq!(webhook.metric("seaworthy_review_failures_total{reason=\"size\"}").await, 2.0);
    webhook.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_headers() {
    let webhook = Webhook::start().await;
    let many: String = (0..200).map(|at| format!("x-{at}: y\r\n")).collect();
    starts(&webhook.raw(format!("{}{many}\r\n", head(0)).as_bytes()).await, 431);
    let long = format!("x: {}\r\n", "y".repeat(100_000));
    starts(&webhook.raw(format!("{}{long}\r\n", head(0)).as_bytes()).await, 431);
    let path = format!("POST /{} HTTP/1.1\r\nhost: x\r\n\r\n", "y".repeat(100_000));
    let answer = webhook.raw(path.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 414") || answer.starts_with("HTTP/1.1 431"), "{answer}");
    let mut request = post(good("many"));
    for at in 0..2_000 {
        request.headers_mut().insert(
            hyper::header::HeaderName::from_bytes(format!("x-{at}").as_bytes()).unwrap(),
            "0123456789".parse().unwrap(),
        );
    }
    let mut http2 = webhook.http2().await;
    let answer = within(http2.send_request(request)).await;
    assert!(answer.map_or(true, |answer| answer.status() == 431), "HTTP/2 has no limit of headers");
    webhook.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client() {
    let patience = Duration::from_millis(300);
    let webhook = Webhook::with(webhook::judge(), |options| {
        options.timeout = patience;
        options.idle_timeout = patience;
    })
    .await;
    // A body that arrives byte by byte.
    let start = Instant::now();
    let mut stream = webhook.connect().await;
    stream.write_all(format!("{}\r\n", head(100)).as_bytes()).await.unwrap();
    let (mut read, mut write) = tokio::io::split(stream);
    let dribble = tokio::spawn(async move {
        while write.write_all(b" ").await.is_ok() && write.flush().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut answer = Vec::new();
    let _ = within(read.read_to_end(&mut answer)).await;
    starts(&String::from_utf8_lossy(&answer), 408);
    assert!(start.elapsed() >= patience);
    dribble.abort();
    // Headers that never end, and nothing at all: the connection is closed.
    for sent in ["POST /validate HTTP/1.1\r\nhost:", ""] {
        assert_eq!(webhook.raw(sent.as_bytes()).await, "", "{sent}");
    }
    webhook.goes_on().await;
}
