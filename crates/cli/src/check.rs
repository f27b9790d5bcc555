//! `seaworthy check`.

use std::fs;
use std::io::Write;
use std::time::Instant;

use seaworthy::render::{Json, Text, TextOptions};
use seaworthy::{Level, Overrides, Policy, Report, Validator};

use crate::args::{Check, Common, Format};
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::{progress, terminal};

pub(crate) fn run(check: &Check, common: &Common) -> Result<bool, Failure> {
    let start = Instant::now();
    let report = progress::with_spinner("checking …".to_owned(), common.quiet, || {
        let input = input::read(&check.paths.paths, common)?;
        Ok::<_, Failure>(validate(input, common, policy(check)))
    })?;
    let options = TextOptions {
        color: terminal::use_color(common.color),
        verbose: common.verbose,
        quiet: common.quiet,
        took: Some(start.elapsed()),
    };
    let mut out = std::io::stdout().lock();
    write!(out, "{}", rendered(&report, check.format, options))?;
    out.flush()?;
    for (format, path) in &check.output {
        let text = rendered(&report, *format, TextOptions { color: false, ..options });
        fs::write(path, text).map_err(|error| Failure::Write { path: path.clone(), error })?;
    }
    let fail_on = Level::from(check.fail_on);
    let found = report.diagnostics.iter().any(|finding| finding.level >= fail_on);
    // The process ends here: taking a large report apart, piece by piece, would only cost time.
    std::mem::forget(report);
    Ok(found)
}

/// Checks what was read, with what the common flags declare.
pub(crate) fn validate(input: Input, common: &Common, policy: Policy) -> Report {
    validator(common, policy).with_cluster(input.cluster).with_crds(input.crds).check(input.manifests)
}

pub(crate) fn validator(common: &Common, policy: Policy) -> Validator {
    let overrides = Overrides {
        versions: common.versions(),
        complete: common.complete.then_some(true),
        namespace: None,
        today: None,
    };
    Validator::new(overrides, policy)
}

fn policy(check: &Check) -> Policy {
    Policy::default()
        .with_packs(check.pack.iter().copied())
        .with_only(check.only.iter().cloned())
        .with_skip(check.skip.iter().cloned())
}

fn rendered(report: &Report, format: Format, options: TextOptions) -> String {
    match format {
        Format::Text => Text::new(report).with(options).to_string(),
        Format::Json => format!("{}\n", Json(report)),
    }
}
