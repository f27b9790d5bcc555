//! A report for people: the caret on the value to change, the other end of a broken relation, one line of help.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use annotate_snippets::{AnnotationKind, Element, Group, Level as Title, Origin, Renderer, Snippet};
use seaworthy_diagnostic::{Diagnostic, Level, Location, Report, Silencer, Suppressed};
use seaworthy_source::{Source, Unit, file_name, order};

/// How a report is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct TextOptions {
    /// With colours of the terminal.
    pub color: bool,
    /// Findings that are worth knowing, every folded one, and every reference that leads outside.
    pub verbose: bool,
    /// Only what counts as a failure, and no summary.
    pub quiet: bool,
    /// How long the check took, for the summary.
    pub took: Option<Duration>,
}

/// A report as text.
pub struct Text<'r> {
    report: &'r Report,
    options: TextOptions,
}

/// More findings of one rule in one file than this are folded into the first.
const FOLD_ABOVE: usize = 3;
/// No folding below this many findings.
const FOLD_FROM: usize = 12;
/// Of longer lines only the place is shown.
const LINE_WIDTH: usize = 200;
/// Longer messages (server texts) are cut; `--verbose` shows them whole.
const MESSAGE_LENGTH: usize = 400;

impl<'r> Text<'r> {
    /// A report with the usual options.
    #[must_use]
    pub fn new(report: &'r Report) -> Self {
        Self { report, options: TextOptions::default() }
    }

    /// The same with other options.
    #[must_use]
    pub fn with(self, options: TextOptions) -> Self {
        Self { options, ..self }
    }

    fn shows(&self, level: Level) -> bool {
        match level {
            Level::Error => true,
            Level::Warning => !self.options.quiet,
            Level::Info => self.options.verbose && !self.options.quiet,
        }
    }

    /// Findings in the order people want them: errors first, then by file and place; each with those folded into it.
    fn folded(&self) -> Vec<(&'r Diagnostic, Vec<&'r Diagnostic>)> {
        let mut shown: Vec<_> = self.report.diagnostics.iter().filter(|it| self.shows(it.level)).collect();
        order::sort_by_key(&mut shown, |it| std::cmp::Reverse(it.level));
        let fold = !self.options.verbose && shown.len() > FOLD_FROM;
        let mut like: BTreeMap<_, Vec<&Diagnostic>> = BTreeMap::new();
        for finding in &shown {
            like.entry((finding.at.source, finding.rule, finding.level)).or_default().push(finding);
        }
        let mut groups = Vec::new();
        for finding in shown {
            let Some(alike) = like.get(&(finding.at.source, finding.rule, finding.level)) else { continue };
            if !fold || alike.len() <= FOLD_ABOVE {
                groups.push((finding, Vec::new()));
            } else if alike.first().is_some_and(|first| std::ptr::eq(*first, finding)) {
                groups.push((finding, alike.iter().skip(1).copied().collect()));
            }
        }
        groups
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let renderer = if self.options.color { Renderer::styled() } else { Renderer::plain() };
        for (finding, folded) in self.folded() {
            writeln!(f, "{}\n", renderer.render(&[self.group(finding, &folded)]))?;
        }
        if self.options.quiet {
            return Ok(());
        }
        if self.options.verbose {
            self.list_the_rest(f)?;
        }
        self.summary(f)
    }
}

impl<'r> Text<'r> {
    fn group(&self, finding: &'r Diagnostic, folded: &[&'r Diagnostic]) -> Group<'r> {
        let title = match finding.level {
            Level::Error => Title::ERROR,
            Level::Warning => Title::WARNING,
            Level::Info => Title::INFO,
        };
        let message = self.cut(&finding.message);
        let mut group = Group::with_title(title.primary_title(message).id(finding.rule));
        if let Some(source) = self.report.source(finding.at.source) {
            group = group.element(place(source, finding));
        }
        for (at, words) in &finding.related {
            group = group.element(Title::NOTE.message(format!("{}: {words}", self.position(at))));
        }
        if let Some(help) = finding.help.as_ref().or(finding.fix.as_ref().map(|fix| &fix.title)) {
            group = group.element(Title::HELP.message(help.as_str()));
        }
        if !finding.kubernetes_versions.is_empty() && self.report.kubernetes_versions.len() > 1 {
            let versions = finding.kubernetes_versions.join(", ");
            group = group.element(Title::NOTE.message(format!("in Kubernetes {versions}")));
        }
        if !folded.is_empty() {
            let lines: Vec<_> = folded.iter().map(|it| self.line(&it.at).to_string()).collect();
            let (shown, rest) = lines.split_at_checked(12).unwrap_or((&lines, &[]));
            let more = if rest.is_empty() { "" } else { ", …" };
            let text = format!("… and {} more like this: lines {}{more}", folded.len(), shown.join(", "));
            group = group.element(Title::NOTE.message(text));
        }
        group
    }

    fn cut(&self, message: &str) -> String {
        if self.options.verbose || message.chars().count() <= MESSAGE_LENGTH {
            return message.to_owned();
        }
        let start: String = message.chars().take(MESSAGE_LENGTH).collect();
        format!("{start} … (--verbose shows it all)")
    }

    fn line(&self, at: &Location) -> u32 {
        self.report.source(at.source).map_or(1, |source| source.position(at.span.start).line)
    }

    fn position(&self, at: &Location) -> String {
        let Some(source) = self.report.source(at.source) else { return String::new() };
        let position = source.position(at.span.start);
        format!("{}:{}:{}", source.name(), position.line, position.column)
    }

    fn list_the_rest(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.report.unknown.is_empty() {
            writeln!(f, "References that lead outside this set:")?;
        }
        for unknown in &self.report.unknown {
            writeln!(f, "  {}: {} ({})", self.position(&unknown.at), unknown.refers_to, unknown.why)?;
        }
        if !self.report.suppressed.is_empty() {
            writeln!(f, "Accepted:")?;
        }
        for Suppressed { diagnostic, reason, by } in &self.report.suppressed {
            let why = reason.as_deref().unwrap_or(match by {
                Silencer::Baseline => "in the baseline",
                Silencer::InSource | Silencer::Policy => "no reason given",
            });
            writeln!(f, "  {}: {} ({why})", self.position(&diagnostic.at), diagnostic.rule)?;
        }
        if !self.report.skipped.is_empty() {
            writeln!(f, "Skipped:")?;
        }
        for skipped in &self.report.skipped {
            let document = skipped.document.map(|it| format!(" (document {})", it + 1)).unwrap_or_default();
            writeln!(f, "  {}{document}: {}", skipped.file, skipped.why)?;
        }
        Ok(())
    }

    fn summary(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        let versions = report.kubernetes_versions.join(", ");
        let (objects, files) = (count(report.summary.objects, "object"), count(report.summary.files, "file"));
        let unknown = match report.unknown.len() {
            0 => String::new(),
            n if self.options.verbose => format!(" · {} outside this set", leads(n)),
            n => format!(" · {} outside this set (--verbose lists them)", leads(n)),
        };
        let accepted = match report.suppressed.len() {
            0 => String::new(),
            n => format!(" · {n} accepted"),
        };
        let took = self.options.took.map(|took| format!(" · {}", duration(took))).unwrap_or_default();
        let infos = match report.count(Level::Info) {
            0 => String::new(),
            n if self.options.verbose => format!(", {}", count(n, "info")),
            n => format!(" · {} (--verbose)", count(n, "info")),
        };
        let skipped = configurations_read(report) + &self.skipped();
        let (errors, warnings) = (report.count(Level::Error), report.count(Level::Warning));
        if errors + warnings == 0 {
            return writeln!(
                f,
                "Seaworthy: {objects} in {files}, nothing wrong (Kubernetes {versions}){infos}{accepted}{skipped}{unknown}{took}"
            );
        }
        self.by_rule(f)?;
        writeln!(f, "Kubernetes {versions} · {files}, {objects} checked{skipped}")?;
        writeln!(f, "{}, {}{infos}{accepted}{unknown}{took}", count(errors, "error"), count(warnings, "warning"))
    }

    /// Which rules spoke how often, where there are more findings than a person counts.
    fn by_rule(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut by_rule: BTreeMap<(std::cmp::Reverse<Level>, &str), usize> = BTreeMap::new();
        let shown: Vec<_> = self.report.diagnostics.iter().filter(|it| self.shows(it.level)).collect();
        if shown.len() <= FOLD_FROM {
            return Ok(());
        }
        for finding in shown {
            *by_rule.entry((std::cmp::Reverse(finding.level), finding.rule)).or_default() += 1;
        }
        for ((level, rule), number) in by_rule {
            writeln!(f, "{number:>6}  {:<8} {rule}", level.0.as_str())?;
        }
        writeln!(f)
    }

    fn skipped(&self) -> String {
        let skipped = &self.report.skipped;
        match skipped.as_slice() {
            [] => String::new(),
            [one] => format!(", 1 skipped ({}: {})", file_name(&one.file), one.why),
            [one, two] => {
                format!(", 2 skipped ({}: {}; {}: {})", file_name(&one.file), one.why, file_name(&two.file), two.why)
            }
            many => format!(", {} skipped", many.len()),
        }
    }
}

/// The line of a finding with its caret; of a line that is empty, very long or secret, the place alone.
fn place<'r>(source: &'r Source, finding: &'r Diagnostic) -> Element<'r> {
    let (text, span) = (source.text(), finding.at.span.range());
    let position = source.lines().position(text, finding.at.span.start, Unit::CodePoints);
    let line = source.lines().line(text, position.line);
    if finding.conceal || line.trim().is_empty() || line.len() > LINE_WIDTH {
        let origin = Origin::path(source.name());
        return origin.line(position.line as usize).char_column(position.column as usize).into();
    }
    let line_start = line.as_ptr() as usize - text.as_ptr() as usize;
    let from = span.start.saturating_sub(line_start).min(line.len());
    let to = span.end.saturating_sub(line_start).clamp(from, line.len());
    let mut annotation = AnnotationKind::Primary.span(from..to);
    if let Some(label) = &finding.label {
        annotation = annotation.label(label.as_str());
    }
    Snippet::source(line).path(source.name()).line_start(position.line as usize).annotation(annotation).into()
}

/// `1 error`, `2 errors`.
pub(crate) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// `, 1 configuration read`, where there are any.
pub(crate) fn configurations_read(report: &Report) -> String {
    match report.summary.configurations {
        0 => String::new(),
        number => format!(", {} read", count(number, "configuration")),
    }
}

fn leads(number: usize) -> String {
    if number == 1 { "1 reference leads".to_owned() } else { format!("{number} references lead") }
}

fn duration(took: Duration) -> String {
    if took.as_secs() >= 10 { format!("{:.1} s", took.as_secs_f64()) } else { format!("{} ms", took.as_millis()) }
}

#[cfg(test)]
mod tests {
    use seaworthy_source::{SourceId, Span};

    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let text = |conceal: bool| {
            let source = Source::new("a.yaml", "user: me\npassword: hunter2\n");
            let at = Location {
                source: SourceId(0),
                document: 0,
                span: Span::of(19..26),
                path: String::new(),
                object: None,
            };
            let finding = Diagnostic {
                rule: "literal-credential",
                category: "security",
                level: Level::Warning,
                message: "`password` holds a password".to_owned(),
                help: None,
                at,
                label: Some("read by all".to_owned()),
                conceal,
                related: Vec::new(),
                fix: None,
                api: None,
                kubernetes_versions: Vec::new(),
            };
            let report = Report { sources: vec![source], diagnostics: vec![finding], ..Report::default() };
            Text::new(&report).to_string()
        };
        assert!(text(false).contains("hunter2"));
        let concealed = text(true);
        assert!(concealed.contains("a.yaml:2:11") && !concealed.contains("hunter2"), "{concealed}");
    }
}
