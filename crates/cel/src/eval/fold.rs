//! Comprehensions (cel-go's `evalFold` and `folder`).

use super::Machine;
use super::plan::Step;
use crate::ast::{Comprehension, ExprId, ExprKind};
use crate::library::{add, insert};
use crate::value::{Failure, List, Map, Outcome, Value, failed, no_such_overload};

/// A comprehension that runs.
pub(super) struct Scope<'p> {
    of: &'p Comprehension,
    /// The comprehension around it.
    parent: Option<usize>,
    /// Not there until somebody asks.
    accumulator: Option<Outcome>,
    element: Value,
    second: Value,
    /// The result is computed: it sees the accumulator alone.
    finished: bool,
}

/// Which name of a comprehension.
#[derive(Clone, Copy)]
pub(super) enum Name {
    Accumulator,
    Element,
    Second,
}

/// What is walked.
enum Range {
    List(List),
    Map(Map),
}

impl<'p> Machine<'p> {
    pub(super) fn comprehension(&mut self, of: &'p Comprehension) -> Outcome {
        let range = match self.value(of.iter_range)? {
            Value::List(list) => Range::List(list),
            Value::Map(map) => Range::Map(map),
            other if of.iter_var2.is_some() => {
                return Err(failed(format!("unsupported comprehension range type: {}", go_type(&other))));
            }
            other => return Err(failed(format!("got '{}', expected iterable type", go_type(&other)))),
        };
        let parent = self.current;
        let scope = Scope { of, parent, accumulator: None, element: Value::Null, second: Value::Null, finished: false };
        self.scopes.push(scope);
        let place = self.scopes.len() - 1;
        self.current = Some(place);
        let walked = self.walk(of, place, &range);
        if let Some(scope) = self.scopes.get_mut(place) {
            scope.finished = true;
        }
        let outcome = walked.and_then(|()| self.value(of.result));
        self.scopes.truncate(place);
        self.current = parent;
        outcome
    }

    fn walk(&mut self, of: &'p Comprehension, place: usize, range: &Range) -> Result<(), Failure> {
        let len = match range {
            Range::List(list) => list.len(),
            Range::Map(map) => map.len(),
        };
        for at in 0..len {
            let (element, second) = match range {
                Range::List(list) => {
                    let item = list.get(at).cloned().unwrap_or(Value::Null);
                    let index = Value::Int(i64::try_from(at).unwrap_or(i64::MAX));
                    if of.iter_var2.is_some() { (index, item) } else { (item, Value::Null) }
                }
                Range::Map(map) => map.at(at).cloned().unwrap_or((Value::Null, Value::Null)),
            };
            if let Some(scope) = self.scopes.get_mut(place) {
                scope.element = element;
                scope.second = second;
            }
            match self.value(of.loop_condition) {
                Ok(Value::Bool(false)) => break,
                Err(Failure::CostLimit) => return Err(Failure::CostLimit),
                // An error goes on: the step may absorb it.
                _ => {}
            }
            let next = self.step(of.loop_step, place);
            if matches!(next, Err(Failure::CostLimit)) {
                return next.map(|_| ());
            }
            if let Some(scope) = self.scopes.get_mut(place) {
                scope.accumulator = Some(next);
            }
        }
        Ok(())
    }

    /// The next value of the accumulator. What is only added to it is added in place.
    fn step(&mut self, id: ExprId, place: usize) -> Outcome {
        let ExprKind::Call { function, args, .. } = self.program.ast().kind(id) else { return self.value(id) };
        match (&**function, args.as_slice()) {
            ("_?_:_", [condition, truthy, falsy]) => match self.value(*condition)? {
                Value::Bool(true) => self.branch(*truthy, place),
                Value::Bool(false) => self.branch(*falsy, place),
                _ => Err(no_such_overload()),
            },
            ("_+_", [accumulator, added]) if self.is_accumulator(*accumulator, place) => {
                self.charge(1)?;
                // An error of an earlier step stays one, but what would be added is looked at.
                let there = self.name_in(place, Name::Accumulator).map(drop);
                let added = self.value(*added);
                self.charge(1)?;
                if matches!(added, Err(Failure::CostLimit)) {
                    return added;
                }
                there?;
                match (self.take_accumulator(place)?, added?) {
                    (Value::List(mut list), Value::List(added)) => {
                        list.append(&added);
                        Ok(Value::List(list))
                    }
                    (left, right) => add(&left, &right),
                }
            }
            ("cel.@mapInsert", [accumulator, rest @ ..]) if self.is_accumulator(*accumulator, place) => {
                self.charge(1)?;
                let there = self.name_in(place, Name::Accumulator).map(drop);
                // Of three arguments those after one that failed are not looked at.
                if rest.len() > 1 {
                    there.clone()?;
                }
                let mut values = Vec::with_capacity(rest.len());
                for arg in rest {
                    match self.value(*arg) {
                        Err(failure) if there.is_ok() || failure == Failure::CostLimit => return Err(failure),
                        outcome => values.extend(outcome),
                    }
                }
                self.charge(1)?;
                there?;
                insert(self.take_accumulator(place)?, &values)
            }
            _ => self.value(id),
        }
    }

    fn branch(&mut self, id: ExprId, place: usize) -> Outcome {
        if self.is_accumulator(id, place) {
            self.name_in(place, Name::Accumulator)?;
            return self.take_accumulator(place);
        }
        match self.program.ast().kind(id) {
            ExprKind::Call { .. } => self.step(id, place),
            _ => self.operand(id, false),
        }
    }

    fn is_accumulator(&self, id: ExprId, place: usize) -> bool {
        let ExprKind::Ident(name) = self.program.ast().kind(id) else { return false };
        let Some(scope) = self.scopes.get(place) else { return false };
        self.current == Some(place)
            && *name == scope.of.accu_var
            && !matches!(self.program.plan.step(id), Step::Constant(_))
    }

    fn take_accumulator(&mut self, place: usize) -> Outcome {
        let taken = self.scopes.get_mut(place).and_then(|scope| scope.accumulator.take());
        taken.unwrap_or_else(|| Err(no_such_overload()))
    }

    /// The comprehension that has a name, from the inside.
    pub(super) fn scope_of(&self, name: &str) -> Option<(usize, Name)> {
        let mut at = self.current;
        while let Some(place) = at {
            let scope = self.scopes.get(place)?;
            if *scope.of.accu_var == *name {
                return Some((place, Name::Accumulator));
            }
            if !scope.finished {
                if *scope.of.iter_var == *name {
                    return Some((place, Name::Element));
                }
                if scope.of.iter_var2.as_deref() == Some(name) {
                    return Some((place, Name::Second));
                }
            }
            at = scope.parent;
        }
        None
    }

    /// The value of a name of a comprehension. The accumulator's first value is computed when somebody asks.
    pub(super) fn name_in(&mut self, place: usize, name: Name) -> Outcome {
        let Some(scope) = self.scopes.get(place) else { return Err(no_such_overload()) };
        match name {
            Name::Element => return Ok(scope.element.clone()),
            Name::Second => return Ok(scope.second.clone()),
            Name::Accumulator => {}
        }
        if let Some(outcome) = &scope.accumulator {
            return outcome.clone();
        }
        let (init, parent) = (scope.of.accu_init, scope.parent);
        let current = std::mem::replace(&mut self.current, parent);
        let outcome = self.value(init);
        self.current = current;
        if let Some(scope) = self.scopes.get_mut(place) {
            scope.accumulator = Some(outcome.clone());
        }
        outcome
    }
}

/// `%T` of a value in cel-go.
fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "types.Null",
        Value::Bool(_) => "types.Bool",
        Value::Int(_) => "types.Int",
        Value::Uint(_) => "types.Uint",
        Value::Double(_) => "types.Double",
        Value::String(_) => "types.String",
        Value::Bytes(_) => "types.Bytes",
        Value::Duration(_) => "types.Duration",
        Value::Timestamp(_) => "types.Timestamp",
        Value::Optional(_) => "*types.Optional",
        Value::Type(_) => "*types.Type",
        Value::Quantity(_) => "cel.Quantity",
        Value::Ip(_) => "cel.IP",
        Value::Cidr(_) => "cel.CIDR",
        Value::Url(_) => "cel.URL",
        Value::Semver(_) => "cel.Semver",
        Value::Format(_) => "cel.Format",
        Value::List(_) | Value::Map(_) => "",
    }
}
