//! `seaworthy lsp`: the language server on standard input and output.

mod frames;
mod pages;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

use clap::Args;
use jiff::{Timestamp, tz::TimeZone};
use seaworthy::{Descriptions, Source};
use seaworthy_lsp::{Read, Server};
use serde_json::json;

use crate::args::Common;
use crate::failure::Failure;
use crate::input;
use frames::Frame;

/// Flags of `lsp`. Of the flags of every command --kubernetes-version, --complete and --fleet have a meaning here; what
/// the editor's settings say beats them.
#[derive(Debug, Args)]
pub(crate) struct Lsp {
    /// Standard input and output, which is what it speaks on anyway: editors say so
    #[arg(long)]
    stdio: bool,
    /// The editor's process, as some editors say; the server ends when its input ends
    #[arg(long, value_name = "PID", hide = true)]
    #[allow(dead_code, reason = "the end of the input tells the same")]
    client_process_id: Option<u32>,
}

/// So many messages wait in the server; the rest waits in the pipe. Enough to see that a request was cancelled.
const WAITING: usize = 1024;

/// An editor that said nothing for so long is quiet: longer than it takes to type the next letter.
const QUIET: Duration = Duration::from_millis(200);

/// Serves until the editor says that it is done, or goes away. True, and with that exit code 1, if it went without a
/// word.
pub(crate) fn run(_lsp: &Lsp, common: &Common) -> Result<bool, Failure> {
    for (flag, given) in [
        ("--policy", common.policy.is_some()),
        ("--cluster", !common.cluster.is_empty()),
        ("--crds", !common.crds.is_empty()),
    ] {
        if given {
            return Err(Failure::Meaningless { flag, command: "lsp" });
        }
    }
    let settings = json!({
        "kubernetesVersion": common.kubernetes_version.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "complete": common.complete,
        "fleet": common.fleet,
        "today": Timestamp::now().to_zoned(TimeZone::UTC).date().to_string(),
        "pages": pages::address(),
    });
    let mut server = Server::new(&settings.to_string());
    server.set_descriptions(Descriptions::built_in());
    Door { server, frames: listen() }.serve()
}

/// Reads messages on a thread of its own, so that those behind the one that is worked on are seen.
fn listen() -> Receiver<Frame> {
    let (sender, receiver) = sync_channel(16);
    thread::spawn(move || {
        let mut input = BufReader::new(io::stdin());
        loop {
            let frame = frames::read(&mut input);
            let goes_on = matches!(frame, Frame::Message(_));
            if sender.send(frame).is_err() || !goes_on {
                break;
            }
        }
    });
    receiver
}

struct Door {
    server: Server,
    frames: Receiver<Frame>,
}

impl Door {
    fn serve(mut self) -> Result<bool, Failure> {
        let mut out = BufWriter::new(io::stdout());
        // How the input ended; what was sent before is answered first.
        let mut end = None;
        loop {
            while end.is_none()
                && self.server.waiting() < WAITING
                && let Ok(frame) = self.frames.try_recv()
            {
                end = self.take(frame);
            }
            match (self.server.step(), &end) {
                (Some(messages), _) => say(&mut out, &messages)?,
                (None, None) if self.server.is_behind() => end = self.catch_up(&mut out)?,
                (None, None) => end = self.take(self.frames.recv().unwrap_or(Frame::End)),
                (None, Some(_)) => {
                    say(&mut out, &self.server.catch_up(&|| true))?;
                    return end.unwrap_or(Ok(true));
                }
            }
            if let Some(code) = self.server.exit_code() {
                return Ok(code != 0);
            }
            self.read();
        }
    }

    /// Says what takes long to find once the editor is quiet, until the next message comes; that one is taken.
    fn catch_up(&mut self, out: &mut impl Write) -> io::Result<Option<Result<bool, Failure>>> {
        let came = Cell::new(match self.frames.recv_timeout(QUIET) {
            Err(RecvTimeoutError::Timeout) => None,
            other => Some(other.unwrap_or(Frame::End)),
        });
        if let Some(frame) = came.take() {
            return Ok(self.take(frame));
        }
        let Self { server, frames } = self;
        let is_quiet = || match frames.try_recv() {
            Err(TryRecvError::Empty) => true,
            other => {
                came.set(Some(other.unwrap_or(Frame::End)));
                false
            }
        };
        say(out, &server.catch_up(&is_quiet))?;
        Ok(came.take().and_then(|it| self.take(it)))
    }

    /// Hands on a message; at the end of the input, what the process ends with.
    fn take(&mut self, frame: Frame) -> Option<Result<bool, Failure>> {
        match frame {
            Frame::Message(text) => {
                self.server.accept(&text);
                None
            }
            Frame::Broken(why) => Some(Err(Failure::Frame(why))),
            Frame::End => Some(Ok(true)),
        }
    }

    /// Reads what the server wants to know from disk.
    fn read(&mut self) {
        let mut folders = BTreeSet::new();
        let mut files = Vec::new();
        for read in self.server.take_reads() {
            match read {
                Read::Folder(address) => {
                    folders.insert(address);
                }
                // Whether a new file counts, be it for .gitignore, a walk tells.
                Read::File(address) => match self.server.unknown_in(&address) {
                    Some(folder) => {
                        folders.insert(folder);
                    }
                    None => files.push(address),
                },
            }
        }
        for address in folders {
            if let Some(folder) = seaworthy_lsp::path(&address) {
                let sources = input::read_folder(Path::new(&folder)).unwrap_or_default();
                let found = sources.into_iter().map(|it| named(&address, Path::new(&folder), it)).collect();
                self.server.folder(&address, found);
            }
        }
        let read = |address: String| {
            let source = seaworthy_lsp::path(&address).and_then(|path| input::read_if_there(Path::new(&path)));
            (address, source)
        };
        self.server.files(files.into_iter().map(read));
    }
}

fn say(out: &mut impl Write, messages: &[String]) -> io::Result<()> {
    messages.iter().try_for_each(|it| frames::write(out, it))?;
    out.flush()
}

/// The address of a source that was found in a folder.
fn named(address: &str, folder: &Path, source: Source) -> (String, Source) {
    let path = PathBuf::from(source.name());
    let below = path.strip_prefix(folder).unwrap_or(&path);
    let parts: Vec<_> = below.components().map(|it| it.as_os_str().to_string_lossy()).collect();
    (seaworthy_lsp::address(address, &parts.join("/")), source)
}
