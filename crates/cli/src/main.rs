//! The command line: files, the time and a terminal.

mod args;
#[cfg(feature = "cluster")]
mod certificate;
mod check;
mod crds;
mod describe;
mod eval;
mod explain;
mod failure;
mod init;
mod input;
#[cfg(feature = "lsp")]
mod lsp;
mod man;
mod output;
mod place;
mod progress;
#[cfg(feature = "serve")]
mod serve;
#[cfg(feature = "snapshot")]
mod snapshot;
mod table;
mod terminal;
mod walk;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Arguments, Command};
use failure::Failure;

/// The static program's: the workspace's Cargo.toml says why.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Findings at or above `--fail-on`.
const FOUND: u8 = 1;
/// The command itself could not do its work.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(found) => ExitCode::from(if found { FOUND } else { 0 }),
        Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::complain(&failure.to_string());
            ExitCode::from(FAILED)
        }
    }
}

/// Runs a command; true if it found something at or above its threshold.
fn run(arguments: Arguments) -> Result<bool, Failure> {
    match arguments.command {
        Command::Check(check) => check::run(&check, &arguments.common),
        Command::Describe(describe) => describe::run(&describe, &arguments.common),
        Command::Place(place) => place::run(&place, &arguments.common),
        Command::Crds(crds) => crds::run(&crds),
        Command::Init(init) => init::run(&init, &arguments.common),
        #[cfg(feature = "serve")]
        Command::Serve(serve) => serve::run(*serve, &arguments.common),
        #[cfg(feature = "lsp")]
        Command::Lsp(lsp) => lsp::run(&lsp, &arguments.common),
        #[cfg(feature = "cluster")]
        Command::Certificate(certificate) => certificate::run(*certificate),
        #[cfg(feature = "snapshot")]
        Command::Snapshot(snapshot) => snapshot::run(&snapshot, &arguments.common),
        Command::Eval(eval) => eval::run(&eval, &arguments.common),
        Command::Explain { rule } => explain::page(&rule, &arguments.common),
        Command::Rules { format } => explain::list(format, &arguments.common),
        Command::Completions { shell } => {
            let mut command = Arguments::command();
            clap_complete::generate(shell, &mut command, "seaworthy", &mut std::io::stdout());
            Ok(false)
        }
        Command::Man { directory } => man::write(&directory),
    }
}
