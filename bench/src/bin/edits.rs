//! What an edit costs in a workspace of 10,000 objects, in one namespace and in fifty: the file is set and all is
//! checked again. `cargo run --release -p seaworthy-bench --bin edits`.
#![allow(clippy::print_stdout, reason = "a program of its own, which prints figures")]

use std::fmt::Write;

use seaworthy::policy::pack;
use seaworthy::{Overrides, Policy, Source, Validator, Workspace};
use seaworthy_bench::processor::{figures, on_one_thread, took};
use seaworthy_bench::{fleet, fleet_on_nodes, memory};

const OBJECTS: usize = 10_000;
const EDITS: usize = 200;

fn main() {
    on_one_thread();
    for (namespaces, complete) in [(1, false), (1, true), (50, false), (50, true)] {
        measure(namespaces, complete);
    }
    measure_on_nodes();
}

/// Edits of pods where nodes are known: what is said at once, and what comes when all pods are placed.
fn measure_on_nodes() {
    println!("{OBJECTS} objects with as many pods on 100 nodes, {EDITS} edits each; at once, and what is left to do:");
    let sources = fleet_on_nodes(OBJECTS);
    let mut workspace = Workspace::new(Validator::new(Overrides::default(), Policy::default()));
    sources.iter().for_each(|it| workspace.set(it.clone()));
    let first = took(|| drop(workspace.check()));
    println!("  the first check {:.0} ms", first.as_secs_f64() * 1e3);
    let all: [(&str, &str, &str); 4] = [
        ("a Deployment: another image", ":1.2.3", ":1.2.4"),
        (
            "a Deployment: another label of its pods",
            "        app.kubernetes.io/part-of: shop",
            "        app.kubernetes.io/part-of: other",
        ),
        ("a Deployment: more replicas", "replicas: 5", "replicas: 7"),
        ("a Deployment: broken, as while typing", "spec:", "  - :"),
    ];
    for (what, old, new) in all {
        let (mut at_once, mut later) = (Vec::new(), Vec::new());
        for source in sources.iter().step_by(5).take(EDITS / 2) {
            for text in [source.text().replace(old, new), source.text().to_owned()] {
                at_once.push(took(|| {
                    workspace.set(Source::new(source.name(), text));
                    workspace.check_at_once();
                }));
                later.push(took(|| {
                    workspace.catch_up(&|| true);
                }));
            }
        }
        println!("  {what}: {}", figures(at_once));
        println!("    and then: {}", figures(later));
    }
}

fn measure(namespaces: usize, complete: bool) {
    let set = if complete { "complete" } else { "part of a set" };
    println!("{OBJECTS} objects in {namespaces} namespaces, {set}, {EDITS} edits each, in time on a processor:");
    let validator = || {
        let overrides = Overrides { complete: Some(complete), ..Overrides::default() };
        Validator::new(overrides, Policy::default().with_packs(pack("strict")))
    };
    let sources = files(namespaces);
    let before = memory();
    let mut workspace = Workspace::new(validator());
    sources.iter().for_each(|it| workspace.set(it.clone()));
    let first = took(|| drop(workspace.check()));
    println!("  the first check {:.0} ms, {} MiB kept", first.as_secs_f64() * 1e3, (memory() - before) >> 20);
    let whole = took(|| drop(validator().check(sources.clone())));
    println!("  a whole check {:.0} ms", whole.as_secs_f64() * 1e3);
    let all = |kind: usize| sources.iter().skip(kind).step_by(5).cycle();
    let deployments = || all(0);
    edits("a Deployment: another image", &mut workspace, deployments(), |text, at| {
        text.replace(":1.2.3", &format!(":1.2.{at}"))
    });
    edits("a Deployment: broken, as while typing", &mut workspace, deployments(), |text, _| format!("{text}  - :"));
    edits("a Deployment: another claim", &mut workspace, deployments(), |text, at| {
        text.replace("claimName: app-", &format!("claimName: other-{at}-"))
    });
    edits("a Deployment: another label", &mut workspace, deployments(), |text, at| {
        text.replace("part-of: shop", &format!("part-of: shop-{at}"))
    });
    edits("a Service: another name", &mut workspace, all(1), |text, at| {
        text.replacen("name: app-", &format!("name: other-{at}-"), 1)
    });
    edits("a ConfigMap: another name", &mut workspace, all(2), |text, at| {
        text.replacen("name: app-", &format!("name: other-{at}-"), 1)
    });
    edits("a ConfigMap: broken, as while typing", &mut workspace, all(2), |text, _| format!("{text}  - :"));
    edits("a claim: another size", &mut workspace, all(3), |text, at| text.replace("10Gi", &format!("{at}Gi")));
    let shared = |it: &&Source| it.name().starts_with("shared");
    let accounts = || sources.iter().filter(shared).cycle();
    let words = format!("an account of {} Deployments: another label", OBJECTS / 5 / namespaces);
    edits(&words, &mut workspace, accounts(), |text, at| format!("{text}  labels: {{a: x{at}}}\n"));
    edits(&words.replace("label", "name"), &mut workspace, accounts(), |text, at| {
        text.replace("name: shared", &format!("name: other-{at}"))
    });
    let mut come_and_go = Vec::new();
    for (at, source) in deployments().take(EDITS).enumerate() {
        let name = format!("{}-{at}.yaml", source.name());
        let text = source.text().replace("name: app-", "name: new-");
        come_and_go.push(took(|| {
            workspace.set(Source::new(name.as_str(), text));
            workspace.check();
        }));
        come_and_go.push(took(|| {
            workspace.remove(&name);
            workspace.check();
        }));
    }
    println!("  a file comes, and goes: {}", figures(come_and_go));
}

/// One file an object; the Deployments of a namespace share an account.
fn files(namespaces: usize) -> Vec<Source> {
    let mut sources: Vec<Source> = fleet(OBJECTS);
    for (at, source) in sources.iter_mut().enumerate() {
        let namespace = format!("shop-{}", at / 5 % namespaces);
        let text = source.text().replace("namespace: shop", &format!("namespace: {namespace}"));
        let text = text.replace(&format!("serviceAccountName: app-{}", at / 5), "serviceAccountName: shared");
        *source = Source::new(source.name(), text);
    }
    for at in 0..namespaces {
        let mut text = String::new();
        let metadata = format!("metadata:\n  name: shared\n  namespace: shop-{at}\n");
        // Writing into a string cannot fail.
        write!(text, "apiVersion: v1\nkind: ServiceAccount\n{metadata}").unwrap_or_default();
        sources.push(Source::new(format!("shared-{at}.yaml"), text));
    }
    sources
}

/// Each file is changed, and changed back; each time all is checked again.
fn edits<'s>(
    what: &str,
    workspace: &mut Workspace,
    sources: impl Iterator<Item = &'s Source>,
    change: impl Fn(&str, usize) -> String,
) {
    let mut all = Vec::new();
    for (at, source) in sources.take(EDITS / 2).enumerate() {
        for text in [change(source.text(), at), source.text().to_owned()] {
            all.push(took(|| {
                workspace.set(Source::new(source.name(), text));
                workspace.check();
            }));
        }
    }
    println!("  {what}: {}", figures(all));
}
