//! `duplicate-object`.

use foldhash::{HashMap, HashSet};
use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_fleet::Fleet;
use seaworthy_object::{GroupKind, Object};
use seaworthy_source::{SourceId, order};
use serde::Deserialize;

use crate::environments::environment;
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
        page: page!("duplicate_object.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// How many differences or objects a finding names.
const NAMED: usize = 3;

/// Of an object with more definitions, only the last ones may win.
const CROWD: usize = 100;

/// Folders whose folders are alternatives: one of them is applied, not all.
const ALTERNATIVES: &[&str] = &["clusters", "env", "environments", "envs", "overlays", "regions", "stages"];

/// Fields that the server does not change: of two definitions that differ there, the first one stays.
/// From the update strategies and validation of each kind.
const FIXED: &[(&str, &[&str])] = &[
    ("DaemonSet", &["spec.selector"]),
    ("Deployment", &["spec.selector"]),
    ("Job", &["spec.selector", "spec.template"]),
    ("PersistentVolumeClaim", &["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"]),
    ("PersistentVolume", VOLUME_SOURCES),
    ("Pod", &["spec.containers", "spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "spec.volumes"]),
    ("ReplicaSet", &["spec.selector"]),
    ("StatefulSet", &["spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"]),
    ("StorageClass", &["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"]),
];

/// Where a volume lies, which is fixed as a whole.
const VOLUME_SOURCES: &[&str] = &[
    "spec.awsElasticBlockStore",
    "spec.azureDisk",
    "spec.azureFile",
    "spec.cephfs",
    "spec.cinder",
    "spec.csi",
    "spec.fc",
    "spec.flexVolume",
    "spec.gcePersistentDisk",
    "spec.glusterfs",
    "spec.hostPath",
    "spec.iscsi",
    "spec.local",
    "spec.nfs",
    "spec.portworxVolume",
    "spec.rbd",
    "spec.vsphereVolume",
];

type Identity<'a> = (GroupKind<'a>, Option<&'a str>, &'a str);

fn identity<'a>(object: &'a Object<'a>) -> Identity<'a> {
    (object.group_kind(), object.namespace(), object.name())
}

/// The last definition of an object among those that are applied together, and those before it.
struct Case<'a> {
    winner: &'a Object<'a>,
    lost: Vec<&'a Object<'a>>,
    /// The addresses at which they differ.
    differences: Vec<String>,
    /// Equal ones do no harm yet, and folders side by side are applied one at a time, as likely as not.
    is_mild: bool,
}

impl DuplicateObject {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let again = fleet.defined_again();
        if again.is_empty() {
            return;
        }
        let mut folders = Folders::of(fleet);
        let mut cases: Vec<Case<'_>> = again.iter().flat_map(|it| judge(fleet, it, &mut folders)).collect();
        order::sort_by_key(&mut cases, |it| (it.winner.source(), it.winner.root().span()));
        let mut alike: Vec<Vec<Case<'_>>> = Vec::new();
        let mut at_files = HashMap::default();
        for case in cases {
            let at = *at_files.entry(case.files()).or_insert(alike.len());
            match alike.get_mut(at).filter(|_| case.is_mild) {
                Some(group) => group.push(case),
                None if case.is_mild => alike.push(vec![case]),
                None => case.say(report),
            }
        }
        alike.iter().for_each(|group| say_group(fleet, group, report));
    }
}

/// Each definition is lost to the last one that is applied together with it.
fn judge<'a>(fleet: &Fleet<'a>, definitions: &[&'a Object<'a>], folders: &mut Folders<'a>) -> Vec<Case<'a>> {
    let mut lost: Vec<Vec<&'a Object<'a>>> = vec![Vec::new(); definitions.len()];
    for (at, &one) in definitions.iter().enumerate() {
        let after = at + 1;
        let later = definitions.get(after.max(definitions.len().saturating_sub(CROWD))..).unwrap_or(&[]);
        let last = later.iter().rposition(|&other| folders.are_together(fleet, one, other));
        if let Some(losers) = last.and_then(|last| lost.get_mut(definitions.len() - later.len() + last)) {
            losers.push(one);
        }
    }
    let lost = definitions.iter().zip(lost).filter(|(_, losers)| !losers.is_empty());
    lost.map(|(&winner, lost)| Case::of(fleet, winner, lost)).collect()
}

/// Folders of which one is applied, not all: chapters of a course, versions of a demo.
struct Folders<'a> {
    /// What each defines; nothing if the set is declared to be all there is.
    defined: HashMap<&'a str, HashSet<Identity<'a>>>,
    /// Which files are applied together.
    together: HashMap<(SourceId, SourceId), bool>,
    /// Which folders are alternatives: files of two folders are looked at pair by pair.
    alternatives: HashMap<(&'a str, &'a str), bool>,
}

impl<'a> Folders<'a> {
    fn of(fleet: &Fleet<'a>) -> Self {
        let mut defined: HashMap<_, HashSet<_>> = HashMap::default();
        if !fleet.facts().complete {
            for object in fleet.identities() {
                defined.entry(folder_of(fleet.file_of(object))).or_default().insert(identity(object));
            }
        }
        Self { defined, together: HashMap::default(), alternatives: HashMap::default() }
    }

    /// True if two definitions are applied together.
    fn are_together(&mut self, fleet: &Fleet<'a>, one: &Object<'a>, other: &Object<'a>) -> bool {
        if let Some(known) = self.together.get(&(one.source(), other.source())) {
            return *known;
        }
        let (first, second) = (fleet.file_of(one), fleet.file_of(other));
        let folders = (folder_of(first), folder_of(second));
        let together = are_together(first, second)
            && !match self.alternatives.get(&folders) {
                Some(known) => *known,
                None => {
                    let are = self.are_alternatives(folders.0, folders.1);
                    *self.alternatives.entry(folders).or_insert(are)
                }
            };
        self.together.insert((one.source(), other.source()), together);
        together
    }

    /// True if one of two folders defines most of what the other does.
    fn are_alternatives(&self, one: &str, other: &str) -> bool {
        if one == other {
            return false;
        }
        let (Some(left), Some(right)) = (self.defined.get(one), self.defined.get(other)) else { return false };
        let shared = left.intersection(right).count();
        shared > 1 && shared * 2 >= left.len().min(right.len())
    }
}

impl<'a> Case<'a> {
    fn of(fleet: &Fleet<'a>, winner: &'a Object<'a>, lost: Vec<&'a Object<'a>>) -> Self {
        let mut differences = Vec::new();
        for &other in &lost {
            let roots = [other.root(), winner.root()];
            compare(Some(other.root()), Some(winner.root()), roots, &mut differences);
        }
        order::sort(&mut differences);
        differences.dedup();
        let folder = segments(folder_of(fleet.file_of(winner)));
        let is_one_folder = lost.iter().any(|other| segments(folder_of(fleet.file_of(other))) == folder);
        let is_mild = differences.is_empty() || !(is_one_folder || fleet.facts().complete);
        Self { winner, lost, differences, is_mild }
    }

    /// The files that define it, and whether equally: those alike are said at once.
    fn files(&self) -> (bool, Vec<SourceId>) {
        let files = std::iter::once(&self.winner).chain(&self.lost).map(|it| it.source());
        (self.differences.is_empty(), files.collect())
    }

    fn say(&self, report: &mut Reporter<'_>) {
        let what = self.winner.reference();
        let times = match self.lost.len() {
            1 => "twice".to_owned(),
            more => format!("{} times", more + 1),
        };
        let fixed = FIXED.iter().find(|(kind, _)| *kind == self.winner.kind()).map_or(&[][..], |it| it.1);
        let is_fixed = |field: &&String| fixed.iter().any(|it| field.starts_with(it)) && !field.ends_with(".image");
        let fixed = self.differences.iter().find(is_fixed);
        let named = list(self.differences.iter().map(|it| format!("`{it}`")));
        let (message, label, first) = match fixed {
            _ if self.differences.is_empty() => {
                (format!("{what} is defined {times}, with equal content"), "applied last", "the same again")
            }
            Some(field) => (
                format!("{what} is defined {times}, and the first one stays, as `{field}` cannot be changed"),
                "applied last, and refused",
                "applied before it",
            ),
            None => (
                format!("{what} is defined {times}, and the one applied last wins; they differ in {named}"),
                "applied last",
                "this one is lost",
            ),
        };
        let mut finding = report.say(self.winner, message).label(label);
        for &other in &self.lost {
            finding = finding.related(other, first);
        }
        finding = finding.help(HELP);
        if self.is_mild {
            finding.level(Level::Warning, Level::Info);
        }
    }
}

const HELP: &str = "keep one of them; alternatives belong into folders of their own, checked one at a time";

/// Says at once what the same files define in the same way.
fn say_group<'a>(fleet: &Fleet<'a>, group: &[Case<'a>], report: &mut Reporter<'_>) {
    let Some(case) = group.first().filter(|_| group.len() > 1) else {
        return group.iter().for_each(|case| case.say(report));
    };
    let mut files: Vec<&str> = case.lost.iter().map(|it| fleet.file_of(it)).collect();
    files.dedup();
    let place = match files.as_slice() {
        [one] if *one == fleet.file_of(case.winner) => "this file twice".to_owned(),
        [one] if folder_of(one) == folder_of(fleet.file_of(case.winner)) => {
            format!("this file and in `{}`", segments(one).last().unwrap_or(one))
        }
        [one] => format!("this file and in `{one}`"),
        more => format!("this file and in {} others", more.len()),
    };
    let content = if case.differences.is_empty() { "equal" } else { "different" };
    let names = list(group.iter().map(|it| it.winner.reference().to_string()));
    let message = format!("{} objects are defined in {place}, with {content} content: {names}", group.len());
    let mut finding = report.say(case.winner, message).help(HELP);
    for case in group.iter().take(NAMED) {
        for &other in &case.lost {
            finding = finding.related(other, format!("{} too", other.reference()));
        }
    }
    finding.level(Level::Warning, Level::Info);
}

/// The first few names, and how many more there are.
fn list(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let named = names.take(NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
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
pub(crate) fn are_together(one: &str, other: &str) -> bool {
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

/// `dev/web.yaml` and `prod/web.yaml`, `web-dev.yaml` and `web-prod.yaml`, `web.yaml` and `web-test.yaml`.
fn differ_by_environment(one: &[&str], other: &[&str]) -> bool {
    let words = |path: &[&str]| {
        let words = path.iter().flat_map(|segment| segment.split(['-', '_', '.']));
        let (environments, rest): (Vec<_>, Vec<_>) =
            words.map(str::to_ascii_lowercase).partition(|word| environment(word).is_some());
        (environments.into_iter().next(), rest)
    };
    let ((left, left_rest), (right, right_rest)) = (words(one), words(other));
    let both = left.is_some() && right.is_some();
    left != right && (both || left_rest == right_rest)
}

fn folder_of(path: &str) -> &str {
    path.rfind(['/', '\\']).and_then(|at| path.get(..at)).unwrap_or("")
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
