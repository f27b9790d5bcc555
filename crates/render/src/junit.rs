//! JUnit XML, for the test views of GitLab, Jenkins and GitHub.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write as _};
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use seaworthy_diagnostic::{Diagnostic, Level, Location, Report, Skipped};
use seaworthy_source::Position;

use crate::place::{Extent, path};

/// A report as JUnit XML: a suite a file, a test a finding.
///
/// A finding at or above a level is a failed test, a quieter one a skipped test, as `xfail` is in pytest; so is input
/// that was not checked. A file without any has one passed test, so that a clean run is not an empty one.
pub struct Junit<'r> {
    report: &'r Report,
    fail_on: Level,
}

impl<'r> Junit<'r> {
    /// A report; findings at or above `fail_on` are failures.
    #[must_use]
    pub fn new(report: &'r Report, fail_on: Level) -> Self {
        Self { report, fail_on }
    }
}

/// Of longer messages the start names the test; the failure has them whole.
const NAME: usize = 200;

/// The tests of one file.
struct Suite<'r> {
    file: String,
    cases: Vec<Case<'r>>,
}

struct Case<'r> {
    class: Cow<'r, str>,
    name: String,
    line: Option<u32>,
    outcome: Outcome<'r>,
}

enum Outcome<'r> {
    Passed,
    Failed(&'r Diagnostic),
    /// Quieter than a failure.
    Tolerated(&'r Diagnostic),
    /// Not checked, with the reason.
    NotRun(&'r str),
}

impl Suite<'_> {
    fn failures(&self) -> usize {
        self.cases.iter().filter(|it| matches!(it.outcome, Outcome::Failed(_))).count()
    }

    fn skipped(&self) -> usize {
        self.cases.iter().filter(|it| matches!(it.outcome, Outcome::Tolerated(_) | Outcome::NotRun(_))).count()
    }
}

impl fmt::Display for Junit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(Writer::new_with_indent(Characters(f), b' ', 2)).map_err(|_| fmt::Error)
    }
}

/// The XML writer wants bytes, and writes whole characters.
struct Characters<'f, 'a>(&'f mut fmt::Formatter<'a>);

impl io::Write for Characters<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        self.0.write_str(text).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'r> Junit<'r> {
    fn write(&self, mut xml: Writer<impl io::Write>) -> io::Result<()> {
        let suites = self.suites();
        let sum = |count: fn(&Suite<'r>) -> usize| suites.iter().map(count).sum::<usize>().to_string();
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        xml.create_element("testsuites")
            .with_attribute(("name", "seaworthy"))
            .with_attribute(("tests", sum(|it| it.cases.len()).as_str()))
            .with_attribute(("failures", sum(Suite::failures).as_str()))
            .with_attribute(("errors", "0"))
            .write_inner_content(|xml| suites.iter().try_for_each(|suite| self.suite(xml, suite)))?;
        xml.write_event(Event::Text(BytesText::new("\n")))
    }

    fn suite(&self, xml: &mut Writer<impl io::Write>, suite: &Suite<'_>) -> io::Result<()> {
        xml.create_element("testsuite")
            .with_attribute(("name", printable(&suite.file).as_ref()))
            .with_attribute(("tests", suite.cases.len().to_string().as_str()))
            .with_attribute(("failures", suite.failures().to_string().as_str()))
            .with_attribute(("errors", "0"))
            .with_attribute(("skipped", suite.skipped().to_string().as_str()))
            .write_inner_content(|xml| suite.cases.iter().try_for_each(|case| self.case(xml, &suite.file, case)))?;
        Ok(())
    }

    fn case(&self, xml: &mut Writer<impl io::Write>, file: &str, case: &Case<'_>) -> io::Result<()> {
        let line = case.line.map(|it| it.to_string());
        let element = xml
            .create_element("testcase")
            .with_attribute(("classname", case.class.as_ref()))
            .with_attribute(("name", printable(&case.name).as_ref()))
            .with_attribute(("file", printable(file).as_ref()))
            .with_attributes(line.iter().map(|line| ("line", line.as_str())));
        let (what, kind, message, text) = match case.outcome {
            Outcome::Passed => return element.write_empty().map(drop),
            Outcome::NotRun(why) => ("skipped", "not checked", why, None),
            Outcome::Failed(it) => ("failure", it.level.as_str(), it.message.as_str(), Some(self.words(it))),
            Outcome::Tolerated(it) => ("skipped", it.level.as_str(), it.message.as_str(), Some(self.words(it))),
        };
        element.write_inner_content(|xml| {
            let element = xml
                .create_element(what)
                .with_attribute(("type", kind))
                .with_attribute(("message", printable(message).as_ref()));
            let text = text.as_deref().unwrap_or(message);
            element.write_text_content(BytesText::new(&printable(text))).map(drop)
        })?;
        Ok(())
    }

    /// The files in their order, each with its findings in theirs and with what was not checked. Nothing is left out.
    fn suites(&self) -> Vec<Suite<'r>> {
        let report = self.report;
        let mut skipped: BTreeMap<&str, Vec<&Skipped>> = BTreeMap::new();
        for it in &report.skipped {
            skipped.entry(it.file.as_str()).or_default().push(it);
        }
        let mut found: BTreeMap<usize, Vec<&Diagnostic>> = BTreeMap::new();
        for it in &report.diagnostics {
            found.entry(it.at.source.index()).or_default().push(it);
        }
        let of_file = |file: &str, found: Vec<&'r Diagnostic>, skipped: Vec<&'r Skipped>| {
            let found = found.into_iter().map(|it| self.finding(it));
            suite(path(file), found.chain(skipped.into_iter().map(not_checked)).collect())
        };
        let mut suites = Vec::with_capacity(report.sources.len());
        for (at, source) in report.sources.iter().enumerate() {
            let (found, skipped) = (found.remove(&at), skipped.remove(source.name()));
            suites.push(of_file(source.name(), found.unwrap_or_default(), skipped.unwrap_or_default()));
        }
        // Of files that the report lost.
        suites.extend(found.into_values().map(|found| of_file("", found, Vec::new())));
        suites.extend(skipped.into_iter().map(|(file, skipped)| of_file(file, Vec::new(), skipped)));
        if suites.is_empty() {
            suites.push(suite(".".to_owned(), vec![Case::not_run("no file".to_owned(), "there is nothing to check")]));
        }
        suites
    }

    fn finding(&self, finding: &'r Diagnostic) -> Case<'r> {
        let outcome =
            if finding.level >= self.fail_on { Outcome::Failed(finding) } else { Outcome::Tolerated(finding) };
        Case {
            class: format!("seaworthy.{}.{}", finding.category, finding.rule).into(),
            name: finding.message.clone(),
            line: Some(self.start(&finding.at).line),
            outcome,
        }
    }

    /// What the person who opens a test reads: the place, the message, what to do, the other places.
    fn words(&self, finding: &Diagnostic) -> String {
        let mut text = format!("{}\n{}", self.place(&finding.at), finding.message);
        if let Some(help) = &finding.help {
            let _ = write!(text, "\nhelp: {help}");
        }
        for (at, words) in &finding.related {
            let _ = write!(text, "\n{}: {words}", self.place(at));
        }
        text
    }

    fn place(&self, at: &Location) -> String {
        let start = self.start(at);
        format!("{}:{}:{}", path(self.report.file(at)), start.line, start.column)
    }

    fn start(&self, at: &Location) -> Position {
        Extent::of(self.report.source(at.source), at.span).start
    }
}

fn not_checked(skipped: &Skipped) -> Case<'_> {
    Case::not_run(skipped.document.map_or("file".to_owned(), |it| format!("document {}", it + 1)), &skipped.why)
}

impl<'r> Case<'r> {
    fn not_run(name: String, why: &'r str) -> Self {
        Self { class: "seaworthy.skipped".into(), name, line: None, outcome: Outcome::NotRun(why) }
    }
}

/// A suite whose tests have names of their own: of tests alike, GitLab counts the first alone. The names hold no line
/// numbers, so that a test is the same one in the next run.
fn suite(file: String, mut cases: Vec<Case<'_>>) -> Suite<'_> {
    let mut alike: HashMap<(String, String), u32> = HashMap::new();
    for case in &mut cases {
        if case.name.chars().count() > NAME {
            case.name = case.name.chars().take(NAME).chain(['…']).collect();
        }
        let number = alike.entry((case.class.to_string(), case.name.clone())).or_default();
        *number += 1;
        if *number > 1 {
            let _ = write!(case.name, " ({number})");
        }
    }
    if cases.is_empty() {
        let name = "nothing to say".to_owned();
        cases.push(Case { class: "seaworthy".into(), name, line: None, outcome: Outcome::Passed });
    }
    Suite { file, cases }
}

/// The text without the characters that XML 1.0 cannot say, not even escaped: control characters become their
/// pictures, `␛`, the two that are no characters U+FFFD.
fn printable(text: &str) -> Cow<'_, str> {
    let unsayable =
        |it: char| matches!(it, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if !text.contains(unsayable) {
        return Cow::Borrowed(text);
    }
    let picture = |it: char| char::from_u32(0x2400 + u32::from(it)).filter(|_| it < ' ');
    let say = |it: char| if unsayable(it) { picture(it).unwrap_or(char::REPLACEMENT_CHARACTER) } else { it };
    Cow::Owned(text.chars().map(say).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_say_is_pictured() {
        assert_eq!(printable("a\u{1b}[1m\0\t\n\u{ffff}\u{2028}"), "a␛[1m␀\t\n\u{fffd}\u{2028}");
    }
}
