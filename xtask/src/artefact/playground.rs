//! The playground: a folder of static files that any server serves.

use std::fs;
use std::process::Command;

use super::npm::{self, node_modules};
use super::{dist, is_there, root, run};
use crate::Result;

/// Puts the page together, and tries it in Chromium, where that is there.
pub(crate) fn playground() -> Result<String> {
    let package = npm::build()?;
    let modules = node_modules()?;
    let folder = dist()?.join("playground");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let from = root().join("bindings/playground");
    let mut esbuild = Command::new(modules.join(".bin/esbuild"));
    esbuild.args([from.join("src/app.js"), from.join("src/worker.js")]).env("NODE_PATH", &modules);
    esbuild.args(["--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=error"]);
    esbuild.arg(format!("--alias:seaworthy={}", package.join("browser.js").display()));
    run(esbuild.arg(format!("--outdir={}", folder.display())))?;
    for file in ["index.html", "style.css", "icon.svg"] {
        fs::copy(from.join(file), folder.join(file))?;
    }
    for file in ["seaworthy.wasm", "rest.wasm", "rules.json"] {
        fs::copy(package.join(file), folder.join(file))?;
    }
    let tried = if is_there("chromium") {
        let mut node = Command::new("node");
        node.arg("--test").arg(from.join("tests/")).env("PLAYGROUND", &folder).env("NODE_MODULES", &modules);
        run(&mut node)?;
        "tried in Chromium"
    } else {
        "not tried: no chromium"
    };
    Ok(format!("{}: {tried}", folder.display()))
}
