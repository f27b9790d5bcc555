//! What a well-typed expression may still not say (cel-go's `cel/validator.go` and `ext/formatting.go`).

use super::format::check_format;
use crate::ast::{Ast, ExprId, ExprKind, Literal};
use crate::environment::Environment;
use crate::error::{Errors, Issues, Text};
use crate::syntax::Dialect;
use crate::types::Type;
use crate::value::Timestamp;

/// Mixed lists and maps, constants that do not convert, and format strings that do not fit their arguments.
pub(super) fn validate(environment: &Environment, ast: &Ast, types: &[Type], text: &Text) -> Result<(), Issues> {
    let dialect = environment.dialect();
    let mut validator = Validator {
        ast,
        types,
        errors: Errors::new(text),
        dialect,
        literals: dialect.libraries.minor() >= 29,
        // cel-go 0.20 has it.
        formats: dialect.libraries.minor() >= 29 && dialect.server.minor() >= 31,
    };
    validator.visit(ast.root(), false);
    if validator.errors.is_empty() { Ok(()) } else { Err(validator.errors.finish()) }
}

pub(super) struct Validator<'a> {
    pub(super) ast: &'a Ast,
    types: &'a [Type],
    pub(super) errors: Errors<'a>,
    dialect: Dialect,
    literals: bool,
    formats: bool,
}

impl Validator<'_> {
    pub(super) fn type_of(&self, id: ExprId) -> &Type {
        self.types.get(id.index()).unwrap_or(&Type::Dyn)
    }

    pub(super) fn fail(&mut self, id: ExprId, message: String) {
        let message = self.dialect.named(message);
        self.errors.report(Some(self.ast.get(id).offset), message);
    }

    /// `in_format` says whether the node is within a call of `format`, whose arguments may be mixed.
    fn visit(&mut self, id: ExprId, in_format: bool) {
        let ast = self.ast;
        let mut within = in_format;
        match ast.kind(id) {
            ExprKind::List { elements, optional } if !in_format => self.list(elements, optional),
            ExprKind::Map(entries) if !in_format => {
                let first = entries.first();
                for entry in entries.iter().skip(1) {
                    let Some(first) = first else { continue };
                    self.same(self.type_of(first.key).clone(), entry.key, self.type_of(entry.key).clone());
                    let expected = unwrapped(self.type_of(first.value), first.optional);
                    self.same(expected, entry.value, unwrapped(self.type_of(entry.value), entry.optional));
                }
            }
            ExprKind::Call { function, target, args } => {
                self.call(id, function, *target, args);
                within = within || **function == *"format";
            }
            _ => {}
        }
        let mut children = Vec::new();
        ast.children(id, &mut |child| children.push(child));
        for child in children {
            self.visit(child, within);
        }
    }

    /// Elements are of one type; the first that is not is named.
    #[inline(never)]
    fn list(&mut self, elements: &[ExprId], optional: &[u32]) {
        let mut expected = None;
        for (index, element) in (0u32..).zip(elements) {
            let ty = unwrapped(self.type_of(*element), optional.binary_search(&index).is_ok());
            match &expected {
                None => expected = Some(ty),
                Some(expected) => {
                    if !self.same(expected.clone(), *element, ty) {
                        return;
                    }
                }
            }
        }
    }

    #[inline(never)]
    fn same(&mut self, expected: Type, id: ExprId, found: Type) -> bool {
        let same = expected == found;
        if !same {
            self.fail(id, format!("expected type '{expected}' but found '{found}'"));
        }
        same
    }

    #[inline(never)]
    fn call(&mut self, id: ExprId, function: &str, target: Option<ExprId>, args: &[ExprId]) {
        let Some(first) = args.first() else { return };
        if function == "format" && self.formats {
            return check_format(self, id, target, args);
        }
        let ExprKind::Literal(literal) = self.ast.kind(*first) else { return };
        let valid = match (function, literal) {
            ("duration", Literal::String(text)) => crate::constants::is_duration(text),
            ("timestamp", Literal::String(text)) => crate::constants::is_timestamp(text),
            ("timestamp", Literal::Int(seconds)) => Timestamp::new(*seconds, 0).is_some(),
            ("matches", Literal::String(text)) => crate::constants::is_regex(text),
            // No server has one that gives a duration of a number, but those before 1.37 declare it.
            ("duration", Literal::Int(_)) | ("duration" | "timestamp", Literal::Null) => false,
            _ => true,
        };
        if self.literals && !valid {
            self.fail(*first, format!("invalid {function} argument"));
        }
    }
}

fn unwrapped(ty: &Type, optional: bool) -> Type {
    match ty.in_optional() {
        Some(inner) if optional => inner.clone(),
        _ => ty.clone(),
    }
}
