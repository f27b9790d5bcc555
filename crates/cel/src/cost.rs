//! What an expression may cost at most, before it runs (cel-go's `checker/cost.go`, apiserver's
//! `pkg/cel/library/cost.go`, apiextensions' `schema/cel/compilation.go`).

mod calls;
mod range;

pub use range::Range;

use crate::ast::{Comprehension, ExprId, ExprKind, Literal};
use crate::declared::Declared;
use crate::program::Program;
use crate::types::Type;
use std::sync::Arc;

/// The limit of one rule's estimated cost, in a CustomResourceDefinition (apiextensions' `StaticEstimatedCostLimit`).
pub const RULE_LIMIT: u64 = 10_000_000;
/// The limit of all rules of one version of a CustomResourceDefinition (apiextensions'
/// `StaticEstimatedCRDCostLimit`).
pub const DEFINITION_LIMIT: u64 = 100_000_000;

const LIST: u64 = 10;
const MAP: u64 = 30;
const STRUCT: u64 = 40;
const STRING_FACTOR: f64 = 0.1;
const REGEX_FACTOR: f64 = 0.25;

/// What running a program may cost. `root` is the type of what its variables (`self`) stand for; without it sizes are
/// unknown.
#[must_use]
pub fn estimate_cost(program: &Program, root: Option<&Declared>) -> Range {
    let count = program.ast().len();
    let mut coster = Coster {
        program,
        root,
        paths: vec![Path::None; count],
        sizes: vec![None; count],
        entries: vec![None; count],
        scopes: Vec::new(),
    };
    coster.cost(program.ast().root())
}

/// Where a value stands in what is declared.
#[derive(Clone, Copy)]
enum Path<'a> {
    /// It has no place.
    None,
    /// It has one that is not declared.
    Undeclared,
    At(&'a Declared),
}

/// The sizes of what is in a list or a map.
#[derive(Clone, Copy)]
struct Entries {
    is_list: bool,
    key: Range,
    value: Range,
}

#[derive(Clone)]
struct Local<'a> {
    name: Arc<str>,
    path: Path<'a>,
    size: Option<Range>,
    entries: Option<Entries>,
}

struct Coster<'a> {
    program: &'a Program,
    root: Option<&'a Declared>,
    paths: Vec<Path<'a>>,
    sizes: Vec<Option<Range>>,
    entries: Vec<Option<Entries>>,
    scopes: Vec<Local<'a>>,
}

/// What recurses is kept in frames of its own, apart from what is large: a tree may be some thousand nodes deep.
impl<'a> Coster<'a> {
    fn cost(&mut self, id: ExprId) -> Range {
        let program = self.program;
        match program.ast().kind(id) {
            ExprKind::Literal(_) | ExprKind::Unspecified => Range::fixed(0),
            ExprKind::Ident(name) => {
                let path = self.local(name).map_or(self.root_path(), |local| local.path);
                self.set_path(id, path);
                Range::fixed(1)
            }
            ExprKind::Select { operand, field, test_only } => {
                let sum = self.cost(*operand);
                if *test_only {
                    return sum;
                }
                let path = if program.is_bare(id) {
                    Path::Undeclared
                } else {
                    self.child(self.path(*operand), Declared::field, field)
                };
                self.set_path(id, path);
                let counts = matches!(program.type_of(*operand), Type::Map(..) | Type::Object(_));
                if counts { sum.plus(Range::fixed(1)) } else { sum }
            }
            ExprKind::Call { function, target, args } => self.call(id, function, *target, args),
            ExprKind::List { elements, .. } => {
                let (sum, value) = self.parts(elements);
                self.set_entries(id, Some(Entries { is_list: true, key: Range::fixed(1), value }));
                sum.plus(Range::fixed(LIST))
            }
            ExprKind::Map(entries) => {
                let keys: Vec<ExprId> = entries.iter().map(|entry| entry.key).collect();
                let values: Vec<ExprId> = entries.iter().map(|entry| entry.value).collect();
                let ((keys, key), (values, value)) = (self.parts(&keys), self.parts(&values));
                self.set_entries(id, Some(Entries { is_list: false, key, value }));
                keys.plus(values).plus(Range::fixed(MAP))
            }
            ExprKind::Struct { fields, .. } => {
                fields.iter().fold(Range::fixed(STRUCT), |sum, field| sum.plus(self.cost(field.value)))
            }
            ExprKind::Comprehension(fold) if is_bind(program, fold) => self.bind(id, fold),
            ExprKind::Comprehension(fold) => self.comprehension(id, fold),
        }
    }

    /// The cost of elements together, and the sizes they have.
    #[inline(never)]
    fn parts(&mut self, elements: &[ExprId]) -> (Range, Range) {
        let mut size = Range { min: if elements.is_empty() { 0 } else { u64::MAX }, max: 0 };
        let mut sum = Range::fixed(0);
        for element in elements {
            sum = sum.plus(self.cost(*element));
            size = size.union(self.size_or_unknown(*element));
        }
        (sum, size)
    }

    #[inline(never)]
    fn comprehension(&mut self, id: ExprId, fold: &Comprehension) -> Range {
        let mut sum = self.cost(fold.iter_range).plus(self.cost(fold.accu_init));
        let outside = self.scopes.len();
        self.push_as(&fold.accu_var, fold.accu_init);
        let inside = self.scopes.len();
        self.push_variables(fold);
        let each = self.cost(fold.loop_condition).plus(self.cost(fold.loop_step));
        // What is added last decides about the elements, and its names are gone then, as in cel-go.
        self.scopes.truncate(inside);
        sum = sum.plus(self.cost(fold.result));
        self.scopes.truncate(outside);
        let count = self.size_or_unknown(fold.iter_range);
        sum = sum.plus(count.times(each));
        match self.program.ast().kind(fold.accu_init) {
            ExprKind::Literal(_) => {
                let size = self.size(fold.accu_init);
                self.set_size(id, size);
            }
            ExprKind::List { .. } | ExprKind::Map(_) => {
                self.set_size(id, Some(count));
                let entries = self.entries_of(fold.loop_step);
                self.set_entries(id, entries);
            }
            _ => {}
        }
        sum
    }

    #[inline(never)]
    fn push_variables(&mut self, fold: &Comprehension) {
        let range = fold.iter_range;
        let entries = self.entries_of(range);
        let is_list = entries.map_or(matches!(self.program.type_of(range), Type::List(_)), |entries| entries.is_list);
        let path = self.path(range);
        let key = (self.child(path, Declared::key, ""), entries.map(|entries| entries.key));
        let value = (self.child(path, Declared::element, ""), entries.map(|entries| entries.value));
        let key = if is_list { (self.child(path, |_, _| None, ""), key.1) } else { key };
        let first = if is_list && fold.iter_var2.is_none() { value } else { key };
        let mut push = |name: &Arc<str>, (path, size)| {
            self.scopes.push(Local { name: name.clone(), path, size, entries: None });
        };
        push(&fold.iter_var, first);
        if let Some(name) = &fold.iter_var2 {
            push(name, value);
        }
    }

    #[inline(never)]
    fn bind(&mut self, id: ExprId, fold: &Comprehension) -> Range {
        let sum = self.cost(fold.iter_range).plus(self.cost(fold.accu_init));
        let outside = self.scopes.len();
        self.push_as(&fold.accu_var, fold.accu_init);
        let sum = sum.plus(self.cost(fold.result));
        self.scopes.truncate(outside);
        self.copy_sizes(id, fold.result);
        sum
    }

    /// A name for the value of an expression.
    #[inline(never)]
    fn push_as(&mut self, name: &Arc<str>, of: ExprId) {
        let (path, entries, size) = (self.path(of), self.entries_of(of), self.size(of));
        self.scopes.push(Local { name: name.clone(), path, size, entries });
    }

    fn local(&self, name: &str) -> Option<&Local<'a>> {
        self.scopes.iter().rev().find(|local| *local.name == *name)
    }

    fn local_of(&self, id: ExprId) -> Option<&Local<'a>> {
        match self.program.ast().kind(id) {
            ExprKind::Ident(name) => self.local(name),
            _ => None,
        }
    }

    fn path(&self, id: ExprId) -> Path<'a> {
        match self.local_of(id) {
            Some(local) => local.path,
            None => self.paths.get(id.index()).copied().unwrap_or(Path::None),
        }
    }

    /// A step further. cel-go skips the first step of a path, for that is the variable; so whatever begins one stands
    /// for the root.
    fn child(&self, path: Path<'a>, step: fn(&'a Declared, &str) -> Option<&'a Declared>, name: &str) -> Path<'a> {
        match path {
            Path::At(declared) => step(declared, name).map_or(Path::Undeclared, Path::At),
            Path::None => self.root_path(),
            Path::Undeclared => Path::Undeclared,
        }
    }

    fn root_path(&self) -> Path<'a> {
        self.root.map_or(Path::Undeclared, Path::At)
    }

    fn set_path(&mut self, id: ExprId, path: Path<'a>) {
        if let Some(slot) = self.paths.get_mut(id.index()) {
            *slot = path;
        }
    }

    fn set_size(&mut self, id: ExprId, size: Option<Range>) {
        if let (Some(slot), Some(_)) = (self.sizes.get_mut(id.index()), size) {
            *slot = size;
        }
    }

    fn set_entries(&mut self, id: ExprId, entries: Option<Entries>) {
        if let (Some(slot), Some(_)) = (self.entries.get_mut(id.index()), entries) {
            *slot = entries;
        }
    }

    fn copy_sizes(&mut self, to: ExprId, from: ExprId) {
        let (size, entries) = (self.size(from), self.entries_of(from));
        self.set_size(to, size);
        self.set_entries(to, entries);
    }

    fn entries_of(&self, id: ExprId) -> Option<Entries> {
        let own = self.entries.get(id.index()).copied().flatten();
        own.or_else(|| self.local_of(id).and_then(|local| local.entries))
    }

    /// How large a value is, if that is known.
    #[inline(never)]
    fn size(&mut self, id: ExprId) -> Option<Range> {
        if let Some(size) = self.sizes.get(id.index()).copied().flatten() {
            return Some(size);
        }
        let fixed = match self.program.ast().kind(id) {
            ExprKind::Literal(Literal::String(text)) => Some(text.chars().count()),
            ExprKind::Literal(Literal::Bytes(bytes)) => Some(bytes.len()),
            ExprKind::Literal(_) => Some(1),
            ExprKind::List { elements, .. } => Some(elements.len()),
            ExprKind::Map(entries) => Some(entries.len()),
            _ => None,
        };
        if let Some(fixed) = fixed {
            return Some(Range::fixed(fixed as u64));
        }
        if let Some(size) = self.path(id).size() {
            self.set_size(id, Some(size));
            return Some(size);
        }
        if is_scalar(self.program.type_of(id)) {
            return Some(Range::fixed(1));
        }
        self.local_of(id).and_then(|local| local.size)
    }

    fn size_or_unknown(&mut self, id: ExprId) -> Range {
        self.size(id).unwrap_or(Range::UNKNOWN)
    }
}

impl Path<'_> {
    fn size(self) -> Option<Range> {
        match self {
            Self::At(declared) => Some(Range { min: 0, max: declared.most }),
            _ => None,
        }
    }
}

/// A fold that only gives a name to a value.
fn is_bind(program: &Program, fold: &Comprehension) -> bool {
    let ast = program.ast();
    matches!(ast.kind(fold.iter_range), ExprKind::List { elements, .. } if elements.is_empty())
        && matches!(ast.kind(fold.loop_condition), ExprKind::Literal(Literal::Bool(false)))
}

fn is_scalar(ty: &Type) -> bool {
    match ty {
        Type::Bool | Type::Double | Type::Duration | Type::Int | Type::Timestamp | Type::Uint => true,
        _ => ty.in_optional().is_some_and(is_scalar),
    }
}

#[cfg(test)]
mod tests;
