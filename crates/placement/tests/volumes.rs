//! Claims, volumes and pods of small clusters: what the real volume controller and scheduler made of them, and we.
//!
//! `volumes/README.md` says how the verdicts were recorded. `CASES=DIR` and `VERDICTS=FILE` hold other records against
//! the engine.

mod given;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use seaworthy_fleet::Facts;
use seaworthy_object::{Version, Versions};
use seaworthy_placement::{Bindings, Fate, Outcome, Placement, Question, Verdict};

use given::given;

/// What was recorded of one case: the fields of its lines, by the case.
type Records<'r> = BTreeMap<&'r str, Vec<Vec<&'r str>>>;

fn read(records: &str) -> Records<'_> {
    let mut all: Records<'_> = BTreeMap::new();
    for line in records.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split('\t');
        let case = fields.next().unwrap_or("");
        all.entry(case).or_default().push(fields.collect());
    }
    all
}

/// What differs in one case, and how many facts were compared.
fn differences(text: &str, version: Version, records: &[Vec<&str>]) -> (Vec<String>, usize) {
    let facts = Facts { complete: true, versions: Versions::one(version), ..Facts::default() };
    given(text, &facts, |fleet| {
        let bindings = Bindings::of(fleet);
        let placement = Placement::of(fleet, &bindings, &Question::default());
        differences_of(Case::new(&bindings, &placement), records)
    })
}

fn differences_of(mut case: Case<'_, '_>, records: &[Vec<&str>]) -> (Vec<String>, usize) {
    for record in records {
        match record.as_slice() {
            ["before", claim, phase, volume] => case.before(claim, phase, volume),
            ["pod", pod, verdict, rest @ ..] => case.pod(pod, verdict, rest),
            ["after", claim, phase, volume, _] => case.after(claim, phase, volume),
            _ => {}
        }
    }
    (case.wrong, case.compared)
}

struct Case<'c, 'a> {
    bindings: &'c Bindings<'a>,
    placement: &'c Placement<'a>,
    wrong: Vec<String>,
    compared: usize,
    /// True once the real thing took one of several ways that were open, and we another.
    strayed: bool,
}

impl<'c, 'a> Case<'c, 'a> {
    fn new(bindings: &'c Bindings<'a>, placement: &'c Placement<'a>) -> Self {
        Self { bindings, placement, wrong: Vec::new(), compared: 0, strayed: false }
    }

    fn compare(&mut self, what: &str, real: &str, ours: &str) {
        self.compared += 1;
        if real != ours {
            self.wrong.push(format!("{what}\n      real {real}\n      ours {ours}"));
        }
    }

    /// What the controller did before any pod came.
    fn before(&mut self, claim: &str, phase: &str, volume: &str) {
        let Some(binding) = self.bindings.get("default", claim) else {
            return self.compare(claim, "a claim", "none");
        };
        let ours = match &binding.verdict {
            Verdict::Bound(volume) => format!("Bound {}", volume.name()),
            _ => "not".to_owned(),
        };
        let real = if phase == "Bound" { format!("Bound {volume}") } else { "not".to_owned() };
        if binding.is_open {
            self.strayed |= real != ours;
            return;
        }
        self.compare(&format!("{claim}: {}", binding.verdict), &real, &ours);
    }

    fn pod(&mut self, pod: &str, verdict: &str, rest: &[&str]) {
        // What is said in passing, before the last word.
        let passing = ["?", "running PreBind", "waiting for ephemeral"];
        self.strayed |= rest.first().is_some_and(|text| passing.iter().any(|it| text.contains(it)));
        if self.strayed {
            return;
        }
        let Some(group) = self.placement.pods().iter().find(|it| {
            let first: Option<u64> = it.name.rsplit('-').next().and_then(|end| end.parse().ok());
            let base = it.name.rsplit_once('-').map_or("", |it| it.0);
            it.name == pod
                || first.is_some_and(|first| (first..first + it.count).any(|at| format!("{base}-{at}") == pod))
        }) else {
            return self.compare(pod, "a pod", "none");
        };
        let name = |id| self.placement.node(id).map_or("?", |it| &*it.name);
        match (&group.outcome, verdict) {
            (Outcome::Placed(on), "placed") => {
                let mut ours: Vec<&str> = group.candidates.iter().map(|id| name(*id)).collect();
                ours.sort_unstable();
                let node = on.first().map_or("?", |it| name(it.0));
                if ours.is_empty() {
                    ours.push(node);
                }
                let (real, ours) = (rest.get(1).copied().unwrap_or(""), ours.join(","));
                self.strayed |= real == ours && Some(&node) != rest.first();
                if group.count == 1 {
                    self.compare(pod, real, &ours);
                }
            }
            (Outcome::Placed(_), _) => self.compare(pod, &rest.concat(), "placed"),
            (Outcome::Pending { message, .. }, "pending") => self.compare(pod, &rest.concat(), &message.clone()),
            (Outcome::Pending { message, .. }, _) => self.compare(pod, &rest.concat(), &message.clone()),
            (Outcome::Unknown(why), _) => self.compare(pod, &format!("{verdict} {}", rest.concat()), why),
        }
    }

    /// What became of claims once all pods were there: of those that waited, how large a volume they got.
    fn after(&mut self, claim: &str, phase: &str, volume: &str) {
        if self.strayed {
            return;
        }
        let at = self.bindings.all().iter().position(|it| it.claim.name == claim);
        let Some((at, binding)) = at.and_then(|at| Some((at, self.bindings.all().get(at)?))) else {
            return self.compare(claim, "a claim", "none");
        };
        if binding.is_open {
            return;
        }
        let size = |name: &str| {
            let found = self.bindings.volumes().iter().find(|it| it.name() == name);
            found.map_or("?".to_owned(), |it| it.capacity.to_string())
        };
        let real = if phase == "Bound" { size(volume) } else { "not bound".to_owned() };
        let ours = match self.placement.fate(at) {
            Fate::Bound(volume) => size(volume.name()),
            _ => "not bound".to_owned(),
        };
        self.compare(&format!("{claim} in the end"), &real, &ours);
    }
}

fn hold(cases: &Path, verdicts: &Path, version: Version) -> (Vec<String>, usize) {
    let mut wrong = Vec::new();
    let mut read_file = |path: &Path| {
        std::fs::read_to_string(path).unwrap_or_else(|error| {
            wrong.push(format!("{}: {error}", path.display()));
            String::new()
        })
    };
    let recorded = read_file(verdicts);
    let mut differs = Vec::new();
    let mut compared = 0;
    for (case, records) in read(&recorded) {
        if records.iter().any(|it| it.first() == Some(&"invalid")) {
            continue;
        }
        let text = read_file(&cases.join(format!("{case}.yaml")));
        let (differ, count) = differences(&text, version, &records);
        differs.extend(differ.into_iter().map(|it| format!("  {case} {it}")));
        compared += count;
    }
    wrong.extend(differs);
    (wrong, compared)
}

#[test]
fn the_real_controller_and_scheduler_say_the_same() {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/volumes");
    let other = std::env::var_os("CASES").map(PathBuf::from);
    let minor = std::env::var("MINOR").ok().and_then(|it| it.parse().ok());
    let held = match (other, std::env::var_os("VERDICTS")) {
        (Some(cases), Some(verdicts)) => {
            vec![hold(&cases, Path::new(&verdicts), minor.map_or(Version::NEWEST, Version::minor_of))]
        }
        _ => [34, 37]
            .map(|minor| hold(&here, &here.join(format!("verdicts-1.{minor}.txt")), Version::minor_of(minor)))
            .into(),
    };
    for (wrong, compared) in held {
        assert!(wrong.is_empty(), "{} of {compared} facts differ\n{}", wrong.len(), wrong.join("\n"));
        println!("{compared} facts are the same");
    }
}
