//! What a review costs: 20,000 of a typical Deployment, alone and among the objects of a busy namespace, and the
//! longest of what a hostile caller may send. `cargo run --release -p seaworthy-bench --bin reviews`.
#![allow(clippy::print_stdout, reason = "a program of its own, which prints figures")]

use std::time::Duration;

use seaworthy::Validator;
use seaworthy_admission::Reviewer;
use seaworthy_bench::processor::{on_one_thread, took};
use seaworthy_bench::{review, snapshot};

const REVIEWS: usize = 20_000;

fn main() {
    let reviewer = Reviewer::new(Validator::default());
    let deployment = review();
    println!("a review of {} bytes, {REVIEWS} times, in time on a processor:", deployment.len());
    print("alone", measure(REVIEWS, || drop(reviewer.review(&deployment))));
    on_one_thread();
    for objects in [50, 500] {
        let known = snapshot(objects);
        let times = REVIEWS / objects;
        let name = format!("among {} ({times} times)", known.len());
        print(&name, measure(times, || drop(reviewer.review_among(&deployment, &known))));
    }
    let long = "n".repeat(1 << 20);
    let text = String::from_utf8(deployment).unwrap_or_default();
    let levels = format!("\"replicas\":{}{}", "[".repeat(1 << 20), "]".repeat(1 << 20));
    let hostile = [
        ("a name of 1 MiB", text.replace("\"name\":\"app-0\"", &format!("\"name\":\"{long}\""))),
        ("an image of 1 MiB", text.replace("example.com/shop/app-0", &long)),
        ("a quantity of 1 MiB", text.replace("\"cpu\":\"100m\"", &format!("\"cpu\":\"{long}\""))),
        ("a key of 1 MiB", text.replace("\"replicas\"", &format!("\"{long}\""))),
        ("a million levels", text.replace("\"replicas\":2", &levels)),
    ];
    for (name, body) in hostile {
        print(name, measure(9, || drop(reviewer.review(body.as_bytes()))));
    }
}

fn measure(times: usize, mut review: impl FnMut()) -> Vec<Duration> {
    let mut all: Vec<Duration> = (0..times).map(|_| took(&mut review)).collect();
    all.sort_unstable();
    all
}

/// The middle, the 99th of a hundred, and the longest.
fn print(name: &str, took: Vec<Duration>) {
    let at = |percent: usize| took.get(took.len() * percent / 100).or(took.last()).copied().unwrap_or_default();
    println!("{name:<28} p50 {:>10.1?}  p99 {:>10.1?}  most {:>10.1?}", at(50), at(99), at(100));
}
