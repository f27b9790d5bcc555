//! `seaworthy check`.

use std::fs;
use std::path::Path;
use std::time::Instant;

use jiff::{Timestamp, tz::TimeZone};
use seaworthy::policy::Baseline;
use seaworthy::render::TextOptions;
use seaworthy::{Level, Overrides, Policy, Report, Validator};

use crate::args::{Check, Common};
use crate::failure::Failure;
use crate::input;
use crate::output::Output;
use crate::{progress, terminal};

pub(crate) fn run(check: &Check, common: &Common) -> Result<bool, Failure> {
    let start = Instant::now();
    let baseline = check.baseline.as_deref().map(baseline).transpose()?;
    let mut report = progress::with_spinner("checking …".to_owned(), common.quiet, || {
        let input = input::read(&check.paths.paths, common)?;
        let former = input::read_paths(&check.against)?;
        let validator = validator(common, policy(check)).with_cluster(input.cluster).with_crds(input.crds);
        Ok::<_, Failure>(validator.with_former(former).check(input.manifests))
    })?;
    if let Some(path) = &check.write_baseline {
        write_baseline(&report, path)?;
    }
    let mended = baseline.map_or(0, |baseline| baseline.apply(&mut report));
    let options = TextOptions {
        color: terminal::use_color(common.color),
        verbose: common.verbose,
        quiet: common.quiet,
        took: Some(start.elapsed()),
    };
    let output = Output { report: &report, options, fail_on: Level::from(check.fail_on) };
    output.print(check.format)?;
    output.save(&check.output)?;
    if mended > 0 && check.write_baseline.is_none() && !common.quiet {
        terminal::complain(&format!(
            "{mended} of the baseline's findings are not there any more: --write-baseline writes it anew"
        ));
    }
    let found =
        check.write_baseline.is_none() && report.diagnostics.iter().any(|finding| finding.level >= output.fail_on);
    // The process ends here: taking a large report apart, piece by piece, would only cost time.
    std::mem::forget(report);
    Ok(found)
}

pub(crate) fn validator(common: &Common, policy: Policy) -> Validator {
    let overrides = Overrides {
        versions: common.versions(),
        complete: common.complete.then_some(true),
        namespace: None,
        today: Some(Timestamp::now().to_zoned(TimeZone::UTC).date()),
    };
    Validator::new(overrides, policy)
}

fn policy(check: &Check) -> Policy {
    Policy::default()
        .with_packs(check.pack.iter().copied())
        .with_only(check.only.iter().cloned())
        .with_skip(check.skip.iter().cloned())
}

fn baseline(path: &Path) -> Result<Baseline, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::Read { path: path.to_owned(), error })?;
    Baseline::parse(&text).map_err(|error| Failure::Baseline { path: path.to_owned(), error })
}

/// Writes all that is found now, what an older baseline holds included.
fn write_baseline(report: &Report, path: &Path) -> Result<(), Failure> {
    let baseline = Baseline::of(report);
    fs::write(path, baseline.to_string()).map_err(|error| Failure::Write { path: path.to_owned(), error })?;
    let count = baseline.len();
    terminal::complain(&format!("{count} finding{} written to {}", if count == 1 { "" } else { "s" }, path.display()));
    Ok(())
}
