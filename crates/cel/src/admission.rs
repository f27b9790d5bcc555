//! Expressions as an admission policy has them: compiled and run against an object and a request, with the words of the
//! server (apiserver's `pkg/admission/plugin/cel`).

use seaworthy_document::Node;
use seaworthy_object::Version;

use crate::environment::Environment;
use crate::eval::{Bindings, CALL_LIMIT, Variable, evaluate};
use crate::program::Program;
use crate::types::Type;
use crate::value::{Value, quoted};

/// What expressions of a policy see.
pub struct Admission {
    environment: Environment,
    bindings: Bindings,
    /// The policy's variables and their types, in the order they were added.
    variables: Vec<(String, Type)>,
}

/// What the server makes of an expression.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It has a value.
    Value(Value),
    /// It went wrong when it ran.
    Error(String),
    /// It does not compile: the policy is refused.
    Refused(Refusal),
}

/// Why an expression is refused.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The server's words about the field of the policy.
    pub detail: String,
    /// What is wrong, with lines and carets where there are any.
    pub why: String,
}

/// The names a document may give values to.
const NAMES: [&str; 5] = ["object", "oldObject", "params", "namespaceObject", "request"];

impl Admission {
    /// The keys a document may have; see [`of_document`](Self::of_document).
    pub const KEYS: [&'static str; 6] = ["object", "oldObject", "params", "namespaceObject", "request", "variables"];

    /// Nothing is known: the objects are null. `params` says whether the policy has a `paramKind`.
    #[must_use]
    pub fn new(version: Version, params: bool) -> Self {
        let environment = Environment::admission(version, params, true).with_policy_variables(&[]);
        let bindings = NAMES.iter().fold(Bindings::new(), |bindings, name| bindings.with(name, Value::Null));
        Self { environment, bindings, variables: Vec::new() }
    }

    /// Reads a document with the keys `object`, `oldObject`, `params`, `namespaceObject` and `request`, which hold what
    /// they are, and `variables`, whose values are expressions.
    #[must_use]
    pub fn of_document(version: Version, root: Node<'_>) -> Self {
        let mut admission = Self::new(version, root.get("params").is_some());
        for name in NAMES {
            if let Some(node) = root.get(name) {
                admission = admission.with(name, Value::of_node(node));
            }
        }
        for entry in root.get("variables").iter().flat_map(Node::entries) {
            admission = admission.with_variable(entry.name(), entry.value.text());
        }
        admission
    }

    /// Gives `object` or another name its value.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.bindings = self.bindings.with(name, value);
        self
    }

    /// Adds a variable; it sees those before it.
    #[must_use]
    pub fn with_variable(mut self, name: &str, expression: &str) -> Self {
        let compiled = self.compile(expression, None);
        let ty = compiled.as_ref().map_or(Type::Dyn, |program| declared_type(program.result_type()));
        self.variables.push((name.to_owned(), ty));
        self.bindings = self.bindings.with_variable(Variable::new(name, compiled.map_err(|refusal| refusal.why)));
        let variables: Vec<(&str, Type)> = self.variables.iter().map(|(name, ty)| (&**name, ty.clone())).collect();
        self.environment = self.environment.with_policy_variables(&variables);
        self
    }

    /// Compiles an expression (`CompileCELExpression`); `wanted` is the type it must have.
    ///
    /// # Errors
    ///
    /// What the server says to it.
    pub fn compile(&self, expression: &str, wanted: Option<&Type>) -> Result<Program, Refusal> {
        let invalid = |why: String, prefix: &str| Refusal {
            detail: format!("Invalid value: {}: {prefix}{why}", quoted(expression)),
            why,
        };
        let program = crate::compile(&self.environment, expression)
            .map_err(|issues| invalid(issues.text, "compilation failed: "))?;
        let found = program.result_type();
        if let Some(wanted) = wanted.filter(|wanted| *wanted != found) {
            return Err(invalid(format!("must evaluate to {wanted} but got {found}"), ""));
        }
        match program.instantiation_error() {
            None => Ok(program),
            Some(why) => {
                let why = format!("program instantiation failed: {why}");
                Err(Refusal { detail: format!("Internal error: {why}"), why })
            }
        }
    }

    /// Compiles an expression and runs it.
    #[must_use]
    pub fn judge(&self, expression: &str, wanted: Option<&Type>) -> Verdict {
        let program = match self.compile(expression, wanted) {
            Ok(program) => program,
            Err(refusal) => return Verdict::Refused(refusal),
        };
        match evaluate(&program, &self.bindings, CALL_LIMIT).outcome {
            Ok(value) => Verdict::Value(value),
            Err(failure) => Verdict::Error(format!("expression '{expression}' resulted in error: {}", failure.text())),
        }
    }
}

/// What a variable's type is to the expressions after it: some types become `dyn` (`convertCelTypeToDeclType`).
#[must_use]
pub fn declared_type(of: &Type) -> Type {
    match of {
        Type::List(element) => Type::list(declared_type(element)),
        Type::Map(key, value) => Type::map(declared_type(key), declared_type(value)),
        Type::Opaque(..) | Type::Object(_) | Type::Type(_) | Type::Param(_) | Type::Error => Type::Dyn,
        simple => simple.clone(),
    }
}
