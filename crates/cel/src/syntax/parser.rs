//! A descent through the grammar of cel-go's `parser/gen/CEL.g4`, for texts that follow it.
//!
//! Each function is a rule of the grammar. It counts how deep the rules nest as cel-go does, and gives up at the same
//! depth; so nothing here recurses deeper than that. A rule that is left-recursive is a loop. cel-go leaves such a rule
//! once for each round besides, which lets deeper nesting pass where it is counted; `expr` bounds it all the same.

use super::builder::{Builder, DEEPEST};
use super::lexer::{Kind, Token};
use crate::ast::{Entry, ExprId, FieldInit};

/// Why there is no tree.
pub(super) enum Failure {
    /// A token that does not follow the grammar.
    Syntax,
    /// Rules that nest too deep.
    Depth,
}

type Parsed<T> = Result<T, Failure>;

/// Reads all tokens as one expression.
pub(super) fn parse(tokens: &[Token], builder: &mut Builder<'_>) -> Parsed<ExprId> {
    let mut parser = Parser { tokens, at: 0, builder, expr: 0, relation: 0, calc: 0, member: 0 };
    let root = parser.expr()?;
    parser.take(Kind::Eof)?;
    Ok(root)
}

struct Parser<'a, 't> {
    tokens: &'a [Token],
    at: usize,
    builder: &'a mut Builder<'t>,
    /// How deep we are in each rule that nests; the others nest through these.
    expr: u16,
    relation: u16,
    calc: u16,
    member: u16,
}

/// One level deeper in a rule.
fn enter(depth: &mut u16) -> Parsed<()> {
    *depth += 1;
    if *depth > DEEPEST { Err(Failure::Depth) } else { Ok(()) }
}

/// Out of a rule that went so many rounds.
fn leave(depth: &mut u16, rounds: u16) {
    *depth = depth.saturating_sub(rounds);
}

impl Parser<'_, '_> {
    fn token(&self, ahead: usize) -> Token {
        let end = Token { kind: Kind::Eof, start: 0, end: 0 };
        self.tokens.get(self.at + ahead).or(self.tokens.last()).copied().unwrap_or(end)
    }

    fn peek(&self) -> Kind {
        self.token(0).kind
    }

    fn next(&mut self) -> Token {
        let token = self.token(0);
        self.at += 1;
        token
    }

    fn fail<T>() -> Parsed<T> {
        Err(Failure::Syntax)
    }

    fn take(&mut self, kind: Kind) -> Parsed<Token> {
        if self.peek() == kind { Ok(self.next()) } else { Self::fail() }
    }

    fn accept(&mut self, kind: Kind) -> bool {
        let there = self.peek() == kind;
        self.at += usize::from(there);
        there
    }

    fn text(&self, token: Token) -> String {
        self.builder.errors.text().slice(token.start, token.end)
    }

    fn expr(&mut self) -> Parsed<ExprId> {
        enter(&mut self.expr)?;
        let mut id = self.or()?;
        if self.peek() == Kind::Question {
            let operator = self.next();
            let then = self.or()?;
            self.take(Kind::Colon)?;
            let otherwise = self.expr()?;
            id = self.builder.operator(operator.start, "_?_:_", vec![id, then, otherwise]);
        }
        self.expr -= 1;
        Ok(id)
    }

    fn or(&mut self) -> Parsed<ExprId> {
        self.logic(Kind::Or, "_||_", |it| it.logic(Kind::And, "_&&_", Self::relation))
    }

    fn logic(&mut self, kind: Kind, function: &str, term: fn(&mut Self) -> Parsed<ExprId>) -> Parsed<ExprId> {
        let first = term(self)?;
        if self.peek() != kind {
            return Ok(first);
        }
        let (mut terms, mut operators) = (vec![first], Vec::new());
        while self.peek() == kind {
            operators.push(self.next().start);
            terms.push(term(self)?);
        }
        Ok(self.builder.logic(function, &terms, &operators))
    }

    fn relation(&mut self) -> Parsed<ExprId> {
        enter(&mut self.relation)?;
        let mut rounds: u16 = 1;
        let mut left = self.calc(0)?;
        while let Some(function) = relation_of(self.peek()) {
            rounds = rounds.saturating_add(1);
            let operator = self.next();
            enter(&mut self.relation)?;
            let right = self.calc(0)?;
            leave(&mut self.relation, 1);
            left = self.builder.operator(operator.start, function, vec![left, right]);
        }
        leave(&mut self.relation, rounds);
        Ok(left)
    }

    /// Operators that bind at least as strong as `least`.
    fn calc(&mut self, least: u8) -> Parsed<ExprId> {
        enter(&mut self.calc)?;
        let mut rounds: u16 = 1;
        let mut left = self.unary()?;
        while let Some((function, strength)) = calc_of(self.peek()).filter(|(_, strength)| *strength >= least) {
            rounds = rounds.saturating_add(1);
            let operator = self.next();
            let right = self.calc(strength + 1)?;
            left = self.builder.operator(operator.start, function, vec![left, right]);
        }
        leave(&mut self.calc, rounds);
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<ExprId> {
        let first = self.token(0);
        let function = match first.kind {
            Kind::Not => "!_",
            // A minus before a number is the number's.
            Kind::Minus if !matches!(self.token(1).kind, Kind::Int | Kind::Float) => "-_",
            _ => return self.member(),
        };
        let mut count = 0;
        while self.accept(first.kind) {
            count += 1;
        }
        let operand = self.member()?;
        if count % 2 == 0 {
            return Ok(operand);
        }
        Ok(self.builder.global_call(first.start, function, vec![operand]))
    }

    fn member(&mut self) -> Parsed<ExprId> {
        enter(&mut self.member)?;
        let mut rounds: u16 = 1;
        let mut id = self.primary()?;
        while matches!(self.peek(), Kind::Dot | Kind::LeftBracket) {
            rounds = rounds.saturating_add(1);
            let operator = self.next();
            id = if operator.kind == Kind::Dot { self.dot(operator, id)? } else { self.index(operator, id)? };
        }
        leave(&mut self.member, rounds);
        Ok(id)
    }

    fn dot(&mut self, operator: Token, operand: ExprId) -> Parsed<ExprId> {
        let optional = self.accept(Kind::Question);
        if !optional && self.peek() == Kind::Identifier && self.token(1).kind == Kind::LeftParen {
            let name = self.next();
            let name = self.text(name);
            let open = self.next();
            let args = self.arguments()?;
            return Ok(self.builder.member_call(open.start, &name, operand, args));
        }
        let (name, offset) = self.field_name()?;
        Ok(self.builder.select(operator.start, operand, (&name, offset), optional))
    }

    fn field_name(&mut self) -> Parsed<(String, u32)> {
        let token = self.token(0);
        if !matches!(token.kind, Kind::Identifier | Kind::Escaped) {
            return Self::fail();
        }
        self.at += 1;
        let mut name = self.text(token);
        if token.kind == Kind::Escaped {
            name = self.builder.escaped(token.start, &name);
        }
        Ok((name, token.start))
    }

    fn index(&mut self, operator: Token, operand: ExprId) -> Parsed<ExprId> {
        let function = if self.accept(Kind::Question) { "_[?_]" } else { "_[_]" };
        let index = self.expr()?;
        self.take(Kind::RightBracket)?;
        Ok(self.builder.operator(operator.start, function, vec![operand, index]))
    }

    /// Arguments after the opening parenthesis.
    fn arguments(&mut self) -> Parsed<Vec<ExprId>> {
        let mut args = Vec::new();
        if self.accept(Kind::RightParen) {
            return Ok(args);
        }
        args.push(self.expr()?);
        while self.accept(Kind::Comma) {
            args.push(self.expr()?);
        }
        self.take(Kind::RightParen)?;
        Ok(args)
    }

    fn primary(&mut self) -> Parsed<ExprId> {
        let first = self.token(0);
        match first.kind {
            Kind::Dot | Kind::Identifier => self.named(first),
            Kind::LeftParen => {
                self.at += 1;
                let id = self.expr()?;
                self.take(Kind::RightParen)?;
                Ok(id)
            }
            Kind::LeftBracket => self.list(),
            Kind::LeftBrace => self.map(),
            Kind::Minus if matches!(self.token(1).kind, Kind::Int | Kind::Float) => {
                self.at += 1;
                let number = self.next();
                let text = format!("-{}", self.text(number));
                Ok(self.builder.literal(first.start, number.kind, &text))
            }
            Kind::Int | Kind::Uint | Kind::Float | Kind::String | Kind::Bytes => {
                self.at += 1;
                let text = self.text(first);
                Ok(self.builder.literal(first.start, first.kind, &text))
            }
            Kind::True | Kind::False | Kind::Null => {
                self.at += 1;
                Ok(self.builder.literal(first.start, first.kind, ""))
            }
            _ => Self::fail(),
        }
    }

    /// A variable, a call or a struct.
    fn named(&mut self, first: Token) -> Parsed<ExprId> {
        let dot = if self.accept(Kind::Dot) { "." } else { "" };
        if self.is_message() {
            return self.message(dot);
        }
        let name = self.take(Kind::Identifier)?;
        let plain = self.text(name);
        if self.peek() != Kind::LeftParen {
            let reserved = self.builder.reserved(first.start, &plain);
            return Ok(reserved.unwrap_or_else(|| self.builder.ident(name.start, &format!("{dot}{plain}"))));
        }
        let open = self.next();
        let errors = self.builder.errors.len();
        let args = self.arguments()?;
        // What the arguments say does not matter then.
        if super::builder::is_reserved(&plain) {
            self.builder.errors.truncate(errors);
        }
        let reserved = self.builder.reserved(first.start, &plain);
        Ok(reserved.unwrap_or_else(|| self.builder.global_call(open.start, &format!("{dot}{plain}"), args)))
    }

    /// Whether names with dots between them and a brace follow.
    fn is_message(&self) -> bool {
        let mut ahead = 0;
        while self.token(ahead).kind == Kind::Identifier {
            match self.token(ahead + 1).kind {
                Kind::LeftBrace => return true,
                Kind::Dot => ahead += 2,
                _ => return false,
            }
        }
        false
    }

    fn message(&mut self, dot: &str) -> Parsed<ExprId> {
        let mut name = dot.to_owned();
        loop {
            let part = self.take(Kind::Identifier)?;
            name.push_str(&self.text(part));
            if !self.accept(Kind::Dot) {
                break;
            }
            name.push('.');
        }
        let open = self.take(Kind::LeftBrace)?;
        let mut fields = Vec::new();
        let mut more = !matches!(self.peek(), Kind::RightBrace | Kind::Comma);
        while more {
            let optional = self.accept(Kind::Question);
            let (name, _) = self.field_name()?;
            let colon = self.take(Kind::Colon)?;
            let value = self.expr()?;
            fields.push(FieldInit { name: name.as_str().into(), value, optional, offset: colon.start });
            more = self.another(Kind::RightBrace);
        }
        self.close(Kind::RightBrace)?;
        Ok(self.builder.message(open.start, &name, fields))
    }

    fn list(&mut self) -> Parsed<ExprId> {
        let open = self.take(Kind::LeftBracket)?;
        let (mut elements, mut optional) = (Vec::new(), Vec::new());
        let mut more = !matches!(self.peek(), Kind::RightBracket | Kind::Comma);
        while more {
            if self.accept(Kind::Question) {
                optional.push(u32::try_from(elements.len()).unwrap_or(u32::MAX));
            }
            elements.push(self.expr()?);
            more = self.another(Kind::RightBracket);
        }
        self.close(Kind::RightBracket)?;
        Ok(self.builder.list(open.start, elements, optional))
    }

    fn map(&mut self) -> Parsed<ExprId> {
        let open = self.take(Kind::LeftBrace)?;
        let mut entries = Vec::new();
        let mut more = !matches!(self.peek(), Kind::RightBrace | Kind::Comma);
        while more {
            let optional = self.accept(Kind::Question);
            let key = self.expr()?;
            self.take(Kind::Colon)?;
            let value = self.expr()?;
            entries.push(Entry { key, value, optional });
            more = self.another(Kind::RightBrace);
        }
        self.close(Kind::RightBrace)?;
        Ok(self.builder.map(open.start, entries))
    }

    /// Whether a comma is followed by another element; the last comma is left for [`close`](Self::close).
    fn another(&mut self, close: Kind) -> bool {
        self.token(1).kind != close && self.accept(Kind::Comma)
    }

    /// The end of a list, a map or a struct, which a comma may stand before.
    fn close(&mut self, kind: Kind) -> Parsed<()> {
        self.accept(Kind::Comma);
        self.take(kind)?;
        Ok(())
    }
}

/// The function of a relation.
pub(super) fn relation_of(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Equals => "_==_",
        Kind::NotEquals => "_!=_",
        Kind::In => "@in",
        Kind::Less => "_<_",
        Kind::LessEquals => "_<=_",
        Kind::GreaterEquals => "_>=_",
        Kind::Greater => "_>_",
        _ => return None,
    })
}

/// The function of an operator of arithmetic, and how strong it binds.
pub(super) fn calc_of(kind: Kind) -> Option<(&'static str, u8)> {
    Some(match kind {
        Kind::Star => ("_*_", 2),
        Kind::Slash => ("_/_", 2),
        Kind::Percent => ("_%_", 2),
        Kind::Plus => ("_+_", 1),
        Kind::Minus => ("_-_", 1),
        _ => return None,
    })
}
