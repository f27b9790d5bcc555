//! A bench a stage, and end to end: `cargo bench -p seaworthy-bench`.

use divan::{Bencher, counter::BytesCount};
use seaworthy::render::{Json, Text};
use seaworthy::{Facts, Policy, Validator, Versions};
use seaworthy_apiserver::Servers;
use seaworthy_bench::{documents, fleet, json, size};
use seaworthy_fleet::{Fleet, Given};
use seaworthy_object::{Catalog, Content, Object, contents};

const SIZES: [usize; 3] = [10, 1_000, 10_000];

fn main() {
    divan::main();
}

/// The yardstick: the same content, read by `serde_json` into its `Value`.
#[divan::bench(args = SIZES)]
fn a_serde_json_value(bencher: Bencher, objects: usize) {
    let sources = fleet(objects);
    let texts = json(&documents(&sources));
    bencher.counter(BytesCount::new(size(&sources))).bench(|| {
        texts.iter().filter_map(|text| serde_json::from_str::<serde_json::Value>(text).ok()).collect::<Vec<_>>()
    });
}

#[divan::bench(args = SIZES)]
fn b_document(bencher: Bencher, objects: usize) {
    let sources = fleet(objects);
    bencher.counter(BytesCount::new(size(&sources))).bench(|| documents(&sources));
}

#[divan::bench(args = SIZES)]
fn c_object(bencher: Bencher, objects: usize) {
    let sources = fleet(objects);
    let (documents, catalog) = (documents(&sources), Catalog::built_in());
    bencher
        .counter(BytesCount::new(size(&sources)))
        .bench(|| documents.iter().map(|it| contents(it, "x.yaml", &catalog, "default")).collect::<Vec<_>>());
}

#[divan::bench(args = SIZES)]
fn d_apiserver(bencher: Bencher, objects: usize) {
    let sources = fleet(objects);
    let (documents, catalog) = (documents(&sources), Catalog::built_in());
    let contents: Vec<_> = documents.iter().map(|it| contents(it, "x.yaml", &catalog, "default")).collect();
    let versions = Versions::one(seaworthy::Version::NEWEST);
    let servers = Servers { catalog: &catalog, versions, definitions: None };
    bencher
        .counter(BytesCount::new(size(&sources)))
        .bench(|| contents.iter().flat_map(of).map(|object| servers.judge(object).len()).sum::<usize>());
}

#[divan::bench(args = SIZES)]
fn e_fleet(bencher: Bencher, objects: usize) {
    let sources = fleet(objects);
    let (documents, catalog, facts) = (documents(&sources), Catalog::built_in(), Facts::default());
    let contents: Vec<_> = documents.iter().map(|it| contents(it, "x.yaml", &catalog, "default")).collect();
    bencher.counter(BytesCount::new(size(&sources))).bench(|| {
        Fleet::new(Given { objects: contents.iter().flat_map(of).collect(), ..Given::default() }, &facts, &catalog)
            .objects()
            .len()
    });
}

#[divan::bench(args = SIZES)]
fn f_render_text(bencher: Bencher, objects: usize) {
    let report = Validator::default().check(fleet(objects));
    bencher.bench(|| Text::new(&report).to_string());
}

#[divan::bench(args = SIZES)]
fn g_render_json(bencher: Bencher, objects: usize) {
    let report = Validator::default().check(fleet(objects));
    bencher.bench(|| Json(&report).to_string());
}

#[divan::bench(args = SIZES)]
fn h_end_to_end(bencher: Bencher, objects: usize) {
    let sources = fleet(objects);
    let validator = Validator::new(Default::default(), Policy::default());
    bencher.counter(BytesCount::new(size(&sources))).bench(|| validator.check(sources.clone()).diagnostics.len());
}

fn of<'c, 'a>(content: &'c Content<'a>) -> &'c [Object<'a>] {
    match content {
        Content::Manifest(manifest) => &manifest.objects,
        _ => &[],
    }
}
