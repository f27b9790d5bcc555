//! How many objects of each kind the API server's verdict is given to in a second, on one core.
//! `cargo run --release -p seaworthy-bench --bin validations`

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

use seaworthy::{Version, Versions};
use seaworthy_apiserver::Servers;
use seaworthy_bench::{documents, fleet};
use seaworthy_object::{Catalog, Object};

const OBJECTS: usize = 5_000;
const SPAN: Duration = Duration::from_millis(500);

fn main() -> std::io::Result<()> {
    let sources = fleet(OBJECTS);
    let read = documents(&sources);
    let catalog = Catalog::built_in();
    let roots = read.iter().filter_map(|it| it.root());
    let objects: Vec<Object<'_>> = roots.filter_map(|it| Object::new(it, &catalog, "default")).collect();
    let mut kinds: BTreeMap<&str, Vec<&Object<'_>>> = BTreeMap::new();
    for object in &objects {
        kinds.entry(object.kind()).or_default().push(object);
    }
    let newest = Servers { catalog: &catalog, versions: Versions::one(Version::NEWEST), definitions: None };
    let eight = Versions::since(Version::minor_of(30));
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:<24} {:>12} {:>12} {:>18}", "a second", "decoded", "judged", "for 1.30 to 1.37")?;
    for (kind, objects) in kinds {
        let decoded = rate(&objects, &|object| newest.decode(object).len());
        let judged = rate(&objects, &|object| newest.judge(object).len());
        let for_all = rate(&objects, &|object| Servers { versions: eight, ..newest }.judge(object).len());
        writeln!(out, "{kind:<24} {decoded:>12.0} {judged:>12.0} {for_all:>18.0}")?;
    }
    Ok(())
}

/// How many objects a second something is done with.
#[allow(clippy::cast_precision_loss, reason = "a rate")]
fn rate(objects: &[&Object<'_>], ask: &dyn Fn(&Object<'_>) -> usize) -> f64 {
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed() < SPAN {
        count += objects.len();
        std::hint::black_box(objects.iter().map(|object| ask(object)).sum::<usize>());
    }
    count as f64 / start.elapsed().as_secs_f64()
}
