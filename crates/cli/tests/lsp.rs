//! `seaworthy lsp`: the language server as an editor starts it, on pipes and with files on disk.
#![cfg(feature = "lsp")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod seaworthy;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use seaworthy::folder;
use serde_json::{Value, json};

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, imag: web:1}]\n";

struct Editor {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Editor {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
            .arg("lsp")
            .args(arguments)
            .env("XDG_CACHE_HOME", folder.join(".cache"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (process.stdin.take(), BufReader::new(process.stdout.take().unwrap()));
        Self { process, input, output }
    }

    /// Starts it and says hello.
    fn hello(folder: &Path, arguments: &[&str]) -> Self {
        let mut editor = Self::start(folder, arguments);
        let capabilities = json!({"textDocument": {"publishDiagnostics": {"codeDescriptionSupport": true}}});
        let params = json!({"processId": null, "capabilities": capabilities,
            "workspaceFolders": [{"uri": format!("file://{}", folder.display()), "name": "it"}]});
        editor.send(json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}));
        assert_eq!(editor.receive()["id"], 0);
        editor.notify("initialized", json!({}));
        editor
    }

    fn write(&mut self, text: &str) {
        let input = self.input.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        input.flush().unwrap();
    }

    fn send(&mut self, message: Value) {
        self.write(&message.to_string());
    }

    fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the server went away");
            match line.trim_end().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().unwrap(),
                None => break,
            }
        }
        let mut bytes = vec![0; length];
        self.output.read_exact(&mut bytes).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// The findings of the file that is shown next, which must be this one.
    fn shown(&mut self, file: &str) -> Vec<Value> {
        let message = self.receive();
        assert_eq!(message["method"], "textDocument/publishDiagnostics", "{message}");
        assert!(message["params"]["uri"].as_str().unwrap().ends_with(file), "{message}");
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    fn end(mut self) -> i32 {
        drop(self.input.take());
        self.process.wait().unwrap().code().unwrap()
    }
}

fn address(folder: &Path, name: &str) -> String {
    format!("file://{}/{name}", folder.display())
}

fn has(found: &[Value], rule: &str) -> bool {
    found.iter().any(|it| it["code"] == rule)
}

#[test]
fn files_on_disk_are_shown_and_followed() {
    let folder = folder();
    let folder = folder.path();
    fs::write(folder.join("web.yaml"), POD).unwrap();
    fs::write(folder.join(".gitignore"), "left-out.yaml\n").unwrap();
    fs::write(folder.join("left-out.yaml"), POD).unwrap();
    let mut editor = Editor::hello(folder, &["--stdio"]);
    let found = editor.shown("web.yaml");
    assert!(has(&found, "unknown-field") && !has(&found, "duplicate-object"), "{found:?}");
    let page =
        found.iter().find(|it| it["code"] == "unknown-field").unwrap()["codeDescription"]["href"].as_str().unwrap();
    let page = fs::read_to_string(page.strip_prefix("file://").unwrap()).unwrap();
    assert!(page.starts_with("# unknown-field"), "the link leads to the page");

    fs::write(folder.join("web.yaml"), POD.replace("imag:", "image:")).unwrap();
    let change = |name: &str, kind: u8| json!({"changes": [{"uri": address(folder, name), "type": kind}]});
    editor.notify("workspace/didChangeWatchedFiles", change("web.yaml", 2));
    assert!(!has(&editor.shown("web.yaml"), "unknown-field"));

    fs::create_dir(folder.join("more")).unwrap();
    fs::write(folder.join("more/copy.yaml"), POD).unwrap();
    editor.notify("workspace/didChangeWatchedFiles", change("more/copy.yaml", 1));
    let mut shown = [editor.receive(), editor.receive()].map(|it| it["params"]["uri"].as_str().unwrap().to_owned());
    shown.sort();
    assert_eq!(shown, [address(folder, "more/copy.yaml"), address(folder, "web.yaml")], "one pod is there twice");

    editor.notify("workspace/didChangeWatchedFiles", change("left-out.yaml", 2));
    fs::remove_file(folder.join("more/copy.yaml")).unwrap();
    editor.notify("workspace/didChangeWatchedFiles", change("more/copy.yaml", 3));
    assert_eq!(editor.shown("more/copy.yaml"), Vec::<Value>::new());
    assert!(!has(&editor.shown("web.yaml"), "duplicate-object"), "what .gitignore names stays out");

    editor.send(json!({"jsonrpc": "2.0", "id": 1, "method": "shutdown"}));
    assert_eq!(editor.receive()["result"], Value::Null);
    editor.notify("exit", Value::Null);
    assert_eq!(editor.end(), 0);
}

#[test]
fn what_is_no_message_is_answered_and_the_next_one_too() {
    let folder = folder();
    let mut editor = Editor::hello(folder.path(), &[]);
    editor.write("{no json");
    assert_eq!(editor.receive()["error"]["code"], -32700);
    editor.send(json!({"jsonrpc": "2.0", "id": 1, "method": "no/such"}));
    assert_eq!(editor.receive()["error"]["code"], -32601);
    assert_eq!(editor.end(), 1, "it went without a word");
}

#[test]
fn what_is_sent_at_once_is_answered_in_order() {
    let folder = folder();
    let mut editor = Editor::start(folder.path(), &[]);
    let document = json!({"uri": address(folder.path(), "a.yaml"), "languageId": "yaml", "version": 1, "text": POD});
    editor.send(json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}));
    editor.notify("textDocument/didOpen", json!({"textDocument": document}));
    let at = json!({"textDocument": {"uri": document["uri"]}, "position": {"line": 4, "character": 28}});
    editor.send(json!({"jsonrpc": "2.0", "id": 2, "method": "textDocument/hover", "params": at}));
    drop(editor.input.take());
    assert_eq!(editor.receive()["id"], 1);
    let hover = editor.receive();
    assert!(hover["result"]["contents"]["value"].as_str().unwrap().contains("unknown-field"), "{hover}");
    assert!(has(&editor.shown("a.yaml"), "unknown-field"));
    assert_eq!(editor.end(), 1);
}

#[test]
fn flags_are_settings() {
    let folder = folder();
    fs::write(
        folder.path().join("a.yaml"),
        POD.replace("imag:", "image:").replace("spec:\n", "spec:\n  serviceAccountName: nobody\n"),
    )
    .unwrap();
    let mut editor = Editor::hello(folder.path(), &["--complete"]);
    assert!(has(&editor.shown("a.yaml"), "service-account-missing"));
    assert_eq!(editor.end(), 1);
    let answer = seaworthy::run(&["lsp", "--policy", "policy.yaml"]);
    assert_eq!((answer.code, answer.err.contains("--policy has no meaning for `lsp`")), (2, true), "{}", answer.err);
}

#[test]
fn what_is_no_frame_ends_it() {
    let folder = folder();
    let mut editor = Editor::start(folder.path(), &[]);
    editor.input.as_mut().unwrap().write_all(b"hello\n").unwrap();
    assert_eq!(editor.end(), 2);
}
