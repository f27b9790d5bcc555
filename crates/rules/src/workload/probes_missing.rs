//! `probes-missing`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Container, Pod};
use serde::Deserialize;

use crate::{Category, Check, Meta, Pack, Reporter, Rule, words::none_of};

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ProbesMissing {
    /// The probes that every long-running container needs.
    pub(crate) require: Vec<Kind>,
}

/// A probe, by what it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Liveness,
    Readiness,
    Startup,
}

impl Kind {
    fn key(self) -> &'static str {
        match self {
            Kind::Liveness => "livenessProbe",
            Kind::Readiness => "readinessProbe",
            Kind::Startup => "startupProbe",
        }
    }
}

impl Default for ProbesMissing {
    fn default() -> Self {
        Self { require: vec![Kind::Liveness, Kind::Readiness] }
    }
}

impl Rule for ProbesMissing {
    const META: Meta = Meta {
        id: "probes-missing",
        category: Category::Workload,
        level: None,
        packs: &[(Pack::Strict, Level::Info)],
        since: "0.1.0",
        page: page!("probes_missing.md"),
    };
    const CHECK: Check<Self> = Check::Container(Self::check);
}

impl ProbesMissing {
    fn check(&self, pod: Pod<'_>, container: Container<'_>, report: &mut Reporter<'_>) {
        if pod.runs_to_completion() || !container.keeps_running() {
            return;
        }
        let missing: Vec<&str> =
            self.require.iter().copied().map(Kind::key).filter(|it| container.probe(it).is_none()).collect();
        if let Some(first) = missing.first() {
            let words: Vec<String> = missing.iter().map(|it| format!("`{it}`")).collect();
            report
                .say(
                    container.field().missing(first),
                    format!("container `{}` has no {}", container.name(), none_of(&words)),
                )
                .help("without probes the kubelet sees only whether the process is there, not whether it works");
        }
    }
}
