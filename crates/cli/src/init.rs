//! `seaworthy init`.

use std::fs;
use std::io::{self, Write};

use seaworthy::Policy;

use crate::args::{Common, Init};
use crate::check::validator;
use crate::failure::Failure;
use crate::input;

/// Writes a Fleet document for what is there.
pub(crate) fn run(init: &Init, common: &Common) -> Result<bool, Failure> {
    let input = input::read(&init.paths.paths, common)?;
    let text = validator(common, Policy::default()).init(&input.manifests);
    if init.output.as_os_str() == "-" {
        write!(io::stdout().lock(), "{text}")?;
        return Ok(false);
    }
    if init.output.exists() && !init.force {
        return Err(Failure::Exists { path: init.output.clone() });
    }
    fs::write(&init.output, text).map_err(|error| Failure::Write { path: init.output.clone(), error })?;
    writeln!(io::stdout().lock(), "wrote {}: read it, and say what is missing", init.output.display())?;
    Ok(false)
}
