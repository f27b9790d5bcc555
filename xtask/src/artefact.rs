//! What is handed to people who do not build: built into `target/dist`, then used once as they would.

mod chart;
mod image;
mod modules;
mod npm;
mod parts;
mod playground;
mod program;
mod vscode;
mod wheel;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
pub(crate) use chart::chart;
pub(crate) use image::image;
pub(crate) use modules::modules;
pub(crate) use npm::npm;
pub(crate) use playground::playground;
pub(crate) use vscode::vscode;
pub(crate) use wheel::wheel;

/// The project's root; chores may be called from any folder in it.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where artefacts go.
fn dist() -> Result<PathBuf> {
    let dist = root().join("target/dist");
    fs::create_dir_all(&dist)?;
    Ok(dist.canonicalize()?)
}

/// Builds the static program.
pub(crate) fn binary() -> Result<String> {
    let program = dist()?.join("seaworthy");
    program::build(&program)?;
    program::try_out(&program)?;
    let size = fs::metadata(&program)?.len();
    Ok(format!("{}: static, {size} bytes", program.display()))
}

/// Writes the manual pages and has groff read them, where groff is there.
pub(crate) fn man() -> Result<String> {
    let directory = dist()?.join("man");
    let arguments = ["run", "--quiet", "--package", "seaworthy-cli", "--", "man"];
    run(Command::new("cargo").args(arguments).arg(&directory))?;
    if !is_there("groff") {
        return Ok(format!("{}: not read: no groff", directory.display()));
    }
    for page in files(&directory, "1")? {
        let warnings = run(Command::new("groff").args(["-man", "-Tutf8", "-ww", "-z"]).arg(&page))?.err;
        if !warnings.is_empty() {
            return Err(format!("groff complains about {}:\n{warnings}", page.display()).into());
        }
    }
    Ok(format!("{}: read by groff without a warning", directory.display()))
}

/// The files of a folder with an extension, sorted.
fn files(directory: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let paths = fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut paths: Vec<_> = paths.into_iter().filter(|path| path.extension() == Some(OsStr::new(extension))).collect();
    paths.sort();
    Ok(paths)
}

/// True if a program can be started.
fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// What a program printed.
struct Output {
    out: String,
    err: String,
}

/// Runs a program that has to succeed.
fn run(command: &mut Command) -> Result<Output> {
    run_expecting(command, 0)
}

/// Runs a program that has to end with a code.
fn run_expecting(command: &mut Command, code: i32) -> Result<Output> {
    let name = command.get_program().display().to_string();
    let output = command.output().map_err(|error| format!("cannot start {name}: {error}"))?;
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.code() == Some(code) {
        return Ok(Output { out, err });
    }
    Err(format!("{name} ended with {}, not with {code}:\n{out}{err}", output.status).into())
}
