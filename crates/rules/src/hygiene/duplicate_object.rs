//! `duplicate-object`.

use rustc_hash::FxHashMap;
use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_fleet::Fleet;
use seaworthy_object::Object;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DuplicateObject {}

impl Rule for DuplicateObject {
    const META: Meta = Meta {
        id: "duplicate-object",
        category: Category::Hygiene,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: include_str!("duplicate_object.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// How many differences a finding names.
const NAMED: usize = 3;

/// Folders whose folders are alternatives: one of them is applied, not all.
const ALTERNATIVES: &[&str] = &["clusters", "env", "environments", "envs", "overlays", "regions", "stages"];

/// Words that tell environments apart in the names of folders and files.
const ENVIRONMENTS: &[&str] = &[
    "acc",
    "acceptance",
    "ci",
    "dev",
    "development",
    "integration",
    "live",
    "preprod",
    "preview",
    "prod",
    "production",
    "qa",
    "sandbox",
    "stage",
    "staging",
    "test",
    "uat",
];

impl DuplicateObject {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let mut by_identity: FxHashMap<_, Vec<&Object<'_>>> = FxHashMap::default();
        for &object in fleet.objects().iter().filter(|it| !it.name().is_empty()) {
            by_identity.entry((object.group_kind(), object.namespace(), object.name())).or_default().push(object);
        }
        for definitions in by_identity.values().filter(|it| it.len() > 1) {
            judge(fleet, definitions, report);
        }
    }
}

/// Each definition is lost to the last one that is applied together with it.
fn judge<'a>(fleet: &Fleet<'a>, definitions: &[&'a Object<'a>], report: &mut Reporter<'_>) {
    let mut lost: Vec<Vec<&'a Object<'a>>> = vec![Vec::new(); definitions.len()];
    for (at, &one) in definitions.iter().enumerate() {
        let together = |other: &Object<'_>| are_together(fleet.file_of(one), fleet.file_of(other));
        let last = definitions.iter().rposition(|&other| together(other));
        if let Some(last) = last.filter(|&last| last > at)
            && let Some(losers) = lost.get_mut(last)
        {
            losers.push(one);
        }
    }
    for (winner, losers) in definitions.iter().zip(lost) {
        if !losers.is_empty() {
            say(fleet, winner, &losers, report);
        }
    }
}

fn say<'a>(fleet: &Fleet<'a>, winner: &'a Object<'a>, lost: &[&'a Object<'a>], report: &mut Reporter<'_>) {
    let mut differences = Vec::new();
    for &other in lost {
        let roots = [other.root(), winner.root()];
        compare(Some(other.root()), Some(winner.root()), roots, &mut differences);
    }
    differences.sort_unstable();
    differences.dedup();
    let times = if lost.len() == 1 { "twice".to_owned() } else { format!("{} times", lost.len() + 1) };
    let what = winner.reference();
    let message = if differences.is_empty() {
        format!("{what} is defined {times}, with equal content")
    } else {
        let named = differences.iter().take(NAMED).map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
        let more = differences.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{what} is defined {times}, and the one applied last wins; they differ in {named}{more}")
    };
    let is_equal = differences.is_empty();
    let mut finding = report.say(winner, message).label("applied last");
    for &other in lost {
        finding = finding.related(other, if is_equal { "the same again" } else { "this one is lost" });
    }
    finding = finding.help("keep one of them; alternatives belong into folders of their own, checked one at a time");
    // Folders side by side are applied one at a time, as likely as not.
    let folder = folder_of(fleet.file_of(winner));
    let is_one_folder = lost.iter().any(|other| folder_of(fleet.file_of(other)) == folder);
    if is_equal || !(is_one_folder || fleet.facts().complete) {
        finding.level(Level::Warning, Level::Info);
    }
}

/// The addresses at which two values differ; `null` is as good as absent.
fn compare(left: Option<Node<'_>>, right: Option<Node<'_>>, roots: [Node<'_>; 2], out: &mut Vec<String>) {
    let (Some(one), Some(other)) = (left, right) else {
        out.extend(left.or(right).map(|it| address(it, roots)));
        return;
    };
    if one.is_mapping() && other.is_mapping() {
        for entry in one.entries().filter(|entry| !entry.value.is_null()) {
            compare(Some(entry.value), other.get(entry.name()), roots, out);
        }
        for entry in other.entries().filter(|entry| !entry.value.is_null() && one.get(entry.name()).is_none()) {
            out.push(address(entry.value, roots));
        }
    } else if one.is_sequence() && other.is_sequence() && one.len() == other.len() {
        one.items().zip(other.items()).for_each(|(left, right)| compare(Some(left), Some(right), roots, out));
    } else if one.value() != other.value() || one.is_sequence() {
        out.push(address(other, roots));
    }
}

/// The address in the one of two objects that holds the node.
fn address(node: Node<'_>, roots: [Node<'_>; 2]) -> String {
    let mut around = std::iter::successors(Some(node), Node::parent);
    let root = around.find(|it| roots.contains(it));
    node.field_path_from(root).to_string()
}

/// False for one file met by two paths, and for files of two environments, of which one is applied.
fn are_together(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let (one, other) = (segments(one), segments(other));
    if one == other {
        return false;
    }
    let same = one.iter().zip(&other).take_while(|(left, right)| left == right).count();
    let is_folder = one.len() > same + 1 && other.len() > same + 1;
    let in_alternatives = same > 0 && one.get(same - 1).is_some_and(|it| ALTERNATIVES.contains(it));
    let is_overlay = |path: &[&str]| path.iter().any(|it| ALTERNATIVES.contains(it));
    let is_base = |path: &[&str]| path.contains(&"base");
    let is_patch = (is_base(&one) && is_overlay(&other)) || (is_overlay(&one) && is_base(&other));
    let apart = is_folder && in_alternatives || is_patch || differ_by_environment(&one, &other);
    !apart
}

/// `dev/web.yaml` and `prod/web.yaml`, `web-dev.yaml` and `web-prod.yaml`.
fn differ_by_environment(one: &[&str], other: &[&str]) -> bool {
    let environment = |path: &[&str]| {
        let mut words = path.iter().flat_map(|segment| segment.split(['-', '_', '.']));
        words.find_map(|word| ENVIRONMENTS.iter().find(|it| it.eq_ignore_ascii_case(word)))
    };
    match (environment(one), environment(other)) {
        (Some(left), Some(right)) => left != right,
        _ => false,
    }
}

fn folder_of(path: &str) -> Vec<&str> {
    let mut folder = segments(path);
    folder.pop();
    folder
}

fn segments(path: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    for segment in path.split(['/', '\\']).filter(|it| !it.is_empty() && *it != ".") {
        if segment == ".." && segments.last().is_some_and(|it| *it != "..") {
            segments.pop();
        } else {
            segments.push(segment);
        }
    }
    segments
}
