//! Connections: idle ones, too many of them, and the end.

mod webhook;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use webhook::{Webhook, bad, good, judge, post, response, slow, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_is_closed() {
    let webhook = Webhook::with(judge(), |options| options.idle_timeout = Duration::from_millis(200)).await;
    let mut http1 = webhook.connect().await;
    let mut http2 = webhook.http2().await;
    assert_eq!(within(http2.send_request(post(good("busy")))).await.unwrap().status(), 200);
    let mut rest = Vec::new();
    assert_eq!(within(http1.read_to_end(&mut rest)).await.unwrap(), 0);
    within(http2.ready()).await.unwrap_or_default();
    webhook.reaches("seaworthy_connections_closed_total{reason=\"idle\"}", 2.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_do_not_keep_others_out() {
    let webhook = Webhook::with(judge(), |options| options.max_connections = 50).await;
    let mut http2 = webhook.http2().await;
    let mut idle = Vec::new();
    for at in 0..300 {
        let stream = TcpStream::connect(webhook.address).await.unwrap();
        idle.push(stream);
        if at % 10 == 0 {
            // One who asks now and then is not the one that was silent longest.
            assert_eq!(within(http2.send_request(post(good("asks")))).await.unwrap().status(), 200);
            drop(webhook.connect().await);
        }
    }
    webhook.reaches("seaworthy_connections_closed_total{reason=\"evicted\"}", 250.0).await;
    assert_eq!(response(&webhook.send(post(good("new"))).await.1)["allowed"], true);
    assert!(webhook.metric("seaworthy_connections").await <= 51.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_are_busy_a_new_connection_is_refused() {
    let held = Arc::new(AtomicBool::new(true));
    let slow = slow(Arc::clone(&held));
    let webhook = Webhook::with(slow, |options| options.max_connections = 2).await;
    let (mut one, mut two) = (webhook.http2().await, webhook.http2().await);
    let taken = [one.send_request(post(good("one"))), two.send_request(post(good("two")))].map(tokio::spawn);
    webhook.reaches("seaworthy_reviews_in_flight", 2.0).await;
    assert!(webhook::connect(webhook.address, webhook.client()).await.is_err());
    webhook.reaches("seaworthy_connections_closed_total{reason=\"full\"}", 1.0).await;
    held.store(false, Ordering::Relaxed);
    for review in taken {
        assert_eq!(within(review).await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_answers_what_is_there() {
    let held = Arc::new(AtomicBool::new(true));
    let slow = slow(Arc::clone(&held));
    let grace = Duration::from_millis(500);
    let webhook = Webhook::with(slow, |options| options.grace = grace).await;
    let idle = webhook.connect().await;
    let mut http2 = webhook.http2().await;
    let in_work = tokio::spawn(http2.send_request(post(good("in work"))));
    webhook.reaches("seaworthy_reviews_in_flight", 1.0).await;
    assert!(webhook.status("/readyz").await.starts_with("HTTP/1.1 200"));

    let asked = Instant::now();
    webhook.stop.send(()).await.unwrap();
    while !webhook.status("/readyz").await.starts_with("HTTP/1.1 503") {
        assert!(asked.elapsed() < grace, "it says that it is ready");
    }
    assert!(webhook.status("/healthz").await.starts_with("HTTP/1.1 200"), "it is alive");
    // During the grace new callers are answered.
    let late = tokio::spawn(http2.send_request(post(good("late"))));
    drop(webhook.connect().await);
    tokio::time::sleep(grace).await;
    // Then the port is closed.
    while TcpStream::connect(webhook.address).await.is_ok() {
        assert!(asked.elapsed() < Duration::from_secs(5), "the port is open");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(!webhook.ended.is_finished(), "it ends before its answers");
    held.store(false, Ordering::Relaxed);
    for review in [in_work, late] {
        assert_eq!(within(review).await.unwrap().unwrap().status(), 200);
    }
    within(webhook.ended).await.unwrap();
    drop(idle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_word_ends_the_grace() {
    let webhook = Webhook::with(judge(), |options| options.grace = Duration::from_secs(60)).await;
    webhook.stop.send(()).await.unwrap();
    webhook.stop.send(()).await.unwrap();
    within(webhook.ended).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics() {
    let webhook = Webhook::start().await;
    for uid in ["a", "b"] {
        assert_eq!(webhook.send(post(bad(uid))).await.0, 200);
    }
    assert_eq!(webhook.send(post(good("c"))).await.0, 200);
    let metrics = webhook.status("/metrics").await;
    assert!(
        metrics.to_lowercase().contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"),
        "{metrics}"
    );
    for line in [
        "seaworthy_build_info{version=\"0.1.0\"} 1",
        "seaworthy_reviews_total{verdict=\"denied\",operation=\"CREATE\"} 2",
        "seaworthy_reviews_total{verdict=\"allowed\",operation=\"CREATE\"} 1",
        "seaworthy_findings_total{rule=\"wrong-type\",level=\"error\"} 2",
        "seaworthy_review_compute_seconds_count 3",
        "seaworthy_reviews_in_flight 0",
        "# EOF",
    ] {
        assert!(metrics.lines().any(|it| it == line), "{line} is not in\n{metrics}");
    }
    assert!(webhook.metric("seaworthy_certificate_expiry_timestamp_seconds").await > 1.7e9);
    assert!(webhook.status("/").await.starts_with("HTTP/1.1 404"));
    assert!(webhook.status("/healthz?verbose").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_whose_threads_do_not_come_back_is_not_healthy() {
    let held = Arc::new(AtomicBool::new(true));
    let stuck = slow(Arc::clone(&held));
    let webhook = Webhook::with(stuck, |options| options.timeout = Duration::from_millis(30)).await;
    // As many as there are threads.
    for _ in 0..2 {
        assert_eq!(webhook.send(post(good("stuck"))).await.0, 200);
    }
    let unhealthy = async {
        while webhook.status("/healthz").await.starts_with("HTTP/1.1 200") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    within(unhealthy).await;
    held.store(false, Ordering::Relaxed);
}
