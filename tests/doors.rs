//! All doors say the same about the same input: the crate, `wire`, the command line, the language server and the
//! webhook, over every example of every rule's page, every fixture and every review.
//!
//! The JSON of the crate, of `wire` and of the command line is the same to the letter, and the language server shows
//! the same findings at the same places. What the webhook cannot see is [`UNSEEN`], and what it says otherwise than the
//! crate is [`MILDER`]; there is no other difference.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use seaworthy::render::Json;
use seaworthy::source::{LineIndex, Position, Span, Unit};
use seaworthy::{Diagnostic, Level, Overrides, Policy, Report, Source, Validator, read_policy, wire};
use seaworthy_admission::{Review, Reviewer, Scope};
use seaworthy_lsp::Server;
use seaworthy_tests::examples::{self, Example, root};
use serde_json::{Value, json};

/// What the crate says of an object as a file, and the webhook of the same bytes as a request does not: rule and why.
const UNSEEN: &[(&str, &str)] = &[
    (
        "template-not-rendered",
        "a server keeps values with `{{ }}`: it is no file of a chart that is yet to be rendered",
    ),
    ("csi-driver-missing", "that nothing in one object installs a driver says nothing of the cluster"),
];

/// What both say, and the webhook as a warning at most: rule and why.
const MILDER: &[(&str, &str)] = &[
    ("unknown-field", "of an object with a uid: the server that sends it knows the field"),
    ("unknown-kind", "of an object with a uid: the server that sends it knows the kind"),
    ("yaml-unparsable", "what is too deep to be read was not judged, which is no reason to refuse it"),
];

/// Today, as the command line knows it.
fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

fn validator(today: Option<Date>) -> Validator {
    Validator::new(Overrides { today, ..Overrides::default() }, Policy::default())
}

fn json_of(report: &Report) -> Value {
    serde_json::from_str(&Json(report).to_string()).unwrap()
}

#[test]
fn wire_is_the_crate() {
    for example in examples::all() {
        let files: Vec<Value> =
            example.sources.iter().map(|it| json!({"name": it.name(), "text": it.text()})).collect();
        let request = json!({"files": files, "options": {"today": "2026-11-25"}}).to_string();
        let wire: Value = serde_json::from_str(&wire::check(&request).unwrap()).unwrap();
        let report = validator(Some("2026-11-25".parse().unwrap())).check(example.sources);
        assert_eq!(wire, json_of(&report), "{}", example.name);
    }
}

#[test]
fn the_language_server_is_the_crate() {
    for Example { name, mut sources } in examples::all() {
        // As folders are walked: all of a folder stands together.
        sources.sort_by(|left, right| left.name().split('/').cmp(right.name().split('/')));
        let report = validator(Some("2026-11-25".parse().unwrap())).check(sources.clone());
        let mut shown = shown_by_server(&sources);
        for source in &sources {
            let of_source = |it: &&Diagnostic| report.file(&it.at) == source.name();
            let want: Vec<Value> =
                report.diagnostics.iter().filter(of_source).map(|it| as_shown(it, &report)).collect();
            let got = shown.remove(&address(source)).unwrap_or_default();
            assert!(got == want, "{name}, {}\n{}", source.name(), difference(&json!(got), &json!(want)));
        }
        assert_eq!(shown, BTreeMap::new(), "{name}: findings of files that are not there");
    }
}

fn address(source: &Source) -> String {
    seaworthy_lsp::address("file:///w", source.name())
}

/// What a language server of a folder with these files shows, by file.
fn shown_by_server(sources: &[Source]) -> BTreeMap<String, Vec<Value>> {
    let mut server = Server::new(r#"{"today": "2026-11-25"}"#);
    let capabilities = json!({"textDocument": {"publishDiagnostics": {"relatedInformation": true}}});
    let params = json!({"capabilities": capabilities, "rootUri": "file:///w"});
    server.handle(&json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}).to_string());
    server.folder("file:///w", sources.iter().map(|it| (address(it), it.clone())).collect());
    let said = server.handle(r#"{"jsonrpc": "2.0", "method": "initialized", "params": {}}"#);
    let params = |it: &String| serde_json::from_str::<Value>(it).unwrap()["params"].take();
    let of_file = |it: Value| Some((it["uri"].as_str()?.to_owned(), it["diagnostics"].as_array()?.clone()));
    said.iter().map(params).filter_map(of_file).collect()
}

/// A finding as the protocol has it.
fn as_shown(finding: &Diagnostic, report: &Report) -> Value {
    let help = finding.help.iter().map(|it| format!("\n{it}")).collect::<String>();
    let mut shown = json!({
        "range": range(report.source(finding.at.source).unwrap(), finding.at.span),
        "severity": match finding.level { Level::Error => 1, Level::Warning => 2, Level::Info => 3 },
        "code": finding.rule,
        "source": "seaworthy",
        "message": format!("{}{help}", finding.message),
    });
    let related = finding.related.iter().map(|(at, words)| {
        let source = report.source(at.source).unwrap();
        json!({"location": {"uri": address(source), "range": range(source, at.span)}, "message": words})
    });
    let related: Vec<Value> = related.collect();
    if !related.is_empty() {
        shown["relatedInformation"] = json!(related);
    }
    shown
}

/// Lines and columns from 0, in UTF-16; no editor shows a byte order mark.
fn range(source: &Source, span: Span) -> Value {
    let lines = LineIndex::for_editors(source.text());
    let position = |offset| {
        let Position { line, column } = lines.position(source.text(), offset, Unit::Utf16);
        let mark = u32::from(line == 1 && column > 1 && source.text().starts_with('\u{feff}'));
        json!({"line": line - 1, "character": column - 1 - mark})
    };
    json!({"start": position(span.start), "end": position(span.end)})
}

/// So many examples are checked by one run of the program, as one fleet: starting it costs more than checking them.
const BATCH: usize = 40;

#[test]
fn the_command_line_is_the_crate() {
    let program = program();
    let folder = root().join("target/tests/doors");
    std::fs::remove_dir_all(&folder).ok();
    for (at, batch) in examples::all().chunks(BATCH).enumerate() {
        // A file that is met by two paths is read once.
        let mut met = BTreeSet::new();
        let renamed = |(at, it): (usize, &Example)| {
            let path = |it: &Source| Path::new(&at.to_string()).join(it.name()).components().collect::<PathBuf>();
            let once = it.sources.iter().filter(|it| met.insert(path(it)));
            once.map(|it| Source::new(format!("{at}/{}", it.name()), it.text())).collect::<Vec<_>>()
        };
        let sources: Vec<Source> = batch.iter().enumerate().flat_map(renamed).collect();
        let report = validator(Some(today())).check(sources.clone());
        let names: Vec<&str> = batch.iter().map(|it| it.name.as_str()).collect();
        let (got, want) = (check_files(&program, &folder.join(at.to_string()), &sources), json_of(&report));
        assert!(got == want, "{names:?}\n{}", difference(&got, &want));
    }
}

/// The lines of one value that the other has not, for who reads why a test failed.
fn difference(got: &Value, want: &Value) -> String {
    let (got, want) = (format!("{got:#}"), format!("{want:#}"));
    let pairs = got.lines().zip(want.lines());
    pairs.filter(|(got, want)| got != want).take(8).map(|(got, want)| format!("got {got}\nnot {want}\n")).collect()
}

/// The JSON of `check` on files of a folder, named in the order of the sources.
fn check_files(program: &Path, folder: &Path, sources: &[Source]) -> Value {
    for source in sources {
        let path = folder.join(source.name());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, source.text()).unwrap();
    }
    let output = Command::new(program)
        .args(["check", "--format", "json", "--"])
        .args(sources.iter().map(Source::name))
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.code().is_some_and(|it| it < 2), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The program beside this test, built if it is not there or older than its sources.
fn program() -> PathBuf {
    let folder = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned();
    let program = folder.join(format!("seaworthy{}", std::env::consts::EXE_SUFFIX));
    let built = program.metadata().and_then(|it| it.modified()).ok();
    let sources = seaworthy_tests::corpus::files(&root().join("crates"), &["rs", "toml", "md"]);
    let changed = sources.iter().filter_map(|it| it.metadata().ok()?.modified().ok()).max();
    if built < changed {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--package", "seaworthy-cli"]).current_dir(root());
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "the program does not build");
    }
    program
}

/// Levels, options, packs, what is accepted, by whom, and what is locked.
const POLICY: &str = r#"apiVersion: seaworthy/v1alpha1
kind: Policy
metadata: {name: house-rules}
spec:
  packs: [recommended]
  levels: {image-latest: error, bare-pod: off}
  options: {image-latest: {tags: [edge]}}
  locked: [privileged-container]
  suppress:
    - {rule: qos-best-effort, object: Pod/shop/*, reason: they run for a minute}
    - {rule: image-latest, object: Pod/shop/*, reason: it was so, until: 2026-01-01}
"#;
const OBEYS: &str = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop", "annotations": {
    "seaworthy/allow": "resources-unset -- measured next week; privileged-container -- please"}}, "spec": {"containers": [
    {"name": "web", "image": "web:edge", "securityContext": {"privileged": true}}]}}"#;

#[test]
fn one_policy_holds_at_every_door() {
    let sources = vec![Source::new("policy.yaml", POLICY), Source::new("object.json", OBEYS)];
    let day = Some(today());
    let report = validator(day).check(sources.clone());
    let said = |finding: &Diagnostic| (finding.rule, finding.level);
    let of_object = |it: &&Diagnostic| report.file(&it.at) == "object.json";
    let found: Vec<_> = report.diagnostics.iter().filter(of_object).map(said).collect();
    for one in [
        ("image-latest", Level::Error),
        ("privileged-container", Level::Warning),
        ("suppression-unused", Level::Warning),
    ] {
        assert!(found.contains(&one), "{one:?} is not among {found:?}");
    }
    for accepted in ["bare-pod", "qos-best-effort", "resources-unset"] {
        assert!(!found.iter().any(|it| it.0 == accepted), "{accepted} is among {found:?}");
    }

    let files: Vec<Value> = sources.iter().map(|it| json!({"name": it.name(), "text": it.text()})).collect();
    let request = json!({"files": files, "options": {"today": today().to_string()}}).to_string();
    assert_eq!(serde_json::from_str::<Value>(&wire::check(&request).unwrap()).unwrap(), json_of(&report));
    assert_eq!(check_files(&program(), &root().join("target/tests/policy"), &sources), json_of(&report));

    let policy = read_policy(&sources[0]).unwrap();
    let reviewer = Reviewer::new(Validator::new(Overrides { today: day, ..Overrides::default() }, policy));
    let request = json!({"uid": "1", "operation": "CREATE", "namespace": "shop"});
    let review = reviewer.review(body(&request, OBEYS).as_bytes()).unwrap();
    assert_eq!(review.findings, found);
    let answer: Value = serde_json::from_slice(&review.body).unwrap();
    assert_eq!(answer["response"]["auditAnnotations"]["suppressed"], "qos-best-effort=1,resources-unset=1");
}

/// Fields of which the webhook does not speak: servers write them, whatever was sent.
const OF_SERVERS: &[&str] = &["status", "metadata.managedFields", "metadata.selfLink"];

#[test]
fn the_webhook_is_the_crate() {
    let reviewer = Reviewer::new(validator(None));
    let mut differ = BTreeSet::new();
    for sent in examples::objects() {
        let request = json!({"uid": "1", "operation": "CREATE", "namespace": sent.namespace});
        // A list is never sent: its items are, one by one.
        if !sent.kind.ends_with("List") {
            compare(&reviewer, &sent.example, &request, sent.source.text(), &mut differ);
        }
    }
    for (name, text) in examples::reviews() {
        let mut review: Value = serde_json::from_str(&text).unwrap();
        let object = review["request"].as_object_mut().unwrap().remove("object").unwrap_or_default().to_string();
        compare(&reviewer, &name, &review["request"], &object, &mut differ);
    }
    let deep = format!(
        r#"{{"apiVersion":"example.com/v1","kind":"Deep","metadata":{{"name":"a"}},"spec":{{"a":{}{}}}}}"#,
        "[".repeat(250),
        "]".repeat(250)
    );
    compare(&reviewer, "deep", &json!({"uid": "1", "operation": "CREATE"}), &deep, &mut differ);
    let stated: BTreeSet<&str> = UNSEEN.iter().chain(MILDER).map(|it| it.0).collect();
    assert_eq!(differ, stated, "the tables at the top and what differs");
}

/// The body of a review: the request with the object in it byte for byte.
fn body(request: &Value, object: &str) -> String {
    let request = request.to_string();
    let (_, rest) = request.split_once('{').unwrap();
    format!(r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"object":{object},{rest}}}"#)
}

/// Compares what the webhook answers to what the crate says of the object.
fn compare(reviewer: &Reviewer, name: &str, request: &Value, object: &str, differ: &mut BTreeSet<&'static str>) {
    let review = reviewer.review(body(request, object).as_bytes()).unwrap();
    if review.scope != Scope::Judged {
        return;
    }
    let namespace = Some(request["namespace"].as_str().unwrap_or("").to_owned());
    let overrides = Overrides { namespace, ..Overrides::default() };
    // What is changed is there already: in its own place it changes nothing that must not change.
    let former = if request["operation"] == "UPDATE" { vec![Source::new("before.json", object)] } else { Vec::new() };
    let validator = Validator::new(overrides, Policy::default()).with_former(former);
    let report = validator.check(vec![Source::new("object.json", object)]);
    if report.diagnostics.iter().any(|it| it.rule == "template-not-rendered") {
        // Of a template the crate looks at nothing.
        differ.insert("template-not-rendered");
        return;
    }
    let mut answered = review.findings.clone();
    let mut errors = Vec::new();
    // A server has validated what it gave a uid. Of what is too deep to be read nobody can tell.
    let object: Value = serde_json::from_str(object).unwrap_or_default();
    let is_validated = |it: &Diagnostic| it.category == "api" && !object["metadata"]["uid"].is_null();
    let told = ["unknown-field", "unknown-kind", "removed-api", "deprecated-api"];
    let is_left_out = |it: &Diagnostic| is_of_server(it) || is_validated(it) && !told.contains(&it.rule);
    for finding in report.diagnostics.iter().filter(|it| !is_left_out(it)) {
        let has = |level: Level| answered.iter().position(|it| *it == (finding.rule, level));
        let at = match has(finding.level) {
            None if MILDER.iter().any(|it| it.0 == finding.rule) => {
                differ.insert(finding.rule);
                has(Level::Warning)
            }
            None if was_there_before(request, &object) => has(Level::Warning),
            at => at,
        };
        match at {
            Some(at) if answered.remove(at).1 == Level::Error => errors.push(finding),
            Some(_) => {}
            None => {
                assert!(UNSEEN.iter().any(|it| it.0 == finding.rule), "{name}: not answered: {finding:?}");
                differ.insert(finding.rule);
            }
        }
    }
    assert_eq!(answered, [], "{name}: the webhook says more");
    compare_causes(name, &review, &errors);
}

/// True for an update that changes metadata alone: its errors were there before, and are milder too.
fn was_there_before(request: &Value, object: &Value) -> bool {
    let content = |mut object: Value| {
        object["metadata"] = Value::Null;
        object
    };
    let old = content(request["oldObject"].clone());
    content(object.clone()) == old
}

fn is_of_server(finding: &Diagnostic) -> bool {
    OF_SERVERS.iter().any(|it| finding.at.path.starts_with(it))
}

/// Each error is a cause, with the reason and the field of the API server where it has one.
fn compare_causes(name: &str, review: &Review, errors: &[&Diagnostic]) {
    let answer: Value = serde_json::from_slice(&review.body).unwrap();
    assert_eq!(answer["response"]["allowed"], errors.is_empty(), "{name}");
    let causes = answer["response"]["status"]["details"]["causes"].as_array();
    let text = |cause: &Value, key: &str| cause[key].as_str().unwrap_or("").to_owned();
    let answered: Vec<_> = causes.into_iter().flatten().map(|it| (text(it, "reason"), text(it, "field"))).collect();
    let expected: Vec<_> = errors
        .iter()
        .map(|it| match &it.api {
            Some(api) => (api.reason.clone().unwrap_or_default().into_owned(), api.field.clone().unwrap_or_default()),
            None => ("FieldValueForbidden".to_owned(), it.at.path.clone()),
        })
        .collect();
    assert_eq!(answered, expected, "{name}");
}
