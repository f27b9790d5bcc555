//! What the language server costs in a workspace of 10,000 objects, and what 50,000 files cost it: a message goes in,
//! all that is said to it comes out. `cargo run --release -p seaworthy-bench --bin editor`.
#![allow(clippy::print_stdout, reason = "a program of its own, which prints figures")]

use seaworthy::Source;
use seaworthy_bench::processor::{figures, on_one_thread, took};
use seaworthy_bench::{fleet, fleet_on_nodes};
use seaworthy_lsp::Server;
use serde_json::{Value, json};

const FOLDER: &str = "file:///w";
const REQUESTS: u32 = 100;

fn main() {
    on_one_thread();
    for sources in [fleet(10_000), fleet_on_nodes(10_000), fleet(50_000)] {
        measure(&sources);
    }
}

fn measure(sources: &[Source]) {
    let knows_nodes = sources.iter().any(|it| it.name() == "fleet.yaml");
    let nodes = if knows_nodes { ", nodes known" } else { "" };
    println!("{} files{nodes}, {REQUESTS} messages each, in time on a processor:", sources.len());
    let mut server = Server::new("{}");
    let capabilities = json!({"textDocument": {"publishDiagnostics": {"relatedInformation": true}}});
    request(&mut server, "initialize", &json!({"capabilities": capabilities, "rootUri": FOLDER}));
    let address = |it: &Source| seaworthy_lsp::address(FOLDER, it.name());
    server.folder(FOLDER, sources.iter().map(|it| (address(it), it.clone())).collect());
    let first = took(|| notify(&mut server, "initialized", &json!({})));
    println!("  the first findings {:.0} ms", first.as_secs_f64() * 1e3);
    let Some(source) = sources.get(sources.len() / 10 * 5) else { return };
    let uri = address(source);
    let document = json!({"uri": uri, "languageId": "yaml", "version": 0, "text": source.text()});
    notify(&mut server, "textDocument/didOpen", &json!({"textDocument": document}));
    let mut version = 0;
    let mut edit = |server: &mut Server, at: (u32, u32), text: &str, replaces: u32| {
        version += 1;
        let range = json!({"start": place(at), "end": place((at.0, at.1 + replaces))});
        let params = json!({"textDocument": {"uri": uri, "version": version},
            "contentChanges": [{"range": range, "text": text}]});
        notify(server, "textDocument/didChange", &params);
    };
    let image = find(source.text(), "image:");
    times("a letter of an image is typed, and taken back", |at| {
        let (text, replaces) = if at % 2 == 0 { ("x", 0) } else { ("", 1) };
        edit(&mut server, (image.0, image.1 + 8), text, replaces);
    });
    let replicas = find(source.text(), "replicas:");
    times("replicas are typed, and taken back", |at| {
        let (text, replaces) = if at % 2 == 0 { ("1", 0) } else { ("", 1) };
        edit(&mut server, (replicas.0, replicas.1 + 10), text, replaces);
    });
    let placed = took(|| drop(server.catch_up(&|| true)));
    println!("  what is left to say once nothing is typed: {:.0} ms", placed.as_secs_f64() * 1e3);
    times("a line that is no YAML yet, and one that is", |at| {
        let (text, replaces) = if at % 2 == 0 { ("x", 0) } else { ("", 1) };
        edit(&mut server, (image.0, 0), text, replaces);
    });
    let of = |at: (u32, u32)| {
        json!({"textDocument": {"uri": uri}, "position": place(at), "newName": "new-name",
        "context": {"includeDeclaration": true}})
    };
    let name = find(source.text(), "name: app");
    for (method, at) in [
        ("hover", image),
        ("completion", (image.0, image.1 + 3)),
        ("references", (name.0, name.1 + 7)),
        ("rename", (name.0, name.1 + 7)),
        ("documentSymbol", name),
    ] {
        times(method, |_| request(&mut server, &format!("textDocument/{method}"), &of(at)));
    }
}

fn place((line, character): (u32, u32)) -> Value {
    json!({"line": line, "character": character})
}

/// Line and column of a word.
fn find(text: &str, word: &str) -> (u32, u32) {
    let found = text.lines().enumerate().find_map(|(line, it)| Some((line, it.find(word)?)));
    found.map_or((0, 0), |(line, at)| (u32::try_from(line).unwrap_or(0), u32::try_from(at).unwrap_or(0)))
}

fn request(server: &mut Server, method: &str, params: &Value) {
    drop(server.respond(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string()));
}

fn notify(server: &mut Server, method: &str, params: &Value) {
    drop(server.respond(&json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string()));
}

fn times(what: &str, mut work: impl FnMut(u32)) {
    println!("  {what}: {}", figures((0..REQUESTS).map(|at| took(|| work(at))).collect()));
}
