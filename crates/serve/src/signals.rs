//! A server as a process.

use std::io::Write;
use std::panic::PanicHookInfo;

use serde_json::json;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::log::line;
use crate::{Judge, Options, Server, StartError};

/// Threads for what blocks outside a review: reading the uid out of a review that failed.
const BLOCKING: usize = 2;

/// Serves until the process is asked to end (SIGTERM, SIGINT) and all requests are answered. A second signal ends the
/// grace.
///
/// # Errors
/// The server does not start.
pub fn run(options: Options, judge: Judge) -> Result<(), StartError> {
    std::panic::set_hook(Box::new(tell_panic));
    let runtime = Builder::new_multi_thread().enable_all().max_blocking_threads(BLOCKING).build()?;
    runtime.block_on(async {
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let server = Server::bind(options, judge).await?;
        let (ask, stop) = mpsc::channel(1);
        tokio::spawn(pass_on(terminate, interrupt, ask));
        server.run(stop).await;
        Ok(())
    })
}

async fn pass_on(mut terminate: Signal, mut interrupt: Signal, ask: mpsc::Sender<()>) {
    loop {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        // A server that has ended need not be told.
        let _ = ask.send(()).await;
    }
}

/// Says where the program broke. Its words may quote an object, so they are not repeated.
fn tell_panic(panic: &PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string);
    // The log's own thread may be the one that ends: this line does not go through it.
    let _ = std::io::stderr().write_all(line("error", "panic", json!({"at": at})).as_bytes());
}
