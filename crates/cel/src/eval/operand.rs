//! Names, selections, indices and conditions (cel-go's `interpreter/attributes.go`).

use std::sync::Arc;

use super::Machine;
use super::plan::{Form, Step};
use crate::ast::{ExprId, ExprKind};
use crate::value::{Failure, Outcome, Value, fail, failed, no_such_overload};

/// One step into a value.
enum Qualifier<'p> {
    Field { name: &'p Arc<str>, optional: bool, test_only: bool },
    Index { index: ExprId, optional: bool },
}

impl<'p> Machine<'p> {
    /// The value of a name, of a chain of selections and indices, or of a condition. `counted` is false where cel-go
    /// does not see the operand itself: in a branch of a condition, and as an index.
    pub(super) fn operand(&mut self, id: ExprId, counted: bool) -> Outcome {
        let mut id = id;
        // The branches of a condition are operands in turn.
        while let ExprKind::Call { args, .. } = self.program.ast().kind(id)
            && self.is_condition(id)
        {
            let [condition, truthy, falsy] = args.as_slice() else { return Err(no_such_overload()) };
            match self.value(*condition)? {
                Value::Bool(true) => id = *truthy,
                Value::Bool(false) => id = *falsy,
                _ => return Err(no_such_overload()),
            }
            if !self.is_operand(id) {
                return self.value(id);
            }
            if !self.is_condition(id) {
                return self.chain(id, false);
            }
        }
        self.chain(id, counted)
    }

    /// A value that is not counted if it is an operand.
    fn uncounted(&mut self, id: ExprId) -> Outcome {
        if self.is_operand(id) { self.operand(id, false) } else { self.value(id) }
    }

    fn is_condition(&self, id: ExprId) -> bool {
        matches!(self.program.plan.step(id), Step::Form(Form::Condition))
    }

    fn is_operand(&self, id: ExprId) -> bool {
        match self.program.plan.step(id) {
            Step::Constant(_) => false,
            Step::Form(form) => matches!(form, Form::Index | Form::OptionalIndex | Form::Condition),
            _ => matches!(self.program.ast().kind(id), ExprKind::Ident(_) | ExprKind::Select { .. }),
        }
    }

    fn chain(&mut self, id: ExprId, counted: bool) -> Outcome {
        let mut qualifiers = Vec::new();
        let base = self.unwind(id, &mut qualifiers);
        let tests = matches!(qualifiers.first(), Some(Qualifier::Field { test_only: true, .. }));
        qualifiers.reverse();
        let outcome = self.qualified(base, &qualifiers);
        if counted && !tests {
            self.charge(1)?;
        }
        match outcome {
            Ok(Value::Optional(None)) if tests => Ok(Value::Bool(false)),
            outcome => outcome,
        }
    }

    /// Takes selections and indices off a node, the outermost first; gives what they are applied to.
    fn unwind(&self, id: ExprId, qualifiers: &mut Vec<Qualifier<'p>>) -> ExprId {
        let program = self.program;
        let mut id = id;
        loop {
            let optional = match program.plan.step(id) {
                Step::Constant(_) => return id,
                Step::Form(Form::OptionalIndex) => true,
                Step::Form(Form::Index) | Step::Open => false,
                _ => return id,
            };
            match program.ast().kind(id) {
                ExprKind::Select { operand, field, test_only } => {
                    qualifiers.push(Qualifier::Field { name: field, optional: false, test_only: *test_only });
                    id = *operand;
                }
                ExprKind::Call { args, .. } if matches!(program.plan.step(id), Step::Form(_)) => {
                    let [operand, index] = args.as_slice() else { return id };
                    qualifiers.push(Qualifier::Index { index: *index, optional });
                    id = *operand;
                }
                _ => return id,
            }
        }
    }

    fn qualified(&mut self, base: ExprId, qualifiers: &[Qualifier<'p>]) -> Outcome {
        let mut qualifiers = qualifiers;
        let mut value = match self.program.ast().kind(base) {
            ExprKind::Ident(name) if !matches!(self.program.plan.step(base), Step::Constant(_)) => {
                match (&**name, qualifiers) {
                    ("variables", [Qualifier::Field { name, test_only, .. }, rest @ ..]) if self.is_free(base) => {
                        self.charge(1)?;
                        let found = self.bindings.variable(name);
                        if *test_only {
                            return Ok(Value::Bool(found.is_some()));
                        }
                        qualifiers = rest;
                        found.ok_or_else(|| failed(format!("no such key: {name}")))??
                    }
                    _ => self.name(name)?,
                }
            }
            _ => self.uncounted(base)?,
        };
        let mut optional = false;
        if let Value::Optional(inside) = &value {
            let Some(inside) = inside else { return Ok(value) };
            let inside = (**inside).clone();
            value = inside;
            optional = true;
        }
        for qualifier in qualifiers {
            let (key, test_only) = match qualifier {
                Qualifier::Field { name, optional: is, test_only } => {
                    optional |= is;
                    (Value::String(Arc::clone(name)), *test_only)
                }
                Qualifier::Index { index, optional: is } => {
                    optional |= is;
                    (self.uncounted(*index)?, false)
                }
            };
            if test_only {
                self.charge(1)?;
                return Ok(Value::Bool(find(&value, &key)?.is_some()));
            }
            let found = find(&value, &key);
            if optional {
                match found? {
                    Some(inside) => {
                        self.charge(1)?;
                        value = inside;
                    }
                    None => return Ok(Value::Optional(None)),
                }
            } else {
                self.charge(1)?;
                value = found?.ok_or_else(|| missing(&value, &key))?;
            }
        }
        Ok(if optional { Value::some(value) } else { value })
    }

    /// Whether a name is none of a comprehension.
    fn is_free(&self, base: ExprId) -> bool {
        let ExprKind::Ident(name) = self.program.ast().kind(base) else { return false };
        self.scope_of(name).is_none()
    }

    /// The value of a name.
    pub(super) fn name(&mut self, name: &'p str) -> Outcome {
        if let Some((scope, of)) = self.scope_of(name) {
            return self.name_in(scope, of);
        }
        match self.bindings.get(name) {
            Some(value) => Ok(value.clone()),
            None if name.starts_with("authorizer") => Err(fail("the authorizer cannot be asked offline")),
            None => Err(failed(format!("no such attribute(s): {name}"))),
        }
    }
}

/// What stands under a key, if anything does (`refQualify`).
fn find(value: &Value, key: &Value) -> Result<Option<Value>, Failure> {
    if !matches!(key, Value::String(_) | Value::Int(_) | Value::Uint(_) | Value::Bool(_) | Value::Double(_)) {
        return Err(failed(format!("invalid qualifier type: {}", key.type_name())));
    }
    Ok(match value {
        Value::Map(map) => match key {
            Value::String(name) => map.get_str(name),
            _ => map.get(key),
        }
        .or_else(|| map.missing())
        .cloned(),
        Value::List(list) => usize::try_from(index_of(key)?).ok().and_then(|at| list.get(at).cloned()),
        _ => None,
    })
}

fn missing(value: &Value, key: &Value) -> Failure {
    let what = if matches!(value, Value::List(_)) { "index out of bounds" } else { "no such key" };
    failed(format!("{what}: {}", key.plain()))
}

/// `types.IndexOrError`
pub(crate) fn index_of(key: &Value) -> Result<i64, Failure> {
    let unsupported = || failed(format!("unsupported index value {} in list", key.plain()));
    match key {
        Value::Int(index) => Ok(*index),
        Value::Uint(index) => i64::try_from(*index).map_err(|_| unsupported()),
        #[expect(clippy::cast_precision_loss, reason = "a loss is what is looked for")]
        Value::Double(value) => match crate::value::double_to_int(*value) {
            Ok(index) if index as f64 == *value => Ok(index),
            _ => Err(unsupported()),
        },
        _ => Err(failed(format!("unsupported index type '{}' in list", key.type_name()))),
    }
}
