//! The program without a libc: it runs on any Linux, and alone in a container.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{is_there, root, run, run_expecting};
use crate::Result;

/// The platform whose programs need nothing beside them.
pub(super) const TARGET: &str = "x86_64-unknown-linux-musl";

/// How every static program is built, so that the wheel and the others share what is compiled.
pub(super) const STRIPPED: (&str, &str) = ("CARGO_PROFILE_RELEASE_STRIP", "symbols");

/// Says what is missing before the build stops in the middle, and has rustup add the platform.
pub(super) fn prepare() -> Result<()> {
    if !is_there("musl-gcc") {
        return Err("musl-gcc is not there, which compiles the C of the allocator and of the cryptography: \
            install musl-tools (Debian, Ubuntu) or musl-gcc (Fedora)"
            .into());
    }
    // A toolchain that was there before rust-toolchain.toml may lack the targets it names.
    if is_there("rustup") {
        run(Command::new("rustup").current_dir(root()).args(["target", "add", TARGET]))?;
    }
    Ok(())
}

/// What the programs that are handed out have beside the usual: they talk to clusters. The file and the image hold the
/// same program, so that it is compiled once.
const FEATURES: &str = "cluster,snapshot";

/// Builds the program and copies it to a place.
pub(super) fn build(to: &Path) -> Result<()> {
    prepare()?;
    let arguments = ["build", "--locked", "--release", "--package", "seaworthy-cli", "--target", TARGET];
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root()).env_remove("CARGO_TARGET_DIR").env(STRIPPED.0, STRIPPED.1);
    cargo.args(arguments).args(["--features", FEATURES]);
    // Compiling takes minutes: cargo's own words are shown as they come.
    if !cargo.status()?.success() {
        return Err("the program does not build".into());
    }
    fs::copy(root().join("target").join(TARGET).join("release/seaworthy"), to)?;
    is_static(to)
}

/// Fails unless the program needs neither a loader nor a library, and carries no symbols.
fn is_static(program: &Path) -> Result<()> {
    let arguments = ["--wide", "--program-headers", "--sections", "--dynamic"];
    let headers = run(Command::new("readelf").env("LC_ALL", "C").args(arguments).arg(program))?.out;
    if !headers.contains("LOAD") {
        return Err(format!("{} is no program:\n{headers}", program.display()).into());
    }
    let flaws =
        [("INTERP", "wants a loader"), ("(NEEDED)", "wants a shared library"), (".symtab", "carries its symbols")];
    if let Some((_, flaw)) = flaws.iter().find(|(sign, _)| headers.contains(sign)) {
        return Err(format!("{} should be static and stripped, but {flaw}", program.display()).into());
    }
    Ok(())
}

/// Checks a fleet that has mistakes and one that has none.
pub(super) fn try_out(program: &Path) -> Result<()> {
    let fleets = root().join("fixtures/fleets");
    run(Command::new(program).arg("check").arg(fleets.join("fleetman")))?;
    let findings = run_expecting(Command::new(program).arg("check").arg(fleets.join("fleetman-broken")), 1)?.out;
    if !findings.contains("error[service-selects-nothing]") {
        return Err(format!("{} does not find what is wrong:\n{findings}", program.display()).into());
    }
    Ok(())
}
