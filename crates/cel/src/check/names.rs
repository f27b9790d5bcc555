//! What names refer to (cel-go's `checker/env.go` and `checker/scopes.go`; there is no container).

use super::{Checker, Overload, overloads};
use crate::ast::{ExprId, ExprKind};
use crate::types::Type;
use std::sync::Arc;

impl Checker<'_> {
    /// The type of a variable, or of a type's name.
    pub(super) fn ident(&self, name: &str) -> Option<Type> {
        match name.strip_prefix('.') {
            // Before cel-go 0.29 the dot changed nothing.
            Some(global) if self.environment.dialect().server.minor() < 37 => self.ident(global),
            Some(global) => self.environment.global(global),
            None => self.local(name).or_else(|| self.environment.global(name)),
        }
    }

    fn local(&self, name: &str) -> Option<Type> {
        self.scopes.iter().rev().find(|(of, _)| **of == *name).map(|(_, ty)| ty.clone())
    }

    /// The type of what a name with dots refers to as a whole.
    pub(super) fn qualified_ident(&self, name: &str) -> Option<Type> {
        let (first, _) = name.trim_start_matches('.').split_once('.')?;
        if !name.starts_with('.') && self.local(first).is_some() {
            return None;
        }
        self.environment.global(name.trim_start_matches('.'))
    }

    /// The name that a chain of selections spells.
    pub(super) fn qualified(&self, mut id: ExprId) -> Option<String> {
        let mut parts: Vec<&Arc<str>> = Vec::new();
        loop {
            match self.ast.kind(id) {
                ExprKind::Ident(name) => {
                    parts.push(name);
                    break;
                }
                ExprKind::Select { operand, field, test_only: false } => {
                    parts.push(field);
                    id = *operand;
                }
                _ => return None,
            }
        }
        let mut name = String::new();
        for part in parts.iter().rev() {
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(part);
        }
        Some(name)
    }

    pub(super) fn has_overload(&self, overload: &Overload) -> bool {
        overload.is_in(self.environment.dialect(), self.environment.makes_patches())
    }

    pub(super) fn has_function(&self, name: &str) -> bool {
        overloads(name).iter().any(|overload| self.has_overload(overload))
    }

    /// The type that a struct's name stands for.
    pub(super) fn struct_type(&self, name: &str) -> Option<Type> {
        match self.environment.global(name)? {
            Type::Type(Some(ty)) => Some((*ty).clone()),
            _ => None,
        }
    }
}
