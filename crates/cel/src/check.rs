//! Which types an expression and its parts have (cel-go's `checker/checker.go`).

mod bindings;
mod format;
mod names;
mod validate;

use crate::ast::{Ast, Comprehension, Entry, ExprId, ExprKind, FieldInit, Literal};
use crate::declarations::{Overload, overloads};
use crate::environment::Environment;
use crate::error::{Errors, Issues, Text};
use crate::types::Type;
use bindings::{Bindings, most_general};
use std::sync::Arc;

/// What the check found out.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    /// The type of each node.
    pub(crate) types: Vec<Type>,
    /// For each call the overloads it may mean, as bits, in the order of the declarations.
    pub(crate) overloads: Vec<u32>,
    /// Selections that name a field by a word of CEL although it is declared escaped, sorted.
    pub(crate) bare: Vec<ExprId>,
}

/// Resolves the names of a tree and finds its types, or says what is wrong with it.
pub(crate) fn check(environment: &Environment, ast: &mut Ast, text: &Text) -> Result<Checked, Issues> {
    let types = vec![None; ast.len()];
    let overloads = vec![0; ast.len()];
    let (errors, bindings) = (Errors::new(text), Bindings::default());
    let mut checker =
        Checker { environment, ast, types, overloads, bare: Vec::new(), errors, bindings, scopes: Vec::new() };
    checker.check(checker.ast.root());
    if !checker.errors.is_empty() {
        return Err(checker.errors.finish());
    }
    let Checker { types, bindings, overloads, mut bare, .. } = checker;
    seaworthy_source::order::sort(&mut bare);
    let types: Vec<Type> =
        types.into_iter().map(|ty| ty.map_or(Type::Dyn, |ty| bindings.substitute(&ty, true))).collect();
    validate::validate(environment, ast, &types, text)?;
    Ok(Checked { types, overloads, bare })
}

struct Checker<'a> {
    environment: &'a Environment,
    ast: &'a mut Ast,
    types: Vec<Option<Type>>,
    overloads: Vec<u32>,
    bare: Vec<ExprId>,
    errors: Errors<'a>,
    bindings: Bindings,
    /// Variables of comprehensions, the innermost last.
    scopes: Vec<(Arc<str>, Type)>,
}

/// What recurses is kept in frames of its own, apart from what is large: a tree may be some thousand nodes deep.
impl Checker<'_> {
    fn check(&mut self, id: ExprId) {
        match self.ast.kind(id) {
            ExprKind::Literal(literal) => {
                let ty = type_of(literal);
                self.set_type(id, ty);
            }
            ExprKind::Ident(_) => self.check_ident(id),
            ExprKind::Select { operand, field, test_only } => {
                let (operand, field, test_only) = (*operand, field.clone(), *test_only);
                self.check_select(id, operand, &field, test_only);
            }
            ExprKind::Call { function, target, args } => {
                let (function, target, args) = (function.clone(), *target, args.clone());
                self.check_call(id, &function, target, &args);
            }
            ExprKind::List { elements, optional } => {
                let (elements, optional) = (elements.clone(), optional.clone());
                self.check_list(id, &elements, &optional);
            }
            ExprKind::Map(entries) => {
                let entries = entries.clone();
                self.check_map(id, &entries);
            }
            ExprKind::Struct { name, fields } => {
                let (name, fields) = (name.clone(), fields.clone());
                self.check_struct(id, &name, &fields);
            }
            ExprKind::Comprehension(fold) => {
                let fold = fold.clone();
                self.check_comprehension(id, &fold);
            }
            ExprKind::Unspecified => self.set_type(id, Type::Error),
        }
    }

    fn set_type(&mut self, id: ExprId, ty: Type) {
        if let Some(slot) = self.types.get_mut(id.index()) {
            *slot = Some(ty);
        }
    }

    fn set_overloads(&mut self, id: ExprId, matched: u32) {
        if let Some(slot) = self.overloads.get_mut(id.index()) {
            *slot = matched;
        }
    }

    fn type_of(&self, id: ExprId) -> Type {
        self.types.get(id.index()).cloned().flatten().unwrap_or(Type::Error)
    }

    #[inline(never)]
    fn fail(&mut self, id: ExprId, message: String) {
        let message = self.environment.dialect().named(message);
        self.errors.report(Some(self.ast.get(id).offset), message);
    }

    fn mismatch(&mut self, id: ExprId, expected: &Type, found: &Type) {
        self.fail(id, format!("expected type '{expected}' but found '{found}'"));
    }

    fn undeclared(&mut self, id: ExprId, name: &str) {
        self.fail(id, format!("undeclared reference to '{name}' (in container '')"));
        self.set_type(id, Type::Error);
    }

    #[inline(never)]
    fn check_ident(&mut self, id: ExprId) {
        let ExprKind::Ident(name) = self.ast.kind(id).clone() else { return };
        match self.ident(&name) {
            Some(ty) => {
                if let Some(plain) = name.strip_prefix('.') {
                    self.ast.set(id, ExprKind::Ident(plain.into()));
                }
                self.set_type(id, ty);
            }
            None => self.undeclared(id, &name),
        }
    }

    #[inline(never)]
    fn check_select(&mut self, id: ExprId, operand: ExprId, field: &Arc<str>, test_only: bool) {
        if !test_only
            && let Some(name) = self.qualified(id)
            && let Some(ty) = self.qualified_ident(&name)
        {
            self.ast.set(id, ExprKind::Ident(name.trim_start_matches('.').into()));
            self.set_type(id, ty);
            return;
        }
        let found = self.check_field(id, operand, field, false);
        if let Some(field) = self.plain_field(operand, field) {
            self.ast.set(id, ExprKind::Select { operand, field, test_only });
        } else if crate::names::is_keyword(field) {
            self.bare.push(id);
        }
        let ty = if test_only { Type::Bool } else { found };
        let ty = self.bindings.substitute(&ty, false);
        self.set_type(id, ty);
    }

    /// `a.?b`
    #[inline(never)]
    fn check_optional_select(&mut self, id: ExprId, args: &[ExprId]) {
        let [operand, field] = args else { return self.set_type(id, Type::Error) };
        let ExprKind::Literal(Literal::String(name)) = self.ast.kind(*field).clone() else {
            return self.set_type(id, Type::Error);
        };
        self.set_type(*field, Type::String);
        let found = self.check_field(id, *operand, &name, true);
        if let Some(plain) = self.plain_field(*operand, &name) {
            self.ast.set(*field, ExprKind::Literal(Literal::String(plain)));
        }
        self.set_overloads(id, 1);
        let ty = self.bindings.substitute(&found, false);
        self.set_type(id, ty);
    }

    #[inline(never)]
    fn check_field(&mut self, id: ExprId, operand: ExprId, field: &Arc<str>, optional: bool) -> Type {
        self.check(operand);
        let whole = self.bindings.substitute(&self.type_of(operand), false);
        let (target, in_optional) = match whole.in_optional() {
            Some(inner) => (inner.clone(), true),
            None => (whole, false),
        };
        let result = match &target {
            Type::Map(_, value) => (**value).clone(),
            Type::Object(name) => self.field_type(self.ast.get(id).offset, name, field),
            Type::Param(_) => {
                self.bindings.assign(&Type::Dyn, &target);
                Type::Dyn
            }
            Type::Dyn | Type::Any | Type::Error => Type::Dyn,
            _ => {
                self.fail(id, format!("type '{target}' does not support field selection"));
                Type::Dyn
            }
        };
        if in_optional || optional { Type::optional(result) } else { result }
    }

    /// The name that a declared field has in its object, if expressions write it otherwise.
    fn plain_field(&self, operand: ExprId, field: &Arc<str>) -> Option<Arc<str>> {
        let ty = self.bindings.substitute(&self.type_of(operand), false);
        let is_object = matches!(ty.in_optional().unwrap_or(&ty), Type::Object(_));
        let escaped = is_object && field.contains("__");
        if escaped { crate::names::unescape(field).map(Into::into) } else { None }
    }

    fn field_type(&mut self, offset: u32, object: &str, field: &str) -> Type {
        let message = match self.environment.field(object, field) {
            Some(Some(ty)) => return ty,
            Some(None) => format!("undefined field '{field}'"),
            None => format!("unexpected failed resolution of '{object}'"),
        };
        self.errors.report(Some(offset), message);
        Type::Error
    }

    #[inline(never)]
    fn check_call(&mut self, id: ExprId, function: &str, target: Option<ExprId>, args: &[ExprId]) {
        if function == "_?._" && target.is_none() {
            return self.check_optional_select(id, args);
        }
        for arg in args {
            self.check(*arg);
        }
        let Some(target) = target else {
            let plain = function.strip_prefix('.').unwrap_or(function);
            if !self.has_function(plain) {
                return self.undeclared(id, function);
            }
            return self.resolve(id, plain, None, args);
        };
        // `a.b.c()` calls `c` on `a.b`, or a function of that long name.
        if let Some(prefix) = self.qualified(target) {
            let name = format!("{}.{function}", prefix.trim_start_matches('.'));
            if self.has_function(&name) {
                return self.resolve(id, &name, None, args);
            }
        }
        self.check(target);
        if self.has_function(function) {
            self.resolve(id, function, Some(target), args);
        } else {
            self.undeclared(id, function);
        }
    }

    /// Finds the overloads that take the arguments, and names the function in the tree by its full name.
    #[inline(never)]
    fn resolve(&mut self, id: ExprId, function: &str, target: Option<ExprId>, args: &[ExprId]) {
        self.ast.set(id, ExprKind::Call { function: function.into(), target, args: args.to_vec() });
        let types: Vec<Type> = target.iter().chain(args).map(|arg| self.type_of(*arg)).collect();
        let ty = if function == "_&&_" || function == "_||_" {
            self.logic(args, &types).map(|ty| (ty, 1))
        } else {
            self.overload(function, target.is_some(), &types)
        };
        match ty {
            Ok((ty, matched)) => {
                self.set_type(id, ty);
                self.set_overloads(id, matched);
            }
            Err(reported) => {
                if !reported {
                    self.no_overload(id, function, target.is_some(), &types);
                }
                self.set_type(id, Type::Error);
            }
        }
    }

    /// Logical operators take bools; each argument that is none is an error of its own.
    fn logic(&mut self, args: &[ExprId], types: &[Type]) -> Result<Type, bool> {
        let mut result = Ok(Type::Bool);
        for (arg, ty) in args.iter().zip(types) {
            if !self.bindings.assign(ty, &Type::Bool) {
                self.mismatch(*arg, &Type::Bool, ty);
                result = Err(true);
            }
        }
        result
    }

    fn overload(&mut self, function: &str, member: bool, types: &[Type]) -> Result<(Type, u32), bool> {
        let mut result: Option<Type> = None;
        let mut matched = 0;
        for (index, overload) in (0u32..).zip(overloads(function)) {
            if overload.member != member || !self.has_overload(overload) {
                continue;
            }
            let fresh: Vec<(u32, Type)> =
                overload.variables.iter().map(|number| (*number, self.bindings.free())).collect();
            let parameters: Vec<Type> = overload.parameters.iter().map(|ty| instantiate(ty, &fresh)).collect();
            if !self.bindings.assign_all(types, &parameters) {
                continue;
            }
            matched |= 1u32.checked_shl(index).unwrap_or_default();
            let found = self.bindings.substitute(&instantiate(&overload.result, &fresh), false);
            result = Some(match result {
                None => found,
                Some(before) if before.is_dyn() || before == found => before,
                Some(_) => Type::Dyn,
            });
        }
        result.map(|ty| (ty, matched)).ok_or(false)
    }

    #[inline(never)]
    fn no_overload(&mut self, id: ExprId, function: &str, member: bool, types: &[Type]) {
        let mut signature = String::new();
        for (index, ty) in types.iter().enumerate() {
            signature.push_str(match (index, member) {
                (0, true) => "",
                (1, true) => ".(",
                (0, false) => "(",
                _ => ", ",
            });
            signature.push_str(&self.bindings.substitute(ty, true).to_string());
        }
        signature.push_str(match (types.len(), member) {
            (0, _) => "()",
            (1, true) => ".()",
            _ => ")",
        });
        self.fail(id, format!("found no matching overload for '{function}' applied to '{signature}'"));
    }

    #[inline(never)]
    fn check_list(&mut self, id: ExprId, elements: &[ExprId], optional: &[u32]) {
        let mut joined = None;
        for (index, element) in (0u32..).zip(elements) {
            self.check(*element);
            let mut ty = self.type_of(*element);
            if optional.binary_search(&index).is_ok() {
                ty = self.unwrap_optional(*element, ty);
            }
            joined = Some(self.join(joined, ty));
        }
        let element = joined.unwrap_or_else(|| self.bindings.free());
        self.set_type(id, Type::list(element));
    }

    #[inline(never)]
    fn check_map(&mut self, id: ExprId, entries: &[Entry]) {
        let (mut keys, mut values) = (None, None);
        for entry in entries {
            self.check(entry.key);
            keys = Some(self.join(keys, self.type_of(entry.key)));
            self.check(entry.value);
            let mut ty = self.type_of(entry.value);
            if entry.optional {
                ty = self.unwrap_optional(entry.value, ty);
            }
            values = Some(self.join(values, ty));
        }
        let key = keys.unwrap_or_else(|| self.bindings.free());
        let value = values.unwrap_or_else(|| self.bindings.free());
        self.set_type(id, Type::map(key, value));
    }

    /// The type within an optional, which `?` before a value asks for.
    fn unwrap_optional(&mut self, id: ExprId, ty: Type) -> Type {
        match ty.in_optional() {
            Some(inner) => inner.clone(),
            None => {
                if !ty.is_dyn() {
                    self.mismatch(id, &Type::optional(ty.clone()), &ty);
                }
                ty
            }
        }
    }

    /// The type of elements together; that of mixed ones is left to [`validate`].
    #[inline(never)]
    fn join(&mut self, before: Option<Type>, ty: Type) -> Type {
        match before {
            None => ty,
            Some(before) if self.bindings.assign(&before, &ty) => most_general(before, ty),
            Some(_) => Type::Dyn,
        }
    }

    #[inline(never)]
    fn check_struct(&mut self, id: ExprId, name: &Arc<str>, fields: &[FieldInit]) {
        let plain: Arc<str> = name.trim_start_matches('.').into();
        let ty = match self.struct_type(&plain) {
            None => {
                // Before cel-go 0.29 a variable was looked up too.
                let before = self.environment.dialect().server.minor() < 37;
                let Some(variable) = self.ident(&plain).filter(|_| before) else { return self.undeclared(id, name) };
                self.fail(id, format!("'{}' is not a type", variable.declared_name()));
                Type::Error
            }
            Some(ty @ Type::Object(_)) => ty,
            Some(other) => {
                self.fail(id, format!("'{other}' is not a message type"));
                Type::Error
            }
        };
        self.ast.set(id, ExprKind::Struct { name: plain.clone(), fields: fields.to_vec() });
        self.set_type(id, ty);
        for field in fields {
            self.check(field.value);
            let expected = self.field_type(field.offset, &plain, &field.name);
            let mut given = self.type_of(field.value);
            if field.optional {
                given = self.unwrap_optional(field.value, given);
            }
            if !self.bindings.assign(&expected, &given) {
                let name = &field.name;
                let message = format!("expected type of field '{name}' is '{expected}' but provided type is '{given}'");
                self.errors.report(Some(field.offset), message);
            }
        }
    }

    #[inline(never)]
    fn check_comprehension(&mut self, id: ExprId, fold: &Comprehension) {
        self.check(fold.iter_range);
        self.check(fold.accu_init);
        let range = self.bindings.substitute(&self.type_of(fold.iter_range), false);
        let accumulator = self.type_of(fold.accu_init);
        let (first, second) = self.variables(fold, &range);
        let outside = self.scopes.len();
        self.scopes.push((fold.accu_var.clone(), accumulator.clone()));
        let inside = self.scopes.len();
        self.scopes.push((fold.iter_var.clone(), first));
        if let Some(name) = &fold.iter_var2 {
            self.scopes.push((name.clone(), second));
        }
        self.check(fold.loop_condition);
        self.assert_type(fold.loop_condition, &Type::Bool);
        self.check(fold.loop_step);
        self.assert_type(fold.loop_step, &accumulator);
        self.scopes.truncate(inside);
        self.check(fold.result);
        self.scopes.truncate(outside);
        let ty = self.bindings.substitute(&self.type_of(fold.result), false);
        self.set_type(id, ty);
    }

    /// The types of a comprehension's loop variables.
    #[inline(never)]
    fn variables(&mut self, fold: &Comprehension, range: &Type) -> (Type, Type) {
        match range {
            Type::List(element) if fold.iter_var2.is_some() => (Type::Int, (**element).clone()),
            Type::List(element) => ((**element).clone(), Type::Dyn),
            Type::Map(key, value) => ((**key).clone(), (**value).clone()),
            Type::Dyn | Type::Error | Type::Param(_) => {
                self.bindings.assign(&Type::Dyn, range);
                (Type::Dyn, Type::Dyn)
            }
            _ => {
                let wanted = "cannot be range of a comprehension (must be list, map, or dynamic)";
                self.fail(fold.iter_range, format!("expression of type '{range}' {wanted}"));
                (Type::Error, Type::Error)
            }
        }
    }

    #[inline(never)]
    fn assert_type(&mut self, id: ExprId, expected: &Type) {
        let found = self.type_of(id);
        if !self.bindings.assign(expected, &found) {
            self.mismatch(id, expected, &found);
        }
    }
}

fn type_of(literal: &Literal) -> Type {
    match literal {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::Uint(_) => Type::Uint,
        Literal::Double(_) => Type::Double,
        Literal::String(_) => Type::String,
        Literal::Bytes(_) => Type::Bytes,
    }
}

/// A type of a declaration, its parameters replaced by the free types of this call.
fn instantiate(ty: &Type, fresh: &[(u32, Type)]) -> Type {
    match ty {
        Type::Param(number) => {
            fresh.iter().find(|(of, _)| of == number).map_or_else(|| ty.clone(), |(_, free)| free.clone())
        }
        Type::List(inner) => Type::list(instantiate(inner, fresh)),
        Type::Map(key, value) => Type::map(instantiate(key, fresh), instantiate(value, fresh)),
        Type::Type(Some(inner)) => Type::Type(Some(Arc::new(instantiate(inner, fresh)))),
        Type::Opaque(name, inner) => {
            Type::Opaque(name.clone(), inner.iter().map(|inner| instantiate(inner, fresh)).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
