//! `seaworthy describe` and `seaworthy init`.

use std::fs;
use std::io::Write;

use seaworthy::Policy;

use crate::args::{Common, Describe, Format, Init};
use crate::check::validator;
use crate::failure::Failure;
use crate::input;

/// Prints what the model understood.
pub(crate) fn run(describe: &Describe, common: &Common) -> Result<bool, Failure> {
    let input = input::read(&describe.paths.paths, common)?;
    let description = validator(common, &Policy::default())
        .with_cluster(input.cluster)
        .with_crds(input.crds)
        .describe(&input.manifests);
    let mut out = std::io::stdout().lock();
    match describe.format {
        Format::Text => write!(out, "{description}")?,
        Format::Json => writeln!(out, "{}", description.to_json())?,
    }
    Ok(false)
}

/// Writes a Fleet document for what is there.
pub(crate) fn init(init: &Init, common: &Common) -> Result<bool, Failure> {
    let input = input::read(&init.paths.paths, common)?;
    let text = validator(common, &Policy::default()).init(&input.manifests);
    if init.output.as_os_str() == "-" {
        write!(std::io::stdout().lock(), "{text}")?;
        return Ok(false);
    }
    if init.output.exists() && !init.force {
        return Err(Failure::Exists { path: init.output.clone() });
    }
    fs::write(&init.output, text).map_err(|error| Failure::Write { path: init.output.clone(), error })?;
    writeln!(std::io::stdout().lock(), "wrote {}: read it, and say what is missing", init.output.display())?;
    Ok(false)
}
