//! Runs the program and reads what it answers.
#![allow(dead_code, reason = "each test file uses what it needs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![allow(clippy::indexing_slicing, reason = "a test may panic")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What the program answered.
pub(crate) struct Answer {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// Runs the program in this package's folder.
pub(crate) fn run(arguments: &[&str]) -> Answer {
    run_with(arguments, "", Path::new(env!("CARGO_MANIFEST_DIR")))
}

/// Runs the program in a folder, with something on standard input.
pub(crate) fn run_with(arguments: &[&str], input: &str, folder: &Path) -> Answer {
    let mut child = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Answer {
        code: output.status.code().expect("the program was killed by a signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Checks a folder from within, as JSON.
pub(crate) fn check(folder: &Path, arguments: &[&str]) -> Answer {
    let arguments: Vec<_> = ["check", "--format", "json"].iter().chain(arguments).copied().collect();
    let answer = run_with(&arguments, "", folder);
    assert!(answer.code < 2, "{}", answer.err);
    answer
}

/// A folder that goes when the test ends.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

impl Answer {
    /// The report.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    /// A number of the summary.
    pub(crate) fn summary(&self, what: &str) -> u64 {
        self.json()["summary"][what].as_u64().unwrap()
    }

    /// `rule file:line:column` of the errors.
    pub(crate) fn errors(&self) -> Vec<String> {
        self.of_level("error")
    }

    /// The same of the warnings.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.of_level("warning")
    }

    fn of_level(&self, level: &str) -> Vec<String> {
        let report = self.json();
        let findings = report["diagnostics"].as_array().unwrap().iter().filter(|it| it["level"] == level);
        findings
            .map(|it| {
                let start = &it["span"]["start"];
                format!("{} {}:{}:{}", text(&it["rule"]), file(&it["file"]), start["line"], start["column"])
            })
            .collect()
    }

    /// The files in which a rule has something to say at level info.
    pub(crate) fn infos_of(&self, rule: &str) -> Vec<String> {
        let report = self.json();
        let findings = report["diagnostics"].as_array().unwrap().iter();
        findings.filter(|it| it["level"] == "info" && it["rule"] == rule).map(|it| file(&it["file"])).collect()
    }

    /// All messages, a line each.
    pub(crate) fn messages(&self) -> String {
        let report = self.json();
        let findings = report["diagnostics"].as_array().unwrap().iter();
        findings.map(|it| format!("{}\n", text(&it["message"]))).collect()
    }

    /// `file: why` of what was skipped.
    pub(crate) fn skipped(&self) -> Vec<String> {
        let report = self.json();
        let skipped = report["skipped"].as_array().unwrap().iter();
        skipped.map(|it| format!("{}: {}", file(&it["file"]), text(&it["why"]))).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn file(value: &Value) -> String {
    text(value).rsplit('/').next().unwrap().to_owned()
}
