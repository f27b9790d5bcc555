//! The protocol: what comes in what order, what is wrong, and what is answered then.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod client;

use client::{Client, uri, usual};
use seaworthy::Source;
use serde_json::{Value, json};

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, imag: web:1}]\n";

fn code(answer: &Result<Value, Value>) -> i64 {
    answer.as_ref().unwrap_err()["code"].as_i64().unwrap()
}

#[test]
fn what_comes_in_the_wrong_order() {
    let mut client = Client::silent();
    assert_eq!(code(&client.request("textDocument/hover", json!({}))), -32002);
    client.open("a.yaml", POD);
    client.notify("seaworthy/files", json!({"files": [{"uri": uri("a.yaml"), "text": POD}]}));
    assert_eq!(client.told, Vec::<Value>::new(), "before `initialize` notifications are dropped");
    client.request("initialize", json!({"capabilities": {}})).unwrap();
    assert_eq!(code(&client.request("initialize", json!({"capabilities": {}}))), -32600);
    assert_eq!(client.request("shutdown", Value::Null), Ok(Value::Null));
    assert_eq!(code(&client.request("textDocument/hover", json!({}))), -32600);
    assert_eq!(client.server.exit_code(), None);
    client.notify("exit", Value::Null);
    assert_eq!(client.server.exit_code(), Some(0));
    let mut client = Client::new();
    client.notify("exit", Value::Null);
    assert_eq!(client.server.exit_code(), Some(1), "without `shutdown`");
}

#[test]
fn what_is_no_message() {
    let mut client = Client::new();
    for (text, code) in [
        ("", -32700),
        ("{", -32700),
        ("[]", -32600),
        ("3", -32600),
        ("{}", -32600),
        (r#"{"id": 1, "method": 2}"#, -32600),
        (r#"{"id": {}, "method": "shutdown"}"#, -32600),
        (r#"{"id": null, "method": "shutdown"}"#, -32600),
    ] {
        let out = client.send(text);
        assert_eq!((out.len(), &out[0]["id"], &out[0]["error"]["code"]), (1, &Value::Null, &json!(code)), "{text}");
    }
    assert_eq!(code(&client.request("textDocument/formatting", json!({}))), -32601);
    assert_eq!(code(&client.request("$/unknown", json!({}))), -32601);
    assert_eq!(code(&client.request("textDocument/hover", json!({"textDocument": {"uri": "no uri at all"}}))), -32602);
    assert_eq!(code(&client.request("textDocument/hover", json!({}))), -32602);
    client.notify("$/unknown", json!({}));
    client.notify("textDocument/unknown", json!({}));
    assert!(client.send(r#"{"id": 99, "result": null}"#).is_empty(), "an answer that nobody waits for");
    assert!(client.send(r#"{"id": "x", "error": {"code": 1, "message": ""}}"#).is_empty());
}

#[test]
fn versions_that_are_not_newer_are_left_out() {
    let mut client = Client::new();
    client.open("a.yaml", POD);
    assert!(client.rules("a.yaml").contains(&"unknown-field"));
    let change = |version: i64, text: &str| json!({"textDocument": {"uri": uri("a.yaml"), "version": version}, "contentChanges": [{"text": text}]});
    client.notify("textDocument/didChange", change(7, &POD.replace("imag:", "image:")));
    assert!(!client.rules("a.yaml").contains(&"unknown-field"));
    for version in [7, 3, -1] {
        client.told.clear();
        client.notify("textDocument/didChange", change(version, POD));
        assert_eq!(client.told[0]["method"], "window/logMessage");
        assert!(client.told[0]["params"]["message"].as_str().unwrap().contains("is at version 7"));
    }
    assert!(!client.rules("a.yaml").contains(&"unknown-field"));
}

#[test]
fn documents_that_are_not_open() {
    let mut client = Client::new();
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri("a.yaml")}}));
    assert!(client.told[0]["params"]["message"].as_str().unwrap().contains("is not open"));
    let change = json!({"textDocument": {"uri": uri("a.yaml"), "version": 1}, "contentChanges": [{"text": "x"}]});
    client.notify("textDocument/didChange", change);
    assert_eq!(client.told.len(), 2);
    for method in ["hover", "definition", "references", "completion", "documentSymbol", "codeAction", "diagnostic"] {
        let params = json!({"textDocument": {"uri": uri("a.yaml")}, "position": {"line": 1, "character": 1},
            "range": {"start": {"line": 1, "character": 1}, "end": {"line": 1, "character": 1}},
            "context": {"diagnostics": [], "includeDeclaration": true}});
        let answer = client.request(&format!("textDocument/{method}"), params);
        assert!(answer.is_ok(), "{method}: {answer:?}");
    }
}

#[test]
fn positions_past_the_end_are_answered() {
    let mut client = Client::new();
    client.open("a.yaml", POD);
    for (line, character) in [(0, 4_000_000_000_u32), (99, 0), (u32::MAX, u32::MAX)] {
        let at = json!({"line": line, "character": character});
        for method in ["hover", "definition", "completion", "prepareRename"] {
            let params = json!({"textDocument": {"uri": uri("a.yaml")}, "position": at});
            let answer = client.request(&format!("textDocument/{method}"), params);
            assert!(answer.is_ok() || code(&answer) == -32803, "{method}: {answer:?}");
        }
        client.change("a.yaml", json!([{"range": {"start": at, "end": at}, "text": "\n"}]));
    }
    assert!(client.rules("a.yaml").contains(&"unknown-field"), "the same text with blank lines at its end");
}

#[test]
fn an_unsaved_buffer_counts_until_it_is_closed() {
    let mut client = Client::new();
    client.files(&[("a.yaml", POD)]);
    assert!(client.rules("a.yaml").contains(&"unknown-field"));
    client.open("a.yaml", &POD.replace("imag:", "image:"));
    assert!(!client.rules("a.yaml").contains(&"unknown-field"));
    client.files(&[("a.yaml", &POD.replace("web", "other"))]);
    assert!(!client.rules("a.yaml").contains(&"unknown-field"), "what is on disk does not count");
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri("a.yaml")}}));
    assert!(client.rules("a.yaml").contains(&"unknown-field"));
}

#[test]
fn a_file_is_deleted_under_it() {
    let mut client = Client::new();
    client.files(&[("a.yaml", POD), ("k8s/b.yaml", POD)]);
    client.open("a.yaml", POD);
    client.notify("seaworthy/files", json!({"files": [{"uri": uri("a.yaml"), "text": null}]}));
    assert!(client.rules("a.yaml").contains(&"unknown-field"), "the buffer is still there");
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri("a.yaml")}}));
    assert!(client.rules("a.yaml").is_empty());
    let deleted = json!({"changes": [{"uri": uri("k8s"), "type": 3}]});
    client.notify("workspace/didChangeWatchedFiles", deleted);
    assert!(client.rules("k8s/b.yaml").is_empty(), "a folder goes with what is in it");
}

#[test]
fn folders_are_fleets_of_their_own() {
    let folders = json!([{"uri": "file:///w/one", "name": "one"}, {"uri": "file:///w/two", "name": "two"}]);
    let mut client = Client::with(json!({"capabilities": usual(), "workspaceFolders": folders}));
    client.files(&[("one/a.yaml", POD), ("two/a.yaml", POD)]);
    assert!(!client.rules("one/a.yaml").contains(&"duplicate-object"), "{:?}", client.findings);
    let event = json!({"added": [], "removed": [{"uri": "file:///w/two", "name": "two"}]});
    client.notify("workspace/didChangeWorkspaceFolders", json!({"event": event}));
    assert!(client.rules("two/a.yaml").is_empty());
    assert!(client.rules("one/a.yaml").contains(&"unknown-field"));
    let event =
        json!({"added": [{"uri": "file:///w", "name": "w"}], "removed": [{"uri": "file:///w/one", "name": "one"}]});
    client.notify("workspace/didChangeWorkspaceFolders", json!({"event": event}));
    client.files(&[("one/a.yaml", POD), ("two/a.yaml", POD)]);
    assert!(
        client.rules("one/a.yaml").contains(&"duplicate-object")
            || client.rules("two/a.yaml").contains(&"duplicate-object")
    );
}

#[test]
fn settings_are_obeyed_and_wrong_ones_are_said() {
    let mut client = Client::new();
    client.open("a.yaml", POD);
    assert!(client.rules("a.yaml").contains(&"unknown-field"));
    let configure = |settings: Value| json!({"settings": {"seaworthy": settings}});
    client.notify("workspace/didChangeConfiguration", configure(json!({"skip": ["unknown-field"]})));
    assert!(!client.rules("a.yaml").contains(&"unknown-field") && !client.rules("a.yaml").is_empty());
    client.told.clear();
    client.notify("workspace/didChangeConfiguration", configure(json!({"only": ["unknown-feld"]})));
    assert_eq!(client.told[0]["method"], "window/showMessage");
    assert!(client.told[0]["params"]["message"].as_str().unwrap().contains("unknown-feld"));
    assert!(!client.rules("a.yaml").contains(&"unknown-field"), "what held before holds");
    client.notify("workspace/didChangeConfiguration", configure(json!({"kubernetesVersion": "1.30", "only": "api"})));
    assert_eq!(client.rules("a.yaml").iter().filter(|it| **it == "unknown-field").count(), 1);
}

#[test]
fn settings_are_asked_for() {
    let mut capabilities = usual();
    capabilities["workspace"]["configuration"] = json!(true);
    let mut client = Client::with(json!({"capabilities": capabilities, "workspaceFolders": null}));
    let asked = client.told.iter().find(|it| it["method"] == "workspace/configuration").unwrap().clone();
    client.open("a.yaml", POD);
    let answer = json!({"jsonrpc": "2.0", "id": asked["id"], "result": [{"only": ["unknown-field"]}]});
    client.send(&answer.to_string());
    assert_eq!(client.rules("a.yaml"), ["unknown-field"]);
}

#[test]
fn findings_are_pulled() {
    let capabilities =
        json!({"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": true}}});
    let mut client =
        Client::with(json!({"capabilities": capabilities, "workspaceFolders": [{"uri": "file:///w", "name": "w"}]}));
    client.files(&[("b.yaml", POD)]);
    assert!(client.told.iter().any(|it| it["method"] == "workspace/diagnostic/refresh"));
    client.open("a.yaml", POD);
    assert!(client.findings.is_empty(), "what is asked for is not sent as well");
    let of = |name: &str, previous: &Value| json!({"textDocument": {"uri": uri(name)}, "previousResultId": previous});
    let first = client.request("textDocument/diagnostic", of("a.yaml", &Value::Null)).unwrap();
    assert_eq!(first["kind"], "full");
    assert!(first["items"].as_array().unwrap().iter().any(|it| it["code"] == "unknown-field"));
    let again = client.request("textDocument/diagnostic", of("a.yaml", &first["resultId"])).unwrap();
    assert_eq!(again, json!({"kind": "unchanged", "resultId": first["resultId"]}));
    client.change("a.yaml", json!([{"text": POD.replace("imag:", "image:")}]));
    let after = client.request("textDocument/diagnostic", of("a.yaml", &first["resultId"])).unwrap();
    assert!(!after["items"].as_array().unwrap().iter().any(|it| it["code"] == "unknown-field"));
    let all = client.request("workspace/diagnostic", json!({"previousResultIds": []})).unwrap();
    let reports = all["items"].as_array().unwrap();
    assert_eq!(
        reports.iter().map(|it| it["uri"].as_str().unwrap()).collect::<Vec<_>>(),
        [uri("a.yaml"), uri("b.yaml")]
    );
    let mut has: Vec<Value> = reports.iter().map(|it| json!({"uri": it["uri"], "value": it["resultId"]})).collect();
    has.push(json!({"uri": uri("gone.yaml"), "value": "1"}));
    let rest = client.request("workspace/diagnostic", json!({"previousResultIds": has})).unwrap();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!((&rest["items"][0]["uri"], &rest["items"][0]["items"]), (&json!(uri("gone.yaml")), &json!([])));
}

#[test]
fn what_was_cancelled_is_not_worked_on() {
    let mut client = Client::new();
    client.open("a.yaml", POD);
    let request = |id: i64| {
        json!({"jsonrpc": "2.0", "id": id, "method": "textDocument/hover", "params":
            {"textDocument": {"uri": uri("a.yaml")}, "position": {"line": 0, "character": 0}}})
        .to_string()
    };
    let server = &mut client.server;
    server.accept(&request(1));
    server.accept(&request(2));
    for id in [json!(1), json!(77), json!("x"), Value::Null] {
        server.accept(&json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": id}}).to_string());
    }
    let mut out: Vec<Value> = Vec::new();
    while let Some(messages) = server.step() {
        out.extend(messages.iter().map(|it| serde_json::from_str::<Value>(it).unwrap()));
    }
    assert_eq!((&out[0]["id"], &out[0]["error"]["code"]), (&json!(1), &json!(-32800)));
    assert_eq!(out[1]["id"], 2);
    assert!(out[1].get("result").is_some());
    // A cancellation of what was answered already does nothing, and the id may come again.
    server.accept(&json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 2}}).to_string());
    assert!(server.handle(&request(2))[0].contains("result"));
}

#[test]
fn fast_typing_is_checked_once() {
    let mut client = Client::new();
    client.open("a.yaml", POD);
    for version in 2..50 {
        let text = format!("{POD}# {version}\n");
        let change =
            json!({"textDocument": {"uri": uri("a.yaml"), "version": version}, "contentChanges": [{"text": text}]});
        client
            .server
            .accept(&json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": change}).to_string());
    }
    let mut out = Vec::new();
    while let Some(messages) = client.server.step() {
        out.extend(messages);
    }
    assert_eq!(out.len(), 1);
    assert_eq!(serde_json::from_str::<Value>(&out[0]).unwrap()["params"]["version"], 49);
}

#[test]
fn encodings_are_negotiated() {
    for (offered, chosen) in [
        (json!(["utf-8", "utf-16"]), "utf-8"),
        (json!(["utf-32", "utf-8"]), "utf-32"),
        (json!(["utf-7"]), "utf-16"),
        (Value::Null, "utf-16"),
    ] {
        let mut client = Client::silent();
        let capabilities = json!({"general": {"positionEncodings": offered}});
        let result = client.request("initialize", json!({"capabilities": capabilities})).unwrap();
        assert_eq!(result["capabilities"]["positionEncoding"], chosen);
    }
}

#[test]
fn a_document_of_20_mb() {
    let mut client = Client::new();
    let line = "# a line of a comment, which is as long as such lines are when people write them by the dozen\n";
    let text = format!("{POD}{}", line.repeat(20_000_000 / line.len()));
    client.open("a.yaml", &text);
    assert!(client.rules("a.yaml").contains(&"unknown-field"));
    let at = |line: u32, character: u32| json!({"line": line, "character": character});
    client.change("a.yaml", json!([{"range": {"start": at(4, 31), "end": at(4, 31)}, "text": "e"}]));
    assert!(!client.rules("a.yaml").contains(&"unknown-field"), "{:?}", client.rules("a.yaml"));
}

#[test]
fn a_workspace_of_50_000_files() {
    let mut client = Client::new();
    let text = |at: usize| format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c-{at}}}}}");
    let file = |at: usize| (uri(&format!("{at}.yaml")), Source::new("", text(at)));
    client.server.folder("file:///w", (0..50_000).map(file).collect());
    client.open("web.yaml", POD);
    assert!(client.rules("web.yaml").contains(&"unknown-field"));
    let found = client.request("workspace/symbol", json!({"query": "c-49999"})).unwrap();
    assert_eq!(found[0]["location"]["uri"], uri("49999.yaml"));
    let many = client.request("workspace/symbol", json!({"query": ""})).unwrap();
    assert_eq!(many.as_array().unwrap().len(), 256);
    // All are gone but one: what a folder does not hold any more is forgotten.
    client.server.folder("file:///w", vec![file(7)]);
    let left = client.request("workspace/symbol", json!({"query": "ConfigMap"})).unwrap();
    assert_eq!(left.as_array().unwrap().len(), 1);
}

#[test]
fn nothing_is_remembered_of_what_is_gone() {
    let mut client = Client::new();
    for at in 0..200 {
        let name = format!("{at}.yaml");
        client.open(&name, POD);
        client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri(&name)}}));
        assert!(client.rules(&name).is_empty());
    }
    let all = client.request("workspace/symbol", json!({"query": ""})).unwrap();
    assert_eq!(all, json!([]));
}
