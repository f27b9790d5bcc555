//! `seaworthy man`.

use std::fs;
use std::io;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::args::Arguments;
use crate::failure::Failure;

/// Writes `seaworthy.1` and a page a command, such as `seaworthy-check.1`, into the folder.
pub(crate) fn write(directory: &Path) -> Result<bool, Failure> {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    fs::create_dir_all(directory)
        .and_then(|()| pages(command, directory))
        .map_err(|error| Failure::Write { path: directory.to_owned(), error })?;
    Ok(false)
}

fn pages(command: Command, directory: &Path) -> io::Result<()> {
    for subcommand in command.get_subcommands() {
        pages(subcommand.clone(), directory)?;
    }
    let source = concat!("seaworthy ", env!("CARGO_PKG_VERSION"));
    Man::new(command).source(source).manual("Seaworthy").generate_to(directory)?;
    Ok(())
}
