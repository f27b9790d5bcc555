//! The wheel: the static program in the package that pip installs.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::program::{self, STRIPPED, TARGET};
use super::{dist, files, root, run};
use crate::Result;

/// What builds the wheel.
const MATURIN: &str = "maturin==1.16.0";

/// A static program runs beside any libc: one wheel is for the distributions of glibc (Debian, Fedora and their kin)
/// and those of musl (Alpine).
const PLATFORMS: [&str; 2] = ["manylinux2014", "musllinux_1_1"];

/// Builds the wheel, installs it where nothing else is, and runs what was installed.
pub(crate) fn wheel() -> Result<String> {
    program::prepare()?;
    let dist = dist()?;
    for old in files(&dist, "whl")? {
        fs::remove_file(old)?;
    }
    let tools = root().join("target/tools/maturin");
    if !tools.join("bin/maturin").exists() {
        environment(&tools)?;
        run(Command::new(tools.join("bin/pip")).args(["install", "--quiet", MATURIN]))?;
    }
    let mut maturin = Command::new(tools.join("bin/maturin").canonicalize()?);
    maturin.current_dir(root().join("bindings/python")).env_remove("CARGO_TARGET_DIR").env(STRIPPED.0, STRIPPED.1);
    maturin.args(["build", "--release", "--locked", "--target", TARGET, "--compatibility"]).args(PLATFORMS);
    if !maturin.arg("--out").arg(&dist).status()?.success() {
        return Err("the wheel does not build".into());
    }
    let wheels = files(&dist, "whl")?;
    let [wheel] = wheels.as_slice() else { return Err(format!("one wheel was to be built: {wheels:?}").into()) };

    let fresh = dist.join("venv");
    environment(&fresh)?;
    run(Command::new(fresh.join("bin/pip")).args(["install", "--quiet", "--no-index", "--no-deps"]).arg(wheel))?;
    program::try_out(&fresh.join("bin/seaworthy"))?;
    fs::remove_dir_all(fresh)?;
    Ok(format!("{}: {} bytes", wheel.display(), fs::metadata(wheel)?.len()))
}

/// Makes a Python of its own, in place of the one that may be there.
fn environment(directory: &Path) -> Result<()> {
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(directory))?;
    Ok(())
}
