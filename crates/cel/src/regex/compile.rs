//! From the tree of a pattern to steps.

use super::parse::{Kind, Node};
use super::{Regex, Step};

/// So many steps a pattern may have.
const MOST: usize = 200_000;

pub(super) fn compile(node: &Node, pattern: &str) -> Result<Regex, String> {
    let mut regex = Regex { program: Vec::new(), classes: Vec::new(), unknown: None };
    if regex.emit(node).is_none() {
        return Err(format!("error parsing regexp: expression too large: `{pattern}`"));
    }
    regex.program.push(Step::Match);
    Ok(regex)
}

impl Regex {
    fn here(&self) -> u32 {
        u32::try_from(self.program.len()).unwrap_or(u32::MAX)
    }

    fn push(&mut self, step: Step) -> Option<usize> {
        self.program.push(step);
        (self.program.len() < MOST).then(|| self.program.len() - 1)
    }

    fn set(&mut self, at: usize, step: Step) {
        if let Some(place) = self.program.get_mut(at) {
            *place = step;
        }
    }

    /// Nothing if there are too many steps.
    fn emit(&mut self, node: &Node) -> Option<()> {
        match &node.kind {
            Kind::Char(char) => self.push(Step::Char(*char)).map(drop),
            Kind::Class(class) => {
                let known = self.classes.iter().position(|there| there == class);
                let index = known.unwrap_or(self.classes.len());
                if known.is_none() {
                    self.classes.push(class.clone());
                }
                self.push(Step::Class(u32::try_from(index).ok()?)).map(drop)
            }
            Kind::Unknown(name) => {
                self.unknown.get_or_insert_with(|| name.clone());
                Some(())
            }
            Kind::Any => self.push(Step::Any).map(drop),
            Kind::AnyButNewline => self.push(Step::AnyButNewline).map(drop),
            Kind::Assert(assertion) => self.push(Step::Assert(*assertion)).map(drop),
            Kind::Concat(nodes) => nodes.iter().try_for_each(|node| self.emit(node)),
            Kind::Alternate(nodes) => self.alternatives(nodes),
            Kind::Repeat { node, least, most, greedy } => self.repeat(node, *least, *most, *greedy),
        }
    }

    fn alternatives(&mut self, nodes: &[Node]) -> Option<()> {
        let mut ends = Vec::new();
        for (at, node) in nodes.iter().enumerate() {
            if at + 1 == nodes.len() {
                self.emit(node)?;
                break;
            }
            let split = self.push(Step::Match)?;
            self.emit(node)?;
            ends.push(self.push(Step::Match)?);
            self.split(split, self.here(), true);
        }
        let end = self.here();
        ends.into_iter().for_each(|at| self.set(at, Step::Jump(end)));
        Some(())
    }

    /// A way into what follows `at`, or past it.
    fn split(&mut self, at: usize, past: u32, greedy: bool) {
        let into = u32::try_from(at + 1).unwrap_or(u32::MAX);
        self.set(at, if greedy { Step::Split(into, past) } else { Step::Split(past, into) });
    }

    fn repeat(&mut self, node: &Node, least: u32, most: Option<u32>, greedy: bool) -> Option<()> {
        let Some(most) = most else {
            for _ in 1..least {
                self.emit(node)?;
            }
            return self.endless(node, least > 0, greedy);
        };
        for _ in 0..least {
            self.emit(node)?;
        }
        let mut splits = Vec::new();
        for _ in least..most {
            splits.push(self.push(Step::Match)?);
            self.emit(node)?;
        }
        let end = self.here();
        splits.into_iter().for_each(|at| self.split(at, end, greedy));
        Some(())
    }

    /// `x+`, or `x*`. If `x` matches nothing, too, `x*` is `(x+)?`, which has the preferences of Perl.
    fn endless(&mut self, node: &Node, once: bool, greedy: bool) -> Option<()> {
        let first = if once { None } else { Some(self.push(Step::Match)?) };
        let start = self.here();
        self.emit(node)?;
        match first {
            Some(first) if !node.is_nullable() => {
                self.push(Step::Jump(u32::try_from(first).ok()?))?;
                self.split(first, self.here(), greedy);
            }
            first => {
                let again = self.push(Step::Match)?;
                let end = self.here();
                self.set(again, if greedy { Step::Split(start, end) } else { Step::Split(end, start) });
                if let Some(first) = first {
                    self.split(first, end, greedy);
                }
            }
        }
        Some(())
    }
}

impl Node {
    /// Whether it matches nothing, too.
    fn is_nullable(&self) -> bool {
        match &self.kind {
            Kind::Char(_) | Kind::Class(_) | Kind::Unknown(_) | Kind::Any | Kind::AnyButNewline => false,
            Kind::Assert(_) => true,
            Kind::Concat(nodes) => nodes.iter().all(Node::is_nullable),
            Kind::Alternate(nodes) => nodes.iter().any(Node::is_nullable),
            Kind::Repeat { node, least, .. } => *least == 0 || node.is_nullable(),
        }
    }
}
