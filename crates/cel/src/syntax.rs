//! From text to tree.

mod builder;
mod lexer;
mod macros;
mod parser;
mod unescape;

use crate::ast::Ast;
use crate::error::{Errors, Issues, Text};
use builder::Builder;
use seaworthy_object::Version;

/// What a server reads: cel-go's parser as a version of Kubernetes has it and sets it up.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// The server's version, which decides about the parser.
    pub server: Version,
    /// The version whose libraries there are, and with them their macros.
    pub libraries: Version,
}

impl Dialect {
    /// Whether the grammar has `` `a-b` `` (cel-go 0.23).
    fn escaped_identifiers(self) -> bool {
        self.server.minor() >= 33
    }

    /// An error of syntax as it is printed: before 0.23 cel-go took the text for a format of Go's.
    fn printed(self, (offset, message): (Option<u32>, String)) -> (Option<u32>, String) {
        if self.server.minor() >= 33 || !message.contains('%') {
            return (offset, message);
        }
        let mut out = String::new();
        let mut rest = message.chars();
        while let Some(char) = rest.next() {
            if char != '%' {
                out.push(char);
                continue;
            }
            match rest.find(|char| !matches!(char, '+' | '-' | '#' | ' ' | '0'..='9' | '.')) {
                Some('%') => out.push('%'),
                Some(verb) => out.extend(["%!", verb.encode_utf8(&mut [0; 4]), "(MISSING)"]),
                None => out.push_str("%!(NOVERB)"),
            }
        }
        (offset, out)
    }

    /// A message with the types as they are named: before 0.20 cel-go had another name for optional types.
    pub(crate) fn named(self, message: String) -> String {
        if self.server.minor() >= 31 { message } else { message.replace("optional_type(", "optional(") }
    }

    /// Whether the parser takes `` `a-b` `` (cel-go 0.29).
    fn takes_escaped_identifiers(self) -> bool {
        self.server.minor() >= 37
    }
}

/// Longer expressions are not read (cel-go's `ExpressionSizeCodePointLimit`).
const LONGEST: usize = 100_000;

/// More texts that are no tokens end the reading.
const MOST_UNREAD: usize = 100;

/// Reads an expression and expands its macros.
///
/// # Errors
///
/// What the server says to a text that is no expression.
pub fn parse(dialect: Dialect, source: &str) -> Result<Ast, Issues> {
    let text = Text::new(source);
    let mut errors = Errors::new(&text);
    let size = text.chars().len();
    if size > LONGEST {
        let limit = LONGEST;
        errors.report(None, format!("expression code point size exceeds limit: size: {size}, limit {limit}"));
        return Err(errors.finish());
    }
    let (tokens, unread) = lexer::tokens(&text, dialect.escaped_identifiers());
    let gaps: Vec<_> = unread.iter().map(|it| (it.start, it.end)).collect();
    let unread: Vec<_> = unread
        .into_iter()
        .map(|it| (Some(it.start), format!("Syntax error: token recognition error at: '{}'", it.text)))
        .collect();
    let mut builder = Builder::new(dialect, errors);
    let (syntax, root) = if unread.len() > MOST_UNREAD {
        (unread.into_iter().take(MOST_UNREAD + 1).collect(), None)
    } else {
        parser::read(&tokens, &gaps, &mut builder, unread)
    };
    builder.finish(syntax.into_iter().map(|error| dialect.printed(error)).collect(), root)
}

#[cfg(test)]
mod tests;
