//! A client that speaks JSON-RPC with the server, and keeps what it is told.

#![allow(dead_code, reason = "each test uses what it needs")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a helper of a test may do what the test may"
)]

use std::collections::BTreeMap;

use seaworthy_lsp::Server;
use serde_json::{Value, json};

pub(crate) struct Client {
    pub(crate) server: Server,
    next_id: i64,
    /// What the server sent unasked.
    pub(crate) told: Vec<Value>,
    /// The findings it sent last, by address.
    pub(crate) findings: BTreeMap<String, Vec<Value>>,
    versions: BTreeMap<String, i64>,
}

/// What the usual editor can do.
pub(crate) fn usual() -> Value {
    json!({
        "workspace": {"workspaceEdit": {"documentChanges": true}},
        "textDocument": {"publishDiagnostics": {
            "relatedInformation": true, "codeDescriptionSupport": true, "tagSupport": {"valueSet": [1, 2]},
        }},
    })
}

impl Client {
    /// A client of one folder, `file:///w`.
    pub(crate) fn new() -> Self {
        Self::with(json!({"capabilities": usual(), "workspaceFolders": [{"uri": "file:///w", "name": "w"}]}))
    }

    pub(crate) fn with(params: Value) -> Self {
        let mut client = Self::silent();
        client.request("initialize", params).unwrap();
        client.notify("initialized", json!({}));
        client
    }

    /// A client that has said nothing yet.
    pub(crate) fn silent() -> Self {
        Self {
            server: Server::new("{}"),
            next_id: 0,
            told: Vec::new(),
            findings: BTreeMap::new(),
            versions: BTreeMap::new(),
        }
    }

    pub(crate) fn send(&mut self, message: &str) -> Vec<Value> {
        let out: Vec<Value> = self.server.handle(message).iter().map(|it| serde_json::from_str(it).unwrap()).collect();
        for message in &out {
            assert_eq!(message["jsonrpc"], "2.0");
            if message["method"] == "textDocument/publishDiagnostics" {
                let items = message["params"]["diagnostics"].as_array().unwrap().clone();
                self.findings.insert(message["params"]["uri"].as_str().unwrap().to_owned(), items);
            }
        }
        self.told.extend(out.iter().filter(|it| it.get("method").is_some()).cloned());
        out
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        let out = self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string());
        assert!(out.iter().all(|it| it.get("method").is_some()), "a notification has no answer: {out:?}");
    }

    /// The result of a request, or its error.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.next_id += 1;
        let id = self.next_id;
        let out = self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string());
        let answers: Vec<&Value> = out.iter().filter(|it| it["id"] == id && it.get("method").is_none()).collect();
        let [answer] = answers.as_slice() else { panic!("{method}: {out:?}") };
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["result"].clone()),
        }
    }

    /// Says what is on disk under `file:///w`.
    pub(crate) fn files(&mut self, files: &[(&str, &str)]) {
        let files: Vec<Value> = files.iter().map(|(name, text)| json!({"uri": uri(name), "text": text})).collect();
        self.notify("seaworthy/files", json!({"files": files}));
    }

    pub(crate) fn open(&mut self, name: &str, text: &str) {
        self.versions.insert(name.to_owned(), 1);
        let document = json!({"uri": uri(name), "languageId": "yaml", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
    }

    pub(crate) fn change(&mut self, name: &str, changes: Value) {
        let version = self.versions.get_mut(name).unwrap();
        *version += 1;
        let document = json!({"uri": uri(name), "version": *version});
        self.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
    }

    /// A request about the place where `|` stands in a text of `name`, which is opened so.
    pub(crate) fn at(&mut self, method: &str, name: &str, marked: &str) -> Result<Value, Value> {
        self.at_with(method, name, marked, json!({}))
    }

    pub(crate) fn at_with(&mut self, method: &str, name: &str, marked: &str, more: Value) -> Result<Value, Value> {
        let offset = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        if self.versions.contains_key(name) {
            self.change(name, json!([{"text": text}]));
        } else {
            self.open(name, &text);
        }
        let mut params = json!({"textDocument": {"uri": uri(name)}, "position": position(&text, offset)});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.request(method, params)
    }

    pub(crate) fn rules(&self, name: &str) -> Vec<&str> {
        self.findings.get(&uri(name)).into_iter().flatten().map(|it| it["code"].as_str().unwrap()).collect()
    }
}

pub(crate) fn uri(name: &str) -> String {
    format!("file:///w/{name}")
}

/// A byte as a position in UTF-16.
pub(crate) fn position(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    json!({"line": line, "character": before[start..].encode_utf16().count()})
}

/// The text of a range.
pub(crate) fn under<'t>(text: &'t str, range: &Value) -> &'t str {
    let offset = |position: &Value| {
        let line = usize::try_from(position["line"].as_u64().unwrap()).unwrap();
        let character = usize::try_from(position["character"].as_u64().unwrap()).unwrap();
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let mut units = 0;
        let within = text[start..].chars().take_while(|it| {
            let fits = units < character;
            units += it.len_utf16();
            fits
        });
        start + within.map(char::len_utf8).sum::<usize>()
    };
    &text[offset(&range["start"])..offset(&range["end"])]
}
