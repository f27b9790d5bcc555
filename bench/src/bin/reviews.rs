//! What a review costs: 20,000 of a typical Deployment, alone and among the objects of a busy namespace, and the
//! longest of what a hostile caller may send. `cargo run --release -p seaworthy-bench --bin reviews`.
#![allow(clippy::print_stdout, reason = "a program of its own, which prints figures")]

use std::time::{Duration, Instant};

use seaworthy::{Snapshot, Validator};
use seaworthy_admission::Reviewer;
use seaworthy_bench::{review, snapshot};

const REVIEWS: usize = 20_000;

fn main() {
    let reviewer = Reviewer::new(Validator::default());
    let deployment = review();
    println!("a review of {} bytes, {REVIEWS} times:", deployment.len());
    print("alone", measure(REVIEWS, || drop(reviewer.review(&deployment))));
    for objects in [50, 500, 5_000] {
        let known = snapshot(objects);
        let times = REVIEWS / objects.max(100) * 10;
        let name = format!("among {} ({times} times)", known.len());
        print(&name, measure(times, || drop(reviewer.review_among(&deployment, &known))));
    }
    let long = "n".repeat(1 << 20);
    let text = String::from_utf8(deployment).unwrap_or_default();
    let hostile = [
        ("a name of 1 MiB", text.replace("\"name\":\"app-0\"", &format!("\"name\":\"{long}\""))),
        ("an image of 1 MiB", text.replace("example.com/shop/app-0", &long)),
        ("a value of 1 MiB", text.replace("\"cpu\":\"100m\"", &format!("\"cpu\":\"{long}\""))),
        ("a key of 1 MiB", text.replace("\"replicas\"", &format!("\"{long}\""))),
        (
            "a million levels",
            text.replace("\"replicas\":2", &format!("\"replicas\":{}{}", "[".repeat(1 << 20), "]".repeat(1 << 20))),
        ),
    ];
    for (name, body) in hostile {
        print(name, measure(5, || drop(reviewer.review_among(body.as_bytes(), &Snapshot::default()))));
    }
}

fn measure(times: usize, mut review: impl FnMut()) -> Vec<Duration> {
    let mut took: Vec<Duration> = (0..times)
        .map(|_| {
            let start = Instant::now();
            review();
            start.elapsed()
        })
        .collect();
    took.sort_unstable();
    took
}

fn print(name: &str, took: Vec<Duration>) {
    let at = |share: f64| took.get((took.len() as f64 * share) as usize).or(took.last()).copied().unwrap_or_default();
    println!("{name:<28} p50 {:>10.1?}  p99 {:>10.1?}  most {:>10.1?}", at(0.5), at(0.99), at(1.0));
}
