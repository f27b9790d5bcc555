//! Macros: calls that the parser replaces (cel-go's `parser/macro.go`, `cel/library.go`, `ext/comprehensions.go` and
//! `ext/lists.go`).

use super::builder::{Builder, call};
use crate::ast::{Comprehension, Entry, ExprId, ExprKind, FieldInit, Literal};
use std::sync::Arc;

/// What becomes of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Macro {
    Has,
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
    TransformList,
    TransformMap,
    TransformMapEntry,
    OptMap,
    OptFlatMap,
    SortBy,
}

/// Function, how many arguments, whether it is a member, what it becomes, the libraries that have it.
type Row = (&'static str, usize, bool, Macro, u8);

const MACROS: &[Row] = &[
    ("has", 1, false, Macro::Has, 0),
    ("all", 2, true, Macro::All, 0),
    ("exists", 2, true, Macro::Exists, 0),
    ("exists_one", 2, true, Macro::ExistsOne, 0),
    ("map", 2, true, Macro::Map, 0),
    ("map", 3, true, Macro::Map, 0),
    ("filter", 2, true, Macro::Filter, 0),
    ("optMap", 2, true, Macro::OptMap, 28),
    ("optFlatMap", 2, true, Macro::OptFlatMap, 28),
    ("all", 3, true, Macro::All, 32),
    ("exists", 3, true, Macro::Exists, 32),
    ("exists_one", 3, true, Macro::ExistsOne, 32),
    ("existsOne", 3, true, Macro::ExistsOne, 32),
    ("transformList", 3, true, Macro::TransformList, 32),
    ("transformList", 4, true, Macro::TransformList, 32),
    ("transformMap", 3, true, Macro::TransformMap, 32),
    ("transformMap", 4, true, Macro::TransformMap, 32),
    ("transformMapEntry", 3, true, Macro::TransformMapEntry, 32),
    ("transformMapEntry", 4, true, Macro::TransformMapEntry, 32),
    ("sortBy", 2, true, Macro::SortBy, 34),
];

/// The accumulator, a name that nobody can write, and the one of earlier versions, which is refused as well.
const ACCUMULATOR: &str = "@result";
const FORMER_ACCUMULATOR: &str = "__result__";

/// The loop variable of what never loops.
const UNUSED: &str = "#unused";

const NOT_SIMPLE: &str = "argument must be a simple name";
const NOT_IDENTIFIER: &str = "argument is not an identifier";
const OVERWRITES: &str = "iteration variable overwrites accumulator variable";

/// What is wrong with a macro's call, and where.
type Refusal = (u32, String);

impl Builder<'_> {
    /// What the macro of a call makes of it, if it has one.
    pub(super) fn expand(
        &mut self,
        offset: u32,
        function: &str,
        target: Option<ExprId>,
        args: &[ExprId],
    ) -> Option<ExprId> {
        let dialect = self.dialect;
        let (.., expansion, _) = MACROS.iter().find(|(name, count, member, _, since)| {
            *name == function
                && *count == args.len()
                && *member == target.is_some()
                && *since <= dialect.libraries.minor()
        })?;
        let target = target.unwrap_or(ExprId::at(0));
        let mut expansion_of = Expansion { builder: self, offset };
        match expansion_of.expand(*expansion, target, args) {
            Ok(id) => Some(id),
            Err((offset, message)) => Some(self.fail(offset, message)),
        }
    }
}

/// One expansion; all nodes it makes have the place of the call.
struct Expansion<'b, 't> {
    builder: &'b mut Builder<'t>,
    offset: u32,
}

impl Expansion<'_, '_> {
    fn expand(&mut self, expansion: Macro, target: ExprId, args: &[ExprId]) -> Result<ExprId, Refusal> {
        match (expansion, args) {
            (Macro::Has, [field]) => self.has(*field),
            (Macro::All | Macro::Exists | Macro::ExistsOne, [name, predicate]) => {
                let name = self.name(*name, NOT_SIMPLE)?;
                Ok(self.quantifier(expansion, target, (name, None), *predicate))
            }
            (Macro::Map | Macro::Filter, [name, rest @ ..]) => {
                let variable = self.name(*name, NOT_IDENTIFIER)?;
                let (filter, value) = match (expansion, rest) {
                    (Macro::Filter, [filter]) => (Some(*filter), *name),
                    (_, [filter, value]) => (Some(*filter), *value),
                    (_, [value, ..]) => (None, *value),
                    (_, []) => (None, *name),
                };
                Ok(self.collect(target, (variable, None), filter, value))
            }
            (Macro::OptMap | Macro::OptFlatMap, [name, value]) => self.optional(expansion, target, *name, *value),
            (Macro::SortBy, [name, key]) => self.sort_by(target, *name, *key),
            (_, [first, second, rest @ ..]) => self.two_variables(expansion, target, (*first, *second), rest),
            _ => Err((self.offset, NOT_SIMPLE.to_owned())),
        }
    }

    fn has(&mut self, field: ExprId) -> Result<ExprId, Refusal> {
        let ExprKind::Select { operand, field, .. } = self.builder.kind(field).clone() else {
            return Err((self.builder.offset(field), "invalid argument to has() macro".to_owned()));
        };
        Ok(self.add(ExprKind::Select { operand, field, test_only: true }))
    }

    fn two_variables(
        &mut self,
        expansion: Macro,
        target: ExprId,
        (first, second): (ExprId, ExprId),
        rest: &[ExprId],
    ) -> Result<ExprId, Refusal> {
        let simple = |it: &Self, id: ExprId| match it.builder.kind(id) {
            ExprKind::Ident(name) => Ok(name.clone()),
            _ => Err((it.builder.offset(id), NOT_SIMPLE.to_owned())),
        };
        let names = (simple(self, first)?, simple(self, second)?);
        if names.0 == names.1 {
            return Err((self.builder.offset(second), format!("duplicate variable name: {}", names.0)));
        }
        if self.builder.dialect.server.minor() >= 33 {
            self.name(first, NOT_SIMPLE)?;
            self.name(second, NOT_SIMPLE)?;
        }
        let (filter, value) = match rest {
            [filter, value] => (Some(*filter), *value),
            _ => (None, rest.first().copied().unwrap_or(first)),
        };
        let variables = (names.0.clone(), Some(names.1));
        Ok(match expansion {
            Macro::TransformList => self.collect(target, variables, filter, value),
            Macro::TransformMap | Macro::TransformMapEntry => {
                let mut arguments = vec![self.accumulator()];
                if expansion == Macro::TransformMap {
                    arguments.push(self.add(ExprKind::Ident(names.0)));
                }
                arguments.push(value);
                let step = self.call("cel.@mapInsert", arguments);
                let init = self.add(ExprKind::Map(Vec::new()));
                self.fold_filtered(target, variables, init, filter, step)
            }
            _ => self.quantifier(expansion, target, variables, value),
        })
    }

    fn quantifier(
        &mut self,
        expansion: Macro,
        target: ExprId,
        variables: (Arc<str>, Option<Arc<str>>),
        predicate: ExprId,
    ) -> ExprId {
        let (init, condition, step, result) = match expansion {
            Macro::All => {
                let init = self.literal(Literal::Bool(true));
                let accumulator = self.accumulator();
                let condition = self.call("@not_strictly_false", vec![accumulator]);
                let accumulator = self.accumulator();
                (init, condition, self.call("_&&_", vec![accumulator, predicate]), self.accumulator())
            }
            Macro::Exists => {
                let init = self.literal(Literal::Bool(false));
                let accumulator = self.accumulator();
                let not = self.call("!_", vec![accumulator]);
                let condition = self.call("@not_strictly_false", vec![not]);
                let accumulator = self.accumulator();
                (init, condition, self.call("_||_", vec![accumulator, predicate]), self.accumulator())
            }
            _ => {
                let init = self.literal(Literal::Int(0));
                let condition = self.literal(Literal::Bool(true));
                let (accumulator, one) = (self.accumulator(), self.literal(Literal::Int(1)));
                let more = self.call("_+_", vec![accumulator, one]);
                let accumulator = self.accumulator();
                let step = self.call("_?_:_", vec![predicate, more, accumulator]);
                let (accumulator, one) = (self.accumulator(), self.literal(Literal::Int(1)));
                (init, condition, step, self.call("_==_", vec![accumulator, one]))
            }
        };
        self.fold(target, variables, ACCUMULATOR.into(), [init, condition, step, result])
    }

    /// A list of `value` for each element, or for each that `filter` lets through.
    fn collect(
        &mut self,
        target: ExprId,
        variables: (Arc<str>, Option<Arc<str>>),
        filter: Option<ExprId>,
        value: ExprId,
    ) -> ExprId {
        let init = self.empty_list();
        let accumulator = self.accumulator();
        let one = self.add(ExprKind::List { elements: vec![value], optional: Vec::new() });
        let step = self.call("_+_", vec![accumulator, one]);
        self.fold_filtered(target, variables, init, filter, step)
    }

    fn fold_filtered(
        &mut self,
        target: ExprId,
        variables: (Arc<str>, Option<Arc<str>>),
        init: ExprId,
        filter: Option<ExprId>,
        mut step: ExprId,
    ) -> ExprId {
        let condition = self.literal(Literal::Bool(true));
        if let Some(filter) = filter {
            let accumulator = self.accumulator();
            step = self.call("_?_:_", vec![filter, step, accumulator]);
        }
        let result = self.accumulator();
        self.fold(target, variables, ACCUMULATOR.into(), [init, condition, step, result])
    }

    fn optional(&mut self, expansion: Macro, target: ExprId, name: ExprId, value: ExprId) -> Result<ExprId, Refusal> {
        let ExprKind::Ident(variable) = self.builder.kind(name).clone() else {
            let name_of = if expansion == Macro::OptMap { "optMap" } else { "optFlatMap" };
            let message = format!("{name_of}() variable name must be a simple identifier");
            return Err((self.builder.offset(name), message));
        };
        let has_value = self.add(call("hasValue", Some(target), Vec::new()));
        let copy = if self.builder.is_too_deep(target) { target } else { self.copy(target) };
        let inner = self.add(call("value", Some(copy), Vec::new()));
        let mut bound = self.bind(variable, inner, value);
        if expansion == Macro::OptMap {
            bound = self.call("optional.of", vec![bound]);
        }
        let none = self.call("optional.none", Vec::new());
        Ok(self.call("_?_:_", vec![has_value, bound, none]))
    }

    fn sort_by(&mut self, target: ExprId, name: ExprId, key: ExprId) -> Result<ExprId, Refusal> {
        let input: Arc<str> = "@__sortBy_input__".into();
        if matches!(
            self.builder.kind(target),
            ExprKind::Literal(_) | ExprKind::Map(_) | ExprKind::Struct { .. } | ExprKind::Unspecified
        ) {
            let message = "sortBy can only be applied to a list, identifier, comprehension, call or select expression";
            return Err((self.builder.offset(target), message.to_owned()));
        }
        let variable = self.name(name, NOT_IDENTIFIER)?;
        let walked = self.add(ExprKind::Ident(input.clone()));
        let keys = self.collect(walked, (variable, None), None, key);
        let sorted = self.add(ExprKind::Ident(input.clone()));
        let sorted = self.add(call("@sortByAssociatedKeys", Some(sorted), vec![keys]));
        Ok(self.bind(input, target, sorted))
    }

    /// `result` where `name` is `init`: a fold that never loops.
    fn bind(&mut self, name: Arc<str>, init: ExprId, result: ExprId) -> ExprId {
        let range = self.empty_list();
        let condition = self.literal(Literal::Bool(false));
        let step = self.add(ExprKind::Ident(name.clone()));
        self.fold(range, (UNUSED.into(), None), name, [init, condition, step, result])
    }

    fn fold(
        &mut self,
        iter_range: ExprId,
        (iter_var, iter_var2): (Arc<str>, Option<Arc<str>>),
        accu_var: Arc<str>,
        [accu_init, loop_condition, loop_step, result]: [ExprId; 4],
    ) -> ExprId {
        self.add(ExprKind::Comprehension(Box::new(Comprehension {
            iter_var,
            iter_var2,
            iter_range,
            accu_var,
            accu_init,
            loop_condition,
            loop_step,
            result,
        })))
    }

    /// The name of a loop variable.
    fn name(&self, id: ExprId, otherwise: &str) -> Result<Arc<str>, Refusal> {
        let refuse = |message: &str| Err((self.builder.offset(id), message.to_owned()));
        // Before cel-go 0.23 the macros that make lists did not look.
        let looks = otherwise == NOT_SIMPLE || self.builder.dialect.server.minor() >= 33;
        match self.builder.kind(id) {
            ExprKind::Ident(name) if looks && (**name == *ACCUMULATOR || **name == *FORMER_ACCUMULATOR) => {
                refuse(OVERWRITES)
            }
            ExprKind::Ident(name) => Ok(name.clone()),
            _ => refuse(otherwise),
        }
    }

    fn add(&mut self, kind: ExprKind) -> ExprId {
        self.builder.add(self.offset, kind)
    }

    fn call(&mut self, function: &str, args: Vec<ExprId>) -> ExprId {
        self.add(call(function, None, args))
    }

    fn literal(&mut self, literal: Literal) -> ExprId {
        self.add(ExprKind::Literal(literal))
    }

    fn accumulator(&mut self) -> ExprId {
        self.add(ExprKind::Ident(ACCUMULATOR.into()))
    }

    fn empty_list(&mut self) -> ExprId {
        self.add(ExprKind::List { elements: Vec::new(), optional: Vec::new() })
    }

    /// A copy of a tree with its places. Stops at the bound of nodes, which grow as a power of nested copies.
    fn copy(&mut self, id: ExprId) -> ExprId {
        if self.builder.overflows() {
            return id;
        }
        let kind = match self.builder.kind(id).clone() {
            ExprKind::Select { operand, field, test_only } => {
                ExprKind::Select { operand: self.copy(operand), field, test_only }
            }
            ExprKind::Call { function, target, args } => {
                let args = self.copies(&args);
                ExprKind::Call { function, target: target.map(|target| self.copy(target)), args }
            }
            ExprKind::List { elements, optional } => ExprKind::List { elements: self.copies(&elements), optional },
            ExprKind::Map(entries) => {
                let copy = |it: &mut Self, entry: &Entry| {
                    let (key, value) = (it.copy(entry.key), it.copy(entry.value));
                    Entry { key, value, optional: entry.optional }
                };
                ExprKind::Map(entries.iter().map(|entry| copy(self, entry)).collect())
            }
            ExprKind::Struct { name, fields } => {
                let copy = |it: &mut Self, field: FieldInit| FieldInit { value: it.copy(field.value), ..field };
                ExprKind::Struct { name, fields: fields.into_iter().map(|field| copy(self, field)).collect() }
            }
            ExprKind::Comprehension(fold) => ExprKind::Comprehension(Box::new(Comprehension {
                iter_range: self.copy(fold.iter_range),
                accu_init: self.copy(fold.accu_init),
                loop_condition: self.copy(fold.loop_condition),
                loop_step: self.copy(fold.loop_step),
                result: self.copy(fold.result),
                ..*fold
            })),
            kind @ (ExprKind::Literal(_) | ExprKind::Ident(_) | ExprKind::Unspecified) => kind,
        };
        let offset = self.builder.offset(id);
        self.builder.add(offset, kind)
    }

    fn copies(&mut self, ids: &[ExprId]) -> Vec<ExprId> {
        ids.iter().map(|id| self.copy(*id)).collect()
    }
}
