//! The rules of the grammar, with the numbers of their places.

mod aggregates;

use super::{END, Place, Reader, Set, Step, Stop, one};
use crate::ast::{ExprId, Literal};
use crate::error::NOWHERE;
use crate::syntax::builder::is_reserved;
use crate::syntax::lexer::{Kind, Token};

const RELATIONS: Set = one(Kind::Equals)
    | one(Kind::NotEquals)
    | one(Kind::In)
    | one(Kind::Less)
    | one(Kind::LessEquals)
    | one(Kind::GreaterEquals)
    | one(Kind::Greater);
const PRODUCTS: Set = one(Kind::Star) | one(Kind::Slash) | one(Kind::Percent);
const SUMS: Set = one(Kind::Plus) | one(Kind::Minus);
const NUMBERS: Set = one(Kind::Int) | one(Kind::Float);
const LITERALS: Set = NUMBERS
    | one(Kind::Minus)
    | one(Kind::Uint)
    | one(Kind::String)
    | one(Kind::Bytes)
    | one(Kind::True)
    | one(Kind::False)
    | one(Kind::Null);
const PRIMARY: Set = LITERALS
    | one(Kind::Dot)
    | one(Kind::Identifier)
    | one(Kind::LeftParen)
    | one(Kind::LeftBracket)
    | one(Kind::LeftBrace);
const EXPR: Set = PRIMARY | one(Kind::Not);
const OPTIONAL_EXPR: Set = EXPR | one(Kind::Question);
const COMMA: Set = one(Kind::Comma);
const COLON: Set = one(Kind::Colon);
const SUFFIX: Set = one(Kind::Dot) | one(Kind::LeftBracket) | END;
const FIELD_NAME: Set = one(Kind::Identifier) | one(Kind::Escaped);

/// What cel-go says of a name that could not be read.
const NO_NAME: &str = "unsupported ident kind";

const RULE_EXPR: usize = 0;
const RULE_RELATION: usize = 1;
const RULE_CALC: usize = 2;
const RULE_MEMBER: usize = 3;

impl Reader<'_, '_> {
    pub(super) fn start(&mut self) -> Step<ExprId> {
        let mut id = None;
        // Nothing follows: the end is expected within.
        self.follow.clear();
        let mut body = |it: &mut Self| {
            it.state = 34;
            id = Some(it.expr(one(Kind::Eof))?);
            it.take(35, Kind::Eof, END).map(|_| ())
        };
        if let Err(stop) = body(self) {
            self.go_on(stop)?;
        }
        Ok(self.or_nothing(id))
    }

    /// What a field's name can be, which before cel-go 0.23 was no escaped one.
    fn field_names(&self) -> Set {
        if self.builder.dialect.escaped_identifiers() { FIELD_NAME } else { one(Kind::Identifier) }
    }

    /// What stands for a name that could not be read; before cel-go 0.23 it was no error of its own.
    fn no_name(&mut self, offset: u32) -> ExprId {
        if self.field_names() == FIELD_NAME {
            self.builder.fail(offset, NO_NAME.to_owned())
        } else {
            self.builder.nothing(offset)
        }
    }

    /// What a field begins with.
    fn fields_first(&self) -> Set {
        self.field_names() | one(Kind::Question)
    }

    fn or_nothing(&mut self, id: Option<ExprId>) -> ExprId {
        id.unwrap_or_else(|| self.builder.nothing(NOWHERE))
    }

    fn text(&self, token: Token) -> String {
        self.builder.errors.text().slice(token.start, token.end)
    }

    fn expr(&mut self, follow: Set) -> Step<ExprId> {
        self.deeper(RULE_EXPR)?;
        let called = self.state;
        let (mut condition, mut operator, mut branches) = (None, None, Vec::new());
        self.rule(follow, &mut |it| {
            it.state = 37;
            condition = Some(it.or(one(Kind::Question) | END)?);
            it.sync(43, one(Kind::Question) | END, Place::Block)?;
            if it.sees(one(Kind::Question)) {
                operator = Some(it.take_any(38));
                it.state = 39;
                branches.push(it.or(COLON)?);
                it.take(40, Kind::Colon, EXPR)?;
                it.state = 41;
                branches.push(it.expr(END)?);
            }
            Ok(())
        })?;
        self.shallower(RULE_EXPR, 1);
        self.state = called;
        let condition = self.or_nothing(condition);
        let Some(operator) = operator else { return Ok(condition) };
        let [then, otherwise] = [0, 1].map(|branch| branches.get(branch).copied());
        let args = vec![condition, self.or_nothing(then), self.or_nothing(otherwise)];
        Ok(self.builder.operator(operator.start, "_?_:_", args))
    }

    fn or(&mut self, follow: Set) -> Step<ExprId> {
        self.logic(follow, Kind::Or, "_||_", [45, 50, 47, 52], Self::and)
    }

    fn and(&mut self, follow: Set) -> Step<ExprId> {
        self.logic(follow, Kind::And, "_&&_", [53, 58, 55, 60], |it, follow| it.relation(follow, 0))
    }

    fn logic(
        &mut self,
        follow: Set,
        kind: Kind,
        function: &str,
        [first, entry, next, end]: [u16; 4],
        term: fn(&mut Self, Set) -> Step<ExprId>,
    ) -> Step<ExprId> {
        let called = self.state;
        let (mut terms, mut operators) = (Vec::new(), Vec::new());
        self.rule(follow, &mut |it| {
            it.state = first;
            terms.push(term(it, one(kind) | END)?);
            it.sync(entry, one(kind) | END, Place::Block)?;
            while it.sees(one(kind)) {
                operators.push(it.take_any(next - 1).start);
                it.state = next;
                terms.push(term(it, one(kind) | END)?);
                it.sync(end, one(kind) | END, Place::LoopEnd)?;
            }
            Ok(())
        })?;
        self.state = called;
        match terms.as_slice() {
            [] => Ok(self.or_nothing(None)),
            [term] => Ok(*term),
            _ => Ok(self.builder.logic(function, &terms, &operators)),
        }
    }

    fn relation(&mut self, follow: Set, least: u8) -> Step<ExprId> {
        self.deeper(RULE_RELATION)?;
        let (mut left, mut rounds) = (None, 1u16);
        self.rule(follow, &mut |it| {
            it.state = 62;
            left = Some(it.calc(RELATIONS | END, 0)?);
            while least <= 1 && it.sees(RELATIONS) {
                rounds = rounds.saturating_add(1);
                let operator = it.take_any(65);
                it.state = 66;
                let right = it.relation(RELATIONS | END, 2)?;
                let before = it.or_nothing(left);
                let function = relation_of(operator.kind).unwrap_or_default();
                left = Some(it.builder.operator(operator.start, function, vec![before, right]));
            }
            Ok(())
        })?;
        self.shallower(RULE_RELATION, rounds);
        Ok(self.or_nothing(left))
    }

    fn calc(&mut self, follow: Set, least: u8) -> Step<ExprId> {
        self.deeper(RULE_CALC)?;
        let (mut left, mut rounds) = (None, 1u16);
        self.rule(follow, &mut |it| {
            it.state = 73;
            left = Some(it.unary(PRODUCTS | SUMS | END)?);
            loop {
                let found = calc_of(it.token(0).kind);
                let Some((function, strength)) = found.filter(|(_, strength)| *strength >= least) else {
                    return Ok(());
                };
                rounds = rounds.saturating_add(1);
                let operator = it.take_any(if strength == 2 { 76 } else { 79 });
                it.state = if strength == 2 { 77 } else { 80 };
                let right = it.calc(PRODUCTS | SUMS | END, strength + 1)?;
                let before = it.or_nothing(left);
                left = Some(it.builder.operator(operator.start, function, vec![before, right]));
            }
        })?;
        self.shallower(RULE_CALC, rounds);
        Ok(self.or_nothing(left))
    }

    fn unary(&mut self, follow: Set) -> Step<ExprId> {
        let called = self.state;
        let first = self.token(0);
        let (mut id, mut operators) = (None, Vec::new());
        self.rule(follow, &mut |it| {
            it.sync(99, EXPR, Place::Block)?;
            match it.token(0).kind {
                Kind::Not => {
                    while it.sees(one(Kind::Not)) {
                        operators.push(it.take_any(87));
                        it.sync(90, EXPR, Place::LoopEnd)?;
                    }
                    it.state = 92;
                }
                Kind::Minus if !it.next_in(NUMBERS) => {
                    it.viable_after_minus()?;
                    loop {
                        operators.push(it.take_any(93));
                        it.sync(96, PRIMARY, Place::LoopEnd)?;
                        if !it.sees(PRIMARY) {
                            return Err(Stop::NoViable(it.token(0), it.token(0)));
                        }
                        if !it.sees(one(Kind::Minus)) {
                            break;
                        }
                        it.viable_after_minus()?;
                    }
                    it.state = 98;
                }
                _ if it.sees(PRIMARY) => it.state = 86,
                _ => return Err(Stop::NoViable(it.token(0), it.token(0))),
            }
            id = Some(it.member(END)?);
            Ok(())
        })?;
        self.state = called;
        // cel-go stands a constant where no operand could be read.
        let id = match id {
            Some(id) => id,
            None => {
                let literal = Literal::String("<<error>>".into());
                self.builder.add(first.start, crate::ast::ExprKind::Literal(literal))
            }
        };
        match operators.first() {
            Some(operator) if operators.len() % 2 == 1 => {
                let function = if operator.kind == Kind::Not { "!_" } else { "-_" };
                Ok(self.builder.global_call(operator.start, function, vec![id]))
            }
            _ => Ok(id),
        }
    }

    /// What comes after a minus must begin an operand, which is seen before the minus is taken.
    fn viable_after_minus(&self) -> Step<()> {
        if self.next_in(PRIMARY) { Ok(()) } else { Err(Stop::NoViable(self.token(0), self.token(1))) }
    }

    fn member(&mut self, follow: Set) -> Step<ExprId> {
        self.deeper(RULE_MEMBER)?;
        let (mut id, mut rounds) = (None, 1u16);
        self.rule(follow, &mut |it| {
            it.state = 102;
            id = Some(it.primary(SUFFIX)?);
            while it.sees(SUFFIX) {
                it.state = 126;
                let operand = it.or_nothing(id);
                if it.sees(one(Kind::Dot)) && !it.next_in(it.fields_first()) {
                    return Err(Stop::NoViable(it.token(0), it.token(1)));
                }
                rounds = rounds.saturating_add(1);
                // What is there of a suffix that ends early is nothing.
                id = Some(it.builder.nothing(NOWHERE));
                it.suffix(operand, &mut id)?;
            }
            Ok(())
        })?;
        self.shallower(RULE_MEMBER, rounds);
        Ok(self.or_nothing(id))
    }

    fn suffix(&mut self, operand: ExprId, id: &mut Option<ExprId>) -> Step<()> {
        if self.sees(one(Kind::LeftBracket)) {
            let open = self.take_any(119);
            let nothing = self.builder.nothing(NOWHERE);
            *id = Some(self.builder.operator(open.start, "_[_]", vec![operand, nothing]));
            self.sync(121, OPTIONAL_EXPR, Place::Block)?;
            let optional = self.accept(120, Kind::Question);
            self.state = 123;
            let index = self.expr(one(Kind::RightBracket))?;
            let function = if optional { "_[?_]" } else { "_[_]" };
            *id = Some(self.builder.operator(open.start, function, vec![operand, index]));
            return self.take(124, Kind::RightBracket, SUFFIX).map(|_| ());
        }
        if self.next_in(one(Kind::Identifier)) && self.token(2).kind == Kind::LeftParen {
            self.take_any(111);
            let name = self.take_any(112);
            let name = self.text(name);
            let open = self.take_any(113);
            let (args, end) = self.arguments([115, 114, 117], SUFFIX)?;
            *id = Some(self.builder.member_call(open.start, &name, operand, args));
            return end;
        }
        let dot = self.take_any(105);
        self.sync(107, self.fields_first(), Place::Block)?;
        let optional = self.accept(106, Kind::Question);
        self.state = 109;
        let (name, offset) = self.field_name(SUFFIX)?;
        if name.is_none() {
            *id = Some(self.no_name(offset));
        }
        if name.is_some() || self.field_names() == FIELD_NAME {
            let name = name.unwrap_or_default();
            *id = Some(self.builder.select(dot.start, operand, (&name, offset), optional));
        }
        Ok(())
    }

    fn accept(&mut self, state: u16, kind: Kind) -> bool {
        let there = self.sees(one(kind));
        if there {
            self.take_any(state);
        }
        there
    }

    /// Arguments after the parenthesis, and how the closing one went.
    fn arguments(&mut self, [before, list, close]: [u16; 3], after: Set) -> Step<(Vec<ExprId>, Step<()>)> {
        let mut args = Vec::new();
        match self.sync(before, EXPR | one(Kind::RightParen), Place::Block) {
            Err(Stop::Abort) => return Err(Stop::Abort),
            Err(stop) => return Ok((args, Err(stop))),
            Ok(()) => {}
        }
        if self.sees(EXPR) {
            self.state = list;
            self.expr_list(&mut args)?;
        }
        let end = match self.take(close, Kind::RightParen, after) {
            Err(Stop::Abort) => return Err(Stop::Abort),
            end => end.map(|_| ()),
        };
        Ok((args, end))
    }

    fn expr_list(&mut self, args: &mut Vec<ExprId>) -> Step<()> {
        let called = self.state;
        self.rule(one(Kind::RightParen), &mut |it| {
            it.state = 186;
            args.push(it.expr(COMMA | END)?);
            while it.sees(COMMA) {
                it.take_any(187);
                it.state = 188;
                args.push(it.expr(COMMA | END)?);
            }
            Ok(())
        })?;
        self.state = called;
        Ok(())
    }

    /// `escapeIdent`, and where it begins; before cel-go 0.23 there was only a token.
    fn field_name(&mut self, follow: Set) -> Step<(Option<String>, u32)> {
        let mut found = None;
        let (called, start) = (self.state, self.token(0).start);
        if self.field_names() == FIELD_NAME {
            self.rule(follow, &mut |it| {
                it.sync(235, FIELD_NAME, Place::Block)?;
                if !it.sees(FIELD_NAME) {
                    return Err(Stop::NoViable(it.token(0), it.token(0)));
                }
                found = Some(it.take_any(233));
                Ok(())
            })?;
        } else {
            found = self.take(called, Kind::Identifier, follow)?;
        }
        self.state = called;
        let name = found.map(|token| {
            let text = self.text(token);
            if token.kind == Kind::Escaped { self.builder.escaped(token.start, &text) } else { text }
        });
        Ok((name, start))
    }

    fn primary(&mut self, follow: Set) -> Step<ExprId> {
        let called = self.state;
        let mut id = None;
        self.rule(follow, &mut |it| {
            it.sync(184, PRIMARY, Place::Block)?;
            match it.token(0).kind {
                Kind::LeftParen => {
                    it.take_any(144);
                    it.state = 145;
                    id = Some(it.expr(one(Kind::RightParen))?);
                    it.take(146, Kind::RightParen, END).map(|_| ())
                }
                Kind::LeftBracket => it.list(&mut id),
                Kind::LeftBrace => it.map(&mut id),
                Kind::Dot | Kind::Identifier => it.named(&mut id),
                _ if it.sees(LITERALS) => {
                    it.state = 183;
                    it.literal(&mut id)
                }
                _ => Err(Stop::NoViable(it.token(0), it.token(0))),
            }
        })?;
        self.state = called;
        Ok(self.or_nothing(id))
    }

    fn literal(&mut self, id: &mut Option<ExprId>) -> Step<()> {
        self.rule(END, &mut |it| {
            let sign = it.token(0);
            let negative = sign.kind == Kind::Minus;
            if negative && !it.next_in(NUMBERS) {
                return Err(Stop::NoViable(sign, it.token(1)));
            }
            let minus = if it.accept(242, Kind::Minus) { "-" } else { "" };
            let token = it.take_any(245);
            let text = [minus, &it.text(token)].concat();
            *id = Some(it.builder.literal(sign.start, token.kind, &text));
            Ok(())
        })
    }

    fn named(&mut self, id: &mut Option<ExprId>) -> Step<()> {
        let first = self.token(0);
        let dotted = usize::from(first.kind == Kind::Dot);
        if self.token(dotted).kind != Kind::Identifier {
            return Err(Stop::NoViable(first, self.token(1)));
        }
        if self.is_message(dotted) {
            return self.message(dotted == 1, id);
        }
        let dot = if self.accept(131, Kind::Dot) { "." } else { "" };
        let name = self.take_any(134);
        let plain = self.text(name);
        let full = [dot, &plain].concat();
        if !self.sees(one(Kind::LeftParen)) {
            let reserved = self.builder.reserved(first.start, &plain);
            *id = Some(reserved.unwrap_or_else(|| self.builder.ident(name.start, &full)));
            return Ok(());
        }
        let open = self.take_any(139);
        let errors = self.builder.errors.len();
        let (args, end) = self.arguments([141, 140, 143], END)?;
        if is_reserved(&plain) {
            self.builder.errors.truncate(errors);
        }
        let reserved = self.builder.reserved(first.start, &plain);
        *id = Some(reserved.unwrap_or_else(|| self.builder.global_call(open.start, &full, args)));
        end
    }

    fn is_message(&self, mut ahead: usize) -> bool {
        while self.token(ahead).kind == Kind::Identifier {
            match self.token(ahead + 1).kind {
                Kind::LeftBrace => return true,
                Kind::Dot => ahead += 2,
                _ => return false,
            }
        }
        false
    }
}

/// The function of a relation.
fn relation_of(kind: Kind) -> Option<&'static str> {
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
fn calc_of(kind: Kind) -> Option<(&'static str, u8)> {
    Some(match kind {
        Kind::Star => ("_*_", 2),
        Kind::Slash => ("_/_", 2),
        Kind::Percent => ("_%_", 2),
        Kind::Plus => ("_+_", 1),
        Kind::Minus => ("_-_", 1),
        _ => return None,
    })
}
