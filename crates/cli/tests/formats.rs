//! `--format` and `--output`: what may be said, what is written where, and that the exit code does not depend on it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod seaworthy;

use std::fs;

use seaworthy::{folder, run, run_with};

const GOOD: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: good}\nspec: {clusterIP: None}\n";
const BAD: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {clusterIP: None, prots: []}\n";
const FORMATS: [(&str, &str); 6] = [
    ("text", "error[unknown-field]"),
    ("json", "{\"schema\":1,"),
    ("sarif", "{\"version\":\"2.1.0\","),
    ("junit", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"),
    ("github", "::error file=bad.yaml,line=4,endLine=4,col=25,endColumn=30,title=unknown-field::"),
    ("gitlab", "[{\"description\":"),
];

#[test]
fn the_exit_code_does_not_depend_on_the_format() {
    let folder = folder();
    for (text, code) in [(GOOD, 0), (BAD, 1)] {
        for (format, _) in FORMATS {
            let answer = run_with(&["check", "--only", "api", "--format", format, "-"], text, folder.path());
            assert_eq!((answer.code, answer.err.as_str()), (code, ""), "{format}");
            assert!(answer.out.ends_with('\n'), "{format}: {}", answer.out);
        }
    }
}

#[test]
fn several_reports_are_written_at_once() {
    let folder = folder();
    fs::write(folder.path().join("bad.yaml"), BAD).unwrap();
    let outputs: Vec<_> = FORMATS.iter().map(|(format, _)| format!("{format}=out.{format}")).collect();
    let outputs = outputs.iter().flat_map(|it| ["--output", it.as_str()]);
    let arguments: Vec<_> =
        ["check", "--only", "api", "./bad.yaml", "--format", "github"].into_iter().chain(outputs).collect();
    let answer = run_with(&arguments, "", folder.path());
    assert_eq!(answer.code, 1, "{}", answer.err);
    for (format, start) in FORMATS {
        let report = fs::read_to_string(folder.path().join(format!("out.{format}"))).unwrap();
        assert!(report.starts_with(start), "{format}: {report}");
        assert!(format != "github" || report == answer.out);
    }
}

#[test]
fn junit_fails_what_fails_the_command() {
    let warned = "apiVersion: v1\nkind: Endpoints\nmetadata: {name: old}\n";
    let folder = folder();
    for (fail_on, code, failures) in [("error", 0, 0), ("warning", 1, 1)] {
        let arguments = ["check", "--only", "deprecated-api", "--format", "junit", "--fail-on", fail_on, "-"];
        let answer = run_with(&arguments, warned, folder.path());
        assert_eq!((answer.code, answer.out.matches("<failure").count()), (code, failures), "{}", answer.out);
        assert_eq!(answer.out.matches("<skipped").count(), 1 - failures);
    }
}

#[test]
fn a_report_that_cannot_be_written_is_said_and_the_others_are_written() {
    let folder = folder();
    fs::write(folder.path().join("bad.yaml"), BAD).unwrap();
    let arguments = ["check", "bad.yaml", "--output", "sarif=no/such/folder.sarif", "--output", "junit=junit.xml"];
    let answer = run_with(&arguments, "", folder.path());
    assert_eq!(answer.code, 2);
    assert!(answer.out.contains("--> bad.yaml:4:25"), "{}", answer.out);
    assert_eq!(answer.err, "seaworthy: cannot write no/such/folder.sarif: no such file or directory\n");
    assert!(folder.path().join("junit.xml").exists());
}

#[test]
fn a_format_that_does_not_fit_is_refused_with_those_that_do() {
    for (arguments, words) in [
        (&["describe", "--format", "sarif"][..], "[possible values: text, json]"),
        (&["rules", "--format", "junit"], "[possible values: text, json]"),
        (&["check", "--format", "xml"], "[possible values: text, json, sarif, junit, github, gitlab]"),
        (&["check", "--output", "xml=a"], "no format is called `xml`: text, json, sarif, junit, github, gitlab"),
        (&["check", "--output", "report.sarif"], "expected FORMAT=PATH, such as sarif=report.sarif"),
        (&["check", "--output", "sarif="], "the path is missing"),
        (&["check", "--output", "sarif=-"], "--format says what goes to standard output"),
    ] {
        let answer = run(arguments);
        assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{arguments:?}");
        assert!(answer.err.contains(words), "{arguments:?}: {}", answer.err);
    }
}
