//! Reviews, over both versions of HTTP, and what becomes of those that cannot be finished.

mod webhook;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use seaworthy_serve::{Judge, OnFailure};
use webhook::{Webhook, bad, good, judge, post, response, slow, within};

#[tokio::test(flavor = "multi_thread")]
async fn both_versions_of_http_answer() {
    let webhook = Webhook::start().await;
    let (status, body) = webhook.send(post(good("one"))).await;
    assert_eq!(status, 200, "{body}");
    let allowed = response(&body);
    assert_eq!((allowed["uid"].as_str(), allowed["allowed"].as_bool()), (Some("one"), Some(true)), "{body}");

    let mut http2 = webhook.http2().await;
    let answer = within(http2.send_request(post(bad("two")))).await.unwrap();
    assert_eq!((answer.status(), answer.version()), (200.try_into().unwrap(), hyper::Version::HTTP_2));
    assert_eq!(answer.headers()["content-type"], "application/json");
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let denied = response(std::str::from_utf8(&body).unwrap());
    assert_eq!((denied["uid"].as_str(), denied["allowed"].as_bool()), (Some("two"), Some(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_over_one_connection() {
    let webhook = Webhook::start().await;
    let http2 = webhook.http2().await;
    let reviews = (0..200).map(|at| {
        let mut http2 = http2.clone();
        tokio::spawn(async move {
            let uid = format!("uid-{at}");
            let answer = within(http2.send_request(post(good(&uid)))).await.unwrap();
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(response(std::str::from_utf8(&body).unwrap())["uid"], uid);
        })
    });
    for review in reviews.collect::<Vec<_>>() {
        review.await.unwrap();
    }
    assert_eq!(webhook.metric("seaworthy_review_seconds_count").await, 200.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_answers_as_it_is_told() {
    for (on_failure, allowed) in [(OnFailure::Allow, true), (OnFailure::Deny, false)] {
        let held = Arc::new(AtomicBool::new(true));
        let webhook = Webhook::with(slow(Arc::clone(&held)), |options| {
            options.timeout = Duration::from_millis(200);
            options.on_failure = on_failure;
        });
        let webhook = webhook.await;
        // The second waits for a thread until its time is up.
        for uid in ["runs", "runs too", "waits"] {
            let (status, body) = webhook.send(post(good(uid))).await;
            assert_eq!(status, 200, "{body}");
            let answer = response(&body);
            assert_eq!((answer["uid"].as_str(), answer["allowed"].as_bool()), (Some(uid), Some(allowed)), "{body}");
        }
        assert_eq!(webhook.metric("seaworthy_review_failures_total{reason=\"deadline\"}").await, 3.0);
        held.store(false, Ordering::Relaxed);
        assert_eq!(response(&webhook.send(post(good("after"))).await.1)["allowed"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_is_before_that_of_the_api_server() {
    let held = Arc::new(AtomicBool::new(true));
    let webhook = Webhook::with(slow(Arc::clone(&held)), |_| {}).await;
    let mut request = post(good("short"));
    *request.uri_mut() = "https://localhost/validate?timeout=1s".parse().unwrap();
    let start = Instant::now();
    let (status, body) = webhook.send(request).await;
    assert_eq!((status, response(&body)["allowed"].as_bool()), (200, Some(false)));
    assert!(start.elapsed() < Duration::from_secs(1) && start.elapsed() > Duration::from_millis(800));
    held.store(false, Ordering::Relaxed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_breaks_leaves_the_others_alone() {
    let inner = judge();
    let breaks: Judge = Arc::new(move |body| {
        assert!(!body.windows(5).any(|it| it == b"break"), "as the test asks for");
        inner(body)
    });
    let webhook = Webhook::with(breaks, |options| options.workers = 1).await;
    for _ in 0..3 {
        let (status, body) = webhook.send(post(good("break"))).await;
        assert_eq!((status, response(&body)["allowed"].as_bool()), (200, Some(false)), "{body}");
        assert_eq!(response(&body)["uid"], "break");
        assert_eq!(response(&webhook.send(post(good("whole"))).await.1)["allowed"], true);
    }
    assert_eq!(webhook.metric("seaworthy_review_failures_total{reason=\"panic\"}").await, 3.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_most_at_once_callers_come_again() {
    let held = Arc::new(AtomicBool::new(true));
    let webhook = Webhook::with(slow(Arc::clone(&held)), |options| options.max_reviews = 3).await;
    let mut http2 = webhook.http2().await;
    let taken: Vec<_> = (0..3).map(|_| tokio::spawn(http2.send_request(post(good("taken"))))).collect();
    webhook.reaches("seaworthy_reviews_in_flight", 3.0).await;
    let refused = webhook.answer(post(good("refused"))).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    held.store(false, Ordering::Relaxed);
    for review in taken {
        assert_eq!(within(review).await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(webhook.send(post(good("again"))).await.0, 200);
    webhook.reaches("seaworthy_requests_rejected_total{reason=\"busy\"}", 1.0).await;
    assert_eq!(webhook.metric("seaworthy_reviews_in_flight").await, 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_is_not_reviewed() {
    let held = Arc::new(AtomicBool::new(true));
    let webhook = Webhook::with(slow(Arc::clone(&held)), |options| options.workers = 1).await;
    let mut http2 = webhook.http2().await;
    let runs = tokio::spawn(http2.send_request(post(good("runs"))));
    webhook.reaches("seaworthy_reviews_in_flight", 1.0).await;
    let waits = tokio::spawn(http2.send_request(post(good("waits"))));
    webhook.reaches("seaworthy_reviews_in_flight", 2.0).await;
    waits.abort();
    let gone = async {
        while webhook.metric("seaworthy_reviews_in_flight").await > 1.0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within(gone).await;
    held.store(false, Ordering::Relaxed);
    assert_eq!(within(runs).await.unwrap().unwrap().status(), 200);
    assert_eq!(webhook.send(post(good("after"))).await.0, 200);
    assert_eq!(webhook.metric("seaworthy_review_compute_seconds_count").await, 2.0);
}
