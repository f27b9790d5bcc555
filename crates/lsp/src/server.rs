//! Messages in their order: what each of them asks, and who answers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use lsp_types::{Position, Range, Uri};
use seaworthy::{Descriptions, Source};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::{Client, server_capabilities};
use crate::files::{self, Files, Folder};
use crate::rpc::{self, Answer, Failure, Message};
use crate::settings::{Mode, Settings};
use crate::sync::Change;
use crate::uri;

/// What the server wants to know from disk. A door that cannot read leaves it be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Read {
    /// Everything in a folder, by its address.
    Folder(String),
    /// One file, by its address; it may be gone.
    File(String),
}

/// How far the conversation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Fresh,
    Running,
    ShutDown,
    /// The process ends with this code.
    Exited(i32),
}

/// What we asked the client, by the id of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Settings,
}

/// The language server.
///
/// ```
/// use seaworthy_lsp::Server;
///
/// let mut server = Server::new("{}");
/// let out = server.handle(r#"{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}"#);
/// assert!(out[0].contains("hoverProvider"));
/// ```
pub struct Server {
    phase: Phase,
    pub(crate) client: Client,
    /// Settings of the door, of `initialize`, and of the client's configuration: later ones beat earlier ones.
    said: [Value; 3],
    pub(crate) settings: Settings,
    pub(crate) files: Files,
    pub(crate) descriptions: Option<Descriptions>,
    inbox: VecDeque<Result<Message, Failure>>,
    cancelled: BTreeSet<String>,
    pub(crate) outbox: Vec<String>,
    asked: BTreeMap<u64, Asked>,
    next_id: u64,
    reads: BTreeSet<Read>,
    pub(crate) said_of: crate::diagnostics::Said,
}

/// So many requests of ours may wait for an answer; a client that never answers is not remembered for longer.
const MOST_ASKED: usize = 16;

/// A place in a document, as most requests name it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct At {
    pub(crate) text_document: Document,
    pub(crate) position: Position,
}

/// A document by its address.
#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    pub(crate) uri: Uri,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfDocument {
    pub(crate) text_document: Document,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InRange {
    pub(crate) text_document: Document,
    pub(crate) range: Range,
    #[serde(default)]
    pub(crate) context: Wanted,
}

/// Which actions the client wants; all where it says nothing.
#[derive(Default, Deserialize)]
pub(crate) struct Wanted {
    only: Option<Vec<String>>,
}

impl Wanted {
    /// True if fixes are among them.
    pub(crate) fn wants_fixes(&self) -> bool {
        let is_fix = |kind: &String| kind.is_empty() || kind == "quickfix";
        self.only.as_ref().is_none_or(|kinds| kinds.iter().any(is_fix))
    }
}

impl Server {
    /// A server with the settings of its door, as JSON; the client's settings beat them. Text that is no JSON says
    /// nothing.
    #[must_use]
    pub fn new(settings: &str) -> Self {
        let base: Value = serde_json::from_str(settings).unwrap_or_default();
        let settings = Settings::read(&[&base]).unwrap_or_default();
        let client = Client::of(&Value::Null);
        Self {
            phase: Phase::Fresh,
            files: Files::new(Vec::new(), settings.clone(), client.unit),
            client,
            said: [base, Value::Null, Value::Null],
            settings,
            descriptions: None,
            inbox: VecDeque::new(),
            cancelled: BTreeSet::new(),
            outbox: Vec::new(),
            asked: BTreeMap::new(),
            next_id: 0,
            reads: BTreeSet::new(),
            said_of: crate::diagnostics::Said::default(),
        }
    }

    /// From now on hover and completion say in words what fields are for.
    pub fn set_descriptions(&mut self, descriptions: Descriptions) {
        self.descriptions = Some(descriptions);
    }

    /// Answers one message: the answer, and whatever else there is to say after it.
    pub fn handle(&mut self, message: &str) -> Vec<String> {
        let mut said = self.respond(message);
        said.extend(self.catch_up(&|| true));
        said
    }

    /// The same for somebody who waits for the answer: what takes long is left for [`Server::catch_up`], to be called
    /// when no message has come for a while.
    pub fn respond(&mut self, message: &str) -> Vec<String> {
        self.accept(message);
        let mut said = Vec::new();
        while let Some(out) = self.step() {
            said.extend(out);
        }
        // Who calls this has no disk.
        self.reads.clear();
        said
    }

    /// True if pods are to be placed on nodes anew before all findings are said: the work of [`Server::catch_up`].
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.phase == Phase::Running && self.files.roots.iter().any(|it| it.workspace.is_behind())
    }

    /// Says what takes long to find. Again and again somebody is asked whether it goes on; at his first no, because a
    /// message came, it is left for another time.
    pub fn catch_up(&mut self, goes_on: &dyn Fn() -> bool) -> Vec<String> {
        if self.is_behind() && self.files.roots.iter_mut().all(|it| it.workspace.catch_up(goes_on)) {
            self.publish();
        }
        std::mem::take(&mut self.outbox)
    }

    /// Takes a message, to be worked on when its turn comes. A cancellation counts at once.
    pub fn accept(&mut self, message: &str) {
        let message = rpc::read(message);
        if let Ok(Message::Notification { method, params }) = &message
            && method == "$/cancelRequest"
        {
            let id = params.get("id").cloned().unwrap_or_default();
            let waits =
                |it: &Result<Message, Failure>| matches!(it, Ok(Message::Request { id: own, .. }) if *own == id);
            if self.inbox.iter().any(waits) {
                self.cancelled.insert(id.to_string());
            }
            return;
        }
        self.inbox.push_back(message);
    }

    /// Works on one message, or on the findings if no message waits. None if there is nothing to do but to
    /// [`Server::catch_up`].
    pub fn step(&mut self) -> Option<Vec<String>> {
        let Some(message) = self.inbox.pop_front() else {
            if self.phase == Phase::Running {
                self.publish();
            }
            return Some(std::mem::take(&mut self.outbox)).filter(|it| !it.is_empty());
        };
        match message {
            Ok(Message::Request { id, method, params }) => {
                let answer = if self.cancelled.remove(&id.to_string()) {
                    Err(Failure::cancelled())
                } else {
                    self.request(&method, params)
                };
                self.outbox.push(rpc::response(&id, answer));
            }
            Ok(Message::Notification { method, params }) => {
                if let Err(failure) = self.notification(&method, params) {
                    self.log(&format!("{method}: {}", failure.message));
                }
            }
            Ok(Message::Response { id, result }) => self.answered(&id, result.unwrap_or_default()),
            Err(failure) => self.outbox.push(rpc::response(&Value::Null, Err(failure))),
        }
        Some(std::mem::take(&mut self.outbox))
    }

    /// What is to be read from disk since somebody asked last.
    pub fn take_reads(&mut self) -> Vec<Read> {
        std::mem::take(&mut self.reads).into_iter().collect()
    }

    /// Says what is on disk: files by their addresses, and none for what is gone.
    pub fn files(&mut self, files: impl IntoIterator<Item = (String, Option<Source>)>) {
        for (address, source) in files {
            self.said_of.came_from_disk();
            match files::parse(&address) {
                Some(uri) => self.files.set_disk(&uri, source),
                None => self.log(&format!("seaworthy/files: `{address}` is no URI")),
            }
        }
    }

    /// Says what a folder of the workspace holds on disk: these files and no others.
    pub fn folder(&mut self, address: &str, files: Vec<(String, Source)>) {
        let Some(folder) = files::parse(address) else { return };
        let found = files.iter().filter_map(|(address, _)| files::parse(address)).map(|it| uri::key(&it)).collect();
        self.files.set_folder(&folder, &found);
        self.files(files.into_iter().map(|(address, source)| (address, Some(source))));
    }

    /// The folder of the workspace that a file lies in and would be found in; none if the file is known already, or
    /// lies in no folder.
    #[must_use]
    pub fn unknown_in(&self, address: &str) -> Option<String> {
        let uri = files::parse(address)?;
        if self.files.is_on_disk(&uri) { None } else { self.files.folder_of(&uri) }
    }

    /// The text of a file as the server has it: of the open document, else as it was on disk.
    #[must_use]
    pub fn text(&self, address: &str) -> Option<&str> {
        self.files.get(&files::parse(address)?).map(files::File::text)
    }

    /// How many messages wait for their turn.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.inbox.len()
    }

    /// The code to end the process with, once the client said that it is to end.
    #[must_use]
    pub fn exit_code(&self) -> Option<i32> {
        if let Phase::Exited(code) = self.phase { Some(code) } else { None }
    }

    fn request(&mut self, method: &str, params: Value) -> Answer {
        match (self.phase, method) {
            (Phase::Fresh, "initialize") => return self.initialize(&params),
            (Phase::Fresh, _) => return Err(Failure::not_initialized()),
            (_, "initialize") => return Err(Failure::invalid_request("`initialize` was there already")),
            (Phase::ShutDown | Phase::Exited(_), _) => {
                return Err(Failure::invalid_request("the server was told to shut down"));
            }
            (Phase::Running, _) => {}
        }
        match method {
            "shutdown" => {
                self.phase = Phase::ShutDown;
                Ok(Value::Null)
            }
            "textDocument/hover" => self.hover(&rpc::params(params)?),
            "textDocument/completion" => self.completion(&rpc::params(params)?),
            "textDocument/definition" => self.definition(&rpc::params(params)?),
            "textDocument/references" => self.references(&rpc::params(params)?),
            "textDocument/prepareRename" => self.prepare_rename(&rpc::params(params)?),
            "textDocument/rename" => self.rename(&rpc::params(params)?),
            "textDocument/documentSymbol" => self.document_symbols(&rpc::params(params)?),
            "textDocument/codeAction" => self.code_actions(&rpc::params(params)?),
            "textDocument/diagnostic" => self.document_diagnostic(&rpc::params(params)?),
            "workspace/diagnostic" => self.workspace_diagnostic(&rpc::params(params)?),
            "workspace/symbol" => self.workspace_symbols(&rpc::params(params)?),
            _ => Err(Failure::no_method(method)),
        }
    }

    fn notification(&mut self, method: &str, params: Value) -> Result<(), Failure> {
        if method == "exit" {
            self.phase = Phase::Exited(i32::from(self.phase != Phase::ShutDown));
            return Ok(());
        }
        // What comes before `initialize` or after `shutdown` is dropped, as the protocol wants it.
        if self.phase != Phase::Running {
            return Ok(());
        }
        match method {
            "initialized" => self.initialized(),
            "textDocument/didOpen" => self.did_open(rpc::params(params)?),
            "textDocument/didChange" => self.did_change(rpc::params(params)?),
            "textDocument/didClose" => self.did_close(&rpc::params(params)?),
            "textDocument/didSave" => Ok(()),
            "workspace/didChangeWatchedFiles" => self.did_change_watched_files(rpc::params(params)?),
            "workspace/didChangeWorkspaceFolders" => self.did_change_folders(rpc::params(params)?),
            "workspace/didChangeConfiguration" => self.did_change_configuration(params),
            "seaworthy/files" => self.did_read(rpc::params(params)?),
            // Who sends what we do not know wants no answer.
            _ => Ok(()),
        }
    }

    fn initialize(&mut self, params: &Value) -> Answer {
        self.client = Client::of(params.get("capabilities").unwrap_or(&Value::Null));
        let folders: Option<Vec<Document>> = rpc::params(params.get("workspaceFolders").cloned().unwrap_or_default())?;
        let folders = match folders {
            Some(folders) => folders.into_iter().map(|it| it.uri).collect(),
            // What clients sent before there were several folders.
            None => {
                rpc::params::<Option<Uri>>(params.get("rootUri").cloned().unwrap_or_default())?.into_iter().collect()
            }
        };
        let folders: Vec<Uri> = folders;
        self.phase = Phase::Running;
        let [_, options, _] = &mut self.said;
        *options = params.get("initializationOptions").cloned().unwrap_or_default();
        self.obey();
        self.files = Files::new(folders.iter().map(Folder::of).collect(), self.settings.clone(), self.client.unit);
        self.reads.extend(folders.iter().map(|it| Read::Folder(it.as_str().to_owned())));
        Ok(json!({
            "capabilities": server_capabilities(&self.client, self.pulls()),
            "serverInfo": {"name": "seaworthy", "version": env!("CARGO_PKG_VERSION")},
        }))
    }

    /// True if the client asks for findings, so that they are not sent unasked.
    pub(crate) fn pulls(&self) -> bool {
        match self.settings.diagnostics {
            Mode::Auto => self.client.pulls,
            Mode::Push => false,
            Mode::Pull => true,
        }
    }

    fn initialized(&mut self) -> Result<(), Failure> {
        if self.client.watches {
            let watchers = [json!({"globPattern": "**/*.{yaml,yml,json,tpl}"})];
            let method = "workspace/didChangeWatchedFiles";
            let registration = json!({"id": "seaworthy", "method": method, "registerOptions": {"watchers": watchers}});
            self.ask("client/registerCapability", &json!({"registrations": [registration]}), None);
        }
        let [_, options, _] = &self.said;
        if options.is_null() {
            self.ask_for_settings();
        }
        Ok(())
    }

    fn ask(&mut self, method: &str, params: &Value, asked: Option<Asked>) {
        self.next_id += 1;
        if let Some(asked) = asked {
            self.asked.insert(self.next_id, asked);
            if self.asked.len() > MOST_ASKED {
                self.asked.pop_first();
            }
        }
        self.outbox.push(rpc::request(self.next_id, method, params));
    }

    /// A request whose answer says nothing.
    pub(crate) fn ask_for(&mut self, method: &str) {
        self.ask(method, &Value::Null, None);
    }

    fn ask_for_settings(&mut self) {
        if self.client.configures {
            let items = json!({"items": [{"section": "seaworthy"}]});
            self.ask("workspace/configuration", &items, Some(Asked::Settings));
        }
    }

    fn answered(&mut self, id: &Value, result: Value) {
        let asked = id.as_u64().and_then(|id| self.asked.remove(&id));
        if asked == Some(Asked::Settings)
            && let Some(settings) = result.get(0).filter(|it| !it.is_null())
        {
            self.configure(settings.clone());
        }
    }

    fn did_change_configuration(&mut self, params: Value) -> Result<(), Failure> {
        let Value::Object(mut fields) = params else { return Ok(()) };
        match fields.remove("settings") {
            Some(settings) if settings.as_object().is_some_and(|it| !it.is_empty()) => self.configure(settings),
            // A client that says only that they changed wants to be asked.
            _ => self.ask_for_settings(),
        }
        Ok(())
    }

    fn configure(&mut self, settings: Value) {
        let before = (self.settings.clone(), self.pulls());
        let [_, _, configuration] = &mut self.said;
        *configuration = settings;
        self.obey();
        if before.0 != self.settings {
            self.files.rearrange(self.files.folders(), self.settings.clone());
        }
    }

    /// Takes what was said, if it can be obeyed; else it says why not, and what held before holds.
    fn obey(&mut self) {
        let read = Settings::read(&self.said.each_ref());
        let checked = read.and_then(|it| it.validator().map(|_| it).map_err(|error| error.to_string()));
        match checked {
            Ok(settings) => self.settings = settings,
            Err(why) => {
                let words = format!("seaworthy: the settings are wrong, and those before hold: {why}");
                self.outbox.push(rpc::notification("window/showMessage", &json!({"type": 1, "message": words})));
            }
        }
    }

    pub(crate) fn log(&mut self, words: &str) {
        let params = json!({"type": 2, "message": format!("seaworthy: {words}")});
        self.outbox.push(rpc::notification("window/logMessage", &params));
    }
}

/// What becomes of documents and files.
impl Server {
    fn did_open(&mut self, params: DidOpen) -> Result<(), Failure> {
        let Opened { uri, language_id, version, text } = params.text_document;
        if self.files.open(&uri).is_some() {
            self.log(&format!("{} was open already; what it says now counts", uri.as_str()));
        }
        self.files.set_open(&uri, text, version, language_id);
        Ok(())
    }

    fn did_change(&mut self, params: DidChange) -> Result<(), Failure> {
        let Versioned { uri, version } = params.text_document;
        let Some(open) = self.files.open_mut(&uri) else {
            return Err(Failure::invalid_request(format!("{} is not open", uri.as_str())));
        };
        if version <= open.version {
            let words = format!(
                "{} is at version {}: a change to version {version} is not newer and is left out",
                uri.as_str(),
                open.version
            );
            return Err(Failure::invalid_request(words));
        }
        open.change(version, params.content_changes);
        Ok(())
    }

    fn did_close(&mut self, params: &OfDocument) -> Result<(), Failure> {
        let uri = &params.text_document.uri;
        match self.files.close(uri) {
            None => Err(Failure::invalid_request(format!("{} is not open", uri.as_str()))),
            Some(is_ours) => {
                if is_ours {
                    self.reads.insert(Read::File(uri.as_str().to_owned()));
                }
                Ok(())
            }
        }
    }

    fn did_change_watched_files(&mut self, params: DidChangeWatchedFiles) -> Result<(), Failure> {
        const DELETED: u8 = 3;
        for FileEvent { uri, r#type } in params.changes {
            if r#type == DELETED {
                self.files.set_disk(&uri, None);
                self.files.remove_below(&uri);
            } else {
                self.reads.insert(Read::File(uri.as_str().to_owned()));
            }
        }
        Ok(())
    }

    fn did_change_folders(&mut self, params: DidChangeFolders) -> Result<(), Failure> {
        let Folders { added, removed } = params.event;
        let removed: BTreeSet<String> = removed.iter().map(|it| uri::key(&it.uri)).collect();
        let mut folders = self.files.folders();
        folders.retain(|it| !removed.contains(&it.key));
        for folder in added {
            let added = Folder::of(&folder.uri);
            if !folders.iter().any(|it| it.key == added.key) {
                folders.push(added);
                self.reads.insert(Read::Folder(folder.uri.as_str().to_owned()));
            }
        }
        self.files.rearrange(folders, self.settings.clone());
        Ok(())
    }

    fn did_read(&mut self, params: DidRead) -> Result<(), Failure> {
        let sources = params.files.into_iter().map(|OnDisk { uri, text }| {
            let source = text.map(|text| Source::new("", text));
            (uri, source)
        });
        self.files(sources);
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DidOpen {
    text_document: Opened,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opened {
    uri: Uri,
    #[serde(default)]
    language_id: String,
    #[serde(default)]
    version: i64,
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DidChange {
    text_document: Versioned,
    content_changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Versioned {
    uri: Uri,
    version: i64,
}

#[derive(Deserialize)]
struct DidChangeWatchedFiles {
    changes: Vec<FileEvent>,
}

#[derive(Deserialize)]
struct FileEvent {
    uri: Uri,
    r#type: u8,
}

#[derive(Deserialize)]
struct DidChangeFolders {
    event: Folders,
}

#[derive(Deserialize)]
struct Folders {
    #[serde(default)]
    added: Vec<Document>,
    #[serde(default)]
    removed: Vec<Document>,
}

#[derive(Deserialize)]
struct DidRead {
    files: Vec<OnDisk>,
}

#[derive(Deserialize)]
struct OnDisk {
    uri: String,
    text: Option<String>,
}
