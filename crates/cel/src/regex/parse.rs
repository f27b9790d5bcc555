//! From a pattern to a tree (Go's `regexp/syntax/parse.go`, with the flags of Perl).

use super::Assertion;
use super::class::{Class, folded};

/// A part of a pattern.
pub(super) struct Node {
    pub(super) kind: Kind,
    /// How deep it nests.
    height: u32,
}

pub(super) enum Kind {
    Char(char),
    Class(Class),
    /// A class of Unicode that is not known.
    Unknown(String),
    Any,
    AnyButNewline,
    Assert(Assertion),
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
    Repeat {
        node: Box<Node>,
        least: u32,
        most: Option<u32>,
        greedy: bool,
    },
}

/// Go's `maxHeight`.
const HIGHEST: u32 = 1000;
/// The most that counted repetitions multiply to.
const MOST_REPEATS: u32 = 1000;

#[derive(Clone, Copy)]
struct Flags {
    fold: bool,
    lines: bool,
    dot_newline: bool,
    lazy: bool,
}

/// A group that is open.
struct Group {
    /// The flags outside.
    flags: Flags,
    alternatives: Vec<Node>,
    current: Vec<Node>,
}

struct Parser<'a> {
    pattern: &'a str,
    rest: &'a str,
    flags: Flags,
    groups: Vec<Group>,
}

fn wrong(why: &str, what: &str) -> String {
    format!("error parsing regexp: {why}: `{what}`")
}

const BAD_RANGE: &str = "invalid character class range";
const BAD_ESCAPE: &str = "invalid escape sequence";
const BAD_PERL: &str = "invalid or unsupported Perl syntax";
const BAD_COUNT: &str = "invalid repeat count";
const NO_ARGUMENT: &str = "missing argument to repetition operator";
const BAD_NAME: &str = "invalid named capture";

pub(super) fn parse(pattern: &str) -> Result<Node, String> {
    let flags = Flags { fold: false, lines: false, dot_newline: false, lazy: false };
    let outermost = Group { flags, alternatives: Vec::new(), current: Vec::new() };
    let mut parser = Parser { pattern, rest: pattern, flags, groups: vec![outermost] };
    // What the last repetition was written as; two in a row are wrong.
    let mut last_repeat: Option<&str> = None;
    while let Some(char) = parser.rest.chars().next() {
        let before = parser.rest;
        let mut repeated = false;
        match char {
            '*' | '+' | '?' => {
                parser.take(1);
                let (least, most) = match char {
                    '*' => (0, None),
                    '+' => (1, None),
                    _ => (0, Some(1)),
                };
                parser.repeat(least, most, before, last_repeat)?;
                repeated = true;
            }
            '{' => match parse_count(before) {
                None => parser.literal(),
                Some((count, rest)) => {
                    parser.rest = rest;
                    let Some((least, most)) = count else { return Err(wrong(BAD_COUNT, parser.since(before))) };
                    parser.repeat(least, most, before, last_repeat)?;
                    repeated = true;
                }
            },
            _ => parser.element(char)?,
        }
        last_repeat = repeated.then_some(before);
    }
    let group = parser.groups.pop();
    match group {
        Some(group) if parser.groups.is_empty() => parser.close(group),
        _ => Err(wrong("missing closing )", pattern)),
    }
}

impl<'a> Parser<'a> {
    fn take(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or("");
    }

    /// The text from a place to here.
    fn since(&self, before: &'a str) -> &'a str {
        before.get(..before.len() - self.rest.len()).unwrap_or(before)
    }

    fn push(&mut self, kind: Kind) {
        if let Some(group) = self.groups.last_mut() {
            group.current.push(Node { kind, height: 1 });
        }
    }

    fn literal(&mut self) {
        if let Some(char) = self.rest.chars().next() {
            self.take(char.len_utf8());
            self.char(char);
        }
    }

    fn char(&mut self, char: char) {
        let others = if self.flags.fold { folded(char) } else { Vec::new() };
        if others.is_empty() {
            return self.push(Kind::Char(char));
        }
        let mut class = Class::default();
        for char in others.into_iter().chain([char]) {
            class.add(char.into(), char.into());
        }
        class.tidy();
        self.push(Kind::Class(class));
    }

    /// Everything but a repetition.
    fn element(&mut self, char: char) -> Result<(), String> {
        match char {
            '(' if self.rest.starts_with("(?") => return self.perl_group(),
            '(' => {
                self.take(1);
                self.open(self.flags);
            }
            '|' => {
                self.take(1);
                if let Some(group) = self.groups.last_mut() {
                    let current = std::mem::take(&mut group.current);
                    let node = joined(current, Kind::Concat).ok_or_else(|| self.too_deep())?;
                    if let Some(group) = self.groups.last_mut() {
                        group.alternatives.push(node);
                    }
                }
            }
            ')' => {
                self.take(1);
                let group = self.groups.pop().filter(|_| !self.groups.is_empty());
                let group = group.ok_or_else(|| wrong("unexpected )", self.pattern))?;
                self.flags = group.flags;
                let node = self.close(group)?;
                if let Some(outer) = self.groups.last_mut() {
                    outer.current.push(node);
                }
            }
            '^' => self.one(Kind::Assert(if self.flags.lines { Assertion::LineStart } else { Assertion::TextStart })),
            '$' => self.one(Kind::Assert(if self.flags.lines { Assertion::LineEnd } else { Assertion::TextEnd })),
            '.' => self.one(if self.flags.dot_newline { Kind::Any } else { Kind::AnyButNewline }),
            '[' => return self.class(),
            '\\' => return self.escaped(),
            _ => self.literal(),
        }
        Ok(())
    }

    fn one(&mut self, kind: Kind) {
        self.take(1);
        self.push(kind);
    }

    fn open(&mut self, flags: Flags) {
        self.groups.push(Group { flags, alternatives: Vec::new(), current: Vec::new() });
    }

    fn too_deep(&self) -> String {
        wrong("expression nests too deeply", self.pattern)
    }

    fn close(&self, mut group: Group) -> Result<Node, String> {
        let last = joined(group.current, Kind::Concat).ok_or_else(|| self.too_deep())?;
        group.alternatives.push(last);
        joined(group.alternatives, Kind::Alternate).ok_or_else(|| self.too_deep())
    }

    fn repeat(
        &mut self,
        least: u32,
        most: Option<u32>,
        before: &'a str,
        last_repeat: Option<&'a str>,
    ) -> Result<(), String> {
        let mut greedy = !self.flags.lazy;
        if self.rest.starts_with('?') {
            self.take(1);
            greedy = !greedy;
        }
        if let Some(last) = last_repeat {
            return Err(wrong("invalid nested repetition operator", self.since(last)));
        }
        let node = self.groups.last_mut().and_then(|group| group.current.pop());
        let node = node.ok_or_else(|| wrong(NO_ARGUMENT, self.since(before)))?;
        let height = node.height + 1;
        if height > HIGHEST {
            return Err(self.too_deep());
        }
        let counted = least >= 2 || most.is_some_and(|most| most >= 2);
        let node = Node { kind: Kind::Repeat { node: Box::new(node), least, most, greedy }, height };
        if counted && repeats(&node) > MOST_REPEATS {
            return Err(wrong(BAD_COUNT, self.since(before)));
        }
        if let Some(group) = self.groups.last_mut() {
            group.current.push(node);
        }
        Ok(())
    }

    /// `(?i)`, `(?:…)`, `(?P<name>…)`
    fn perl_group(&mut self) -> Result<(), String> {
        let before = self.rest;
        if let Some(name) = before.strip_prefix("(?P<").or_else(|| before.strip_prefix("(?<")) {
            let Some((name, rest)) = name.split_once('>') else { return Err(wrong(BAD_NAME, before)) };
            self.rest = rest;
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                return Err(wrong(BAD_NAME, self.since(before)));
            }
            self.open(self.flags);
            return Ok(());
        }
        self.take(2);
        let mut flags = self.flags;
        let (mut on, mut saw) = (true, false);
        while let Some(char) = self.rest.chars().next() {
            self.take(char.len_utf8());
            match char {
                'i' => flags.fold = on,
                'm' => flags.lines = on,
                's' => flags.dot_newline = on,
                'U' => flags.lazy = on,
                '-' if on => {
                    on = false;
                    saw = false;
                    continue;
                }
                ':' | ')' if on || saw => {
                    if char == ':' {
                        self.open(self.flags);
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            saw = true;
        }
        Err(wrong(BAD_PERL, self.since(before)))
    }

    /// What starts with a backslash, outside a class.
    fn escaped(&mut self) -> Result<(), String> {
        let second = self.rest.chars().nth(1);
        let assertion = match second {
            Some('A') => Some(Assertion::TextStart),
            Some('z') => Some(Assertion::TextEnd),
            Some('b') => Some(Assertion::Boundary),
            Some('B') => Some(Assertion::NoBoundary),
            _ => None,
        };
        if let Some(assertion) = assertion {
            self.take(2);
            self.push(Kind::Assert(assertion));
            return Ok(());
        }
        if second == Some('Q') {
            self.take(2);
            let (literal, rest) = self.rest.split_once("\\E").unwrap_or((self.rest, ""));
            self.rest = rest;
            literal.chars().for_each(|char| self.char(char));
            return Ok(());
        }
        if let Some(name) = self.unicode_class()? {
            self.push(Kind::Unknown(name));
            return Ok(());
        }
        if let Some(class) = second.and_then(Class::perl) {
            self.take(2);
            self.push(Kind::Class(class));
            return Ok(());
        }
        let char = self.escape()?;
        self.char(char);
        Ok(())
    }

    /// `\pL`, `\p{Greek}`: takes it off and gives its text.
    fn unicode_class(&mut self) -> Result<Option<String>, String> {
        let before = self.rest;
        let Some(name) = before.strip_prefix("\\p").or_else(|| before.strip_prefix("\\P")) else { return Ok(None) };
        let Some(first) = name.chars().next() else { return Ok(None) };
        let len =
            if first == '{' { name.find('}').ok_or_else(|| wrong(BAD_RANGE, before))? + 1 } else { first.len_utf8() };
        self.take(2 + len);
        let text = self.since(before);
        let letters = text.get(2..).unwrap_or("").trim_matches(['{', '}', '^']);
        let named = !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        if named { Ok(Some(text.to_owned())) } else { Err(wrong(BAD_RANGE, text)) }
    }

    /// A character after a backslash (`parseEscape`).
    fn escape(&mut self) -> Result<char, String> {
        let before = self.rest;
        self.take(1);
        let Some(char) = self.rest.chars().next() else {
            return Err(wrong("trailing backslash at end of expression", ""));
        };
        self.take(char.len_utf8());
        let digit = |text: &str| text.chars().next().and_then(|it| it.to_digit(8));
        let found = match char {
            '1'..='7' if digit(self.rest).is_none() => None,
            '0'..='7' => {
                let mut code = char.to_digit(8).unwrap_or(0);
                for _ in 1..3 {
                    let Some(next) = digit(self.rest) else { break };
                    code = code * 8 + next;
                    self.take(1);
                }
                char::from_u32(code)
            }
            'x' => self.hex(),
            'a' => Some('\u{7}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\u{b}'),
            char if char.is_ascii() && !char.is_ascii_alphanumeric() => Some(char),
            _ => None,
        };
        found.ok_or_else(|| wrong(BAD_ESCAPE, self.since(before)))
    }

    /// What follows `\x`: two digits, or any number in braces.
    fn hex(&mut self) -> Option<char> {
        let first = self.rest.chars().next()?;
        self.take(first.len_utf8());
        if first != '{' {
            let second = self.rest.chars().next()?;
            self.take(second.len_utf8());
            return char::from_u32(first.to_digit(16)? * 16 + second.to_digit(16)?);
        }
        let (mut code, mut digits) = (0u32, 0);
        loop {
            let next = self.rest.chars().next()?;
            self.take(next.len_utf8());
            if next == '}' {
                break;
            }
            code = code * 16 + next.to_digit(16)?;
            digits += 1;
            if code > 0x0010_ffff {
                return None;
            }
        }
        if digits == 0 { None } else { char::from_u32(code) }
    }

    /// `[a-z]`
    fn class(&mut self) -> Result<(), String> {
        let whole = self.rest;
        self.take(1);
        let negated = self.rest.starts_with('^');
        self.take(usize::from(negated));
        let mut class = Class::default();
        let mut unknown = None;
        let mut first = true;
        while first || !self.rest.starts_with(']') {
            first = false;
            if let Some(posix) = self.posix_class()? {
                class.add_all(&posix);
                continue;
            }
            if let Some(name) = self.unicode_class()? {
                unknown = Some(name);
                continue;
            }
            let perl = self.rest.strip_prefix('\\').and_then(|it| it.chars().next()).and_then(Class::perl);
            if let Some(perl) = perl {
                self.take(2);
                class.add_all(&perl);
                continue;
            }
            let range = self.rest;
            let low = self.class_char(whole)?;
            let mut high = low;
            let dash = self.rest.strip_prefix('-');
            if dash.is_some_and(|after| !after.is_empty() && !after.starts_with(']')) {
                self.take(1);
                high = self.class_char(whole)?;
                if high < low {
                    return Err(wrong(BAD_RANGE, self.since(range)));
                }
            }
            if self.flags.fold {
                class.add_folded(low.into(), high.into());
            } else {
                class.add(low.into(), high.into());
            }
        }
        self.take(1);
        if negated {
            class.negate();
        } else {
            class.tidy();
        }
        self.push(unknown.map_or(Kind::Class(class), Kind::Unknown));
        Ok(())
    }

    fn class_char(&mut self, whole: &str) -> Result<char, String> {
        let Some(char) = self.rest.chars().next() else { return Err(wrong("missing closing ]", whole)) };
        if char == '\\' {
            return self.escape();
        }
        self.take(char.len_utf8());
        Ok(char)
    }

    /// `[:alpha:]`, `[:^alpha:]`
    fn posix_class(&mut self) -> Result<Option<Class>, String> {
        let before = self.rest;
        let Some((name, rest)) = before.strip_prefix("[:").and_then(|it| it.split_once(":]")) else { return Ok(None) };
        self.rest = rest;
        let plain = name.strip_prefix('^').unwrap_or(name);
        let mut class = Class::posix(plain).ok_or_else(|| wrong(BAD_RANGE, self.since(before)))?;
        if plain != name {
            class.negate();
        }
        if !self.flags.fold {
            return Ok(Some(class));
        }
        let mut both = class.clone();
        for letter in ('a'..='z').chain('A'..='Z').filter(|letter| class.contains(*letter)) {
            folded(letter).into_iter().for_each(|other| both.add(other.into(), other.into()));
        }
        Ok(Some(both))
    }
}

/// Several nodes as one; nothing if that nests too deep.
fn joined(mut nodes: Vec<Node>, kind: fn(Vec<Node>) -> Kind) -> Option<Node> {
    if nodes.len() == 1 {
        return nodes.pop();
    }
    let height = nodes.iter().map(|node| node.height).max().unwrap_or(0) + 1;
    (height <= HIGHEST).then(|| Node { kind: kind(nodes), height })
}

/// What counted repetitions multiply to (`repeatIsValid`).
fn repeats(node: &Node) -> u32 {
    match &node.kind {
        Kind::Concat(nodes) | Kind::Alternate(nodes) => nodes.iter().map(repeats).max().unwrap_or(1),
        Kind::Repeat { node, least, most, .. } => repeats(node).saturating_mul(most.unwrap_or(*least).max(1)),
        _ => 1,
    }
}

/// `{2}`, `{2,}`, `{2,3}`: the numbers, if they are none too large, and the rest; nothing if it is none of these.
#[expect(clippy::type_complexity, reason = "said in the line above")]
fn parse_count(text: &str) -> Option<(Option<(u32, Option<u32>)>, &str)> {
    let (inside, rest) = text.strip_prefix('{')?.split_once('}')?;
    let (least, most) = inside.split_once(',').map_or((inside, Some(inside)), |(least, most)| (least, Some(most)));
    let least = parse_number(least)?;
    let most = match most {
        Some("") => None,
        Some(most) => Some(parse_number(most)?),
        None => None,
    };
    let fits = least <= 1000 && most.is_none_or(|most| most <= 1000 && least <= most);
    Some((fits.then_some((least, most)), rest))
}

/// A number without zeros in front; one that is too large is as large as can be.
fn parse_number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    Some(text.parse().unwrap_or(u32::MAX))
}
