//! What takes long to find: pods placed on their nodes, after the editor has its answer.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod client;

use std::cell::Cell;

use client::{Client, uri, usual};
use serde_json::{Value, json};

const NODE: &str =
    "{apiVersion: v1, kind: Node, metadata: {name: one}, status: {allocatable: {cpu: 2, memory: 2Gi, pods: 9}}}";

fn pod(name: &str, cpu: u32) -> String {
    format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}, spec: {{containers: [{{name: a, image: 'a:1', \
         resources: {{requests: {{cpu: {cpu}, memory: 1Mi}}}}}}]}}}}"
    )
}

/// An edit as an editor sends it that does not wait.
fn edit(client: &mut Client, version: u32, text: &str) -> Vec<Value> {
    let document = json!({"uri": uri("web.yaml"), "version": version});
    let params = json!({"textDocument": document, "contentChanges": [{"text": text}]});
    let message = json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params});
    read(&client.server.respond(&message.to_string()))
}

fn read(messages: &[String]) -> Vec<Value> {
    messages.iter().map(|it| serde_json::from_str(it).unwrap()).collect()
}

/// The rules that speak of `web.yaml` in the last findings that were sent.
fn rules(messages: &[Value]) -> Option<Vec<&str>> {
    let of = |it: &&Value| it["params"]["uri"] == uri("web.yaml");
    let last = messages.iter().rfind(of)?;
    Some(last["params"]["diagnostics"].as_array()?.iter().map(|it| it["code"].as_str().unwrap()).collect())
}

fn client() -> Client {
    let mut client = Client::new();
    client.files(&[("node.yaml", NODE), ("other.yaml", &pod("other", 1))]);
    client.open("web.yaml", &pod("web", 1));
    assert!(!client.server.is_behind());
    client
}

#[test]
fn an_edit_does_not_wait_until_pods_are_placed() {
    let mut client = client();
    let at_once = edit(&mut client, 2, &pod("web", 8));
    assert!(!rules(&at_once).unwrap_or_default().contains(&"pod-unschedulable"));
    assert!(client.server.is_behind());
    let late = read(&client.server.catch_up(&|| true));
    assert!(rules(&late).unwrap().contains(&"pod-unschedulable"));
    assert!(!client.server.is_behind() && client.server.catch_up(&|| true).is_empty());
    // What was said stays until it is said anew, with the words it is about.
    let text = format!("# a comment\n{}", pod("web", 8));
    let at_once = edit(&mut client, 3, &text);
    let found = at_once.last().unwrap()["params"]["diagnostics"].as_array().unwrap().clone();
    let unschedulable = found.iter().find(|it| it["code"] == "pod-unschedulable").unwrap();
    assert_eq!(unschedulable["range"]["start"]["line"], 1);
    let at_once = edit(&mut client, 4, &pod("web", 1));
    assert!(rules(&at_once).unwrap().contains(&"pod-unschedulable"));
    assert!(!rules(&read(&client.server.catch_up(&|| true))).unwrap().contains(&"pod-unschedulable"));
}

#[test]
fn the_next_message_stops_it() {
    let mut client = client();
    edit(&mut client, 2, &pod("web", 8));
    let asked = Cell::new(0);
    let said = client.server.catch_up(&|| asked.replace(asked.get() + 1) == 0);
    assert!(said.is_empty() && client.server.is_behind() && asked.get() == 2);
    let hover = json!({"textDocument": {"uri": uri("web.yaml")}, "position": {"line": 0, "character": 2}});
    // Who asks by the usual way waits for everything.
    client.request("textDocument/hover", hover).unwrap();
    assert!(!client.server.is_behind() && client.rules("web.yaml").contains(&"pod-unschedulable"));
}

#[test]
fn an_edit_that_moves_no_pod_leaves_nothing_to_do() {
    let mut client = client();
    edit(&mut client, 2, &pod("web", 1).replace("a:1", "registry.example/a:1"));
    assert!(!client.server.is_behind());
}

#[test]
fn who_pulls_is_told_to_pull_again_or_waits() {
    for refreshes in [true, false] {
        let mut capabilities = usual();
        capabilities["textDocument"]["diagnostic"] = json!({});
        capabilities["workspace"]["diagnostics"] = json!({"refreshSupport": refreshes});
        let folders = json!([{"uri": "file:///w", "name": "w"}]);
        let mut client = Client::with(json!({"capabilities": capabilities, "workspaceFolders": folders}));
        client.files(&[("node.yaml", NODE)]);
        client.open("web.yaml", &pod("web", 1));
        edit(&mut client, 2, &pod("web", 8));
        let params = json!({"textDocument": {"uri": uri("web.yaml")}});
        let pull = json!({"jsonrpc": "2.0", "id": 7, "method": "textDocument/diagnostic", "params": params});
        let has_it = |messages: &[String]| messages.concat().contains("pod-unschedulable");
        assert_eq!(has_it(&client.server.respond(&pull.to_string())), !refreshes);
        let late = client.server.catch_up(&|| true);
        assert_eq!(late.concat().contains("workspace/diagnostic/refresh"), refreshes);
        assert!(has_it(&client.server.respond(&pull.to_string())));
    }
}
