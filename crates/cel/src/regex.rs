//! Regular expressions as Go's `regexp` (RE2) has them: no backtracking, and the same words for what is wrong.
//!
//! Written here because of the module for browsers, compressed: this is 8 KB of it; `regex-lite` was 25 KB, and `regex`
//! without Unicode 94 KB, and both refuse other patterns than Go does, in other words.
//!
//! Limits: general categories and scripts (`\p{Greek}`) are read but not known, and fail when they are used; `(?i)`
//! leaves out some letters of rare scripts; a pattern may have 200,000 steps where Go allows 3 million.

mod class;
mod compile;
mod parse;
#[cfg(test)]
mod tests;

use std::cell::Cell;

use crate::value::{Failure, failed};

use class::Class;

/// A pattern.
#[derive(Clone, Debug)]
pub struct Regex {
    program: Vec<Step>,
    classes: Vec<Class>,
    /// A class of Unicode that is not known.
    unknown: Option<String>,
}

/// One step of the machine.
#[derive(Clone, Copy, Debug)]
enum Step {
    Char(char),
    /// An index into the classes.
    Class(u32),
    Any,
    AnyButNewline,
    /// Both ways, the first one first.
    Split(u32, u32),
    Jump(u32),
    Assert(Assertion),
    Match,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Assertion {
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    Boundary,
    NoBoundary,
}

/// How many steps searches may take; text times pattern is what a bad one costs.
const BUDGET: u64 = 100_000_000;

impl Regex {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// The words of Go.
    pub fn new(pattern: &str) -> Result<Self, String> {
        compile::compile(&parse::parse(pattern)?, pattern)
    }

    /// Whether a text has a match.
    ///
    /// # Errors
    ///
    /// The search took too long, or the pattern uses a class that is not known.
    pub fn is_match(&self, text: &str) -> Result<bool, Failure> {
        Ok(self.find(text, 0, &Cell::new(0))?.is_some())
    }

    /// The first match that starts at or after a byte, the leftmost one, with the preferences of Perl. The steps it takes
    /// are added to `work`.
    pub(crate) fn find(&self, text: &str, from: usize, work: &Cell<u64>) -> Result<Option<(usize, usize)>, Failure> {
        if let Some(class) = &self.unknown {
            return Err(failed(format!("the class {class} of regular expressions is not known offline")));
        }
        let mut machine = Machine { threads: Vec::new(), seen: vec![0; self.program.len()], round: 1, work };
        let mut found = None;
        let mut at = from;
        loop {
            let rest = text.get(at..).unwrap_or("");
            let next = rest.chars().next();
            if found.is_none() {
                machine.add(self, 0, at, text, at)?;
            }
            if machine.threads.is_empty() && found.is_some() {
                break;
            }
            let after = at + next.map_or(1, char::len_utf8);
            if let Some(start) = machine.advance(self, text, next, after)? {
                found = Some((start, at));
            }
            if next.is_none() {
                break;
            }
            at = after;
        }
        Ok(found)
    }
}

/// The threads of a search, by priority. A thread is a place in the program and where its match started.
struct Machine<'w> {
    threads: Vec<(u32, usize)>,
    /// Which places have a thread, by the round in which they got it.
    seen: Vec<u32>,
    round: u32,
    work: &'w Cell<u64>,
}

impl Machine<'_> {
    /// Adds a thread and what it leads to without a character.
    fn add(&mut self, regex: &Regex, place: u32, start: usize, text: &str, at: usize) -> Result<(), Failure> {
        let mut open = vec![place];
        while let Some(place) = open.pop() {
            self.work.set(self.work.get() + 1);
            if self.work.get() > BUDGET {
                return Err(Failure::CostLimit);
            }
            let Some(seen) = self.seen.get_mut(place as usize) else { continue };
            if std::mem::replace(seen, self.round) == self.round {
                continue;
            }
            match regex.program.get(place as usize) {
                Some(Step::Jump(to)) => open.push(*to),
                Some(Step::Split(first, second)) => open.extend([*second, *first]),
                Some(Step::Assert(assertion)) if assertion.holds(text, at) => open.push(place + 1),
                Some(Step::Assert(_)) => {}
                Some(_) => self.threads.push((place, start)),
                None => {}
            }
        }
        Ok(())
    }

    /// Takes a character, or the end; gives the start of a match that ends before it.
    fn advance(
        &mut self,
        regex: &Regex,
        text: &str,
        next: Option<char>,
        after: usize,
    ) -> Result<Option<usize>, Failure> {
        let threads = std::mem::take(&mut self.threads);
        self.round = self.round.wrapping_add(1);
        for (place, start) in &threads {
            let fits = match (regex.program.get(*place as usize), next) {
                // Threads behind it are worse.
                (Some(Step::Match), _) => return Ok(Some(*start)),
                (Some(Step::Char(char)), Some(next)) => *char == next,
                (Some(Step::Class(class)), Some(next)) => {
                    regex.classes.get(*class as usize).is_some_and(|class| class.contains(next))
                }
                (Some(Step::Any), Some(_)) => true,
                (Some(Step::AnyButNewline), Some(next)) => next != '\n',
                _ => false,
            };
            if fits {
                self.add(regex, place + 1, *start, text, after)?;
            }
        }
        Ok(None)
    }
}

impl Assertion {
    fn holds(self, text: &str, at: usize) -> bool {
        let bytes = text.as_bytes();
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let after = bytes.get(at);
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        match self {
            Self::TextStart => at == 0,
            Self::TextEnd => at >= bytes.len(),
            Self::LineStart => before.is_none_or(|byte| *byte == b'\n'),
            Self::LineEnd => after.is_none_or(|byte| *byte == b'\n'),
            Self::Boundary => is_word(before) != is_word(after),
            Self::NoBoundary => is_word(before) == is_word(after),
        }
    }
}
