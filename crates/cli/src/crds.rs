//! `seaworthy crds`.

use std::fs;
use std::io::{self, Write};

use crate::args::Crds;
use crate::failure::Failure;
use crate::input;

/// Writes the CustomResourceDefinitions of files into one small file, for `--crds`.
pub(crate) fn run(crds: &Crds) -> Result<bool, Failure> {
    let text = seaworthy::crds(&input::read_paths(&crds.paths)?);
    if crds.output.as_os_str() == "-" {
        write!(io::stdout().lock(), "{text}")?;
        return Ok(false);
    }
    let count = text.lines().filter(|line| *line != "---").count();
    fs::write(&crds.output, text).map_err(|error| Failure::Write { path: crds.output.clone(), error })?;
    writeln!(io::stdout().lock(), "wrote {count} definitions to {}", crds.output.display())?;
    Ok(false)
}
