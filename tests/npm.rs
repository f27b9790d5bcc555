//! The npm package is the crate: in Node it gives the same JSON for every example of every rule's page and every
//! fixture, explains what the command line explains, and its language server says what the crate's says.
//!
//! Behind the feature `npm`, as building the package takes minutes: `cargo test -p seaworthy-tests --features npm`.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use seaworthy::{Source, wire};
use seaworthy_lsp::Server;
use seaworthy_tests::examples::{self, Example, root};
use serde_json::{Value, json};

/// The folder of the package, built as it is handed out; none where nothing can build it.
static PACKAGE: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let is_there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !(is_there("node") && is_there("npm")) {
        println!("not run: no node and npm");
        return None;
    }
    let built = cargo().args(["run", "--quiet", "--package", "xtask", "npm"]).status().unwrap();
    assert!(built.success(), "the package does not build, or its own tests fail");
    Some(root().join("target/dist/npm"))
});

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// What a script answers in Node to a file of requests: it finds the module that it tries in `door`, and the requests
/// in `requests`. None without the package.
fn ask(name: &str, door: &str, script: &str, requests: &Value) -> Option<Value> {
    let package = PACKAGE.as_ref()?;
    let folder = root().join("target/tests/npm").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let head = r#"import { readFileSync, writeFileSync } from "node:fs";
const door = await import(process.argv[2]);
const requests = JSON.parse(readFileSync(process.argv[3], "utf8"));
const answer = (it) => writeFileSync(process.argv[4], JSON.stringify(it));
"#;
    std::fs::write(folder.join("script.mjs"), format!("{head}{script}")).unwrap();
    std::fs::write(folder.join("requests.json"), requests.to_string()).unwrap();
    let mut node = Command::new("node");
    node.arg(folder.join("script.mjs")).arg(package.join(door));
    let ran = node.arg(folder.join("requests.json")).arg(folder.join("answers.json")).status().unwrap();
    assert!(ran.success());
    Some(serde_json::from_slice(&std::fs::read(folder.join("answers.json")).unwrap()).unwrap())
}

/// The modules are built without the reader of Terraform.
fn is_read_by_module(example: &Example) -> bool {
    !example.sources.iter().any(|it| it.name().ends_with(".tf"))
}

#[test]
fn reports_and_descriptions_are_the_crates() {
    let options = [
        json!({"today": "2026-11-25"}),
        json!({"complete": true, "packs": ["strict"], "kubernetesVersions": ["1.30", "1.34"], "namespace": "shop"}),
    ];
    let file = |it: &Source| json!({"name": it.name(), "text": it.text()});
    let mut requests = Vec::new();
    for example in examples::all().into_iter().filter(is_read_by_module) {
        let files: Vec<Value> = example.sources.iter().map(file).collect();
        requests.extend(options.iter().map(|options| json!({"files": files, "options": options})));
    }
    assert!(requests.len() > 1000, "{} requests", requests.len());
    let script =
        "answer(requests.map(({ files, options }) => [door.check(files, options), door.describe(files, options)]))";
    let Some(said) = ask("check", "node.js", script, &json!(requests)) else { return };
    let said = said.as_array().unwrap();
    assert_eq!(said.len(), requests.len());
    for (request, said) in requests.iter().map(Value::to_string).zip(said) {
        let want = [wire::check(&request).unwrap(), wire::describe(&request).unwrap()];
        let want = want.map(|it| serde_json::from_str::<Value>(&it).unwrap());
        assert_eq!(said, &json!(want), "{request}");
    }
}

#[test]
fn pages_are_those_of_the_command_line() {
    let script = "answer(await Promise.all((await door.rules()).map((rule) => door.explain(rule.id))))";
    let Some(pages) = ask("explain", "node.cjs", script, &Value::Null) else { return };
    let rules = seaworthy::rules::all();
    assert_eq!(pages.as_array().unwrap().len(), rules.len());
    // Some of each sort of level are enough: starting the program takes longer than the rest.
    for name in ["bare-pod", "missing-field", "resources-unset", "privileged-container"] {
        let at = rules.iter().position(|rule| rule.meta().id == name).unwrap_or_else(|| panic!("{name}"));
        let page = cargo().args(["run", "--quiet", "--package", "seaworthy-cli", "--", "explain", name]).output();
        assert_eq!(pages[at].as_str().unwrap(), String::from_utf8(page.unwrap().stdout).unwrap(), "{name}");
    }
}

/// What stands in the path of a URI as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// The messages of an editor that opens the files of an example, and looks around in the first.
fn session(sources: &[Source]) -> Vec<String> {
    let uri = |it: &Source| format!("file:///fleet/{}", utf8_percent_encode(it.name().trim_start_matches('/'), KEPT));
    let mut messages = vec![
        json!({"id": 1, "method": "initialize", "params": {"capabilities": {}, "rootUri": "file:///fleet"}}),
        json!({"method": "initialized", "params": {}}),
    ];
    for source in sources {
        let document = json!({"uri": uri(source), "languageId": "yaml", "version": 1, "text": source.text()});
        messages.push(json!({"method": "textDocument/didOpen", "params": {"textDocument": document}}));
    }
    if let Some(first) = sources.first() {
        let document = json!({"uri": uri(first)});
        messages.push(json!({"id": 2, "method": "textDocument/documentSymbol", "params": {"textDocument": document}}));
        for line in 0..12 {
            let params = json!({"textDocument": document, "position": {"line": line, "character": 4}});
            let mut ask = |id: u32, method: &str| messages.push(json!({"id": id, "method": method, "params": params}));
            ask(10 + line, "textDocument/hover");
            ask(30 + line, "textDocument/completion");
            ask(50 + line, "textDocument/definition");
        }
    }
    let sent = |mut it: Value| {
        it["jsonrpc"] = json!("2.0");
        it.to_string()
    };
    messages.into_iter().map(sent).collect()
}

#[test]
fn the_language_server_is_the_crates() {
    let sessions: Vec<Vec<String>> =
        examples::all().iter().filter(|it| is_read_by_module(it)).map(|it| session(&it.sources)).collect();
    let script = "answer(requests.map((messages) => {
    const server = new door.Lsp();
    return messages.map((it) => server.handle(it));
}))";
    let Some(said) = ask("lsp", "lsp-node.js", script, &json!(sessions)) else { return };
    for (messages, said) in sessions.iter().zip(said.as_array().unwrap()) {
        let mut server = Server::new("{}");
        for (message, said) in messages.iter().zip(said.as_array().unwrap()) {
            assert_eq!(said, &json!(server.handle(message)), "{message}");
        }
    }
}
