//! What each stage costs as a multiple of `serde_json::Value` on the same content, measured side by side in one run:
//! ratios hold where absolute times move with the machine. `cargo run --release -p seaworthy-bench --bin ratios`

use std::io::Write;
use std::time::{Duration, Instant};

use seaworthy::{Validator, Version, Versions};
use seaworthy_apiserver::Servers;
use seaworthy_bench::{documents, fleet, json, size};
use seaworthy_object::{Catalog, Content, Object, contents};

const OBJECTS: usize = 5_000;
const ROUNDS: usize = 7;

fn main() -> std::io::Result<()> {
    let sources = fleet(OBJECTS);
    let read = documents(&sources);
    let texts = json(&read);
    let catalog = Catalog::built_in();
    let all: Vec<_> = read.iter().map(|it| contents(it, "x.yaml", &catalog, "default")).collect();
    let versions = Versions::one(Version::NEWEST);
    let validator = Validator::default();
    let servers = Servers { catalog: &catalog, versions, definitions: None };
    let stages: [(&str, Stage<'_>); 6] = [
        ("serde_json::Value", Box::new(|| texts.iter().filter_map(|text| value(text)).count())),
        ("document", Box::new(|| documents(&sources).len())),
        (
            "object",
            Box::new(|| read.iter().filter(|it| is_manifest(&contents(it, "x.yaml", &catalog, "default"))).count()),
        ),
        (
            "decode and schema",
            Box::new(|| {
                let read = documents(&sources);
                let objects = read.iter().map(|it| contents(it, "x.yaml", &catalog, "default"));
                objects.map(|it| asked(&it, &|object| servers.decode(object).len())).sum()
            }),
        ),
        ("apiserver", Box::new(|| all.iter().map(|it| asked(it, &|object| servers.judge(object).len())).sum())),
        ("check, all cores", Box::new(|| validator.check(sources.clone()).summary.objects)),
    ];
    let mut best = [Duration::MAX; 6];
    for _ in 0..ROUNDS {
        for ((_, stage), best) in stages.iter().zip(&mut best) {
            let start = Instant::now();
            std::hint::black_box(stage());
            *best = start.elapsed().min(*best);
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{OBJECTS} objects, {} bytes of YAML; best of {ROUNDS}", size(&sources))?;
    let yardstick = best.first().copied().unwrap_or_default().as_secs_f64();
    for ((name, _), time) in stages.iter().zip(best) {
        writeln!(out, "{name:<20} {:>8.2} ms  {:>5.2} x", time.as_secs_f64() * 1e3, time.as_secs_f64() / yardstick)?;
    }
    Ok(())
}

/// A stage, run whole; how much it did keeps it from being optimised away.
type Stage<'s> = Box<dyn Fn() -> usize + 's>;

fn is_manifest(content: &Content<'_>) -> bool {
    matches!(content, Content::Manifest(_))
}

fn value(text: &str) -> Option<serde_json::Value> {
    serde_json::from_str(text).ok()
}

fn asked(content: &Content<'_>, ask: &dyn Fn(&Object<'_>) -> usize) -> usize {
    match content {
        Content::Manifest(manifest) => manifest.objects.iter().map(ask).sum(),
        _ => 0,
    }
}
