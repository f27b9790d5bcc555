//! CEL as Kubernetes runs it: what an API server says to an expression, and what the expression says to an object.
//!
//! # The way of an expression
//!
//! 1. An [`Environment`] declares what the expression may name: variables, the types of objects, and the libraries that
//!    a server of some version offers. [`Environment::admission`] is that of admission policies and of webhooks' match
//!    conditions. For a rule of a CustomResourceDefinition, [`Declared::of_schema`] makes the type of `self` from a
//!    [`Schema`], and [`Environment::with_declared`] declares it.
//! 2. [`compile`] reads the expression and checks its types. Where the server refuses, [`Issues`] is its text, with
//!    lines and carets; the server prints `compilation failed: ` before it.
//! 3. The [`Program`] has a [type](Program::result_type), and may still have an
//!    [error](Program::instantiation_error) that the server finds before it runs anything.
//! 4. [`estimate_cost`] says what it may cost at most; [`RULE_LIMIT`] and [`DEFINITION_LIMIT`] are the server's.
//! 5. [`evaluate`] runs it on the values in [`Bindings`].
//!
//! ```
//! use seaworthy_cel::{Environment, Type, compile};
//! use seaworthy_object::Version;
//!
//! let environment = Environment::new(Version::NEWEST).with("self", Type::Int);
//! assert_eq!(compile(&environment, "self > 1")?.result_type(), &Type::Bool);
//!
//! let issues = compile(&environment, "self > 'a'").unwrap_err();
//! assert_eq!(issues.list.first().map(|issue| issue.column), Some(6));
//! assert_eq!(
//!     issues.text,
//!     "ERROR: <input>:1:6: found no matching overload for '_>_' applied to '(int, string)'\n \
//!      | self > 'a'\n \
//!      | .....^"
//! );
//! # Ok::<(), seaworthy_cel::Issues>(())
//! ```
//!
//! # A rule of a CustomResourceDefinition
//!
//! Declare `self`, and `oldSelf` of the same type ([`Environment::variable`] has it), or of an
//! [optional](Type::optional) of it if the rule has `optionalOldSelf`. The rule must have the type [`Type::Bool`], its
//! `messageExpression` [`Type::String`]. The rule's cost, [`estimate_cost`] of it with the [`Declared`] of its schema,
//! is multiplied by how often the schema can occur: the product of the bounds of the lists and maps around it, or where
//! one has no bound, [`Declared::max_cardinality`].
//!
//! # Limits
//!
//! The types of Protocol Buffers that wrap a value (`google.protobuf.Int64Value{…}`) are not there: nothing in
//! Kubernetes uses them.
//!
//! *Architecture invariant:* nothing here recurses deeper than an expression may be nested, which the parser bounds as
//! the server's does; and nothing grows by more than what is written, for trees and types have a largest size.

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
mod program;
mod regex;
mod syntax;
mod types;
mod value;

pub use admission::{Admission, Refusal, Verdict, declared_type};
pub use cost::{DEFINITION_LIMIT, RULE_LIMIT, Range, estimate_cost};
pub use declared::{Declared, Schema};
pub use environment::Environment;
pub use error::{Issue, Issues};
pub use eval::{Bindings, CALL_LIMIT, Evaluation, Variable, evaluate};
pub use names::{escape, is_keyword, unescape};
pub use program::Program;
pub use regex::Regex;
pub use syntax::{Dialect, parse};
pub use types::Type;
pub use value::text::quoted;
pub use value::{Amount, Cidr, Equality, Failure, List, ListKind, Map, Outcome, Semver, Timestamp, Url, Value};

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
