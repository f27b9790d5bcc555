//! A report goes to standard output and to files, each in its format.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use seaworthy::render::{Github, Gitlab, Json, Junit, Sarif, Text, TextOptions};
use seaworthy::{Level, Report};

use crate::args::ReportFormat;
use crate::failure::Failure;

/// What a report is written with.
pub(crate) struct Output<'r> {
    pub(crate) report: &'r Report,
    /// How text looks on the terminal; in files it has no colours.
    pub(crate) options: TextOptions,
    /// The quietest level that is a failed test.
    pub(crate) fail_on: Level,
}

impl Output<'_> {
    pub(crate) fn print(&self, format: ReportFormat) -> Result<(), Failure> {
        let mut out = BufWriter::new(io::stdout().lock());
        self.write(format, self.options, &mut out)?;
        Ok(out.flush()?)
    }

    /// Writes all files; one that cannot be written does not keep the others from being written.
    pub(crate) fn save(&self, files: &[(ReportFormat, PathBuf)]) -> Result<(), Failure> {
        let save = |(format, path): &(ReportFormat, PathBuf)| {
            self.save_one(*format, path).map_err(|error| Failure::Write { path: path.clone(), error })
        };
        let saved: Vec<_> = files.iter().map(save).collect();
        saved.into_iter().collect()
    }

    fn save_one(&self, format: ReportFormat, path: &Path) -> io::Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        self.write(format, TextOptions { color: false, ..self.options }, &mut file)?;
        file.flush()
    }

    fn write(&self, format: ReportFormat, options: TextOptions, out: &mut impl Write) -> io::Result<()> {
        let report = self.report;
        match format {
            ReportFormat::Text => return write!(out, "{}", Text::new(report).with(options)),
            ReportFormat::Junit => return write!(out, "{}", Junit::new(report, self.fail_on)),
            ReportFormat::Github => return write!(out, "{}", Github(report)),
            ReportFormat::Json => serde_json::to_writer(&mut *out, &Json(report))?,
            ReportFormat::Sarif => {
                serde_json::to_writer(&mut *out, &Sarif::new(report, &seaworthy::rule_descriptions()))?;
            }
            ReportFormat::Gitlab => serde_json::to_writer(&mut *out, &Gitlab(report))?,
        }
        writeln!(out)
    }
}
