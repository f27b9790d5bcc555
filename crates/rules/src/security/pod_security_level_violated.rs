//! `pod-security-level-violated`.

use seaworthy_diagnostic::{Diagnostic, Level};
use seaworthy_fleet::{Facts, Fleet};
use seaworthy_object::{Field, Object, Pod, Version, Versions};
use seaworthy_source::order;
use serde::Deserialize;

use crate::{AnyRule, Category, Check, Choice, Meta, Pack, Reporter, Rule, Subject};

/// What a namespace may do about pods that break a level: the labels that say which level and of which version
/// (`PolicyToEvaluate`), how loud that is, and in words.
const MODES: [(&str, &str, Level, &str); 3] = [
    ("pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/enforce-version", Level::Error, "refuses"),
    ("pod-security.kubernetes.io/warn", "pod-security.kubernetes.io/warn-version", Level::Info, "warns of"),
    ("pod-security.kubernetes.io/audit", "pod-security.kubernetes.io/audit-version", Level::Info, "records"),
];
/// How many of the places to mend are shown.
const SHOWN: usize = 3;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct PodSecurityLevelViolated {
    /// Namespaces that the configuration of servers exempts.
    namespaces: Vec<String>,
    /// Runtime classes that it exempts.
    runtime_classes: Vec<String>,
}

impl Rule for PodSecurityLevelViolated {
    const META: Meta = Meta {
        id: "pod-security-level-violated",
        category: Category::Security,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("pod_security_level_violated.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl PodSecurityLevelViolated {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        // What an operator makes of a template of its own is up to it; of a PodTemplate nobody makes anything.
        let makes_pods = matches!(object.group(), "" | "apps" | "batch") && object.kind() != "PodTemplate";
        let (Some(pod), Some(name)) = (object.pod().filter(|_| makes_pods), object.namespace()) else { return };
        let runtime = pod.spec().at("runtimeClassName").map_or("", |it| it.text());
        if is_among(&self.namespaces, name) || is_among(&self.runtime_classes, runtime) {
            return;
        }
        let Some(labels) = fleet.object("", "Namespace", None, name).and_then(|it| it.at("metadata.labels")) else {
            return;
        };
        for (label, pin, level, does) in MODES {
            let Some(at) = labels.get(label) else { continue };
            let Some(broken) = broken(pod, at, labels.get(pin), report) else { continue };
            say(pod, at, level, &format!("namespace `{name}` {does}"), broken, report);
            return;
        }
    }
}

fn is_among(names: &[String], name: &str) -> bool {
    names.iter().any(|it| it == name)
}

/// How a pod breaks a level.
struct Broken {
    /// The pack that stands for the level.
    pack: Pack,
    /// What the controls say, in the newest version in which one does.
    findings: Vec<Diagnostic>,
    /// The versions asked for in which it is so.
    versions: Versions,
}

/// How a pod breaks the level of a label, as servers of the versions asked for see it.
fn broken<'a>(pod: Pod<'a>, level: Field<'a>, pin: Option<Field<'a>>, report: &Reporter<'_>) -> Option<Broken> {
    let pack = match level.text() {
        "baseline" => Pack::PssBaseline,
        "restricted" => Pack::PssRestricted,
        // Also those that no server takes as a label.
        _ => return None,
    };
    let pinned = match pin.map_or("latest", |it| it.text()) {
        "latest" => Version::NEWEST,
        text => Version::minor_of(text.strip_prefix("v1.")?.parse().ok()?),
    };
    // Nobody knows how a policy of before the first schemas differs from theirs.
    if pinned < Version::OLDEST {
        return None;
    }
    let mut broken = Broken { pack, findings: Vec::new(), versions: Versions::NONE };
    let mut judged = None;
    for version in report.versions().iter() {
        // A server knows no later policy than its own.
        let policy = version.min(pinned);
        let breaks = match judged {
            Some((same, breaks)) if same == policy => breaks,
            _ => {
                let findings = controls_broken(pod, pack, policy, report);
                let breaks = !findings.is_empty();
                if breaks {
                    broken.findings = findings;
                }
                breaks
            }
        };
        judged = Some((policy, breaks));
        if breaks {
            broken.versions = broken.versions.union(Versions::one(version));
        }
    }
    (!broken.versions.is_empty()).then_some(broken)
}

/// What the controls of a level say about a pod, in the order of its manifest, each place once.
fn controls_broken(pod: Pod<'_>, pack: Pack, version: Version, report: &Reporter<'_>) -> Vec<Diagnostic> {
    let facts = Facts { versions: Versions::one(version), ..Facts::default() };
    let (mut findings, mut unknown) = (Vec::new(), Vec::new());
    for rule in super::rules().iter().filter(|it| holds(pack, it)) {
        let mut control =
            Reporter::new(rule.meta(), Level::Error, &facts, report.catalog(), &mut findings, &mut unknown)
                .chosen(Choice::Pack(pack));
        rule.check(Subject::Pod(pod), &mut control);
        pod.containers().for_each(|it| rule.check(Subject::Container(pod, it), &mut control));
    }
    // What is milder in a pack is no control of it.
    findings.retain(|it| it.level == Level::Error);
    // Controls of both levels may mark one place.
    order::sort_by(&mut findings, &mut |left, right| left.at.span.cmp(&right.at.span));
    findings.dedup_by(|left, right| left.at.path == right.at.path);
    findings
}

/// True if a level has this rule among its controls.
fn holds(pack: Pack, rule: &AnyRule) -> bool {
    rule.meta().packs.iter().any(|&(it, _)| it == pack || Some(it) == pack.includes())
}

fn say(pod: Pod<'_>, level: Field<'_>, loud: Level, does: &str, broken: Broken, report: &mut Reporter<'_>) {
    let object = pod.object();
    let (whose, which) = if pod.is_bare() { ("", "breaks") } else { ("the pods of ", "break") };
    let has_none = pod.replicas() == Some(0);
    let count = broken.findings.len();
    let mut finding = report
        .say(object, format!("{does} {whose}{}, which {which} the standard {}", object.reference(), level.text()))
        .level(Level::Error, if has_none { loud.min(Level::Warning) } else { loud })
        .versions(broken.versions)
        .help(format!(
            "{count} {} to be mended; the pack `{}` says what to do about each",
            if count == 1 { "place has" } else { "places have" },
            broken.pack.as_str(),
        ));
    for cause in broken.findings.into_iter().take(SHOWN) {
        finding = finding.related_at(cause.at, cause.message);
    }
    finding.related(level, "the level of the namespace");
}
