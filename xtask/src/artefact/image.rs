//! The container image: the static program and nothing else.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{dist, is_there, program, root, run, run_expecting};
use crate::Result;

/// The user of the image; `deploy/Containerfile` says the same.
const USER: &str = "65532:65532";

/// Prepares the folder that the image is built from, and builds it where an engine is there.
pub(crate) fn image() -> Result<String> {
    let containerfile = root().join("deploy/Containerfile");
    let label = concat!("image.version=\"", env!("CARGO_PKG_VERSION"), "\"");
    if !fs::read_to_string(&containerfile)?.contains(label) {
        return Err(format!("{} should have the label {label}", containerfile.display()).into());
    }
    let context = dist()?.join("image");
    fs::create_dir_all(&context)?;
    let program = context.join("seaworthy");
    program::build(&["cluster"], &program)?;
    program::try_out(&program)?;
    let alone = try_alone(&program)?;
    let prepared = format!("{}: {} bytes of program, {alone}", context.display(), fs::metadata(&program)?.len());

    let Some(engine) = ["podman", "docker"].into_iter().find(|engine| is_there(engine)) else {
        return Ok(format!("{prepared}\nnot built: neither podman nor docker is there"));
    };
    let tag = concat!("seaworthy:", env!("CARGO_PKG_VERSION"));
    let mut build = Command::new(engine);
    build.args(["build", "--build-arg", "PROGRAM=prebuilt", "--tag", tag, "--file"]);
    run(build.arg(&containerfile).arg(&context))?;
    let version = run(Command::new(engine).args(["run", "--rm", tag, "--version"]))?.out;
    Ok(format!("{prepared}\n{tag}: {}", version.trim()))
}

/// Runs the program as in its container: nothing beside it but mounted manifests, and nobody's rights.
fn try_alone(program: &Path) -> Result<&'static str> {
    if run(Command::new("id").arg("-u"))?.out.trim() != "0" {
        return Ok("not run alone: that takes root");
    }
    let room = dist()?.join("room");
    fs::create_dir_all(room.join("manifests"))?;
    fs::copy(program, room.join("seaworthy"))?;
    for file in fs::read_dir(root().join("fixtures/fleets/fleetman-broken"))? {
        let file = file?;
        fs::copy(file.path(), room.join("manifests").join(file.file_name()))?;
    }
    let alone = |arguments: &[&str], code| {
        let mut chroot = Command::new("chroot");
        chroot.env_clear().arg(format!("--userspec={USER}")).arg(&room).arg("/seaworthy").args(arguments);
        run_expecting(&mut chroot, code)
    };
    alone(&["--version"], 0)?;
    alone(&["check", "/manifests"], 1)?;
    fs::remove_dir_all(room)?;
    Ok("run alone as user 65532")
}
