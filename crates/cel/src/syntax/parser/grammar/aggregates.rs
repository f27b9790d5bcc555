//! Lists, maps and structs.

use super::{COLON, COMMA, END, EXPR, OPTIONAL_EXPR, Place, Reader, Set, Step, one};
use crate::ast::{Entry, ExprId, FieldInit};
use crate::syntax::lexer::Kind;

impl Reader<'_, '_> {
    pub(super) fn message(&mut self, dotted: bool, id: &mut Option<ExprId>) -> Step<()> {
        let mut name = String::new();
        // All of this is there: it was seen before.
        while !self.sees(one(Kind::LeftBrace)) {
            let part = self.take_any(if dotted && name.is_empty() { 164 } else { 167 });
            name.push_str(&self.text(part));
        }
        let open = self.take_any(175);
        *id = Some(self.builder.message(open.start, &name, Vec::new()));
        let mut fields = Vec::new();
        self.sync(177, self.fields_first() | COMMA | one(Kind::RightBrace), Place::Block)?;
        if self.sees(self.fields_first()) {
            self.state = 176;
            self.fields(&mut fields)?;
        }
        let end = self.close([180, 179, 182], Kind::RightBrace);
        *id = Some(self.builder.message(open.start, &name, fields));
        end
    }

    fn fields(&mut self, fields: &mut Vec<FieldInit>) -> Step<()> {
        let (called, start) = (self.state, self.token(0).start);
        self.rule(COMMA | one(Kind::RightBrace), &mut |it| {
            it.state = 202;
            loop {
                let errors = it.builder.errors.len();
                let (name, optional) = it.optional_field()?;
                let colon = it.take(203, Kind::Colon, EXPR).inspect_err(|_| it.builder.errors.truncate(errors))?;
                it.state = 204;
                let value = it.expr(COMMA | END)?;
                let offset = colon.map_or(start, |colon| colon.start);
                match name {
                    Some(name) => fields.push(FieldInit { name: name.as_str().into(), value, optional, offset }),
                    None => {
                        it.no_name(start);
                    }
                }
                if !(it.sees(COMMA) && it.next_in(it.fields_first())) {
                    return Ok(());
                }
                it.take_any(205);
                it.state = 206;
            }
        })?;
        self.state = called;
        Ok(())
    }

    fn optional_field(&mut self) -> Step<(Option<String>, bool)> {
        let called = self.state;
        let (mut found, mut optional) = (None, false);
        self.rule(COLON, &mut |it| {
            it.sync(216, it.fields_first(), Place::Block)?;
            optional = it.accept(215, Kind::Question);
            it.state = 218;
            found = it.field_name(END)?.0;
            Ok(())
        })?;
        self.state = called;
        Ok((found, optional))
    }

    pub(super) fn list(&mut self, id: &mut Option<ExprId>) -> Step<()> {
        let open = self.take_any(148);
        *id = Some(self.builder.list(open.start, Vec::new(), Vec::new()));
        let (mut elements, mut optional) = (Vec::new(), Vec::new());
        self.sync(150, OPTIONAL_EXPR | COMMA | one(Kind::RightBracket), Place::Block)?;
        if self.sees(OPTIONAL_EXPR) {
            self.state = 149;
            self.elements(&mut elements, &mut optional)?;
        }
        let end = self.close([153, 152, 155], Kind::RightBracket);
        *id = Some(self.builder.list(open.start, elements, optional));
        end
    }

    fn elements(&mut self, elements: &mut Vec<ExprId>, optional: &mut Vec<u32>) -> Step<()> {
        let called = self.state;
        self.rule(COMMA | one(Kind::RightBracket), &mut |it| {
            it.state = 194;
            loop {
                let (element, is_optional) = it.optional_expr(COMMA | END)?;
                if is_optional {
                    optional.push(u32::try_from(elements.len()).unwrap_or(u32::MAX));
                }
                elements.push(element);
                if !(it.sees(COMMA) && it.next_in(OPTIONAL_EXPR)) {
                    return Ok(());
                }
                it.take_any(195);
                it.state = 196;
            }
        })?;
        self.state = called;
        Ok(())
    }

    fn optional_expr(&mut self, follow: Set) -> Step<(ExprId, bool)> {
        let called = self.state;
        let (mut id, mut optional) = (None, false);
        self.rule(follow, &mut |it| {
            it.sync(238, OPTIONAL_EXPR, Place::Block)?;
            optional = it.accept(237, Kind::Question);
            it.state = 240;
            id = Some(it.expr(END)?);
            Ok(())
        })?;
        self.state = called;
        Ok((self.or_nothing(id), optional))
    }

    pub(super) fn map(&mut self, id: &mut Option<ExprId>) -> Step<()> {
        let open = self.take_any(156);
        *id = Some(self.builder.map(open.start, Vec::new()));
        let mut entries = Vec::new();
        self.sync(158, OPTIONAL_EXPR | COMMA | one(Kind::RightBrace), Place::Block)?;
        if self.sees(OPTIONAL_EXPR) {
            self.state = 157;
            self.entries(&mut entries)?;
        }
        let end = self.close([161, 160, 163], Kind::RightBrace);
        *id = Some(self.builder.map(open.start, entries));
        end
    }

    fn entries(&mut self, entries: &mut Vec<Entry>) -> Step<()> {
        let called = self.state;
        self.rule(COMMA | one(Kind::RightBrace), &mut |it| {
            it.state = 220;
            loop {
                let errors = it.builder.errors.len();
                let (key, optional) = it.optional_expr(COLON)?;
                // A key alone is not looked at.
                it.take(221, Kind::Colon, EXPR).inspect_err(|_| it.builder.errors.truncate(errors))?;
                it.state = 222;
                let value = it.expr(COMMA | END)?;
                entries.push(Entry { key, value, optional });
                if !(it.sees(COMMA) && it.next_in(OPTIONAL_EXPR)) {
                    return Ok(());
                }
                it.take_any(223);
                it.state = 224;
            }
        })?;
        self.state = called;
        Ok(())
    }

    /// The end of a list, a map or a struct, which a comma may stand before.
    fn close(&mut self, [before, comma, close]: [u16; 3], kind: Kind) -> Step<()> {
        self.sync(before, COMMA | one(kind), Place::Block)?;
        self.accept(comma, Kind::Comma);
        self.take(close, kind, END).map(|_| ())
    }
}
