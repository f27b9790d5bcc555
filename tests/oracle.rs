//! Programs that read beside us, built once and asked over pipes.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::string_slice,
    reason = "a helper of a test may do what the test may"
)]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// `tests/oracles/yaml`: what `sigs.k8s.io/yaml` makes of a source.
#[derive(Debug)]
pub struct YamlOracle {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// The answer for one source.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// For each document its value or the error.
    pub documents: Vec<Result<Value, String>>,
    /// The error of the textual split, after which nothing was read.
    pub separator: Option<String>,
}

impl YamlOracle {
    /// Builds the program into `target/oracles` and starts it; without Go it says so and gives nothing.
    ///
    /// # Panics
    /// If Go is there but the program does not build.
    #[must_use]
    pub fn start() -> Option<Self> {
        let program = build("yaml")?;
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the oracle was just built, so it starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        Some(Self { child, input, output })
    }

    /// Asks for one source.
    ///
    /// # Panics
    /// If the program died.
    pub fn ask(&mut self, source: &[u8]) -> Answer {
        let size = u32::try_from(source.len()).expect("a source below 4 GiB");
        let input = self.input.as_mut().expect("open until dropped");
        input.write_all(&size.to_le_bytes()).expect("the oracle reads");
        input.write_all(source).expect("the oracle reads");
        input.flush().expect("the oracle reads");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the oracle answers");
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line:?}"));
        let documents = answer.get("documents").and_then(Value::as_array).into_iter().flatten();
        Answer {
            documents: documents
                .map(|it| match it.get("error").and_then(Value::as_str) {
                    Some(error) => Err(error.to_owned()),
                    None => Ok(it.get("json").cloned().unwrap_or(Value::Null)),
                })
                .collect(),
            separator: answer.get("separator").and_then(Value::as_str).map(str::to_owned),
        }
    }
}

impl Drop for YamlOracle {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.wait();
    }
}

/// A program that answers each line of JSON with a line of JSON.
#[derive(Debug)]
pub struct LineOracle {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl LineOracle {
    /// Builds `tests/oracles/<name>` and starts it; without Go it says so and gives nothing.
    ///
    /// # Panics
    /// If Go is there but the program does not build.
    #[must_use]
    pub fn start(name: &str) -> Option<Self> {
        let mut child = Command::new(build(name)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the oracle was just built, so it starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        Some(Self { child, input, output })
    }

    /// Asks one question.
    ///
    /// # Panics
    /// If the program died.
    pub fn ask(&mut self, question: &Value) -> Value {
        let input = self.input.as_mut().expect("open until dropped");
        writeln!(input, "{question}").and_then(|()| input.flush()).expect("the oracle reads");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the oracle answers");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line:?} for {question}"))
    }
}

impl Drop for LineOracle {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.wait();
    }
}

/// Builds `tests/oracles/<name>` into `target/oracles/<name>`.
fn build(name: &str) -> Option<PathBuf> {
    if Command::new("go").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        eprintln!("not run: no go");
        return None;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = root.join("../target/oracles").join(name);
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(root.join("oracles").join(name))
        .status()
        .expect("go was just found");
    assert!(built.success(), "tests/oracles/{name} does not build");
    Some(program)
}
