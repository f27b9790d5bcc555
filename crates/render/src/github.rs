//! Workflow commands of GitHub Actions: a line of output that becomes an annotation.

use std::borrow::Cow;
use std::fmt;

use seaworthy_diagnostic::{Diagnostic, Level, Report};

use crate::place::{Extent, path};
use crate::text::{configurations_read, count};

/// A report as workflow commands, one a finding, and a last line that counts them.
///
/// The runner undoes the escapes in `ActionCommand.cs`: `%`, carriage return and line feed everywhere, `:` and `,` in
/// properties. So no text of a manifest can start a command of its own.
pub struct Github<'r>(pub &'r Report);

impl fmt::Display for Github<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.0.diagnostics {
            self.command(finding, f)?;
        }
        let report = self.0;
        let level = |level: Level| count(report.count(level), level.as_str());
        writeln!(
            f,
            "Seaworthy: {}, {}, {} in {}, {} (Kubernetes {}){}; {} skipped",
            level(Level::Error),
            level(Level::Warning),
            level(Level::Info),
            count(report.summary.objects, "object"),
            count(report.summary.files, "file"),
            report.kubernetes_versions.join(", "),
            configurations_read(report),
            report.skipped.len(),
        )
    }
}

impl Github<'_> {
    fn command(&self, finding: &Diagnostic, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "notice",
        };
        let extent = Extent::of(self.0.source(finding.at.source), finding.at.span);
        let file = path(self.0.file(&finding.at));
        let (first, last) = (extent.start.line, extent.last_line());
        write!(f, "::{command} file={},line={first},endLine={last}", property(&file))?;
        // The runner drops columns of what spans several lines.
        if extent.start.line == extent.end.line {
            write!(f, ",col={},endColumn={}", extent.start.column, extent.end.column)?;
        }
        write!(f, ",title={}::{}", property(finding.rule), data(&finding.message))?;
        if let Some(help) = &finding.help {
            write!(f, "%0A{}", data(help))?;
        }
        writeln!(f)
    }
}

/// The text after the last `::`.
fn data(text: &str) -> Cow<'_, str> {
    escaped(text, |it| matches!(it, '%' | '\r' | '\n'))
}

/// The value of a property.
fn property(text: &str) -> Cow<'_, str> {
    escaped(text, |it| matches!(it, '%' | '\r' | '\n' | ':' | ','))
}

fn escaped(text: &str, special: fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let escape = |it: char| if special(it) { format!("%{:02X}", u32::from(it)) } else { it.to_string() };
    Cow::Owned(text.chars().map(escape).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_the_runner_is_escaped() {
        assert_eq!(data("50 %, a:b\r\n::error::x"), "50 %25, a:b%0D%0A::error::x");
        assert_eq!(property("a,b:c%.yaml"), "a%2Cb%3Ac%25.yaml");
    }
}
