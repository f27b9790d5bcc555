//! What an edit costs.
#![allow(clippy::print_stdout, reason = "a program of its own, which prints figures")]

use std::time::{Duration, Instant};

use rayon::prelude::*;
use seaworthy::diagnostic::Level;
use seaworthy::rules::{Reporter, Subject};
use seaworthy::{Catalog, Facts, Source};
use seaworthy_bench::fleet;
use seaworthy_document::Document;
use seaworthy_fleet::{Fleet, Given};
use seaworthy_object::{Content, Object, contents};

fn main() {
    let folder = std::env::args().nth(1);
    let complete = std::env::args().nth(2).is_some();
    let sources: Vec<Source> = match &folder {
        Some(folder) => {
            let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
            files.sort();
            files.iter().map(|it| Source::new(it.to_str().unwrap(), std::fs::read_to_string(it).unwrap())).collect()
        }
        None => fleet(10_000),
    };
    let catalog = Catalog::built_in();
    let facts = Facts { complete, ..Facts::default() };
    let documents: Vec<Vec<Document>> = sources.par_iter().map(seaworthy_document::read).collect();
    let make = |at: usize| -> Vec<Content<'_>> {
        documents[at].iter().map(|it| contents(it, sources[at].name(), &catalog, "default")).collect()
    };
    time("read all", || sources.par_iter().map(seaworthy_document::read).collect::<Vec<_>>());
    time("read all, 1 thread", || sources.iter().map(seaworthy_document::read).collect::<Vec<_>>());
    time("contents", || (0..sources.len()).into_par_iter().map(make).collect::<Vec<_>>());
    time("contents 1 thread", || (0..sources.len()).map(make).collect::<Vec<_>>());
    let made: Vec<_> = (0..sources.len()).map(make).collect();
    let objects: Vec<&Object<'_>> = made
        .iter()
        .flatten()
        .flat_map(|it| match it {
            Content::Manifest(it) => &it.objects[..],
            _ => &[],
        })
        .collect();
    println!("{} objects", objects.len());
    let given =
        || Given { objects: objects.clone(), files: sources.iter().map(Source::name).collect(), ..Given::default() };
    time("fleet", || Fleet::new(given(), &facts, &catalog));
    time("fleet+references", || {
        let f = Fleet::new(given(), &facts, &catalog);
        f.references().len()
    });
    let rules = seaworthy::rules::all();
    let mut total = Duration::ZERO;
    let fleet_ = Fleet::new(given(), &facts, &catalog);
    let mut seen = Vec::new();
    for rule in &rules {
        if !rule.reads_fleet() {
            continue;
        }
        let mut count = (0, 0);
        let mut run = || {
            let (mut d, mut u) = (Vec::new(), Vec::new());
            let start = Instant::now();
            rule.check(
                Subject::Fleet(&fleet_),
                &mut Reporter::new(rule.meta(), Level::Info, &facts, &catalog, &mut d, &mut u),
            );
            count = (d.len(), u.len());
            start.elapsed()
        };
        let first = run();
        let best = (0..3).map(|_| run()).min().unwrap();
        total += best;
        seen.push((best, first, rule.meta().id, count));
    }
    seen.sort();
    seen.reverse();
    for (best, first, id, count) in seen {
        println!("{:8.3} ms (first {:8.3}) {id} {count:?}", best.as_secs_f64() * 1e3, first.as_secs_f64() * 1e3);
    }
    println!("sum {total:?}");
    let validator = seaworthy::Validator::new(
        seaworthy::Overrides { complete: Some(complete), ..Default::default() },
        seaworthy::Policy::default(),
    );
    time("check", || validator.check(sources.clone()));
}

fn time<T>(name: &str, mut run: impl FnMut() -> T) {
    let mut all: Vec<Duration> = (0..5)
        .map(|_| {
            let s = Instant::now();
            let it = run();
            let t = s.elapsed();
            drop(it);
            t
        })
        .collect();
    all.sort();
    println!("{name}: {:.2} ms (max {:.2})", all[0].as_secs_f64() * 1e3, all[4].as_secs_f64() * 1e3);
}
