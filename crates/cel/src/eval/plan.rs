//! What is known of a program before it runs: constants, bodies of functions, patterns (cel-go's
//! `interpreter/planner.go` and the decorators of `OptOptimize`).

use std::cell::Cell;

use super::cost::Rule;
use crate::Program;
use crate::ast::{Ast, Comprehension, ExprId, ExprKind, Literal};
use crate::library::{self, Body, Call};
use crate::regex::Regex;
use crate::types::Type;
use crate::value::{List, Value};

/// The steps of a program, by node.
#[derive(Clone, Default)]
pub(crate) struct Plan {
    steps: Vec<Step>,
}

/// What is known of a node.
#[derive(Clone, Default)]
pub(super) enum Step {
    /// It must be looked at when it runs.
    #[default]
    Open,
    /// It is this.
    Constant(Value),
    /// It calls this with all its arguments.
    Call { body: Body, rule: Rule, regex: Option<Regex> },
    /// It is a call that does not evaluate all its arguments, or not before it looks at them.
    Form(Form),
    /// It asks whether a value is one of these.
    Member(List),
}

/// Calls that the evaluator knows itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    And,
    Or,
    Condition,
    /// `a[b]`
    Index,
    /// `a[?b]`, `a.?b`
    OptionalIndex,
    NotStrictlyFalse,
    /// `a.or(b)`
    Alternative,
    /// `a.orValue(b)`
    AlternativeValue,
}

impl Form {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "_&&_" => Self::And,
            "_||_" => Self::Or,
            "_?_:_" => Self::Condition,
            "_[_]" => Self::Index,
            "_[?_]" | "_?._" => Self::OptionalIndex,
            "@not_strictly_false" | "__not_strictly_false__" => Self::NotStrictlyFalse,
            "or" => Self::Alternative,
            "orValue" => Self::AlternativeValue,
            _ => return None,
        })
    }
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Plan({} steps)", self.steps.len())
    }
}

impl Plan {
    /// The step of a node.
    pub(super) fn step(&self, id: ExprId) -> &Step {
        self.steps.get(id.index()).unwrap_or(&Step::Open)
    }

    /// Plans a program that has been checked.
    ///
    /// # Errors
    ///
    /// What the server says after "program instantiation failed: ".
    pub(crate) fn of(program: &Program) -> Result<Self, String> {
        let ast = program.ast();
        let mut plan = Self { steps: vec![Step::Open; ast.len()] };
        // Children first; without recursion, as a chain of operators may be long.
        let mut open = vec![(ast.root(), false)];
        while let Some((id, entered)) = open.pop() {
            if entered {
                let step = plan.planned(program, id)?;
                if let Some(place) = plan.steps.get_mut(id.index()) {
                    *place = step;
                }
            } else {
                open.push((id, true));
                let first = open.len();
                each_child(ast, id, &mut |child| open.push((child, false)));
                if let Some(children) = open.get_mut(first..) {
                    children.reverse();
                }
            }
        }
        Ok(plan)
    }

    fn constant(&self, id: ExprId) -> Option<&Value> {
        if let Step::Constant(value) = self.step(id) { Some(value) } else { None }
    }

    fn planned(&self, program: &Program, id: ExprId) -> Result<Step, String> {
        Ok(match program.ast().kind(id) {
            ExprKind::Literal(literal) => Step::Constant(value_of(literal)),
            // What has a type for its value is looked up among the types of the libraries, whatever it is.
            ExprKind::Ident(name) if matches!(program.type_of(id), Type::Type(_)) => {
                if !is_type(name) {
                    return Err(format!("reference to undefined type: {name}"));
                }
                Step::Constant(Value::Type(name.clone()))
            }
            ExprKind::List { elements, optional } if optional.is_empty() => {
                let items: Option<Vec<Value>> = elements.iter().map(|it| self.constant(*it).cloned()).collect();
                items.map_or(Step::Open, |items| Step::Constant(Value::list(items)))
            }
            ExprKind::Map(entries) if entries.iter().all(|entry| !entry.optional) => {
                let both = |key, value| Some((self.constant(key)?.clone(), self.constant(value)?.clone()));
                let made: Option<Vec<_>> = entries.iter().map(|entry| both(entry.key, entry.value)).collect();
                made.map_or(Step::Open, |entries| Step::Constant(Value::map(entries)))
            }
            ExprKind::Call { function, target, args } => {
                let args: Vec<ExprId> = target.iter().chain(args).copied().collect();
                self.planned_call(program, id, function, &args)?
            }
            _ => Step::Open,
        })
    }

    fn planned_call(&self, program: &Program, id: ExprId, name: &str, args: &[ExprId]) -> Result<Step, String> {
        let second = args.get(1).and_then(|arg| self.constant(*arg));
        if let ("_[_]" | "_[?_]", Some(key)) = (name, second)
            && let Some(kind) = unusable_key(key)
        {
            return Err(format!("invalid qualifier type: {kind}"));
        }
        if let Some(form) = Form::of(name) {
            return Ok(Step::Form(form));
        }
        let Some(body) = library::body(name) else { return Ok(Step::Open) };
        let regex = match (name, second) {
            ("matches" | "find" | "findAll", Some(Value::String(pattern))) => Some(Regex::new(pattern)?),
            _ => None,
        };
        match (name, second) {
            ("@in", Some(Value::List(list))) if args.get(1).is_some_and(|it| is_list(program.type_of(*it))) => {
                if list.is_empty() {
                    return Ok(Step::Constant(Value::Bool(false)));
                }
                if list.iter().all(is_primitive) {
                    return Ok(Step::Member(list.clone()));
                }
            }
            _ => {}
        }
        if let [arg] = args
            && is_conversion(name)
            && let Some(value) = self.constant(*arg)
        {
            let call = Call { program, id, name, args: std::slice::from_ref(value), regex: None, work: &Cell::new(0) };
            let value = body(&call).map_err(|failure| failure.text().to_owned())?;
            return Ok(Step::Constant(value));
        }
        let call = Call { program, id, name, args: &[], regex: None, work: &Cell::new(0) };
        Ok(Step::Call { body, rule: Rule::of(&call), regex })
    }
}

/// `IsTypeConversionFunction`
fn is_conversion(name: &str) -> bool {
    matches!(name, "bool" | "bytes" | "double" | "duration" | "dyn" | "int" | "string" | "timestamp" | "type" | "uint")
}

/// What cel-go calls a constant that is no key of anything (`NewQualifier`).
fn unusable_key(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Null => "types.Null",
        Value::Bytes(_) => "types.Bytes",
        Value::List(_) => "*types.baseList",
        Value::Map(_) => "*types.baseMap",
        Value::Type(_) => "*types.Type",
        Value::Duration(_) => "types.Duration",
        Value::Timestamp(_) => "types.Timestamp",
        _ => return None,
    })
}

fn is_list(of: &Type) -> bool {
    matches!(of, Type::List(_))
}

fn is_primitive(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Double(_) | Value::String(_))
}

/// Names that stand for a type.
fn is_type(name: &str) -> bool {
    matches!(
        name,
        "bool"
            | "bytes"
            | "double"
            | "google.protobuf.Duration"
            | "google.protobuf.Timestamp"
            | "int"
            | "list"
            | "map"
            | "net.CIDR"
            | "net.IP"
            | "null_type"
            | "optional_type"
            | "string"
            | "type"
            | "uint"
    )
}

fn value_of(literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(*value),
        Literal::Uint(value) => Value::Uint(*value),
        Literal::Double(value) => Value::Double(*value),
        Literal::String(text) => Value::String(text.clone()),
        Literal::Bytes(bytes) => Value::Bytes(bytes.clone()),
    }
}

/// The nodes a node is made of, in the order in which the server plans them.
fn each_child(ast: &Ast, id: ExprId, take: &mut dyn FnMut(ExprId)) {
    match ast.kind(id) {
        ExprKind::Select { operand, .. } => take(*operand),
        ExprKind::Call { target, args, .. } => target.iter().chain(args).for_each(|it| take(*it)),
        ExprKind::List { elements, .. } => elements.iter().for_each(|it| take(*it)),
        ExprKind::Map(entries) => {
            for entry in entries {
                take(entry.key);
                take(entry.value);
            }
        }
        ExprKind::Struct { fields, .. } => fields.iter().for_each(|field| take(field.value)),
        ExprKind::Comprehension(of) => {
            let Comprehension { accu_init, iter_range, loop_condition, loop_step, result, .. } = &**of;
            [accu_init, iter_range, loop_condition, loop_step, result].into_iter().for_each(|it| take(*it));
        }
        ExprKind::Literal(_) | ExprKind::Ident(_) | ExprKind::Unspecified => {}
    }
}
