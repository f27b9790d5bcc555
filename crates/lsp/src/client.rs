//! What the client can do, as far as an answer depends on it.

use seaworthy::source::Unit;
use serde_json::{Value, json};

/// What the client said it can do.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) unit: Unit,
    /// It asks for diagnostics.
    pub(crate) pulls: bool,
    /// It takes a hint that they changed.
    pub(crate) refreshes: bool,
    pub(crate) related_information: bool,
    pub(crate) tags: bool,
    pub(crate) code_descriptions: bool,
    /// Edits may say which version of a document they are for.
    pub(crate) document_changes: bool,
    /// It lets us ask for watched files.
    pub(crate) watches: bool,
    /// It lets us ask for settings.
    pub(crate) configures: bool,
}

impl Client {
    /// Reads `ClientCapabilities`. Only what is needed is looked at: all of it, as types, would be a good part of the
    /// WASM module.
    pub(crate) fn of(capabilities: &Value) -> Self {
        let get = |path: &str| capabilities.pointer(path);
        let is = |path: &str| get(path).and_then(Value::as_bool).unwrap_or(false);
        let has = |path: &str| get(path).is_some_and(|it| !it.is_null());
        let either = |key: &str| {
            ["/textDocument/publishDiagnostics", "/textDocument/diagnostic"].map(|it| format!("{it}/{key}"))
        };
        Self {
            unit: unit(get("/general/positionEncodings")),
            pulls: has("/textDocument/diagnostic"),
            refreshes: is("/workspace/diagnostics/refreshSupport"),
            related_information: either("relatedInformation").iter().any(|it| is(it)),
            tags: either("tagSupport").iter().any(|it| has(it)),
            code_descriptions: either("codeDescriptionSupport").iter().any(|it| is(it)),
            document_changes: is("/workspace/workspaceEdit/documentChanges"),
            watches: is("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            configures: is("/workspace/configuration"),
        }
    }
}

/// The unit that the client likes best; UTF-16 where it says nothing.
fn unit(offered: Option<&Value>) -> Unit {
    let offered = offered.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let units = [Unit::Bytes, Unit::Utf16, Unit::CodePoints];
    let known = |name: &Value| units.into_iter().find(|it| *name == unit_name(*it));
    offered.iter().find_map(known).unwrap_or(Unit::Utf16)
}

/// The name of a unit in the protocol.
fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Bytes => "utf-8",
        Unit::Utf16 => "utf-16",
        Unit::CodePoints => "utf-32",
    }
}

/// What the server can do, for a client.
pub(crate) fn server_capabilities(client: &Client, pulls: bool) -> Value {
    let mut capabilities = json!({
        "positionEncoding": unit_name(client.unit),
        "textDocumentSync": {"openClose": true, "change": 2, "save": true},
        "hoverProvider": true,
        "completionProvider": {"triggerCharacters": [" ", ":", "-"], "resolveProvider": false},
        "definitionProvider": true,
        "referencesProvider": true,
        "renameProvider": {"prepareProvider": true},
        "documentSymbolProvider": true,
        "workspaceSymbolProvider": true,
        "codeActionProvider": {"codeActionKinds": ["quickfix"]},
        "workspace": {"workspaceFolders": {"supported": true, "changeNotifications": true}},
    });
    if pulls && let Some(fields) = capabilities.as_object_mut() {
        let provider = json!({"identifier": "seaworthy", "interFileDependencies": true, "workspaceDiagnostics": true});
        fields.insert("diagnosticProvider".to_owned(), provider);
    }
    capabilities
}
