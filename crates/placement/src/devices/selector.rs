//! Expressions in CEL that select devices (k8s.io/dynamic-resource-allocation, cel).

use std::sync::Arc;

use foldhash::HashMap;
use seaworthy_cel::{Amount, Bindings, Environment, Map, Program, Semver, Type, Value, compile, evaluate};
use seaworthy_object::{Field, Quantity, Version};

use super::announced::{Device, DeviceId};

/// An expression by its place among all.
pub(super) type SelectorId = u32;

/// What an expression says of a device: whether it is meant.
pub(super) type Answer = Result<bool, Why>;

/// Why it says nothing.
pub(super) enum Why {
    /// It fails.
    Failed(String),
    /// There is too much to look at.
    TooMuch,
}

/// What one evaluation may cost (`CELSelectorExpressionMaxCost`).
const MOST_COST: u64 = 1_000_000;

/// What all may cost together, and what each costs besides: a million of them at most.
const MOST_IN_ALL: u64 = 500_000_000;
const EACH: u64 = 500;

/// The type of `device`, and a field of it since this version.
const DEVICE: &str = "kubernetes.DRADevice";
const SHARED_SINCE: u8 = 36;

/// All expressions, each compiled once and asked once of each device.
#[derive(Clone, Default)]
pub(super) struct Selectors<'a> {
    all: Vec<Selector>,
    by_text: HashMap<&'a str, SelectorId>,
    spent: u64,
}

#[derive(Clone)]
struct Selector {
    program: Result<Arc<Program>, String>,
    /// By device: whether it is meant, or what fails.
    answers: HashMap<DeviceId, Result<bool, Arc<str>>>,
}

impl<'a> Selectors<'a> {
    /// An expression, compiled.
    pub(super) fn add(&mut self, expression: &'a str, version: Version) -> SelectorId {
        if let Some(id) = self.by_text.get(expression) {
            return *id;
        }
        let id = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let program = compile(&environment(version), expression).map(Arc::new);
        self.all.push(Selector { program: program.map_err(|it| it.text), answers: HashMap::default() });
        self.by_text.insert(expression, id);
        id
    }

    /// What an expression says of a device; the first time it is asked, it runs.
    pub(super) fn ask(
        &mut self,
        selector: SelectorId,
        (id, device): (DeviceId, &Device<'_>),
        version: Version,
    ) -> Answer {
        let Some(selector) = self.all.get_mut(selector as usize) else { return Ok(false) };
        let program = match &selector.program {
            Ok(program) => program,
            Err(why) => return Err(Why::Failed(format!("CEL compile error: {why}"))),
        };
        let answer = if let Some(answer) = selector.answers.get(&id) {
            answer.clone()
        } else {
            if self.spent > MOST_IN_ALL {
                return Err(Why::TooMuch);
            }
            let (answer, cost) = run(program, device, version);
            self.spent = self.spent.saturating_add(cost + EACH);
            let answer = answer.map_err(Arc::from);
            selector.answers.insert(id, answer.clone());
            answer
        };
        answer.map_err(|why| Why::Failed(why.to_string()))
    }
}

fn environment(version: Version) -> Environment {
    let by_name = |value| Type::map(Type::String, Type::map(Type::String, value));
    let mut fields = vec![
        ("driver", Type::String),
        ("attributes", by_name(Type::Any)),
        ("capacity", by_name(Type::Object("kubernetes.Quantity".into()))),
    ];
    if version.minor() >= SHARED_SINCE {
        fields.push(("allowMultipleAllocations", Type::Bool));
    }
    Environment::new(version).with_object(DEVICE, &fields).with("device", Type::Object(DEVICE.into()))
}

/// Whether a device is meant, or what the server says; and what that cost.
fn run(program: &Program, device: &Device<'_>, version: Version) -> (Result<bool, String>, u64) {
    let entry = |key: &str, value: Value| (Value::string(key), value);
    let value = Value::map(vec![
        entry("driver", Value::string(device.driver)),
        entry("allowMultipleAllocations", Value::Bool(false)),
        entry("attributes", by_domain(device, "attributes", &attribute)),
        entry("capacity", by_domain(device, "capacity", &capacity)),
    ]);
    let evaluation = evaluate(program, &Bindings::new().with("device", value), MOST_COST);
    let answer = match evaluation.outcome {
        Ok(value) => Ok(value.as_bool() == Some(true)),
        Err(failure) => {
            let is_hinted = version.minor() >= HINT_SINCE && failure.text().contains("no such key:");
            let hint = if is_hinted { HINT } else { "" };
            Err(format!("CEL runtime error: {}{hint}", failure.text()))
        }
    };
    (answer, evaluation.cost)
}

/// `EnhanceRuntimeError`, and the version that brought it.
const HINT_SINCE: u8 = 37;
const HINT: &str = ". consider using CEL optional chaining (.? followed by orValue()) or guarding the check with has() \
                    for optional fields";

/// What a device says by name, by the domain of the name: that of its driver where none is given. A domain of which it
/// says nothing is empty.
fn by_domain(device: &Device<'_>, list: &str, value: &dyn Fn(Field<'_>) -> Option<Value>) -> Value {
    let mut domains: Vec<(&str, Vec<(Value, Value)>)> = Vec::new();
    for (name, field) in device.field.get(list).into_iter().flat_map(|it| it.entries()) {
        let (domain, id) = name.split_once('/').unwrap_or((device.driver, name));
        let Some(value) = value(field) else { continue };
        let entry = (Value::string(id), value);
        match domains.iter_mut().find(|it| it.0 == domain) {
            Some(of) => of.1.push(entry),
            None => domains.push((domain, vec![entry])),
        }
    }
    let domains = domains.into_iter().map(|(domain, entries)| (Value::string(domain), Value::map(entries))).collect();
    Value::Map(Map::new(domains).with_default(Value::map(Vec::new())))
}

fn attribute(field: Field<'_>) -> Option<Value> {
    if let Some(text) = field.get("string") {
        return Some(Value::string(text.text()));
    }
    if let Some(number) = field.get("int") {
        return number.as_int().map(Value::Int);
    }
    if let Some(truth) = field.get("bool") {
        return truth.as_bool().map(Value::Bool);
    }
    let version = Semver::parse(field.get("version")?.text()).ok()?;
    Some(Value::Semver(Arc::new(version)))
}

fn capacity(field: Field<'_>) -> Option<Value> {
    let amount = field.get("value").unwrap_or(field);
    Some(Value::Quantity(Arc::new(Amount::new(Quantity::of(amount)?, amount.text()))))
}
