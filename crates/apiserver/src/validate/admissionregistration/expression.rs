//! Expressions in CEL, and what they may speak of.

use seaworthy_cel::{Environment, Type, compile, declared_type};

use super::super::meta;
use super::super::run::Run;
use super::super::seen::Seen;
use super::super::value::Value;
use super::super::words::Reason;

/// So many conditions may be stated.
const CONDITIONS_LIMIT: usize = 64;

/// What an expression is for, which says of what type it must be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A variable.
    Any,
    /// A condition, a validation.
    Truth,
    /// The message of a validation.
    Message,
    /// The value of an audit annotation.
    Audit,
    /// A list of JSON patches.
    Patch,
    /// An object to apply.
    Apply,
}

impl Kind {
    /// The types it may have; none stands for any.
    fn types(self) -> Vec<Type> {
        match self {
            Kind::Any => Vec::new(),
            Kind::Truth => vec![Type::Bool],
            Kind::Message => vec![Type::String],
            Kind::Audit => vec![Type::String, Type::Null],
            Kind::Patch => vec![Type::list(Type::Object("JSONPatch".into()))],
            Kind::Apply => vec![Type::Object("Object".into())],
        }
    }
}

/// What expressions of one object may speak of.
pub(super) struct Variables {
    params: bool,
    /// Whether there are `variables`.
    composed: bool,
    /// What messages may speak of: all but the authorizer.
    messages: Option<Environment>,
    others: Option<Environment>,
    /// What mutations may speak of; they come after all variables.
    patches: Option<Environment>,
}

impl Variables {
    /// Those of webhooks.
    pub(super) fn of_requests() -> Self {
        Self::of_policy(false, false)
    }

    /// Those of policies, with parameters or without, with variables of their own or without.
    pub(super) fn of_policy(params: bool, composed: bool) -> Self {
        Self { params, composed, messages: None, others: None, patches: None }
    }

    fn environment(&mut self, run: &Run<'_>, kind: Kind) -> &mut Environment {
        let (params, composed) = (self.params, self.composed);
        let make = |authorizer| {
            let environment = Environment::admission(run.own_version(), params, authorizer);
            if composed { environment.with_policy_variables(&[]) } else { environment }
        };
        match kind {
            Kind::Message => self.messages.get_or_insert_with(|| make(false)),
            Kind::Patch | Kind::Apply => {
                let others = self.others.get_or_insert_with(|| make(true));
                self.patches.get_or_insert_with(|| others.clone().with_patches())
            }
            Kind::Any | Kind::Truth | Kind::Audit => self.others.get_or_insert_with(|| make(true)),
        }
    }

    /// Checks the expression of a variable, of which later ones may speak.
    pub(super) fn declare(&mut self, name: &str, expression: Value<'_>) {
        let ty = self.check(expression, expression.str(), Kind::Any).map_or(Type::Dyn, |it| declared_type(&it));
        for kind in [Kind::Any, Kind::Message] {
            self.environment(expression.run(), kind).add_policy_variable(name, ty.clone());
        }
    }

    /// Checks an expression (`CompileCELExpression`); gives its type.
    pub(super) fn check(&mut self, field: Value<'_>, expression: &str, kind: Kind) -> Option<Type> {
        let shown = if kind == Kind::Audit { field.str() } else { expression };
        let program = match compile(self.environment(field.run(), kind), expression) {
            Ok(program) => program,
            Err(issues) => {
                field.invalid_text(shown, &format!("compilation failed: {}", issues.text));
                return None;
            }
        };
        let found = program.result_type();
        let wanted = kind.types();
        if !wanted.is_empty() && !wanted.contains(found) {
            let names: Vec<String> = wanted.iter().map(Type::declared_name).collect();
            let wanted = if names.len() == 1 { names.concat() } else { format!("one of [{}]", names.join(" ")) };
            let got = if field.since(32) { format!(" but got {}", found.declared_name()) } else { String::new() };
            field.invalid_text(shown, &format!("must evaluate to {wanted}{got}"));
            return None;
        }
        if let Some(fault) = program.instantiation_error() {
            field.say(Reason::Internal, None, &format!("program instantiation failed: {fault}"), None);
            return None;
        }
        Some(found.clone())
    }
}

/// `validateMatchConditions`
pub(super) fn match_conditions(list: Value<'_>, mut variables: Variables) {
    if list.len() > CONDITIONS_LIMIT {
        list.too_many(list.len(), CONDITIONS_LIMIT);
    }
    let mut seen = Seen::default();
    for condition in list.items() {
        let (name, expression) = (condition.get("name"), condition.get("expression"));
        let trimmed = expression.str().trim();
        if trimmed.is_empty() {
            expression.required("");
        } else {
            variables.check(expression, trimmed, Kind::Truth);
        }
        if name.is_empty() {
            name.required("");
            continue;
        }
        meta::label_name(name);
        if !seen.insert(name.str()) {
            name.duplicate();
        }
    }
}
