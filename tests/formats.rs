//! The formats of pipelines: each is read back by a reader of its own, and all of them say the same.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jsonschema::Validator as Schema;
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use seaworthy::diagnostic::{Edit, Fix, Location, ObjectRef, Safety, Silencer, Skipped, Suppressed};
use seaworthy::render::{Github, Gitlab, Json, Junit, Sarif};
use seaworthy::rules::Pack;
use seaworthy::source::{SourceId, Span};
use seaworthy::{Diagnostic, Level, Overrides, Policy, Report, Source, Validator, rule_descriptions};
use seaworthy_tests::corpus;
use serde_json::Value;

/// What every format tells of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    level: Level,
    rule: String,
    file: String,
    line: u64,
    /// The message, and what to do.
    text: String,
}

/// The report as SARIF, which describes the rules that spoke alone: all pages would be read again and again.
fn sarif(report: &Report) -> Value {
    let mut rules = rule_descriptions();
    rules.retain(|rule| report.diagnostics.iter().any(|it| it.rule == rule.id));
    serde_json::from_str(&Sarif::new(report, &rules).to_string()).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn from_sarif(report: &Report) -> Vec<Said> {
    let log = sarif(report);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let active = results.iter().filter(|it| it["suppressions"].is_null());
    active
        .map(|it| {
            let place = &it["locations"][0]["physicalLocation"];
            let uri = text(&place["artifactLocation"]["uri"]);
            if let Some(index) = it["ruleIndex"].as_u64() {
                assert_eq!(rules[usize::try_from(index).unwrap()]["id"], it["ruleId"]);
            }
            Said {
                level: match it["level"].as_str().unwrap() {
                    "error" => Level::Error,
                    "warning" => Level::Warning,
                    "note" => Level::Info,
                    other => panic!("{other}"),
                },
                rule: text(&it["ruleId"]),
                file: percent_decode_str(&uri).decode_utf8().unwrap().into_owned(),
                line: place["region"]["startLine"].as_u64().unwrap(),
                text: text(&it["message"]["text"]),
            }
        })
        .collect()
}

fn from_gitlab(report: &Report) -> Vec<Said> {
    let list: Vec<Value> = serde_json::from_str(&Gitlab(report).to_string()).unwrap();
    let mut fingerprints: Vec<_> = list.iter().map(|it| text(&it["fingerprint"])).collect();
    fingerprints.sort();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), list.len(), "GitLab keeps one finding a fingerprint");
    let said = list.iter().map(|it| Said {
        level: match it["severity"].as_str().unwrap() {
            "critical" => Level::Error,
            "major" => Level::Warning,
            "info" => Level::Info,
            other => panic!("{other}"),
        },
        rule: text(&it["check_name"]),
        file: text(&it["location"]["path"]),
        line: it["location"]["lines"]["begin"].as_u64().unwrap(),
        text: match it["content"]["body"].as_str() {
            Some(help) => format!("{}\n{help}", text(&it["description"])),
            None => text(&it["description"]),
        },
    });
    said.collect()
}

/// As `ActionCommand.TryParseV2` of the runner reads a line.
fn command(line: &str) -> Option<Said> {
    let unescaped = |text: &str, properties: bool| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n");
        let text = if properties { text.replace("%3A", ":").replace("%2C", ",") } else { text };
        text.replace("%25", "%")
    };
    let (info, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (name, properties) = info.split_once(' ')?;
    let property = |key: &str| {
        let pairs = properties.split(',').filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(name, _)| *name == key).map(|(_, value)| unescaped(value, true));
        values.next()
    };
    Some(Said {
        level: match name {
            "error" => Level::Error,
            "warning" => Level::Warning,
            "notice" => Level::Info,
            _ => return None,
        },
        rule: property("title")?,
        file: property("file")?,
        line: property("line")?.parse().ok()?,
        text: unescaped(data, false),
    })
}

fn from_github(report: &Report) -> Vec<Said> {
    let output = Github(report).to_string();
    assert!(!output.contains('\r'), "the runner reads lines");
    let mut lines: Vec<_> = output.lines().collect();
    assert!(lines.pop().unwrap().starts_with("Seaworthy: "), "the last line counts");
    lines.into_iter().map(|line| command(line).unwrap_or_else(|| panic!("no command: {line}"))).collect()
}

/// A test has the message alone where others have the help too.
fn from_junit(report: &Report) -> Vec<Said> {
    let output = Junit::new(report, Level::Error).to_string();
    let document = roxmltree::Document::parse(&output).unwrap_or_else(|error| panic!("{error}: {output}"));
    let root = document.root_element();
    let (mut said, mut tests, mut failures) = (Vec::new(), 0, 0);
    for suite in root.children().filter(|it| it.has_tag_name("testsuite")) {
        let number = |of: roxmltree::Node<'_, '_>, what: &str| of.attribute(what).unwrap().parse::<usize>().unwrap();
        let cases: Vec<_> = suite.children().filter(|it| it.has_tag_name("testcase")).collect();
        let with = |tag: &str| cases.iter().filter(|it| it.children().any(|child| child.has_tag_name(tag))).count();
        assert_eq!(
            (number(suite, "tests"), number(suite, "failures"), number(suite, "skipped")),
            (cases.len(), with("failure"), with("skipped"))
        );
        let mut names: Vec<_> = cases.iter().map(|it| (it.attribute("classname"), it.attribute("name"))).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), cases.len(), "GitLab keeps one test a name");
        (tests, failures) = (tests + cases.len(), failures + with("failure"));
        for case in cases {
            let Some(outcome) = case.first_element_child() else { continue };
            let level = match outcome.attribute("type").unwrap() {
                "error" => Level::Error,
                "warning" => Level::Warning,
                "info" => Level::Info,
                _ => continue,
            };
            assert_eq!(outcome.has_tag_name("failure"), level == Level::Error);
            let message = outcome.attribute("message").unwrap();
            let file = case.attribute("file").unwrap();
            assert_eq!(suite.attribute("name"), Some(file));
            let (_, words) = outcome.text().unwrap().strip_prefix(file).unwrap().split_once('\n').unwrap();
            assert!(words.starts_with(message), "{words}");
            said.push(Said {
                level,
                rule: case.attribute("classname").unwrap().rsplit('.').next().unwrap().to_owned(),
                file: file.to_owned(),
                line: case.attribute("line").unwrap().parse().unwrap(),
                text: message.to_owned(),
            });
        }
    }
    assert_eq!(root.attribute("tests").unwrap(), tests.to_string());
    assert_eq!(root.attribute("failures").unwrap(), failures.to_string());
    said
}

/// What a report says, in the words of this test.
fn said(report: &Report, with_help: bool) -> Vec<Said> {
    let said = report.diagnostics.iter().map(|it| Said {
        level: it.level,
        rule: it.rule.to_owned(),
        file: report.file(&it.at).replace('\\', "/").trim_start_matches("./").to_owned(),
        line: report.source(it.at.source).unwrap().position(it.at.span.start).line.into(),
        text: match &it.help {
            Some(help) if with_help => format!("{}\n{help}", it.message),
            _ => it.message.clone(),
        },
    });
    said.collect()
}

fn assert_all_say_the_same(report: &Report) {
    let want = said(report, true);
    assert_eq!(from_sarif(report), want, "SARIF");
    assert_eq!(from_gitlab(report), want, "GitLab");
    assert_eq!(from_github(report), want, "GitHub");
    let pictured = |it: Said| Said { text: pictured(&it.text), file: pictured(&it.file), ..it };
    assert_eq!(from_junit(report), said(report, false).into_iter().map(pictured).collect::<Vec<_>>(), "JUnit");
    let json: Value = serde_json::from_str(&Json(report).to_string()).unwrap();
    assert_eq!(json["diagnostics"].as_array().unwrap().len(), want.len(), "JSON");
}

/// What XML can say of a text.
fn pictured(text: &str) -> String {
    let say = |it: char| match it {
        '\t' | '\n' | '\r' => it,
        '\0'..'\u{20}' => char::from_u32(0x2400 + u32::from(it)).unwrap(),
        '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        _ => it,
    };
    text.chars().map(say).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The reports of our fleets, and of the corpus where it is.
fn reports() -> Vec<(String, Report)> {
    let folders = |folder: PathBuf| std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut all: Vec<PathBuf> = folders(root().join("fixtures/fleets")).collect();
    if let Some(corpus) = corpus::folder() {
        all.extend(folders(corpus.join("real")).chain(folders(corpus.join("seeds"))).filter(|it| it.is_dir()));
    }
    let validator =
        || Validator::new(Overrides::default(), Policy::default().with_packs([Pack::Strict, Pack::PssRestricted]));
    let report = |folder: PathBuf| {
        let read = |path: PathBuf| {
            let name = path.strip_prefix(&folder).unwrap().to_str()?.to_owned();
            Some(Source::from_bytes(name, std::fs::read(&path).ok()?))
        };
        let sources = corpus::files(&folder, &["yaml", "yml", "json"]).into_iter().filter_map(read);
        (folder.display().to_string(), validator().check(sources.collect()))
    };
    all.into_iter().map(report).collect()
}

/// The schema of SARIF; without it the test says so and passes.
fn sarif_schema() -> Option<Schema> {
    let Some(path) = std::env::var_os("SEAWORTHY_SARIF_SCHEMA") else {
        eprintln!("not run: no schema of SARIF");
        return None;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let schema: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    Some(jsonschema::options().should_validate_formats(true).build(&schema).unwrap())
}

fn assert_valid(schema: &Schema, report: &Report, name: &str) {
    let log = serde_json::from_str(&Sarif::new(report, &rule_descriptions()).to_string()).unwrap();
    let errors: Vec<_> = schema.iter_errors(&log).take(5).map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}

#[test]
fn whole_fleets_are_said_alike_and_are_valid() {
    let schema = sarif_schema();
    let mut findings = 0;
    for (name, report) in reports() {
        assert_all_say_the_same(&report);
        findings += report.diagnostics.len();
        if let Some(schema) = &schema {
            assert_valid(schema, &report, &name);
        }
    }
    eprintln!("{findings} findings in every format");
    assert!(findings > 10);
}

#[test]
fn the_schema_refuses_what_is_no_sarif() {
    let Some(schema) = sarif_schema() else { return };
    let mut log = sarif(&example());
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["snippet"] = serde_json::json!([]);
    assert!(!schema.is_valid(&log));
}

/// What GitHub allows: 1,024 characters a description, no empty ones.
#[test]
fn rules_are_described_within_the_limits() {
    for rule in rule_descriptions() {
        for text in [&rule.summary, &rule.introduction] {
            assert!((10..=1024).contains(&text.chars().count()), "{}: {text}", rule.id);
        }
        assert!(rule.introduction.starts_with(rule.summary.as_str()), "{}", rule.id);
    }
}

const SECRET: &str = "hunter2";

/// A finding of every sort: with help, related places, a fix, an object, several lines, a secret; one that somebody
/// accepted; a file without any; one that was not checked.
fn example() -> Report {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: wbe}\n";
    let pods = "kind: Pod\nmetadata: {name: web}\nspec:\n  privileged: true\n  password: hunter2\n";
    let sources = vec![
        Source::new("./k8s/a service, 50%.yaml", service),
        Source::new("k8s\\pods.yaml", pods),
        Source::new("k8s/fine.yaml", "kind: Pod\n"),
        Source::new("k8s/notes.yaml", "- milk\n"),
    ];
    let object = |kind: &str| {
        let (api_version, namespace) = ("v1".to_owned(), Some("shop".to_owned()));
        Arc::new(ObjectRef { api_version, kind: kind.to_owned(), namespace, name: "web".to_owned() })
    };
    let at = |source: u32, marked: &str, path: &str| {
        let text = [service, pods][source as usize];
        let start = text.find(marked).unwrap();
        let object = Some(object(["Service", "Pod"][source as usize]));
        let span = Span::of(start..start + marked.len());
        Location { source: SourceId(source), document: 0, span, path: path.to_owned(), object }
    };
    let finding = |rule: &'static str, category: &'static str, level: Level, message: &str, at: Location| Diagnostic {
        rule,
        category,
        level,
        message: message.to_owned(),
        help: None,
        at,
        label: None,
        conceal: false,
        related: Vec::new(),
        fix: None,
        api: None,
        kubernetes_versions: Vec::new(),
    };
    let edit =
        |marked: &str, text: &str| Edit { source: SourceId(1), span: at(1, marked, "").span, text: text.to_owned() };
    let fix =
        |title: &str, edit: Edit| Some(Fix { title: title.to_owned(), safety: Safety::Unsafe, edits: vec![edit] });
    let selector = at(0, "{app: wbe}", "spec.selector");
    let diagnostics = vec![
        Diagnostic {
            help: Some("nearest are the pods of Pod `web`: they carry `app=web`".to_owned()),
            related: vec![(at(1, "{name: web}", "metadata"), "the nearest pods".to_owned())],
            ..finding(
                "service-selects-nothing",
                "reference",
                Level::Error,
                "Service `web` selects nothing: no pod of namespace `shop` carries `app=wbe`",
                selector.clone(),
            )
        },
        Diagnostic {
            fix: fix("set `privileged` to false", edit("true", "false")),
            kubernetes_versions: vec!["1.37".to_owned()],
            ..finding(
                "privileged-container",
                "security",
                Level::Warning,
                "container `web` runs privileged",
                at(1, "spec:\n  privileged: true\n", "spec"),
            )
        },
        Diagnostic {
            conceal: true,
            fix: fix("take the password out", edit(SECRET, "")),
            ..finding(
                "literal-credential",
                "security",
                Level::Info,
                "`password` holds a password",
                at(1, SECRET, "spec.password"),
            )
        },
    ];
    let accepted =
        finding("probes-missing", "workload", Level::Warning, "container `web` has no probe", at(1, "web", "spec"));
    let suppressed =
        [(Silencer::InSource, Some("a batch job")), (Silencer::Policy, Some("agreed")), (Silencer::Baseline, None)];
    let suppressed = suppressed.map(|(by, reason)| Suppressed {
        diagnostic: accepted.clone(),
        by,
        reason: reason.map(str::to_owned),
    });
    Report {
        sources,
        diagnostics,
        suppressed: suppressed.into(),
        skipped: vec![Skipped { file: "k8s/notes.yaml".to_owned(), document: None, why: "no object".to_owned() }],
        kubernetes_versions: vec!["1.34".to_owned(), "1.37".to_owned()],
        ..Report::default()
    }
}

#[test]
fn no_format_tells_a_secret() {
    let report = example();
    for output in [
        sarif(&report).to_string(),
        Gitlab(&report).to_string(),
        Github(&report).to_string(),
        Junit::new(&report, Level::Info).to_string(),
    ] {
        assert!(output.contains("`password` holds a password") && !output.contains(SECRET), "{output}");
    }
}

/// One page a format that a reader reviews: `UPDATE=1` writes them.
#[test]
fn the_example_is_shown_as_reviewed() {
    let report = example();
    let rules: Vec<_> = rule_descriptions().into_iter().filter(|it| it.id == "image-latest").collect();
    let rules: Vec<_> =
        rules.into_iter().map(|it| seaworthy::render::RuleDescription { page: "# image-latest\n", ..it }).collect();
    let pretty = |json: String| format!("{:#}\n", serde_json::from_str::<Value>(&json).unwrap());
    let sarif = pretty(Sarif::new(&report, &rules).to_string()).replace(env!("CARGO_PKG_VERSION"), "VERSION");
    for (name, got) in [
        ("report.sarif", sarif),
        ("junit.xml", Junit::new(&report, Level::Error).to_string()),
        ("github.txt", Github(&report).to_string()),
        ("gitlab.json", pretty(Gitlab(&report).to_string())),
    ] {
        let path = root().join("fixtures/formats").join(name);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &got).unwrap();
        }
        let want = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(got == want, "{} is not what is written: read `UPDATE=1 cargo test`'s\n{got}", path.display());
    }
}

#[test]
fn an_empty_report_is_valid() {
    let report = Report::default();
    assert_all_say_the_same(&report);
    assert_eq!(sarif(&report)["runs"][0]["results"], serde_json::json!([]));
    if let Some(schema) = sarif_schema() {
        assert_valid(&schema, &report, "nothing");
        assert_valid(&schema, &example(), "the example");
    }
}

/// A report that lost its sources loses no finding, whatever the format.
#[test]
fn without_sources_nothing_is_lost() {
    let report = Report { sources: Vec::new(), ..example() };
    let counts = [from_sarif(&report).len(), from_gitlab(&report).len(), from_junit(&report).len()];
    assert_eq!(counts, [3; 3]);
    assert_eq!(Github(&report).to_string().lines().count(), 4);
}

/// Texts with everything that means something to one of the formats.
fn texts() -> impl Strategy<Value = String> {
    let special = "%:,;=[]{}<>&'\"`\\\t\r\n\u{0}\u{1b}\u{7f}\u{85}\u{2028}\u{feff}\u{fffe}\u{ffff}😀é";
    let special = prop::sample::select(special.chars().collect::<Vec<_>>());
    let marks = prop::sample::select(vec!["::error::", "]]>", "<!--", "%0A", "&#10;", "##[error]", "${{", "../"]);
    let piece =
        prop_oneof![special.prop_map(String::from), any::<char>().prop_map(String::from), marks.prop_map(String::from)];
    prop::collection::vec(piece, 0..20).prop_map(|it| it.concat())
}

fn file_names() -> impl Strategy<Value = String> {
    let part = texts().prop_map(|it| format!("it{}", it.replace(['/', '\\'], "")));
    prop::collection::vec(part, 1..4).prop_map(|it| it.join("/"))
}

proptest! {
    #[test]
    fn any_text_comes_back(message in texts(), help in texts(), file in file_names(), source in texts(), name in texts()) {
        let mut report = example();
        report.sources[0] = Source::new(file.as_str(), format!("{source}\nkind: x"));
        report.sources[3] = Source::new(name.as_str(), "");
        let why = report.skipped[0].why.clone() + &message;
        report.skipped = vec![Skipped { file: name.clone(), document: Some(1), why }];
        report.suppressed[0].reason = Some(message.clone());
        let start = source.len() + 1;
        let finding = &mut report.diagnostics[0];
        finding.message = message.clone();
        finding.help = Some(help.clone());
        finding.at.span = Span::of(start..start + 4);
        finding.at.path = name.clone();
        finding.at.object = Some(Arc::new(ObjectRef { api_version: help.clone(), kind: name, namespace: None, name: message }));
        finding.related[0].1 = help.clone();
        assert_all_say_the_same(&report);
        let junit = Junit::new(&report, Level::Error).to_string();
        let document = roxmltree::Document::parse(&junit).unwrap();
        let failure = document.descendants().find(|it| it.has_tag_name("failure")).unwrap();
        let words = pictured(&format!("\nhelp: {help}"));
        prop_assert!(failure.text().unwrap().contains(&words));
        let region = &sarif(&report)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
        prop_assert_eq!(&region["snippet"]["text"], "kind");
        prop_assert_eq!(&region["byteOffset"], start);
    }
}
