//! The project's own chores. `cargo xtask schemas …` regenerates the packed schema table.

mod schemas;

use std::io::Write;
use std::process::ExitCode;

/// What goes wrong here is told to a developer and ends the chore.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "\
cargo xtask schemas --wheel FILE --sdist FILE --openapi DIR --lifecycle DIR… [--data DIR]
    reads the published schemas of every Kubernetes version and writes DIR/schemas.bin
    (default: crates/object/data); xtask/fetch-schemas.sh fetches the inputs and calls this";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let outcome = match arguments.next().as_deref() {
        Some("schemas") => schemas::Inputs::parse(arguments).and_then(|inputs| schemas::generate(&inputs)),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(summary) => say(std::io::stdout(), &summary, ExitCode::SUCCESS),
        Err(error) => say(std::io::stderr(), &error.to_string(), ExitCode::FAILURE),
    }
}

fn say(mut out: impl Write, text: &str, code: ExitCode) -> ExitCode {
    match writeln!(out, "{text}") {
        Ok(()) => code,
        Err(_) => ExitCode::FAILURE,
    }
}
