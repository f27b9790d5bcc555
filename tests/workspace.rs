//! A workspace says at any time what a check of its files would say, whatever was done to them before.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use seaworthy::policy::pack;
use seaworthy::{Diagnostic, Overrides, Policy, Report, Source, Validator, Workspace};
use seaworthy_tests::{corpus, examples};

/// What somebody does to a file; numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Edit {
    /// Writes the files of an example.
    Example(usize),
    /// Writes one file of an example under some name.
    Put(usize, usize),
    /// Deletes a file.
    Remove(usize),
    /// Puts a word of some file in the place of a word.
    Word(usize, usize, usize, usize),
    /// Slips within a word: a letter twice, or left out.
    Slip(usize, usize, usize),
    /// Deletes a line.
    Line(usize, usize),
    /// Types something.
    Type(usize, usize, usize),
    /// Cuts a file off, as while it is written.
    Cut(usize, usize),
    /// Moves the documents of a file to the end of another one.
    Move(usize, usize),
    /// Saves a file as it is.
    Save(usize),
}

/// What people type while a manifest is half done.
const TYPED: &[&str] =
    &["x", "\n", " ", ": ", "- ", "{{ .Values.x }}", "\n---\n", "'", "  kind: Secret\n", "{", "#", "\t"];

fn edit() -> impl Strategy<Value = Edit> {
    let number = || any::<u16>().prop_map(usize::from);
    prop_oneof![
        2 => number().prop_map(Edit::Example),
        2 => (number(), number()).prop_map(|(file, text)| Edit::Put(file, text)),
        1 => number().prop_map(Edit::Remove),
        8 => (number(), number(), number(), number()).prop_map(|(a, b, c, d)| Edit::Word(a, b, c, d)),
        6 => (number(), number(), number()).prop_map(|(file, at, letter)| Edit::Slip(file, at, letter)),
        2 => (number(), number()).prop_map(|(file, line)| Edit::Line(file, line)),
        4 => (number(), number(), number()).prop_map(|(file, at, what)| Edit::Type(file, at, what)),
        1 => (number(), number()).prop_map(|(file, at)| Edit::Cut(file, at)),
        1 => (number(), number()).prop_map(|(from, to)| Edit::Move(from, to)),
        1 => number().prop_map(Edit::Save),
    ]
}

/// A workspace beside the files as they are.
struct Desk<'t> {
    texts: &'t [Vec<Source>],
    names: Vec<String>,
    validator: fn() -> Validator,
    workspace: Workspace,
    files: BTreeMap<PathBuf, Source>,
    said: BTreeMap<String, Vec<String>>,
}

impl<'t> Desk<'t> {
    fn new(texts: &'t [Vec<Source>], names: Vec<String>, validator: fn() -> Validator) -> Self {
        let workspace = Workspace::new(validator());
        Self { texts, names, validator, workspace, files: BTreeMap::new(), said: BTreeMap::new() }
    }

    fn put(&mut self, name: &str, text: &str) {
        let source = Source::new(name, text);
        self.workspace.set(source.clone());
        self.files.insert(name.into(), source);
    }

    fn file(&self, at: usize) -> Option<(String, String)> {
        let files: Vec<_> = self.files.values().collect();
        let file = files.get(at.checked_rem(files.len())?)?;
        Some((file.name().to_owned(), file.text().to_owned()))
    }

    fn apply(&mut self, edit: &Edit) -> Option<()> {
        match *edit {
            Edit::Example(at) => {
                for source in &self.texts[at % self.texts.len()] {
                    self.put(source.name(), source.text());
                }
            }
            Edit::Put(name, text) => {
                let sources: Vec<&Source> = self.texts.iter().flatten().collect();
                let name = self.names[name % self.names.len()].clone();
                self.put(&name, sources[text % sources.len()].text());
            }
            Edit::Remove(at) => {
                let (name, _) = self.file(at)?;
                assert!(self.workspace.remove(&name));
                self.files.remove(Path::new(&name));
            }
            Edit::Word(file, at, other, from) => {
                let ((name, text), (_, other)) = (self.file(file)?, self.file(other)?);
                let (old, new) = (word(&text, at)?, word(&other, from)?);
                self.put(&name, &format!("{}{}{}", &text[..old.0], &other[new.0..new.1], &text[old.1..]));
            }
            Edit::Slip(file, at, letter) => {
                let (name, mut text) = self.file(file)?;
                let (start, end) = word(&text, at)?;
                let at = start + letter / 2 % (end - start);
                let letter = text.remove(at);
                if at.is_multiple_of(2) {
                    text.insert(at, letter);
                    text.insert(at, letter);
                }
                self.put(&name, &text);
            }
            Edit::Line(file, at) => {
                let (name, text) = self.file(file)?;
                let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
                lines.remove(at.checked_rem(lines.len())?);
                self.put(&name, &lines.concat());
            }
            Edit::Type(file, at, what) => {
                let (name, mut text) = self.file(file)?;
                let at = text.floor_char_boundary(at % (text.len() + 1));
                text.insert_str(at, TYPED[what % TYPED.len()]);
                self.put(&name, &text);
            }
            Edit::Cut(file, at) => {
                let (name, text) = self.file(file)?;
                self.put(&name, &text[..text.floor_char_boundary(at % (text.len() + 1))]);
            }
            Edit::Move(from, to) => {
                let ((from, moved), (to, text)) = (self.file(from)?, self.file(to)?);
                if from != to {
                    self.put(&to, &format!("{text}\n---\n{moved}"));
                    self.workspace.remove(&from);
                    self.files.remove(Path::new(&from));
                }
            }
            Edit::Save(at) => {
                let (name, text) = self.file(at)?;
                self.put(&name, &text);
            }
        }
        Some(())
    }

    /// What the workspace says of each file.
    fn workspace_says(&self) -> BTreeMap<String, Vec<String>> {
        let file = |id| self.workspace.source_of(id).map_or("", Source::name).to_owned();
        let of = |name: &str| self.workspace.findings(name).iter().map(|it| told(it, file)).collect::<Vec<_>>();
        let names = self.files.values().map(Source::name);
        names.map(|it| (it.to_owned(), of(it))).filter(|(_, said)| !said.is_empty()).collect()
    }

    /// The workspace is asked, and a check from scratch.
    fn compare(&mut self) -> Result<(), TestCaseError> {
        let mut changed: BTreeSet<String> = self.workspace.check_at_once().into_iter().collect();
        // Somebody types before all pods are placed.
        let is_behind = self.workspace.is_behind();
        let stopped = !self.workspace.catch_up(&|| false);
        prop_assert!(stopped <= is_behind && self.workspace.is_behind() == stopped);
        changed.extend(self.workspace.check());
        let expected = (self.validator)().check(self.files.values().cloned().collect());
        let report = self.workspace.report();
        for (ours, theirs) in parts(&report).iter().zip(&parts(&expected)) {
            prop_assert_eq!(ours, theirs);
        }
        let mut said: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for finding in &expected.diagnostics {
            let text = told(finding, |id| expected.source(id).map_or("", Source::name));
            said.entry(expected.file(&finding.at).to_owned()).or_default().push(text);
        }
        said.retain(|name, _| self.files.contains_key(Path::new(name)));
        prop_assert_eq!(&self.workspace_says(), &said);
        let names = self.said.keys().chain(said.keys()).cloned().collect::<BTreeSet<_>>();
        let differ: BTreeSet<String> = names.into_iter().filter(|it| self.said.get(it) != said.get(it)).collect();
        prop_assert!(differ.is_subset(&changed), "changed {differ:?}, named {changed:?}");
        self.said = said;
        Ok(())
    }
}

/// The parts of a report, to compare.
fn parts(report: &Report) -> [String; 6] {
    let sources: Vec<&str> = report.sources.iter().map(Source::name).collect();
    [
        format!("{:#?}", report.diagnostics),
        format!("{:#?}", report.unknown),
        format!("{:#?}", report.suppressed),
        format!("{:#?}", report.skipped),
        format!("{sources:#?}"),
        format!("{:#?} {:#?}", report.summary, report.kubernetes_versions),
    ]
}

/// A finding with the names of sources instead of their numbers.
fn told<N: Into<String>>(finding: &Diagnostic, file: impl Fn(seaworthy::source::SourceId) -> N) -> String {
    let mut finding = finding.clone();
    let mut files: Vec<String> = vec![file(finding.at.source).into()];
    let no = seaworthy::source::SourceId(0);
    finding.at.source = no;
    for (at, _) in &mut finding.related {
        files.push(file(std::mem::replace(&mut at.source, no)).into());
    }
    for edit in finding.fix.iter_mut().flat_map(|it| &mut it.edits) {
        files.push(file(std::mem::replace(&mut edit.source, no)).into());
    }
    format!("{files:?} {finding:#?}")
}

/// The bytes of a word.
fn word(text: &str, at: usize) -> Option<(usize, usize)> {
    let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '.' | '/');
    let mut words = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, is_part(letter)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                words.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    words.get(at.checked_rem(words.len())?).copied()
}

fn usual() -> Validator {
    Validator::new(Overrides::default(), strict())
}

fn complete() -> Validator {
    Validator::new(Overrides { complete: Some(true), ..Overrides::default() }, strict())
}

/// One that knows definitions and nodes beside what it checks.
fn knowing() -> Validator {
    let definition = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a.b}, \
                      spec: {group: b, names: {kind: A, plural: a}, scope: Namespaced, versions: []}}";
    let cluster = "{apiVersion: v1, kind: Node, metadata: {name: one}}\n---\n{apiVersion: v1, kind: Secret}\n---\n\
                   {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: fast}, provisioner: a.b/c}\n";
    complete().with_crds(vec![Source::new("crd", definition)]).with_cluster(vec![Source::new("cluster", cluster)])
}

/// Nodes on which some of the pods have room.
fn nodes() -> Source {
    let node = |name: &str, labels: &str| {
        format!(
            "{{apiVersion: v1, kind: Node, metadata: {{name: {name}, labels: {{{labels}}}}}, status: \
             {{allocatable: {{cpu: \
             '2', memory: 2Gi, pods: '9', ephemeral-storage: 9Gi}}}}}}\n"
        )
    };
    Source::new("a/nodes.yaml", format!("{}---\n{}", node("one", "disk: ssd"), node("two", "zone: a")))
}

fn strict() -> Policy {
    Policy::default().with_packs([pack("strict").unwrap()])
}

/// Texts that touch every rule: the examples of their pages.
fn texts() -> Vec<Vec<Source>> {
    examples::all().into_iter().map(|it| it.sources).filter(|it| it.len() < 12).collect()
}

/// Names of files in folders that mean something, and in others.
fn names() -> Vec<String> {
    let names = [
        "a/one.yaml",
        "a/two.yaml",
        "a-b.yaml",
        "main.tf",
        "overlays/dev/web.yaml",
        "overlays/prod/web.yaml",
        "z.json",
    ];
    names.map(str::to_owned).to_vec()
}

fn property(cases: u32, seed: u8, texts: &[Vec<Source>], steps: usize, validator: fn() -> Validator) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(config, random);
    let outcome = runner.run(&prop::collection::vec(edit(), 1..steps), |edits| {
        let mut desk = Desk::new(texts, names(), validator);
        // All of it is there before somebody works on it.
        for edit in [Edit::Example(0)].iter().chain(&edits) {
            if desk.apply(edit).is_some() {
                desk.compare()?;
            }
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn any_edits_of_a_part() {
    property(48, 1, &texts(), 40, usual);
}

#[test]
fn any_edits_of_all_there_is() {
    property(48, 2, &texts(), 40, complete);
}

#[test]
fn any_edits_beside_what_is_known() {
    property(16, 3, &texts(), 30, knowing);
}

/// Workloads on these nodes: one that fits, one that never does, some that take what others need, an autoscaler.
fn on_nodes() -> Vec<Source> {
    let workload = |kind: &str, name: &str, of: &str, spec: &str, cpu: &str| {
        let labels = format!("{{app: {name}}}");
        let pod = format!(
            "{{image: '{name}:1', name: {name}, env: [{{name: A, value: b}}], resources: {{requests: {{cpu: {cpu}}}}}}}"
        );
        format!(
            "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}, labels: {labels}}}\nspec:\n  {of}\n  selector: \
             {{matchLabels: {labels}}}\n  template:\n    metadata: {{labels: {labels}}}\n    spec: {{{spec}containers: \
             [{pod}]}}\n---\n"
        )
    };
    let web = workload("Deployment", "web", "replicas: 2", "", "200m")
        + &workload("Deployment", "huge", "replicas: 1", "", "8")
        + &workload("DaemonSet", "agent", "minReadySeconds: 1", "", "100m");
    let queue = workload("StatefulSet", "queue", "replicas: 3", "nodeSelector: {disk: ssd}, ", "900m")
        + &workload("Deployment", "lost", "replicas: 1", "nodeSelector: {disk: none}, ", "1m");
    let scaled = workload("Deployment", "scaled", "replicas: 1", "", "100m")
        + "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: scaled}\nspec:\n  maxReplicas: 30\n  \
           scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: scaled}\n";
    let fine = workload("Deployment", "fine", "replicas: 1", "", "10m");
    [("b/web.yaml", web), ("c/queue.yaml", queue), ("d.yaml", scaled), ("e.yaml", fine)]
        .map(|(name, text)| Source::new(name, text))
        .into_iter()
        .chain([nodes()])
        .collect()
}

#[test]
fn any_edits_of_pods_on_nodes() {
    let mut all = vec![on_nodes()];
    all.extend(texts());
    property(40, 4, &all, 40, complete);
    // Nothing else is there, and the files of all edits are these.
    property(40, 5, &all[..1], 40, usual);
}

#[test]
fn an_edit_that_moves_no_pod_is_done_at_once() {
    let mut desk = Desk::new(&[], names(), usual);
    on_nodes().iter().for_each(|it| desk.put(it.name(), it.text()));
    desk.compare().unwrap();
    let rules = |desk: &Desk<'_>, name: &str| -> Vec<&str> {
        desk.workspace.findings(name).iter().filter(|it| it.category == "scheduling").map(|it| it.rule).collect()
    };
    assert!(rules(&desk, "b/web.yaml").contains(&"pod-unschedulable"));
    let mut edit = |name: &str, old: &str, new: &str| {
        let text = desk.files[Path::new(name)].text().replacen(old, new, 1);
        desk.put(name, &text);
        desk.workspace.check_at_once();
        let before = rules(&desk, name);
        let is_behind = desk.workspace.is_behind();
        assert!(desk.workspace.catch_up(&|| true) && !desk.workspace.is_behind());
        desk.said = desk.workspace_says();
        desk.compare().unwrap();
        (is_behind, before, rules(&desk, name))
    };
    let (is_behind, before, after) = edit("e.yaml", "image: 'fine:1'", "image: 'fine:2'");
    assert!(!is_behind && before == after);
    // Something is said of a pod of the file, and goes along until it is said anew.
    let (is_behind, before, after) = edit("b/web.yaml", "image: 'web:1'", "image: 'registry.example/web:1'");
    assert!(is_behind && before == after && after.contains(&"pod-unschedulable"));
    let (is_behind, before, after) = edit("b/web.yaml", "cpu: 8", "cpu: 1m");
    assert!(is_behind && before.contains(&"pod-unschedulable") && !after.contains(&"pod-unschedulable"));
}

#[test]
fn any_edits_of_real_fleets() {
    let Some(corpus) = corpus::folder() else { return };
    let mut folders: Vec<PathBuf> = std::fs::read_dir(corpus.join("seeds"))
        .unwrap()
        .map(|it| it.unwrap().path())
        .filter(|it| it.is_dir())
        .collect();
    folders.sort();
    assert!(!folders.is_empty());
    for (seed, folder) in (10..).zip(folders) {
        let sources = examples::sources(&folder);
        if !sources.is_empty() {
            property(2, seed, &[sources], 12, if seed % 2 == 0 { usual } else { complete });
        }
    }
}

/// More edits, and more files one after another, than there is room for before all is joined again.
#[test]
fn many_edits_and_many_files() {
    let texts = texts();
    let mut desk = Desk::new(&texts, names(), usual);
    desk.apply(&Edit::Example(1)).unwrap();
    let pod = |name: &str| {
        let spec = "{containers: [{name: a, image: 'a:1', envFrom: [{configMapRef: {name: settings}}]}]}";
        format!("{{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}, spec: {spec}}}\n")
    };
    for at in 0..700 {
        // Typing in one file, and a reference that is near, then met.
        desk.put(
            "m/settings.yaml",
            &format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: setting{}}}\n", at % 3),
        );
        desk.workspace.check();
    }
    for at in 0..80 {
        let (first, last) = (format!("a/{:03}.yaml", 100 - at), format!("z/{at:03}.yaml"));
        desk.put(&first, &pod(&format!("first-{at}")));
        desk.put(&last, &pod(&format!("last-{at}")));
        desk.workspace.check();
    }
    desk.said = desk.workspace_says();
    desk.put("m/settings.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}");
    desk.compare().unwrap();
}

/// What is said of a name depends on the names near it, which come and go in other files.
#[test]
fn names_that_come_near() {
    let texts = texts();
    for validator in [usual, complete] {
        let mut desk = Desk::new(&texts, names(), validator);
        let spec = "{containers: [{name: a, image: 'a:1', envFrom: [{configMapRef: {name: settings}}]}]}";
        desk.put("pod.yaml", &format!("{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {spec}}}\n"));
        desk.compare().unwrap();
        for name in ["other", "setting", "settings", "settingz", "s", "sittings", "unlike"] {
            for file in ["a.yaml", "z.yaml"] {
                desk.put(file, &format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}\n"));
                desk.compare().unwrap();
            }
        }
    }
}
