//! The npm package is the crate: in Node it gives the same JSON for every example of every rule's page and every
//! fixture, and what the command line explains.
//!
//! Behind the feature `npm`, as building the package takes minutes: `cargo test -p seaworthy-tests --features npm`.

use std::process::Command;

use seaworthy::wire;
use seaworthy_tests::examples::{self, root};
use serde_json::{Value, json};

/// Answers requests from a file, in their order.
const SCRIPT: &str = r#"
import { readFileSync, writeFileSync } from "node:fs";
const { check, describe, explain, rules, version } = await import(process.argv[2]);
const requests = JSON.parse(readFileSync(process.argv[3], "utf8"));
const answers = requests.map(({ files, options }) => [check(files, options), describe(files, options)]);
const pages = await Promise.all((await rules()).map((rule) => explain(rule.id)));
writeFileSync(process.argv[4], JSON.stringify({ answers, pages, version: version() }));
"#;

#[test]
fn the_package_is_the_crate() {
    let is_there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !(is_there("node") && is_there("npm")) {
        println!("not run: no node and npm");
        return;
    }
    let cargo = || Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let built = cargo().args(["run", "--quiet", "--package", "xtask", "npm"]).current_dir(root()).status().unwrap();
    assert!(built.success(), "the package does not build, or its own tests fail");

    let options = [
        json!({"today": "2026-11-25"}),
        json!({"complete": true, "packs": ["strict"], "kubernetesVersions": ["1.30", "1.34"], "namespace": "shop"}),
    ];
    let request = |sources: &[seaworthy::Source], options: &Value| {
        let files: Vec<Value> = sources.iter().map(|it| json!({"name": it.name(), "text": it.text()})).collect();
        json!({"files": files, "options": options})
    };
    let all = examples::all();
    let requests: Vec<(String, Value)> = all
        .iter()
        .flat_map(|it| options.iter().map(|options| (it.name.clone(), request(&it.sources, options))))
        .collect();
    assert!(requests.len() > 1000, "{} requests", requests.len());

    let folder = root().join("target/tests/npm");
    std::fs::create_dir_all(&folder).unwrap();
    let bodies: Vec<&Value> = requests.iter().map(|it| &it.1).collect();
    std::fs::write(folder.join("script.mjs"), SCRIPT).unwrap();
    std::fs::write(folder.join("requests.json"), json!(bodies).to_string()).unwrap();
    let mut node = Command::new("node");
    node.arg(folder.join("script.mjs")).arg(root().join("target/dist/npm/node.js"));
    let ran = node.arg(folder.join("requests.json")).arg(folder.join("answers.json")).status().unwrap();
    assert!(ran.success());

    let said: Value = serde_json::from_slice(&std::fs::read(folder.join("answers.json")).unwrap()).unwrap();
    for ((name, request), answers) in requests.iter().zip(said["answers"].as_array().unwrap()) {
        let request = request.to_string();
        let want = [wire::check(&request).unwrap(), wire::describe(&request).unwrap()];
        let want = want.map(|it| serde_json::from_str::<Value>(&it).unwrap());
        assert_eq!(answers, &json!(want), "{name}");
    }
    assert_eq!(said["answers"].as_array().unwrap().len(), requests.len());
    assert_eq!(said["version"], env!("CARGO_PKG_VERSION"));

    let rules = seaworthy::rules::all();
    assert_eq!(said["pages"].as_array().unwrap().len(), rules.len());
    // Some of each sort of level are enough: starting the program takes longer than the rest.
    for name in ["bare-pod", "missing-field", "host-path-volume", "privileged-container"] {
        let at = rules.iter().position(|rule| rule.meta().id == name).unwrap_or_else(|| panic!("{name}"));
        let run =
            cargo().args(["run", "--quiet", "--package", "seaworthy-cli", "--", "explain", name]).output().unwrap();
        assert_eq!(said["pages"][at].as_str().unwrap(), String::from_utf8(run.stdout).unwrap(), "{name}");
    }
}
