//! The expressions of a definition's rules: do they compile, and what may they cost?
//!
//! k8s.io/apiextensions-apiserver, pkg/apis/apiextensions/validation, cel_validation.go.

use std::cell::{Cell, RefCell};

use seaworthy_cel::{DEFINITION_LIMIT, Environment, RULE_LIMIT, estimate_cost};
use seaworthy_source::order;

use super::super::custom::rules::{Compiler, View};
use super::super::custom::schema::Schemas;
use super::super::print;
use super::super::value::Value;
use super::super::words::Reason;
use super::structural::{self, is_schema};

/// So many of the rules that cost most are named.
const NAMED: usize = 4;

const UNTYPED: &str = "internal error: failed to construct type information for x-kubernetes-validations rules: unable \
    to convert structural schema to CEL declarations";

/// What the rules of a definition may cost together (`TotalCost`).
#[derive(Default)]
pub(super) struct Total<'r> {
    cost: Cell<u64>,
    most: RefCell<Vec<(u64, Value<'r>)>>,
    /// How much was said of expressions so far.
    pub(super) said: Cell<usize>,
}

impl<'r> Total<'r> {
    /// `ObserveExpressionCost`
    fn add(&self, expression: Value<'r>, cost: u64) {
        self.cost.set(self.cost.get().saturating_add(cost));
        if cost >= DEFINITION_LIMIT / 100 {
            let mut most = self.most.borrow_mut();
            most.push((cost, expression));
            order::sort_by(&mut most, &mut |(left, _), (right, _)| right.cmp(left));
            most.truncate(NAMED);
        }
    }

    /// Says it if they cost too much.
    pub(super) fn judge(&self, schema: Value<'_>) {
        if self.cost.get() <= DEFINITION_LIMIT {
            return;
        }
        for (_, expression) in self.most.borrow().iter() {
            expression
                .forbidden("contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema");
        }
        let name = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
        schema.forbidden(&too_much(name, self.cost.get(), DEFINITION_LIMIT));
    }
}

/// How often the rules of a schema run on one object, if a schema around it says so (`MaxCardinality`).
#[derive(Clone, Copy)]
pub(super) struct Cardinality(Option<u64>);

impl Cardinality {
    /// Once.
    pub(super) const ONE: Self = Self(Some(1));

    /// That of the schemas in a schema.
    pub(super) fn within(self, schema: Value<'_>) -> Self {
        let most = |name: &'static str| schema.get(name).opt_int().map(|it| u64::try_from(it).unwrap_or(0));
        let elements = match schema.str_of("type") {
            "object" if schema.has("additionalProperties") => most("maxProperties"),
            "array" => most("maxItems"),
            _ => Some(1),
        };
        Self(self.0.and_then(|it| Some(it.saturating_mul(elements?))))
    }
}

/// Whether expressions can see values of a schema (`SchemaDeclType`).
pub(super) fn is_typed(schema: Value<'_>) -> bool {
    match schema.str_of("type") {
        _ if schema.get("x-kubernetes-int-or-string").bool() => true,
        "array" => is_schema(schema.get("items")) && is_typed(schema.get("items")),
        "object" => structural::others(schema).is_none_or(is_typed),
        "string" | "boolean" | "number" | "integer" => true,
        _ => false,
    }
}

/// Says that nobody can tell what the rules of a schema speak of.
pub(super) fn untyped(schema: Value<'_>, total: &Total<'_>) {
    schema.get("x-kubernetes-validations").say(Reason::Internal, None, UNTYPED, None);
    total.said.set(total.said.get() + 1);
}

/// Checks the rules of a schema; `uncorrelatable` is the list or map around it, of which nobody knows
/// again what is in it after a change.
pub(super) fn check<'r>(
    schema: Value<'r>,
    root: bool,
    cardinality: Cardinality,
    uncorrelatable: Option<Value<'r>>,
    total: &Total<'r>,
) {
    let list = schema.get("x-kubernetes-validations");
    let Some(node) = schema.node().filter(|_| !list.is_empty()) else { return };
    let mut schemas = Schemas::default();
    let id = schemas.read(node);
    let Some(read) = schemas.get(id) else { return };
    let environment = Environment::new(schema.run().own_version());
    let Some(compiler) = Compiler::new(environment, &View { schemas: &schemas, schema: read }, root || read.embedded)
    else {
        return untyped(schema, total);
    };
    let before = schema.run().said();
    let times = cardinality.0.unwrap_or_else(|| compiler.declared.max_cardinality());
    for (rule, field) in read.limits().rules.iter().zip(list.items()) {
        let (expression, message) = (field.get("rule"), field.get("messageExpression"));
        let compiled = compiler.compile(rule);
        let cost = compiled.program.as_ref().map_or(0, |it| estimate_cost(it, Some(&compiler.declared)).max);
        let cost = cost.saturating_mul(times);
        if cost > RULE_LIMIT {
            expression.forbidden(&too_much("estimated rule cost", cost, RULE_LIMIT));
        }
        total.add(expression, cost);
        if let Err(fault) = &compiled.program {
            expression.invalid_shown(&print::shown(field), fault);
        }
        match &compiled.message {
            Some(Err(fault)) => message.invalid_shown(&print::shown(field), fault),
            Some(Ok(program)) => {
                let cost = estimate_cost(program, Some(&compiler.declared)).max;
                if cost > RULE_LIMIT {
                    message.forbidden(&too_much("estimated messageExpression cost", cost, RULE_LIMIT));
                }
                total.add(message, cost);
            }
            None => {}
        }
        if compiled.uses_old_self {
            if let Some(around) = uncorrelatable {
                let words = "oldSelf cannot be used on the uncorrelatable portion of the schema within";
                expression.invalid(&format!("{words} {}", around.path()));
            }
        } else if field.has("optionalOldSelf") {
            field.get("optionalOldSelf").invalid("may not be set if oldSelf is not used in rule");
        }
    }
    total.said.set(total.said.get() + schema.run().said() - before);
}

/// `getCostErrorMessage`
#[allow(clippy::cast_precision_loss, reason = "a factor with one digit or six")]
fn too_much(name: &str, cost: u64, limit: u64) -> String {
    let factor = cost as f64 / limit as f64;
    let factor = match factor {
        _ if factor > 100.0 => "more than 100x".to_owned(),
        _ if factor < 1.5 => format!("{factor:.6}x"),
        _ => format!("{factor:.1}x"),
    };
    format!(
        "{name} exceeds budget by factor of {factor} (try simplifying the rule, or adding maxItems, maxProperties, and \
         maxLength where arrays, maps, and strings are declared)"
    )
}
