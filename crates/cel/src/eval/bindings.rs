//! What the names of an expression stand for.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::{CALL_LIMIT, evaluate};
use crate::Program;
use crate::value::{Failure, Outcome, Value, failed};

/// The values of an evaluation's names.
#[derive(Default)]
pub struct Bindings {
    values: Vec<(Arc<str>, Value)>,
    variables: Vec<Variable>,
    /// What `variables` cost.
    spent: Cell<u64>,
    /// How many `variables` are being computed, each for another.
    running: Cell<u32>,
}

/// A variable of a policy (`variables.name`). It is computed when somebody asks, and once.
pub struct Variable {
    /// Its name.
    pub name: Arc<str>,
    /// Its expression, or why that does not compile.
    pub program: Result<Program, String>,
    outcome: RefCell<Option<Outcome>>,
}

impl Variable {
    /// A variable.
    #[must_use]
    pub fn new(name: &str, program: Result<Program, String>) -> Self {
        Self { name: name.into(), program, outcome: RefCell::new(None) }
    }
}

impl Bindings {
    /// No names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a name a value; the last one counts.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.values.retain(|(there, _)| **there != *name);
        self.values.push((name.into(), value));
        self
    }

    /// Adds a variable of a policy.
    #[must_use]
    pub fn with_variable(mut self, variable: Variable) -> Self {
        self.variables.push(variable);
        self
    }

    /// What the variables of the policy have cost so far.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.spent.get()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(there, _)| **there == *name).map(|(_, value)| value)
    }

    /// The value of a variable (`composition.go`, `variableAccessor.Callback`).
    pub(super) fn variable(&self, name: &str) -> Option<Outcome> {
        let variable = self.variables.iter().find(|it| *it.name == *name)?;
        if let Some(outcome) = &*variable.outcome.borrow() {
            return Some(outcome.clone());
        }
        let outcome = match &variable.program {
            Err(why) => Err(failed(format!("composited variable \"{name}\" fails to compile: {why}"))),
            Ok(program) => self.compute(name, program),
        };
        *variable.outcome.borrow_mut() = Some(outcome.clone());
        Some(outcome)
    }

    fn compute(&self, name: &str, program: &Program) -> Outcome {
        let running = self.running.get();
        // A variable sees those before it; whoever binds them otherwise gets an error, not an endless loop.
        if running as usize >= self.variables.len() {
            return Err(failed(format!("variable \"{name}\" needs itself")));
        }
        self.running.set(running + 1);
        let evaluation = evaluate(program, self, CALL_LIMIT);
        self.running.set(running);
        self.spent.set(self.spent.get().saturating_add(evaluation.cost));
        evaluation.outcome.map_err(|failure: Failure| {
            failed(format!("composited variable \"{name}\" fails to evaluate: {}", failure.text()))
        })
    }
}
