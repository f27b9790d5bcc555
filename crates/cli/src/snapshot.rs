//! `seaworthy snapshot`: what a cluster is, read once and written down.

mod cluster;
mod kinds;
mod platform;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use jiff::{Timestamp, tz::TimeZone};
use seaworthy::Source;
use serde_json::{Map, Value, json};

use crate::args::Common;
use crate::failure::Failure;
use crate::{progress, terminal};
use cluster::Seen;

/// Flags of `snapshot`.
#[derive(Debug, Args)]
pub(crate) struct Snapshot {
    /// Where to write it; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// The context of the kubeconfig [default: its current one]
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// Also the pods that run: where they run, what they request and what places them
    #[arg(long)]
    pods: bool,
}

/// Reads the cluster and writes a snapshot, which `--cluster` reads.
pub(crate) fn run(snapshot: &Snapshot, common: &Common) -> Result<bool, Failure> {
    let seen = progress::with_spinner("reading the cluster …".to_owned(), common.quiet, || {
        cluster::see(snapshot.context.as_deref(), snapshot.pods)
    });
    let seen = seen.map_err(Failure::NoSnapshot)?;
    for (kind, why) in &seen.unread {
        terminal::complain(&format!("no {kind} in the snapshot: {why}"));
    }
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date().to_string();
    let text = text(&seen, &today);
    if snapshot.output.as_os_str() == "-" {
        write!(io::stdout().lock(), "{text}")?;
        return Ok(false);
    }
    fs::write(&snapshot.output, &text).map_err(|error| Failure::Write { path: snapshot.output.clone(), error })?;
    let objects = text.lines().filter(|line| *line != "---").count().saturating_sub(1);
    writeln!(io::stdout().lock(), "wrote {objects} objects to {}", snapshot.output.display())?;
    Ok(false)
}

/// The snapshot: a document that says what it is, and an object a line, in the order of kinds and names.
fn text(seen: &Seen, today: &str) -> String {
    let is = |object: &Value, kind: &str| object.get("kind").is_some_and(|it| it == kind);
    let nodes = seen.objects.iter().filter(|it| is(it, "Node"));
    let version = seen.version.as_deref().unwrap_or("");
    let said = [("kubernetes", Some(version)), ("platform", platform::of(version, nodes)), ("taken", Some(today))];
    let mut spec: Map<String, Value> = said
        .into_iter()
        .filter_map(|(key, text)| Some((key.to_owned(), json!(text.filter(|it| !it.is_empty())?))))
        .collect();
    spec.insert("listed".to_owned(), json!(seen.listed));
    let mut out = json!({ "apiVersion": "seaworthy/v1alpha1", "kind": "Snapshot", "spec": spec }).to_string();
    out.push('\n');
    let (definitions, objects): (Vec<&Value>, Vec<&Value>) =
        seen.objects.iter().partition(|it| is(it, "CustomResourceDefinition"));
    for object in objects {
        out.push_str("---\n");
        out.push_str(&object.to_string());
        out.push('\n');
    }
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": definitions });
    let definitions = seaworthy::crds(&[Source::new("definitions", list.to_string())]);
    if !definitions.is_empty() {
        out.push_str("---\n");
        out.push_str(&definitions);
    }
    out
}
