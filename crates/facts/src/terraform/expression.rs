//! Expressions, evaluated as they are read: what cannot be told becomes unknown, and so does what is built on it.

use std::borrow::Cow;
use std::rc::Rc;

use seaworthy_document::{Node, name_length};

use crate::terraform::functions;
use crate::terraform::module::{Modules, Scope};
use crate::terraform::value::{HOLE, Known, LONG, MANY, Value};

/// So many levels may an expression have, with all it refers to.
pub(super) const DEPTH: u32 = 48;

/// So many steps an item costs that a loop makes, or that a function is given in a list and may give back.
const ITEM: u64 = 8;

/// An expression that is being read.
pub(super) struct Expression<'e, 'a> {
    /// Where it is written; so are the literals in it.
    node: Node<'a>,
    text: &'a str,
    at: usize,
    depth: u32,
    modules: &'e Modules<'a>,
    scope: &'e Scope<'a>,
}

/// What one turn of a loop makes.
enum Turn<'a> {
    Made(Known<'a>, Known<'a>),
    LeftOut,
    /// Its condition is unknown.
    Unknown,
}

/// Operators of two sides, each level binding closer than the one before (HCL, *native syntax*: operations).
const LEVELS: [&[&str]; 6] = [&["||"], &["&&"], &["==", "!="], &["<=", ">=", "<", ">"], &["+", "-"], &["*", "/", "%"]];

impl<'e, 'a> Expression<'e, 'a> {
    /// The expression that a text is, which stands in a node.
    pub(super) fn new(
        node: Node<'a>,
        text: &'a str,
        depth: u32,
        modules: &'e Modules<'a>,
        scope: &'e Scope<'a>,
    ) -> Self {
        Self { node, text, at: 0, depth, modules, scope }
    }

    /// What the whole text is worth.
    pub(super) fn whole(&mut self) -> Known<'a> {
        let value = self.conditional();
        self.blanks();
        if self.rest().is_empty() { value } else { Known::unknown() }
    }

    /// What a template is worth that stands without quotes.
    pub(super) fn template(&mut self) -> Known<'a> {
        self.parts(None)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            let is_comment = trimmed.starts_with('#') || trimmed.starts_with("//");
            if is_comment {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                self.at += trimmed.find("*/").map_or(trimmed.len(), |it| it + 2);
            } else {
                return;
            }
        }
    }

    fn written(&self, value: Value<'a>) -> Known<'a> {
        Known { value, at: Some(self.node) }
    }

    /// Takes a token, blanks before it passed over.
    fn takes(&mut self, token: &str) -> bool {
        self.blanks();
        let is_there = self.rest().starts_with(token);
        if is_there {
            self.at += token.len();
        }
        is_there
    }

    /// Ends the reading: the whole is unknown.
    fn give_up(&mut self) -> Known<'a> {
        self.at = self.text.len();
        Known::unknown()
    }

    fn conditional(&mut self) -> Known<'a> {
        if self.depth >= DEPTH || !self.modules.may_go_on(1) {
            return self.give_up();
        }
        self.depth += 1;
        let condition = self.binary(0);
        let value = if self.takes("?") {
            let first = self.conditional();
            let has_second = self.takes(":");
            let second = if has_second { self.conditional() } else { self.give_up() };
            match condition.as_bool() {
                Some(true) => first,
                Some(false) => second,
                None if first.equals(&second) == Some(true) => first,
                None => Known::unknown(),
            }
        } else {
            condition
        };
        self.depth -= 1;
        value
    }

    fn binary(&mut self, level: usize) -> Known<'a> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1);
        loop {
            self.blanks();
            let rest = self.rest();
            let operator = operators.iter().find(|it| rest.starts_with(**it));
            // `=>` of a loop, and `&&` where `&` is asked for, are none of these.
            let Some(operator) = operator.filter(|_| !rest.starts_with("=>")) else { return left };
            self.at += operator.len();
            let right = self.binary(level + 1);
            left = functions::operate(operator, &left, &right);
        }
    }

    fn unary(&mut self) -> Known<'a> {
        let mut signs = Vec::new();
        while signs.len() < 8 && !self.rest().starts_with("!=") {
            if self.takes("!") {
                signs.push('!');
            } else if self.takes("-") {
                signs.push('-');
            } else {
                break;
            }
        }
        let value = self.postfix();
        signs.iter().rev().fold(value, |value, sign| {
            let turned = match sign {
                '!' => value.as_bool().map(|it| Value::Bool(!it)),
                _ => value.as_number().map(|it| Value::Number(-it)),
            };
            turned.map_or(Known::unknown(), Known::of)
        })
    }

    /// A value with what is taken out of it: `.name`, `[index]`, `.*`, `[*]`.
    fn postfix(&mut self) -> Known<'a> {
        let mut value = self.primary();
        loop {
            let rest = self.rest();
            let all = [".*", "[*]"].into_iter().find(|it| rest.starts_with(*it));
            if let Some(all) = all {
                self.at += all.len();
                value = self.splat(&value);
            } else if let Some(after) = rest.strip_prefix('.') {
                let length = name_length(after);
                let digits = after.len() - after.trim_start_matches(|it: char| it.is_ascii_digit()).len();
                let length = if length == 0 { digits } else { length };
                let Some(name) = after.get(..length).filter(|it| !it.is_empty()) else { return self.give_up() };
                self.at += 1 + length;
                value = self.member(&value, name);
            } else if rest.starts_with('[') {
                self.at += 1;
                let index = self.conditional();
                if !self.takes("]") {
                    return self.give_up();
                }
                value = match index.as_written() {
                    Some(name) => self.member(&value, name),
                    None => value.item(&index, false),
                };
            } else {
                return value;
            }
        }
    }

    fn member(&mut self, value: &Known<'a>, name: &'a str) -> Known<'a> {
        match &value.value {
            Value::Thing(thing) => self.modules.attribute(*thing, name, self.depth),
            Value::Map(_) => value.get(name),
            Value::List(_) => value.item(&Known::of(Value::Text(Cow::Borrowed(name))), false),
            _ => Known::unknown(),
        }
    }

    /// What follows is taken out of each item of a list.
    fn splat(&mut self, value: &Known<'a>) -> Known<'a> {
        let Value::List(list) = &value.value else {
            return if value.as_thing().is_some() { value.clone() } else { self.skip_members() };
        };
        let start = self.at;
        let mut items = Vec::new();
        let mut end = start;
        for item in list.iter().take(MANY) {
            self.at = start;
            let mut item = item.clone();
            while let Some(after) = self.rest().strip_prefix('.') {
                let Some(name) = after.get(..name_length(after)).filter(|it| !it.is_empty()) else { break };
                self.at += 1 + name.len();
                item = self.member(&item, name);
            }
            end = self.at;
            items.push(item);
        }
        self.at = end;
        if list.is_empty() {
            self.skip_members();
        }
        Known { value: Value::List(Rc::new(items)), at: value.at }
    }

    fn skip_members(&mut self) -> Known<'a> {
        while let Some(after) = self.rest().strip_prefix('.') {
            let length = name_length(after);
            if length == 0 {
                break;
            }
            self.at += 1 + length;
        }
        Known::unknown()
    }

    fn primary(&mut self) -> Known<'a> {
        self.blanks();
        let rest = self.rest();
        match rest.as_bytes().first() {
            Some(b'"') => {
                self.at += 1;
                self.parts(Some('"'))
            }
            Some(b'(') => {
                self.at += 1;
                let value = self.conditional();
                if self.takes(")") { value } else { self.give_up() }
            }
            Some(b'[') => self.list(),
            Some(b'{') => self.map(),
            Some(b'0'..=b'9') => {
                let length = rest.len() - rest.trim_start_matches(|it: char| it.is_ascii_digit() || it == '.').len();
                self.at += length;
                let number = rest.get(..length).and_then(|it| it.parse().ok());
                number.map_or(Known::unknown(), |it| self.written(Value::Number(it)))
            }
            _ => {
                let length = name_length(rest);
                let Some(name) = rest.get(..length).filter(|it| !it.is_empty()) else { return self.give_up() };
                self.at += length;
                if self.rest().starts_with('(') {
                    return self.call(name);
                }
                let value = self.named(name);
                // Where it stands for a text that is put together, each time is a copy.
                if self.modules.may_go_on(value.size()) { value } else { self.give_up() }
            }
        }
    }

    /// `true`, `var`, `local`, `aws_vpc`, …: what a name alone stands for.
    fn named(&mut self, name: &'a str) -> Known<'a> {
        match name {
            "true" => return Known::of(Value::Bool(true)),
            "false" => return Known::of(Value::Bool(false)),
            "null" => return Known::of(Value::Null),
            _ => {}
        }
        if let Some(bound) = self.scope.bound(name) {
            return bound;
        }
        let Some(second) = self.next_name() else { return Known::unknown() };
        match name {
            "var" => self.modules.variable(self.scope.instance, second, self.depth),
            "local" => self.modules.local(self.scope.instance, second, self.depth),
            "module" => self.modules.call(self.scope.instance, second),
            "count" => self.scope.count.map_or(Known::unknown(), |it| Known::of(Value::Number(it))),
            "each" => self.scope.each(second),
            "data" => match self.next_name() {
                Some(third) => self.modules.data(self.scope.instance, second, third),
                None => Known::unknown(),
            },
            "path" | "terraform" | "self" => Known::unknown(),
            _ => self.modules.resource(self.scope.instance, name, second),
        }
    }

    fn next_name(&mut self) -> Option<&'a str> {
        let after = self.rest().strip_prefix('.')?;
        let name = after.get(..name_length(after)).filter(|it| !it.is_empty())?;
        self.at += 1 + name.len();
        Some(name)
    }

    fn call(&mut self, name: &str) -> Known<'a> {
        self.at += 1;
        let mut arguments = Vec::new();
        while !self.takes(")") {
            if self.rest().is_empty() || arguments.len() > MANY {
                return self.give_up();
            }
            arguments.push(self.conditional());
            if self.takes("...") {
                let last = arguments.pop().and_then(|it| it.items()).unwrap_or_default();
                arguments.extend(last);
            }
            self.takes(",");
        }
        let size = arguments.iter().map(|it| it.as_list().map_or(it.size(), |list| list.len() as u64 * ITEM)).sum();
        if self.modules.may_go_on(size) { functions::call(name, &arguments) } else { self.give_up() }
    }

    fn list(&mut self) -> Known<'a> {
        self.at += 1;
        if self.begins_loop() {
            return self.each("]");
        }
        let mut items = Vec::new();
        while !self.takes("]") {
            if self.rest().is_empty() || items.len() > MANY {
                return self.give_up();
            }
            items.push(self.conditional());
            self.takes(",");
        }
        self.written(Value::List(Rc::new(items)))
    }

    fn map(&mut self) -> Known<'a> {
        self.at += 1;
        if self.begins_loop() {
            return self.each("}");
        }
        let mut entries = Vec::new();
        while !self.takes("}") {
            if self.rest().is_empty() || entries.len() > MANY {
                return self.give_up();
            }
            let rest = self.rest();
            let name = rest.get(..name_length(rest)).unwrap_or("");
            let after = rest.get(name.len()..).unwrap_or("").trim_start();
            let key = if !name.is_empty() && (after.starts_with('=') || after.starts_with(':')) {
                self.at += name.len();
                Cow::Borrowed(name)
            } else {
                self.conditional().as_pattern()
            };
            if !self.takes("=") && !self.takes(":") {
                return self.give_up();
            }
            entries.push((key, self.conditional()));
            self.takes(",");
        }
        self.written(Value::Map(Rc::new(entries)))
    }

    fn begins_loop(&mut self) -> bool {
        self.blanks();
        let rest = self.rest();
        rest.get(..name_length(rest)) == Some("for")
    }

    /// A loop, from its `for` to the bracket that closes it: `[for x in xs : f(x) if p(x)]`,
    /// `{for k, v in m : k => v}`.
    fn each(&mut self, closing: &str) -> Known<'a> {
        self.takes("for");
        let Some(first) = self.next_word() else { return self.give_up() };
        let second = if self.takes(",") { self.next_word() } else { None };
        if !self.takes("in") {
            return self.give_up();
        }
        let list = self.conditional();
        if !self.takes(":") {
            return self.give_up();
        }
        let pairs = pairs_of(&list);
        let (start, mut made, mut is_open) = (self.at, Vec::new(), false);
        // Of what is unknown one turn is taken, to find the end.
        let turns = pairs.as_ref().filter(|it| !it.is_empty()).cloned();
        for (key, value) in turns.unwrap_or_else(|| vec![(Known::unknown(), Known::unknown())]) {
            let scope = match second {
                Some(second) => self.scope.with_item(first, key).with_item(second, value),
                None => self.scope.with_item(first, value),
            };
            let mut turn = Expression { at: start, scope: &scope, ..*self };
            let Some(one) = turn.turn(closing).filter(|_| self.modules.may_go_on(ITEM)) else {
                return self.give_up();
            };
            self.at = turn.at;
            match one {
                Turn::Made(key, value) => made.push((key, value)),
                Turn::LeftOut => {}
                Turn::Unknown => is_open = true,
            }
        }
        match pairs {
            _ if is_open => Known::unknown(),
            None => Known::unknown(),
            Some(pairs) if pairs.is_empty() => self.written(Value::List(Rc::new(Vec::new()))),
            Some(_) if closing == "}" => {
                let entry = |it: (Known<'a>, Known<'a>)| (it.0.as_pattern(), it.1);
                self.written(Value::Map(Rc::new(made.into_iter().map(entry).collect())))
            }
            Some(_) => self.written(Value::List(Rc::new(made.into_iter().map(|it| it.1).collect()))),
        }
    }

    /// One turn of a loop: what it makes, if its condition lets it. None where the text is no loop.
    fn turn(&mut self, closing: &str) -> Option<Turn<'a>> {
        let key = self.conditional();
        let made = if closing == "}" {
            let has_value = self.takes("=>");
            let value = self.conditional();
            self.takes("...");
            if !has_value {
                return None;
            }
            (key, value)
        } else {
            (Known::unknown(), key)
        };
        let is_kept = if self.takes("if") { self.conditional().as_bool() } else { Some(true) };
        if !self.takes(closing) {
            return None;
        }
        Some(match is_kept {
            Some(true) => Turn::Made(made.0, made.1),
            Some(false) => Turn::LeftOut,
            None => Turn::Unknown,
        })
    }

    fn next_word(&mut self) -> Option<&'a str> {
        self.blanks();
        let rest = self.rest();
        let word = rest.get(..name_length(rest)).filter(|it| !it.is_empty())?;
        self.at += word.len();
        Some(word)
    }

    /// The parts of a template up to its quote, or to the end of the text.
    fn parts(&mut self, quote: Option<char>) -> Known<'a> {
        let mut out = String::new();
        let (mut parts, mut only) = (0_usize, None);
        let start = self.at;
        loop {
            let rest = self.rest();
            let Some(character) = rest.chars().next() else { break };
            if Some(character) == quote {
                break;
            }
            if out.len() > LONG {
                return self.give_up();
            }
            if let Some(after) = rest.strip_prefix("$${").or_else(|| rest.strip_prefix("%%{")) {
                out.push_str(rest.get(1..rest.len() - after.len()).unwrap_or(""));
                self.at += 3;
                continue;
            }
            if rest.starts_with("%{") {
                return self.give_up();
            }
            if rest.starts_with("${") {
                self.at += 2;
                self.takes("~");
                let value = self.conditional();
                self.takes("~");
                if !self.takes("}") {
                    return self.give_up();
                }
                out.push_str(&value.as_pattern());
                (parts, only) = (parts + 1, Some(value));
                continue;
            }
            let mut length = character.len_utf8();
            if character == '\\' && quote.is_some() {
                let escaped = rest.chars().nth(1).unwrap_or('\\');
                length += escaped.len_utf8();
                out.push(if escaped == 'n' { '\n' } else { escaped });
            } else {
                out.push(character);
            }
            self.at += length;
            parts += 2;
        }
        let text = self.text.get(start..self.at).unwrap_or("");
        self.at += quote.map_or(0, char::len_utf8);
        match only {
            Some(value) if parts == 1 => value,
            _ if out.contains(HOLE) => self.written(Value::Pattern(out)),
            _ if out == text => self.written(Value::Text(Cow::Borrowed(text))),
            _ => self.written(Value::Text(Cow::Owned(out))),
        }
    }
}

/// What a loop goes through: keys or indices, and values. None if that is unknown.
fn pairs_of<'a>(list: &Known<'a>) -> Option<Vec<(Known<'a>, Known<'a>)>> {
    if let Some(map) = list.as_map() {
        let pair = |it: &(Cow<'a, str>, Known<'a>)| (Known::of(Value::Text(it.0.clone())), it.1.clone());
        return (!map.iter().any(|it| it.0.contains(HOLE))).then(|| map.iter().map(pair).collect());
    }
    #[allow(clippy::cast_precision_loss, reason = "indices of what people write")]
    let pair = |(at, it): (usize, &Known<'a>)| (Known::of(Value::Number(at as f64)), it.clone());
    Some(list.as_list()?.iter().enumerate().map(pair).collect())
}
