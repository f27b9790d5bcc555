//! A review on standard input, its answer on standard output: `seaworthy-review [SETTINGS] < review.json`.
//!
//! Exit codes: 0, answered (a denial is an answer); 2, the settings or the streams are not to be used.

use std::io::{Read, Write, stderr, stdin, stdout};
use std::process::ExitCode;

use seaworthy_admission::Reviewer;

fn main() -> ExitCode {
    match answer() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody reads it, there is nobody to tell.
            let _ = writeln!(stderr(), "seaworthy-review: {error}");
            ExitCode::from(2)
        }
    }
}

fn answer() -> Result<(), Box<dyn std::error::Error>> {
    let settings = std::env::args().nth(1).unwrap_or_default();
    let reviewer = Reviewer::of_settings(&settings)?;
    let mut body = Vec::new();
    stdin().read_to_end(&mut body)?;
    Ok(stdout().write_all(&reviewer.answer(&body))?)
}
