//! The modules under `wasm/`.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use super::{dist, root, run};
use crate::Result;

const TARGET: &str = "wasm32-wasip1";

/// What cargo builds, and what it is called when it is handed out.
const MODULES: &[(&str, &str)] =
    &[("seaworthy_kubewarden.wasm", "seaworthy-kubewarden.wasm"), ("seaworthy-review.wasm", "seaworthy-review.wasm")];

/// Builds the policy module and the WASI program, with the description that `kwctl annotate` wants beside them.
pub(crate) fn modules() -> Result<String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--profile", "wasm", "--target", TARGET]);
    cargo.args(["--package", "seaworthy-kubewarden", "--package", "seaworthy-review"]);
    run(cargo.current_dir(root()))?;
    let dist = dist()?;
    let mut summary = String::new();
    for (built, named) in MODULES {
        let path = dist.join(named);
        let size = fs::copy(root().join("target").join(TARGET).join("wasm").join(built), &path)?;
        writeln!(summary, "{}: {size} bytes", path.display())?;
    }
    let description = dist.join("metadata.yml");
    fs::copy(root().join("wasm/kubewarden/metadata.yml"), &description)?;
    Ok(format!("{summary}{}: for `kwctl annotate`", description.display()))
}
