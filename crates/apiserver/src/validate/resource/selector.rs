//! What selects devices: expressions in CEL (k8s.io/dynamic-resource-allocation, cel).

use std::cell::OnceCell;

use seaworthy_cel::{Environment, Type, compile};

use super::super::value::Value;
use super::{BETA, SELECTORS, judge_list};

/// The longest expression (`CELSelectorExpressionMaxLength`).
const EXPRESSION: usize = 10 * 1024;

/// `validateSelectorSlice`.
pub(super) fn judge_selectors(selectors: Value<'_>) {
    let environment = OnceCell::new();
    judge_list(selectors, SELECTORS, &|selector| {
        let (cel, expression) = (selector.get("cel"), selector.at("cel.expression"));
        if !cel.is_present() {
            cel.required("");
        } else if expression.len() > EXPRESSION {
            expression.too_long(EXPRESSION);
        } else if !expression.str().contains("cel.bind") {
            // What binds a name is a library that the compiler does not have: that is not judged.
            judge(expression, environment.get_or_init(|| devices(expression)));
        }
    });
}

/// What an expression may speak of: `device`.
fn devices(field: Value<'_>) -> Environment {
    let by_name = |value| Type::map(Type::String, Type::map(Type::String, value));
    let mut fields = vec![
        ("driver", Type::String),
        ("attributes", by_name(Type::Any)),
        ("capacity", by_name(Type::Object("kubernetes.Quantity".into()))),
    ];
    if field.since(BETA) {
        fields.push(("allowMultipleAllocations", Type::Bool));
    }
    const DEVICE: &str = "kubernetes.DRADevice";
    let environment = Environment::new(field.run().own_version());
    environment.with_object(DEVICE, &fields).with("device", Type::Object(DEVICE.into()))
}

/// `validateCELExpression`, without the cost.
fn judge(field: Value<'_>, environment: &Environment) {
    match compile(environment, field.str()) {
        Err(issues) => field.invalid(&format!("compilation failed: {}", issues.text)),
        Ok(program) => match program.result_type() {
            Type::Bool | Type::Any => {}
            other => {
                field.invalid(&format!("must evaluate to bool or the unknown type, not {}", other.declared_name()))
            }
        },
    }
}
