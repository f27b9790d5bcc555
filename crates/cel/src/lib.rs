//! CEL as Kubernetes runs it: what an API server says to an expression, and what the expression says to an object.
//!
//! [`compile`] reads an expression and checks its types in an [`Environment`]; the [`Program`] it gives can be run,
//! and its cost estimated. Where an expression is refused, [`Issues`] has the server's own text.
//!
//! *Architecture invariant:* nothing here recurses deeper than its input may be nested, and that is bounded by the
//! parser's limits.

mod admission;
pub mod ast;
mod check;
mod constants;
mod cost;
mod declarations;
mod declared;
mod environment;
mod error;
mod eval;
mod library;
mod names;
mod order;
mod program;
mod regex;
mod syntax;
mod types;
mod value;

pub use admission::{Admission, Refusal, Verdict};
pub use cost::{DEFINITION_LIMIT, RULE_LIMIT, Range, estimate_cost};
pub use declared::{Declared, Schema};
pub use environment::Environment;
pub use error::{Issue, Issues};
pub use eval::{Bindings, CALL_LIMIT, Evaluation, Variable, evaluate};
pub use names::{escape, unescape};
pub use program::Program;
pub use regex::Regex;
pub use syntax::{Dialect, parse};
pub use types::Type;
pub use value::{Cidr, Equality, Failure, List, ListKind, Map, Outcome, Semver, Timestamp, Url, Value};

use error::Text;

/// Reads and checks an expression.
///
/// # Errors
///
/// What the server says to an expression that it does not take.
pub fn compile(environment: &Environment, source: &str) -> Result<Program, Issues> {
    let mut ast = parse(environment.dialect(), source)?;
    let text = Text::new(source);
    let checked = check::check(environment, &mut ast, &text)?;
    Ok(Program::new(ast, checked, environment.dialect()))
}
