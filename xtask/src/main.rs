//! The project's own chores: one command an artefact, `cargo xtask --help` lists them.

mod artefact;
mod descriptions;
mod schemas;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// What goes wrong here is told to a developer and ends the chore.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "\
Artefacts, each written to target/dist and tried once it is there:

cargo xtask binary
    the static program for any Linux of x86-64: no libc, no loader (needs musl-gcc)
cargo xtask wheel
    that program as a wheel for PyPI, which pip and pre-commit install (needs musl-gcc and python3)
cargo xtask image
    the container image as an archive for docker, podman and kind, with the static program that also
    speaks to a cluster (needs musl-gcc and buildah)
cargo xtask chart
    the chart of the webhook as a package for helm (needs Go, which builds helm)
cargo xtask man
    the manual pages, one a command
cargo xtask wasm
    the policy module for Kubewarden and the program for hosts of WASI (tried by the tests of the
    feature `wasm`, which have a host)
cargo xtask npm
    the package for Node, browsers and bundlers (needs node and npm)
cargo xtask playground
    a page that checks manifests, as a folder of static files (needs node and npm; tried in chromium)
cargo xtask vscode
    the extension of VS Code as a VSIX (needs node and npm; bindings/vscode/tests/run tries it)

Generated data:

cargo xtask schemas --wheel FILE --sdist FILE --openapi DIR --lifecycle DIR… [--data DIR]
    reads the published schemas of every Kubernetes version and writes DIR/schemas.bin
    (default: crates/object/data)
cargo xtask descriptions --wheel FILE --sdist FILE [--data DIR]
    reads what the same schemas say of types and fields and writes DIR/descriptions.zlib
xtask/fetch-schemas.sh fetches the inputs of both and calls them";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let outcome = match (arguments.next().as_deref(), arguments.len()) {
        (Some("binary"), 0) => artefact::binary(),
        (Some("wheel"), 0) => artefact::wheel(),
        (Some("image"), 0) => artefact::image(),
        (Some("chart"), 0) => artefact::chart(),
        (Some("man"), 0) => artefact::man(),
        (Some("wasm"), 0) => artefact::modules(),
        (Some("npm"), 0) => artefact::npm(),
        (Some("vscode"), 0) => artefact::vscode(),
        (Some("playground"), 0) => artefact::playground(),
        (Some("schemas"), _) => schemas::Inputs::parse(arguments).and_then(|inputs| schemas::generate(&inputs)),
        (Some("descriptions"), _) => {
            descriptions::Inputs::parse(arguments).and_then(|inputs| descriptions::generate(&inputs))
        }
        (Some("help" | "--help" | "-h"), _) => Ok(USAGE.to_owned()),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(summary) => say(std::io::stdout(), &summary, ExitCode::SUCCESS),
        Err(error) => say(std::io::stderr(), &error.to_string(), ExitCode::FAILURE),
    }
}

/// Reads `--name value` pairs; `take` says whether it knows the name.
fn options(mut arguments: impl Iterator<Item = String>, mut take: impl FnMut(&str, PathBuf) -> bool) -> Result<()> {
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} wants a value"))?;
        if !take(&name, value.into()) {
            return Err(format!("unknown option {name}").into());
        }
    }
    Ok(())
}

fn say(mut out: impl Write, text: &str, code: ExitCode) -> ExitCode {
    match writeln!(out, "{text}") {
        Ok(()) => code,
        Err(_) => ExitCode::FAILURE,
    }
}
