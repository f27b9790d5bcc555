//! What the free types of an expression turned out to be, and which types go where (cel-go's `checker/types.go`).

use crate::types::Type;
use std::sync::Arc;

/// A type made of more types than this is taken for `dyn`: nested macros double a type with each level.
const MOST_PARTS: u32 = 400;

/// Bindings of free types that lead deeper into each other than this are not followed.
const LONGEST_CHAIN: u32 = 500;

/// Free types and what they are bound to.
#[derive(Default)]
pub(super) struct Bindings {
    bound: Vec<Option<Type>>,
    /// What was bound before, to undo attempts.
    undo: Vec<(usize, Option<Type>)>,
}

impl Bindings {
    /// A new free type.
    pub(super) fn free(&mut self) -> Type {
        self.bound.push(None);
        Type::free(u32::try_from(self.bound.len() - 1).unwrap_or(u32::MAX))
    }

    fn find(&self, ty: &Type) -> Option<&Type> {
        self.bound.get(ty.free_number()?).and_then(Option::as_ref)
    }

    fn bind(&mut self, from: &Type, to: Type) {
        if let Some(index) = from.free_number()
            && let Some(slot) = self.bound.get_mut(index)
        {
            self.undo.push((index, slot.replace(to)));
        }
    }

    /// Follows bindings as long as they lead from one free type to another.
    fn follow<'a>(&'a self, mut ty: &'a Type) -> &'a Type {
        while let Some(next) = self.find(ty) {
            ty = next;
        }
        ty
    }

    /// The type with its bindings put in; free types become `dyn` if `to_dyn`.
    pub(super) fn substitute(&self, ty: &Type, to_dyn: bool) -> Type {
        self.rebuild(ty, to_dyn, &mut MOST_PARTS.clone())
    }

    fn rebuild(&self, ty: &Type, to_dyn: bool, budget: &mut u32) -> Type {
        *budget = budget.saturating_sub(1);
        if *budget == 0 {
            return Type::Dyn;
        }
        match self.follow(ty) {
            Type::Param(_) if to_dyn => Type::Dyn,
            Type::List(inner) => Type::list(self.rebuild(inner, to_dyn, budget)),
            Type::Map(key, value) => {
                let key = self.rebuild(key, to_dyn, budget);
                Type::map(key, self.rebuild(value, to_dyn, budget))
            }
            Type::Type(Some(inner)) => Type::Type(Some(Arc::new(self.rebuild(inner, to_dyn, budget)))),
            Type::Opaque(name, inner) => {
                let inner = inner.iter().map(|inner| self.rebuild(inner, to_dyn, budget)).collect();
                Type::Opaque(name.clone(), inner)
            }
            other => other.clone(),
        }
    }

    /// Whether a value of one type may stand where the other is expected; binds free types if so.
    pub(super) fn assign(&mut self, left: &Type, right: &Type) -> bool {
        self.attempt(|it| it.assignable(left, right, 0))
    }

    /// [`assign`](Self::assign), for all of a list or none.
    pub(super) fn assign_all(&mut self, left: &[Type], right: &[Type]) -> bool {
        self.attempt(|it| it.all_assignable(left, right, 0))
    }

    fn attempt(&mut self, go: impl FnOnce(&mut Self) -> bool) -> bool {
        self.undo.clear();
        if go(self) {
            return true;
        }
        while let Some((index, before)) = self.undo.pop() {
            if let Some(slot) = self.bound.get_mut(index) {
                *slot = before;
            }
        }
        false
    }

    fn all_assignable(&mut self, left: &[Type], right: &[Type], depth: u32) -> bool {
        left.len() == right.len() && left.iter().zip(right).all(|(left, right)| self.assignable(left, right, depth))
    }

    fn assignable(&mut self, left: &Type, right: &Type, depth: u32) -> bool {
        if depth > LONGEST_CHAIN {
            return false;
        }
        if matches!(right, Type::Param(_)) {
            match self.substitutable(left, right, depth) {
                (true, _) => return true,
                (false, true) => return false,
                (false, false) => {}
            }
        }
        if matches!(left, Type::Param(_)) {
            return self.substitutable(right, left, depth).0;
        }
        if left.is_dyn() || right.is_dyn() || *left == Type::Error || *right == Type::Error {
            return true;
        }
        match (left, right) {
            (Type::Null, other) | (other, Type::Null) => is_nullable(other),
            (Type::Type(_), Type::Type(_)) => true,
            (Type::List(left), Type::List(right)) => self.assignable(left, right, depth + 1),
            (Type::Map(key, value), Type::Map(other_key, other_value)) => {
                self.assignable(key, other_key, depth + 1) && self.assignable(value, other_value, depth + 1)
            }
            (Type::Opaque(name, inner), Type::Opaque(other, other_inner)) => {
                name == other && self.all_assignable(inner, other_inner, depth + 1)
            }
            _ => left == right,
        }
    }

    /// Whether `free` can be `ty`, and whether it was something before.
    fn substitutable(&mut self, ty: &Type, free: &Type, depth: u32) -> (bool, bool) {
        if ty == free {
            return (true, true);
        }
        let Some(before) = self.find(free).cloned() else {
            if self.refers(free, ty) {
                return (false, false);
            }
            self.bind(free, ty.clone());
            return (true, false);
        };
        if *ty == before {
            return (true, true);
        }
        if !self.assignable(ty, &before, depth + 1) {
            return (false, true);
        }
        let general = if is_as_general(ty, &before) { ty.clone() } else { before };
        if !self.refers(free, &general) {
            self.bind(free, general);
        }
        (true, true)
    }

    /// Whether a type is the free type, or has it within.
    fn refers(&self, free: &Type, within: &Type) -> bool {
        let mut ty = within;
        loop {
            if ty == free {
                return true;
            }
            match self.find(ty) {
                Some(next) => ty = next,
                None => break,
            }
        }
        let mut found = false;
        ty.parameters(&mut |inner| found = found || self.refers(free, inner));
        found
    }
}

fn is_nullable(ty: &Type) -> bool {
    matches!(ty, Type::Null | Type::Opaque(..) | Type::Object(_) | Type::Any | Type::Duration | Type::Timestamp)
}

/// The more general of two types that go together.
pub(super) fn most_general(left: Type, right: Type) -> Type {
    if is_as_general(&left, &right) { left } else { right }
}

fn is_as_general(left: &Type, right: &Type) -> bool {
    if left.is_dyn() || matches!(left, Type::Param(_)) {
        return true;
    }
    if right.is_dyn() || matches!(right, Type::Param(_)) {
        return false;
    }
    match (left, right) {
        (Type::Opaque(name, left), Type::Opaque(other, right)) => {
            name == other
                && left.len() == right.len()
                && left.iter().zip(&**right).all(|(left, right)| is_as_general(left, right))
        }
        (Type::List(left), Type::List(right)) => is_as_general(left, right),
        (Type::Map(key, value), Type::Map(other_key, other_value)) => {
            is_as_general(key, other_key) && is_as_general(value, other_value)
        }
        (Type::Type(_), Type::Type(_)) => true,
        _ => left == right,
    }
}
