//! The bodies of all functions: cel-go's standard library and extensions, and the API server's own (`pkg/cel/library`).
//!
//! A function is found by its name and looks at its arguments itself: which overloads a version of Kubernetes has is
//! for the checker to know.

mod conversions;
mod formats;
mod formatting;
mod lists;
mod network;
mod operators;
mod optional;
mod quantity;
mod regular;
mod semver;
mod sets;
mod strings;
#[cfg(test)]
mod tests;
mod time;
mod url;

use std::cell::Cell;

use crate::Program;
use crate::ast::{ExprId, ExprKind};
use crate::regex::Regex;
use crate::types::Type;
use crate::value::{Failure, Outcome, Value, failed, no_such_overload};

pub(crate) use formats::pattern_size;
pub(crate) use operators::{add, insert};

/// A call that runs.
pub(crate) struct Call<'a> {
    /// Whose call it is.
    pub(crate) program: &'a Program,
    /// Its node.
    pub(crate) id: ExprId,
    /// The function.
    pub(crate) name: &'a str,
    /// The arguments; the target of a member call is the first.
    pub(crate) args: &'a [Value],
    /// The second argument as a pattern, if it is a constant.
    pub(crate) regex: Option<&'a Regex>,
    /// What all calls of the evaluation have done beyond what they cost.
    pub(crate) work: &'a Cell<u64>,
}

/// So much work an evaluation may do: bytes of text and elements of lists it makes, steps of patterns it takes. The
/// server's costs do not count them all: a short text may be replaced by a long one, and a short pattern take many
/// steps.
const MOST_WORK: u64 = 100_000_000;

/// What a function does.
pub(crate) type Body = fn(&Call<'_>) -> Outcome;

/// The functions of a library.
type Functions = &'static [(&'static str, Body)];

const LIBRARIES: [Functions; 14] = [
    operators::FUNCTIONS,
    conversions::FUNCTIONS,
    time::FUNCTIONS,
    strings::FUNCTIONS,
    formatting::FUNCTIONS,
    lists::FUNCTIONS,
    sets::FUNCTIONS,
    regular::FUNCTIONS,
    optional::FUNCTIONS,
    quantity::FUNCTIONS,
    network::FUNCTIONS,
    url::FUNCTIONS,
    semver::FUNCTIONS,
    formats::FUNCTIONS,
];

/// The body of a function; those of the authorizer have none, as there is nobody to ask.
pub(crate) fn body(name: &str) -> Option<Body> {
    let found = LIBRARIES.iter().flat_map(|library| library.iter()).find(|(there, _)| *there == name);
    found.map(|(_, body)| *body)
}

impl Call<'_> {
    /// Adds to the work; an error if it is too much.
    pub(crate) fn works(&self, more: usize) -> Result<(), Failure> {
        let work = self.work.get().saturating_add(more as u64);
        self.work.set(work);
        if work > MOST_WORK { Err(Failure::CostLimit) } else { Ok(()) }
    }

    /// The minor version of Kubernetes whose cel-go runs.
    pub(crate) fn minor(&self) -> u8 {
        self.program.server().minor()
    }

    /// The type the checker found for an argument.
    pub(crate) fn type_of(&self, at: usize) -> &Type {
        let ExprKind::Call { target, args, .. } = self.program.ast().kind(self.id) else { return &Type::Dyn };
        target.iter().chain(args).nth(at).map_or(&Type::Dyn, |arg| self.program.type_of(*arg))
    }

    /// What a function says to arguments it has no overload for (`MaybeNoSuchOverload`).
    #[cold]
    pub(crate) fn mismatch(&self) -> Failure {
        let types: Vec<&str> = self.args.iter().map(Value::type_name).collect();
        failed(format!("no such overload: {}({})", self.name, types.join(", ")))
    }

    /// What an operator says to arguments it has no overload for; the words depend on whether its first argument
    /// knows the operator at all.
    #[cold]
    pub(crate) fn operands(&self, known: bool) -> Failure {
        if known || self.args.first().is_some_and(Value::is_receiver) {
            return no_such_overload();
        }
        failed(format!("no such overload: {}", self.name))
    }

    /// The only argument.
    pub(crate) fn one(&self) -> Result<&Value, Failure> {
        if let [value] = self.args { Ok(value) } else { Err(self.mismatch()) }
    }

    /// The two arguments.
    pub(crate) fn two(&self) -> Result<(&Value, &Value), Failure> {
        if let [left, right] = self.args { Ok((left, right)) } else { Err(self.mismatch()) }
    }

    /// The only argument, a string.
    pub(crate) fn text(&self) -> Result<&str, Failure> {
        self.one()?.as_str().ok_or_else(|| self.mismatch())
    }
}

/// No text is longer. The server has no such limit, but who computes with so much has spent the budget.
const LONGEST: usize = 16 << 20;

/// A string, if it is not too long to be made.
fn bounded(call: &Call<'_>, len: usize, make: &mut dyn FnMut() -> String) -> Outcome {
    call.works(len)?;
    if len > LONGEST { Err(Failure::CostLimit) } else { Ok(Value::string(&make())) }
}
