//! The npm package: the engine as a module of WebAssembly, with what wraps it for Node and for browsers.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use super::{dist, is_there, parts, root, run};
use crate::Result;

const TARGET: &str = "wasm32-unknown-unknown";

/// The engine alone, and with the language server, by what cargo is told: pages load the one, editors the other.
const MODULES: &[(&str, &[&str])] = &[("seaworthy", &[]), ("lsp", &["--features", "lsp"])];

/// Twice, the second time over flat code, is 3 % smaller than once. The first kilobyte is the far end of the stack: where
/// nobody reads there, sums of addresses go into loads. What one caller alone calls stays a function of its own: engines
/// compile a function whole when it is first called, and again when it is hot, with all that never runs in it.
const OPTIMISED: &[&str] = &[
    "--low-memory-unused",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--one-caller-inline-max-function-size=15",
    "--strip-debug",
    "--strip-producers",
];

/// After a module is divided: what the other part alone used goes.
const DIVIDED: &[&str] =
    &["--low-memory-unused", "-Oz", "--one-caller-inline-max-function-size=15", "--strip-debug", "--strip-producers"];

/// Builds the package, installs it where nothing else is, and runs its tests there.
pub(crate) fn npm() -> Result<String> {
    let package = build()?;
    let packed = run(Command::new("npm").args(["pack", "--silent"]).arg(&package).current_dir(dist()?))?;
    let packed = dist()?.join(packed.out.trim());
    try_out(&node_modules()?, &packed)?;
    let size = fs::metadata(package.join("seaworthy.wasm"))?.len();
    Ok(format!("{}: {} bytes, its module {size}", packed.display(), fs::metadata(&packed)?.len()))
}

/// Where the tools lie that are written in JavaScript.
pub(super) fn node_modules() -> Result<PathBuf> {
    if !(is_there("node") && is_there("npm")) {
        return Err("this wants node and npm".into());
    }
    Ok(PathBuf::from(run(&mut Command::new(root().join("xtask/node-tools.sh")))?.out.trim()))
}

/// Builds the folder that is the package.
pub(super) fn build() -> Result<PathBuf> {
    let modules = node_modules()?;
    let package = dist()?.join("npm");
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    fs::create_dir_all(&package)?;
    for (name, features) in MODULES {
        let bound = bind(name, features)?;
        let module = package.join(name).with_extension("wasm");
        optimise(&bound.join("seaworthy_js_bg.wasm"), OPTIMISED, &module)?;
        if *name == "seaworthy" {
            divide(&bound, &module, &package.join("rest.wasm"))?;
        }
        bundle(&modules, &bound, &package, name)?;
    }
    let rules = ["run", "--quiet", "--package", "seaworthy-cli", "--", "rules", "--format", "json"];
    fs::write(package.join("rules.json"), run(Command::new("cargo").args(rules).current_dir(root()))?.out)?;
    fs::copy(root().join("crates/object/data/descriptions.zlib"), package.join("descriptions.zlib"))?;
    let from = root().join("bindings/npm");
    for file in ["package.json", "README.md", "LICENSE"] {
        fs::copy(from.join(file), package.join(file))?;
    }
    for types in ["index", "lsp"] {
        let text = fs::read_to_string(from.join("types").join(types).with_extension("d.ts"))?;
        fs::write(package.join(types).with_extension("d.ts"), &text)?;
        fs::write(package.join(types).with_extension("d.cts"), text.replace("index.js", "index.cjs"))?;
    }
    Ok(package)
}

/// Builds the module, and writes it with its other side in JavaScript to the folder that is returned.
fn bind(name: &str, features: &[&str]) -> Result<PathBuf> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--profile", "js", "--target", TARGET, "--package", "seaworthy-js"]);
    run(cargo.args(features).current_dir(root()))?;
    let built = root().join("target").join(TARGET).join("js");
    let into = built.join(name);
    let mut bindgen = Bindgen::new();
    bindgen.input_path(built.join("seaworthy_js.wasm")).web(true)?.typescript(false).omit_default_module_path(true);
    // Without it an instance that trapped would stay the only one.
    bindgen.reset_state_function(true).generate(&into)?;
    Ok(into)
}

/// Leaves in the module what a check of the fixtures' fleets runs through, and writes the rest beside it.
fn divide(bound: &Path, module: &Path, rest: &Path) -> Result<()> {
    let whole = fs::read(module)?;
    let marked = parts::mark(&whole)?;
    fs::write(bound.join("marked.wasm"), marked.module)?;
    fs::write(bound.join("package.json"), r#"{"type": "module"}"#)?;
    let mut node = Command::new("node");
    node.arg(root().join("bindings/npm/what-runs.mjs"));
    node.args([bound.join("seaworthy_js.js"), bound.join("marked.wasm")]);
    node.args([marked.at.to_string(), marked.functions.to_string()]).arg(root().join("fixtures/fleets"));
    let called = run(&mut node)?.out.lines().map(str::parse).collect::<std::result::Result<_, _>>()?;
    let parts = parts::divide(&whole, &called)?;
    for (bytes, path) in [(parts.first, module), (parts.rest, rest)] {
        fs::write(path, bytes)?;
        optimise(path, DIVIDED, path)?;
    }
    Ok(())
}

/// Takes half a minute and more, and the package, the page and the extension want the same: what comes of a module is
/// kept by what it is made of.
fn optimise(module: &Path, how: &[&str], into: &Path) -> Result<()> {
    let tools = fs::read(root().join("bindings/package-lock.json"))?;
    let mut hasher = DefaultHasher::new();
    (fs::read(module)?, how, tools).hash(&mut hasher);
    let kept = root().join("target/optimised").join(format!("{:016x}.wasm", hasher.finish()));
    if !kept.exists() {
        fs::create_dir_all(root().join("target/optimised"))?;
        let unfinished = kept.with_extension("unfinished");
        run(Command::new(node_modules()?.join(".bin/wasm-opt")).arg(module).args(how).arg("-o").arg(&unfinished))?;
        fs::rename(unfinished, &kept)?;
    }
    fs::copy(kept, into)?;
    Ok(())
}

/// One file for each way to load a module.
fn bundle(modules: &Path, bound: &Path, package: &Path, name: &str) -> Result<()> {
    for source in fs::read_dir(root().join("bindings/npm/src"))? {
        let source = source?;
        fs::copy(source.path(), bound.join(source.file_name()))?;
    }
    let prefix = if name == "seaworthy" { "" } else { "lsp-" };
    for (door, format, extension) in [("node", "esm", "js"), ("node", "cjs", "cjs"), ("browser", "esm", "js")] {
        let mut esbuild = Command::new(modules.join(".bin/esbuild"));
        esbuild.arg(bound.join(format!("{prefix}{door}.js"))).args([
            "--bundle",
            "--target=es2022",
            "--log-level=error",
        ]);
        esbuild.arg("--log-override:empty-import-meta=silent").arg(format!("--define:MODULE=\"./{name}.wasm\""));
        let rest = if name == "seaworthy" { "\"./rest.wasm\"" } else { "undefined" };
        esbuild.arg(format!("--define:REST={rest}"));
        esbuild.args([format!("--format={format}"), format!("--platform={door}")]);
        let out = package.join(format!("{prefix}{door}.{extension}"));
        run(esbuild.arg(format!("--outfile={}", out.display())))?;
    }
    Ok(())
}

/// Installs the package where nothing else is, and runs the tests beside it: those in Node, and those of its types.
fn try_out(modules: &Path, packed: &Path) -> Result<()> {
    let fresh = dist()?.join("npm-trial");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(&fresh)?;
    fs::write(fresh.join("package.json"), r#"{"private": true, "type": "module"}"#)?;
    let install = ["install", "--offline", "--no-audit", "--no-fund", "--silent"];
    run(Command::new("npm").args(install).arg(packed).current_dir(&fresh))?;
    for test in fs::read_dir(root().join("bindings/npm/tests"))? {
        let test = test?;
        fs::copy(test.path(), fresh.join(test.file_name()))?;
    }
    run(Command::new("node").args(["--test", "."]).current_dir(&fresh))?;
    let strict = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom", "--module", "nodenext"];
    run(Command::new(modules.join(".bin/tsc"))
        .args(strict)
        .args(["types.ts", "types-of-require.cts"])
        .current_dir(&fresh))?;
    Ok(())
}
