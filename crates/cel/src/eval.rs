//! Runs programs, as cel-go's `interpreter` does.

mod bindings;
mod cost;
mod fold;
mod operand;
mod plan;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::cell::Cell;

use crate::Program;
use crate::ast::{Entry, ExprId, ExprKind};
use crate::library::Call;
use crate::value::{Failure, Outcome, Value, fail, failed, no_such_overload};

pub use bindings::{Bindings, Variable};
pub(crate) use plan::Plan;

use fold::Scope;
use plan::{Form, Step};

/// What one evaluation may cost (`PerCallLimit`).
pub const CALL_LIMIT: u64 = 1_000_000;

/// How deep evaluation goes. The parser refuses what nests deeper than 250 levels; a level may be more than one node.
const DEEPEST: u32 = 1000;

/// What came out of a program.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The value, or what went wrong.
    pub outcome: Outcome,
    /// What it cost.
    pub cost: u64,
}

/// Runs a program; `limit` is what it may cost, [`CALL_LIMIT`] in Kubernetes.
#[must_use]
pub fn evaluate(program: &Program, bindings: &Bindings, limit: u64) -> Evaluation {
    if let Some(why) = program.instantiation_error() {
        return Evaluation { outcome: Err(failed(format!("program instantiation failed: {why}"))), cost: 0 };
    }
    let mut machine =
        Machine { program, bindings, scopes: Vec::new(), current: None, cost: 0, limit, depth: 0, work: Cell::new(0) };
    let outcome = machine.value(program.ast().root());
    Evaluation { outcome, cost: machine.cost }
}

/// The state of one evaluation.
struct Machine<'p> {
    program: &'p Program,
    bindings: &'p Bindings,
    /// Comprehensions that run, each below those inside it.
    scopes: Vec<Scope<'p>>,
    /// The innermost comprehension whose names are seen.
    current: Option<usize>,
    cost: u64,
    limit: u64,
    depth: u32,
    work: Cell<u64>,
}

impl<'p> Machine<'p> {
    /// Adds to the cost (`CostTracker`).
    fn charge(&mut self, cost: u64) -> Result<(), Failure> {
        self.cost = self.cost.saturating_add(cost);
        if self.cost > self.limit { Err(Failure::CostLimit) } else { Ok(()) }
    }

    /// The value of a node.
    fn value(&mut self, id: ExprId) -> Outcome {
        if let Step::Constant(value) = self.program.plan.step(id) {
            return Ok(value.clone());
        }
        self.depth += 1;
        let outcome = if self.depth > DEEPEST { Err(fail("expression nests too deep")) } else { self.node(id) };
        self.depth -= 1;
        outcome
    }

    fn node(&mut self, id: ExprId) -> Outcome {
        match self.program.ast().kind(id) {
            ExprKind::Ident(_) | ExprKind::Select { .. } => self.operand(id, true),
            ExprKind::Call { args, .. } => match self.program.plan.step(id) {
                Step::Form(Form::Index | Form::OptionalIndex | Form::Condition) => self.operand(id, true),
                Step::Form(Form::And) => self.logic(args, false),
                Step::Form(Form::Or) => self.logic(args, true),
                Step::Form(Form::NotStrictlyFalse) => self.not_strictly_false(args),
                Step::Form(form) => self.alternative(id, *form),
                _ => self.calls(id),
            },
            ExprKind::List { elements, optional } => self.list(elements, optional),
            ExprKind::Map(entries) => self.map(entries),
            ExprKind::Struct { fields, .. } => {
                let mut entries = Vec::with_capacity(fields.len());
                for field in fields {
                    let value = self.value(field.value)?;
                    let key = Value::String(field.name.clone());
                    if let Some(value) = optional_entry(&key, value, field.optional)? {
                        entries.push((key, value));
                    }
                }
                self.charge(cost::CREATE_STRUCT)?;
                Ok(Value::map(entries))
            }
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExprKind::Literal(_) | ExprKind::Unspecified => Err(no_such_overload()),
        }
    }

    /// `&&` and `||`: a side that decides wins over an error of the other (`evalAnd`, `evalOr`).
    fn logic(&mut self, terms: &[ExprId], decisive: bool) -> Outcome {
        let mut error = None;
        for term in terms {
            match self.value(*term) {
                Ok(Value::Bool(value)) if value == decisive => return Ok(Value::Bool(decisive)),
                Ok(Value::Bool(_)) => {}
                Err(Failure::CostLimit) => return Err(Failure::CostLimit),
                Ok(_) => {
                    error.get_or_insert_with(no_such_overload);
                }
                Err(failure) => {
                    error.get_or_insert(failure);
                }
            }
        }
        error.map_or(Ok(Value::Bool(!decisive)), Err)
    }

    fn not_strictly_false(&mut self, args: &[ExprId]) -> Outcome {
        let value = args.first().map_or(Ok(Value::Null), |arg| self.value(*arg));
        self.charge(1)?;
        match value {
            Err(Failure::CostLimit) => Err(Failure::CostLimit),
            Ok(Value::Bool(value)) => Ok(Value::Bool(value)),
            _ => Ok(Value::Bool(true)),
        }
    }

    /// `optional.or(…)`, `optional.orValue(…)`: the right side runs only if it is needed (`decorateOptionalOr`).
    fn alternative(&mut self, id: ExprId, form: Form) -> Outcome {
        let ExprKind::Call { target: Some(target), args, .. } = self.program.ast().kind(id) else {
            return Err(no_such_overload());
        };
        let [other] = args.as_slice() else { return Err(no_such_overload()) };
        let left = self.value(*target)?;
        match &left {
            Value::Optional(Some(value)) if form == Form::AlternativeValue => Ok((**value).clone()),
            Value::Optional(Some(_)) => Ok(left),
            Value::Optional(None) => self.value(*other),
            // Until cel-go 0.29, which 1.37 took, what is no optional was its own value.
            _ if self.program.server().minor() < 37 => Ok(left),
            _ => Err(no_such_overload()),
        }
    }

    /// A call. Calls whose first operand is a call, as in `a + b + c` and `a.f().g()`, run without recursion.
    fn calls(&mut self, id: ExprId) -> Outcome {
        let mut chain = vec![id];
        let mut first = self.first_operand(id);
        while let Some(operand) = first.filter(|it| self.is_plain_call(*it)) {
            chain.push(operand);
            first = self.first_operand(operand);
        }
        let mut outcome = first.map(|operand| self.value(operand));
        while let Some(call) = chain.pop() {
            if matches!(outcome, Some(Err(Failure::CostLimit))) {
                break;
            }
            outcome = Some(self.call(call, outcome));
        }
        outcome.unwrap_or_else(|| Err(no_such_overload()))
    }

    fn first_operand(&self, id: ExprId) -> Option<ExprId> {
        match self.program.ast().kind(id) {
            ExprKind::Call { target, args, .. } => target.or_else(|| args.first().copied()),
            _ => None,
        }
    }

    /// Whether a node is a call that evaluates all its arguments.
    fn is_plain_call(&self, id: ExprId) -> bool {
        matches!(self.program.plan.step(id), Step::Call { .. })
    }

    /// Runs a function whose first argument is known, or why there is none.
    fn call(&mut self, id: ExprId, first: Option<Outcome>) -> Outcome {
        let ExprKind::Call { function, target, args } = self.program.ast().kind(id) else {
            return Err(no_such_overload());
        };
        let mut values: Vec<Value> = Vec::with_capacity(args.len() + 1);
        let mut error = None;
        let mut take = |outcome: Outcome, error: &mut Option<Failure>| match outcome {
            Ok(value) => values.push(value),
            Err(failure) => {
                error.get_or_insert(failure);
                values.push(Value::Null);
            }
        };
        if let Some(first) = first {
            take(first, &mut error);
        }
        // cel-go looks at all arguments of up to two, unless it has to find the overload, or prepared a pattern.
        let symbol = function.starts_with(['_', '@']) || **function == *"matches";
        let stops = args.len() + usize::from(target.is_some()) > 2
            || matches!(self.program.plan.step(id), Step::Call { regex: Some(_), .. })
            || (!symbol && self.program.matched(id).count_ones() > 1);
        for arg in args.iter().skip(usize::from(target.is_none())) {
            if stops && let Some(error) = error.take() {
                return Err(error);
            }
            let outcome = self.value(*arg);
            take(outcome, &mut error);
        }
        match (self.program.plan.step(id), error) {
            (_, Some(Failure::CostLimit)) => Err(Failure::CostLimit),
            (Step::Call { body, rule, regex }, error) => {
                let call = Call {
                    program: self.program,
                    id,
                    name: function,
                    args: &values,
                    regex: regex.as_ref(),
                    work: &self.work,
                };
                let before = cost::before(*rule, &call);
                if self.cost.saturating_add(before) > self.limit {
                    return Err(Failure::CostLimit);
                }
                // The call is paid for even if there is nothing to call it with.
                let outcome = error.map_or_else(|| body(&call), Err);
                let cost = cost::of_call(*rule, &call, &outcome);
                self.charge(cost)?;
                outcome
            }
            (_, Some(error)) => Err(error),
            (Step::Member(constants), None) => {
                let found = values.first().is_some_and(|value| constants.contains(value));
                Ok(Value::Bool(found))
            }
            _ => Err(failed(format!("no such overload: {function}"))),
        }
    }

    fn list(&mut self, elements: &[ExprId], optional: &[u32]) -> Outcome {
        self.charge(cost::CREATE_LIST)?;
        let mut items = Vec::with_capacity(elements.len());
        for (at, element) in elements.iter().enumerate() {
            let value = self.value(*element)?;
            if !optional.iter().any(|it| *it as usize == at) {
                items.push(value);
                continue;
            }
            match value {
                Value::Optional(Some(value)) => items.push((*value).clone()),
                Value::Optional(None) => {}
                value => {
                    let value = value.plain();
                    return Err(failed(format!(
                        "cannot initialize optional list element from non-optional value {value}"
                    )));
                }
            }
        }
        Ok(Value::list(items))
    }

    fn map(&mut self, entries: &[Entry]) -> Outcome {
        self.charge(cost::CREATE_MAP)?;
        let mut made = Vec::with_capacity(entries.len());
        for entry in entries {
            let key = self.value(entry.key)?;
            let value = self.value(entry.value)?;
            if let Some(value) = optional_entry(&key, value, entry.optional)? {
                made.push((key, value));
            }
        }
        Ok(Value::map(made))
    }
}

/// The value of an entry, if it is to be there.
fn optional_entry(key: &Value, value: Value, optional: bool) -> Result<Option<Value>, Failure> {
    if !optional {
        return Ok(Some(value));
    }
    match value {
        Value::Optional(value) => Ok(value.map(|value| (*value).clone())),
        value => {
            let (key, value) = (key.plain(), value.plain());
            Err(failed(format!("cannot initialize optional entry '{key}' from non-optional value {value}")))
        }
    }
}
