//! A descent through the grammar of cel-go's `parser/gen/CEL.g4`, and what the server says to a text that does not
//! follow it.
//!
//! cel-go's parser is made by ANTLR, whose errors say what was expected where, and which goes on after an error: it
//! leaves out a token, makes one up, or skips to one that some rule waits for. This is that strategy (antlr4-go's
//! `error_strategy.go`).
//!
//! How deep the rules nest is counted as cel-go counts it, which bounds how deep the descent recurses. A rule that is
//! left-recursive is a loop. cel-go leaves such a rule once for each round besides, which lets deeper nesting pass
//! where it is counted; `expr` bounds it all the same.
//!
//! Sets of tokens are bits. Each place of the grammar where the strategy looks has the number that it has in cel-go's
//! generated parser: it tells whether an error comes twice at one place.

mod grammar;

use super::builder::{Builder, DEEPEST};
use super::lexer::{Kind, NAMES, Token};
use crate::ast::ExprId;

/// Tokens by their numbers.
type Set = u64;

/// In a set: what follows may also be what follows the rule.
const END: Set = 1 << 63;

/// More errors than this end the reading.
const MOST_ERRORS: usize = 100;
/// More attempts to go on than this end the reading (cel-go's `errorRecoveryLimit`).
const MOST_ATTEMPTS: u32 = 30;
/// One attempt skips no more tokens than this (cel-go's `errorRecoveryTokenLookaheadLimit`).
const MOST_SKIPPED: u32 = 256;

const fn one(kind: Kind) -> Set {
    1 << kind as u8
}

/// Why a rule ends early.
enum Stop {
    /// A token that is none of these.
    Mismatch(Token, Set),
    /// Tokens that begin nothing, from the first to the one that does not fit.
    NoViable(Token, Token),
    /// No more of anything.
    Abort,
}

type Step<T> = Result<T, Stop>;

/// Whether a place can leave out a token, or is the end of a loop and skips to what can come.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Block,
    LoopEnd,
}

/// Reads all tokens as far as they go: the errors of syntax, and what became of the text if the reading was not
/// given up.
pub(super) fn read(
    tokens: &[Token],
    gaps: &[(u32, u32)],
    builder: &mut Builder<'_>,
    unread: Vec<(Option<u32>, String)>,
) -> (Vec<(Option<u32>, String)>, Option<ExprId>) {
    let mut reader = Reader {
        tokens,
        gaps,
        at: 0,
        builder,
        errors: unread,
        state: 0,
        follow: Vec::new(),
        depths: [0; 4],
        recovering: false,
        last_error: None,
        last_states: Vec::new(),
        attempts: 0,
        skipped: 0,
    };
    let root = reader.start().ok();
    (reader.errors, root)
}

struct Reader<'a, 't> {
    tokens: &'a [Token],
    /// Stretches of the text that are no tokens.
    gaps: &'a [(u32, u32)],
    at: usize,
    builder: &'a mut Builder<'t>,
    errors: Vec<(Option<u32>, String)>,
    /// The place in the grammar.
    state: u16,
    /// What each rule we are in is followed by where it was called.
    follow: Vec<Set>,
    /// How deep we are in `expr`, `relation`, `calc` and `member`.
    depths: [u16; 4],
    /// Whether an error was reported and no token has matched since.
    recovering: bool,
    last_error: Option<usize>,
    last_states: Vec<u16>,
    attempts: u32,
    skipped: u32,
}

impl Reader<'_, '_> {
    fn token(&self, ahead: usize) -> Token {
        let end = Token { kind: Kind::Eof, start: 0, end: 0 };
        self.tokens.get(self.at + ahead).or(self.tokens.last()).copied().unwrap_or(end)
    }

    fn sees(&self, set: Set) -> bool {
        one(self.token(0).kind) & set != 0
    }

    fn next_in(&self, set: Set) -> bool {
        one(self.token(1).kind) & set != 0
    }

    fn consume(&mut self) {
        if self.token(0).kind != Kind::Eof {
            self.at += 1;
        }
    }

    fn error(&mut self, token: Token, message: &str) -> Step<()> {
        self.report_at(Some(token.start), &["Syntax error: ", message].concat())
    }

    fn report_at(&mut self, offset: Option<u32>, message: &str) -> Step<()> {
        let message =
            if self.errors.len() < MOST_ERRORS { message } else { "Syntax error: More than 100 syntax errors" };
        let over = self.errors.len() >= MOST_ERRORS;
        self.errors.push((offset, message.to_owned()));
        if over { Err(Stop::Abort) } else { Ok(()) }
    }

    /// What can come at a place with `local`, given the rules we are in.
    fn expected(&self, local: Set) -> Set {
        let mut all = local;
        for follow in self.follow.iter().rev() {
            if all & END == 0 {
                return all;
            }
            all = (all & !END) | follow;
        }
        if all & END == 0 { all } else { (all & !END) | one(Kind::Eof) }
    }

    /// What any rule we are in waits for.
    fn awaited(&self) -> Set {
        self.follow.iter().fold(0, |all, follow| all | follow) & !END
    }

    fn matched(&mut self) {
        self.recovering = false;
        self.last_error = None;
        self.last_states.clear();
    }

    fn mismatch(&self, local: Set) -> Stop {
        Stop::Mismatch(self.token(0), self.expected(local))
    }

    fn unwanted(&mut self, local: Set) -> Step<()> {
        if self.recovering {
            return Ok(());
        }
        self.recovering = true;
        let token = self.token(0);
        let message = format!("extraneous input {} expecting {}", self.show(token), names(self.expected(local)));
        self.error(token, &message)
    }

    /// Leaves out a token if the one after it is expected.
    fn leave_out(&mut self, local: Set) -> Step<bool> {
        if !self.next_in(self.expected(local)) {
            return Ok(false);
        }
        self.unwanted(local)?;
        self.consume();
        self.matched();
        Ok(true)
    }

    /// Takes a token of a kind; `after` is what can come after it. Nothing if the token is made up.
    fn take(&mut self, state: u16, kind: Kind, after: Set) -> Step<Option<Token>> {
        self.state = state;
        let local = one(kind);
        if self.token(0).kind == kind {
            let token = self.token(0);
            self.matched();
            self.consume();
            return Ok(Some(token));
        }
        self.attempt()?;
        if self.leave_out(local)? {
            let token = self.token(0);
            self.consume();
            return Ok(Some(token));
        }
        if self.sees(self.expected(after)) {
            if !self.recovering {
                self.recovering = true;
                let token = self.token(0);
                let message = format!("missing {} at {}", names(self.expected(local)), self.show(token));
                self.error(token, &message)?;
            }
            return Ok(None);
        }
        Err(self.mismatch(local))
    }

    /// Takes the token that is there.
    fn take_any(&mut self, state: u16) -> Token {
        self.state = state;
        let token = self.token(0);
        self.matched();
        self.consume();
        token
    }

    /// Before a choice: whether one of its tokens is there.
    fn sync(&mut self, state: u16, local: Set, place: Place) -> Step<()> {
        self.state = state;
        if self.recovering || local & END != 0 || self.sees(local) {
            return Ok(());
        }
        if place == Place::Block {
            return if self.leave_out(local)? { Ok(()) } else { Err(self.mismatch(local)) };
        }
        self.unwanted(local)?;
        let until = self.expected(local) | self.awaited();
        while self.token(0).kind != Kind::Eof && !self.sees(until) {
            self.consume();
        }
        Ok(())
    }

    fn attempt(&mut self) -> Step<()> {
        if self.attempts == MOST_ATTEMPTS {
            let token = self.token(0);
            self.error(token, "error recovery attempt limit exceeded: 30")?;
            return Err(Stop::Abort);
        }
        self.attempts += 1;
        self.skipped = 0;
        Ok(())
    }

    fn skip(&mut self) -> Step<()> {
        if self.skipped >= MOST_SKIPPED {
            self.errors.push((None, "error recovery token lookahead limit exceeded: 256".to_owned()));
            return Err(Stop::Abort);
        }
        self.skipped += 1;
        self.consume();
        Ok(())
    }

    /// Runs a rule that is followed by `follow` where it is called. What ends it early is reported, and the tokens
    /// are skipped to one that somebody waits for; so it never fails, unless everything ends.
    fn rule(&mut self, follow: Set, body: &mut dyn FnMut(&mut Self) -> Step<()>) -> Step<()> {
        self.follow.push(follow);
        let result = match body(self) {
            Err(stop) => self.go_on(stop),
            Ok(()) => Ok(()),
        };
        self.follow.pop();
        result
    }

    fn go_on(&mut self, stop: Stop) -> Step<()> {
        let (token, message) = match stop {
            Stop::Abort => return Err(Stop::Abort),
            Stop::Mismatch(token, expected) => {
                (token, format!("mismatched input {} expecting {}", self.show(token), names(expected)))
            }
            Stop::NoViable(first, token) => (token, self.no_viable(first, token)),
        };
        if !self.recovering {
            self.recovering = true;
            self.error(token, &message)?;
        }
        self.attempt()?;
        if self.last_error == Some(self.at) && self.last_states.contains(&self.state) {
            self.skip()?;
        }
        self.last_error = Some(self.at);
        self.last_states.push(self.state);
        let awaited = self.awaited();
        while self.token(0).kind != Kind::Eof && !self.sees(awaited) {
            self.skip()?;
        }
        Ok(())
    }

    /// A word after a dot is named for what it is, for texts stay as they were (cel-go's `SyntaxError`).
    fn no_viable(&self, first: Token, token: Token) -> String {
        if first.kind == Kind::Eof {
            return "no viable alternative at input '<EOF>'".to_owned();
        }
        let input = self.between(first.start, token);
        let mut rest = input.chars();
        rest.next();
        if ["true", "false", "null"].contains(&rest.as_str()) {
            return format!("mismatched input '{}' expecting IDENTIFIER", rest.as_str());
        }
        let input = escape(&input);
        format!("no viable alternative at input {input}")
    }

    /// The text from a place to the end of a token, without what is no token.
    fn between(&self, mut start: u32, last: Token) -> String {
        let text = self.builder.errors.text();
        let mut out = String::new();
        for (from, to) in self.gaps {
            if start <= *from && *to <= last.start {
                out.push_str(&text.slice(start, *from));
                start = *to;
            }
        }
        out.push_str(&text.slice(start, last.end));
        out
    }

    fn show(&self, token: Token) -> String {
        if token.kind == Kind::Eof {
            return "'<EOF>'".to_owned();
        }
        escape(&self.builder.errors.text().slice(token.start, token.end))
    }

    /// One level deeper in a rule that nests.
    fn deeper(&mut self, rule: usize) -> Step<()> {
        let Some(depth) = self.depths.get_mut(rule) else { return Ok(()) };
        *depth += 1;
        if *depth <= DEEPEST {
            return Ok(());
        }
        self.errors.push((None, "expression recursion limit exceeded: 250".to_owned()));
        Err(Stop::Abort)
    }

    /// Out of a rule that went so many rounds.
    fn shallower(&mut self, rule: usize, rounds: u16) {
        if let Some(depth) = self.depths.get_mut(rule) {
            *depth = depth.saturating_sub(rounds);
        }
    }
}

fn escape(text: &str) -> String {
    let text = text.replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r");
    format!("'{text}'")
}

/// The names of tokens, in braces if there are several.
fn names(set: Set) -> String {
    let names: Vec<&str> =
        NAMES.iter().enumerate().filter(|(bit, _)| set >> bit & 1 != 0).map(|(_, name)| *name).collect();
    if names.len() == 1 { names.concat() } else { format!("{{{}}}", names.join(", ")) }
}
