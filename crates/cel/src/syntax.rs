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

    /// Whether the parser takes `` `a-b` `` (cel-go 0.29).
    fn takes_escaped_identifiers(self) -> bool {
        self.server.minor() >= 37
    }
}

/// Longer expressions are not read (cel-go's `ExpressionSizeCodePointLimit`).
const LONGEST: usize = 100_000;

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
    for unread in &unread {
        errors.report(Some(unread.start), format!("Syntax error: token recognition error at: '{}'", unread.text));
    }
    let mut builder = Builder::new(dialect, errors);
    let root = match parser::parse(&tokens, &mut builder) {
        Ok(root) => root,
        Err(parser::Failure::Syntax(token)) => {
            let place = tokens.get(token).map(|token| token.start);
            builder.errors.report(place, "Syntax error".to_owned());
            builder.nothing(0)
        }
        Err(parser::Failure::Depth) => {
            builder.errors.truncate(unread.len());
            builder.errors.report(None, "expression recursion limit exceeded: 250".to_owned());
            builder.nothing(0)
        }
    };
    builder.finish(root)
}

#[cfg(test)]
mod tests;
