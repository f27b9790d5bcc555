//! Whether and how to colour.

use std::io::{IsTerminal, Write};

use crate::args::Color;

/// True if standard output should be coloured.
pub(crate) fn use_color(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            std::io::stdout().is_terminal() && !dumb && !refused
        }
    }
}

/// Says why the command failed, on standard error.
pub(crate) fn complain(message: &str) {
    // Nothing is left to do if standard error is closed too.
    let _ = writeln!(std::io::stderr(), "seaworthy: {message}");
}
