//! Loads the webhook as it is released, on loopback: `cargo build --release && cargo run --release -p seaworthy-bench
//! --bin serve_load`. A server each for many callers, for
//! many silent connections, for as many that are all held, and for the largest reviews; then reviews among many known objects. Exits
//! with 1 if a figure is not what it should be.

mod client;
mod program;
mod reviews;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use client::Client;
use program::Program;
use reviews::{Review, largest, reviews};
use seaworthy::Snapshot;
use seaworthy_admission::Reviewer;
use seaworthy_bench::fleet;
use tokio::net::TcpStream;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const CALLERS: usize = 500;
const REVIEWS: usize = 20_000;
const SILENT: usize = 10_000;
const LARGE: usize = 40;
const LARGE_AT_ONCE: usize = 8;
const KNOWN: usize = 10_000;
/// A run that takes longer than this has failed.
const LONGEST: Duration = Duration::from_secs(240);

/// Targets: milliseconds of a thread for 99 of 100 reviews, and MiB of memory.
const COMPUTE_MS: f64 = 1.0;
const MEMORY_MIB: f64 = 100.0;

fn main() -> Result<(), Failure> {
    let path = std::env::args_os().nth(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ok = runtime.block_on(async {
        let path = path.as_deref();
        let all = ["--max-connections".to_owned(), (SILENT + CALLERS).to_string()];
        let runs = [
            tokio::time::timeout(LONGEST, callers(path)).await??,
            tokio::time::timeout(LONGEST, silent(path, &[])).await??,
            tokio::time::timeout(LONGEST, silent(path, &all)).await??,
            tokio::time::timeout(LONGEST, large(path)).await??,
            known()?,
        ];
        Ok::<_, Failure>(runs.into_iter().all(|ok| ok))
    })?;
    if ok { Ok(()) } else { Err("a figure is not what it should be".into()) }
}

/// Many callers who keep their connection and ask again as soon as they are answered.
async fn callers(path: Option<&std::ffi::OsStr>) -> Result<bool, Failure> {
    let program = Program::start(path, &[]).await?;
    let reviews: Arc<[Review]> = reviews(200).into();
    let next = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        let (client, reviews, next) = (Client::of(&program)?, Arc::clone(&reviews), Arc::clone(&next));
        callers.spawn(async move { call(&client, &reviews, &next).await });
    }
    let (mut times, mut errors) = (Vec::new(), 0);
    while let Some(called) = callers.join_next().await {
        let (took, failed) = called?;
        times.extend(took);
        errors += failed;
    }
    let took = start.elapsed();
    times.sort_unstable();
    let metrics = program.metrics().await?;
    let compute = metrics.quantile("seaworthy_review_compute_seconds", 0.99) * 1e3;
    let memory = program.peak_mib()?;
    program.stop().await?;
    say(&format!(
        "{REVIEWS} reviews over {CALLERS} connections: {errors} errors, {:.0} a second; end to end p50 {:.1} ms, p99 \
         {:.1} ms; compute p50 {:.2} ms, p99 {compute:.2} ms (target {COMPUTE_MS}); peak memory {memory:.1} MiB (target \
         {MEMORY_MIB})",
        times.len() as f64 / took.as_secs_f64(),
        at(&times, 0.5),
        at(&times, 0.99),
        metrics.quantile("seaworthy_review_compute_seconds", 0.5) * 1e3,
    ))?;
    Ok(errors == 0 && times.len() == REVIEWS && compute < COMPUTE_MS && memory < MEMORY_MIB)
}

/// One caller: its times, and how often it was not answered as it should have been.
async fn call(client: &Client, reviews: &[Review], next: &AtomicUsize) -> (Vec<Duration>, usize) {
    let (mut times, mut errors, mut connection) = (Vec::new(), 0, None);
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(review) = reviews.get(at % reviews.len()).filter(|_| at < REVIEWS) else { return (times, errors) };
        let mut open = match connection.take() {
            Some(open) => open,
            None => match client.connect().await {
                Ok(open) => open,
                Err(_) => {
                    errors += 1;
                    continue;
                }
            },
        };
        let start = Instant::now();
        match open.ask(&review.body).await {
            Ok(answer) if review.is_answered_by(&answer) => {
                times.push(start.elapsed());
                connection = Some(open);
            }
            _ => errors += 1,
        }
    }
}

/// Many connections that shake hands, or do not, and say nothing, while one caller asks.
async fn silent(path: Option<&std::ffi::OsStr>, flags: &[String]) -> Result<bool, Failure> {
    let program = Program::start(path, flags).await?;
    let before = program.peak_mib()?;
    let client = Client::of(&program)?;
    let reviews = reviews(10);
    let (mut connections, mut bare, mut errors, mut slowest) = (Vec::new(), Vec::new(), 0, Duration::ZERO);
    let mut asking = client.connect().await?;
    for at in 0..SILENT {
        if at % 2 == 0 {
            connections.push(client.connect().await?);
        } else {
            bare.push(TcpStream::connect(program.webhook).await?);
        }
        if at % 100 == 0 {
            let start = Instant::now();
            let review = reviews.first().ok_or("no review")?;
            let answer = asking.ask(&review.body).await;
            errors += usize::from(!answer.is_ok_and(|answer| review.is_answered_by(&answer)));
            slowest = slowest.max(start.elapsed());
        }
    }
    let open = program.metrics().await?.value("seaworthy_connections");
    let memory = program.peak_mib()?;
    program.stop().await?;
    say(&format!(
        "{SILENT} silent connections{}: {open} held, {errors} errors, slowest review meanwhile {:.1} ms; peak memory \
         {memory:.1} MiB, {before:.1} MiB before",
        flags.iter().map(|flag| format!(" {flag}")).collect::<String>(),
        slowest.as_secs_f64() * 1e3,
    ))?;
    Ok(errors == 0)
}

/// The largest reviews that are taken, several at once.
async fn large(path: Option<&std::ffi::OsStr>) -> Result<bool, Failure> {
    let program = Program::start(path, &["--timeout".to_owned(), "60s".to_owned()]).await?;
    let mut report = Vec::new();
    let mut ok = true;
    for (shape, body) in largest() {
        let body: Arc<[u8]> = body.into();
        let start = Instant::now();
        let mut asked = tokio::task::JoinSet::new();
        let slots = Arc::new(tokio::sync::Semaphore::new(LARGE_AT_ONCE));
        for _ in 0..LARGE {
            let (client, body, slots) = (Client::of(&program)?, Arc::clone(&body), Arc::clone(&slots));
            asked.spawn(async move {
                let _slot = slots.acquire().await?;
                client.connect().await?.ask(&body).await
            });
        }
        while let Some(answer) = asked.join_next().await {
            ok &= answer?.is_ok();
        }
        let each = start.elapsed().as_secs_f64() * 1e3 / LARGE as f64;
        report.push(format!("{shape} {each:.0} ms each, peak {:.0} MiB", program.peak_mib()?));
    }
    program.stop().await?;
    say(&format!("reviews of 7 MiB, {LARGE_AT_ONCE} at once: {}", report.join("; ")))?;
    Ok(ok)
}

/// Reviews by a webhook that knows a cluster, without HTTP: all objects in the namespace of the review, or a fiftieth.
fn known() -> Result<bool, Failure> {
    let reviewer = Reviewer::default();
    let reviews = reviews(200);
    for namespaces in [1, 50] {
        let mut snapshot = Snapshot::default();
        for (at, source) in fleet(KNOWN).iter().enumerate() {
            let namespace = match at / 5 % namespaces {
                0 => "shop".to_owned(),
                other => format!("shop-{other}"),
            };
            snapshot.insert(&source.text().replace("namespace: shop\n", &format!("namespace: {namespace}\n")));
        }
        for kind in ["ConfigMap", "PersistentVolumeClaim", "Service", "ServiceAccount"] {
            snapshot.set_listed("", kind, true);
        }
        let mut times = Vec::new();
        for review in &reviews {
            let start = Instant::now();
            let answer = reviewer.review_among(&review.body, &snapshot)?;
            times.push(start.elapsed());
            std::hint::black_box(answer);
        }
        times.sort_unstable();
        say(&format!(
            "{} objects known, in {namespaces} namespaces: a review p50 {:.2} ms, p99 {:.2} ms",
            snapshot.len(),
            at(&times, 0.5),
            at(&times, 0.99),
        ))?;
    }
    Ok(true)
}

/// The time that a share of all stays below, in milliseconds.
fn at(sorted: &[Duration], share: f64) -> f64 {
    let at = (sorted.len() as f64 * share) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
}

fn say(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")
}
