#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, reason = "scratch")]
use seaworthy_cel::{Declared, Environment, Schema, Type, compile, estimate_cost};
use seaworthy_document::{Node, read};
use seaworthy_source::Source;
use std::io::Read;
struct S<'a>(Node<'a>);
impl Schema for S<'_> {
    fn ty(&self) -> &str {
        self.0.get("type").map_or("", |n| n.text())
    }
    fn format(&self) -> &str {
        self.0.get("format").map_or("", |n| n.text())
    }
    fn is_int_or_string(&self) -> bool {
        self.0.get("x-kubernetes-int-or-string").is_some()
    }
    fn is_embedded_resource(&self) -> bool {
        self.0.get("x-kubernetes-embedded-resource").is_some()
    }
    fn items(&self) -> Option<Box<dyn Schema + '_>> {
        self.0.get("items").map(|n| Box::new(S(n)) as Box<dyn Schema>)
    }
    fn additional_properties(&self) -> Option<Box<dyn Schema + '_>> {
        self.0.get("additionalProperties").map(|n| Box::new(S(n)) as Box<dyn Schema>)
    }
    fn properties(&self, visit: &mut dyn FnMut(&str, &dyn Schema, bool)) {
        let Some(p) = self.0.get("properties") else { return };
        for e in p.entries() {
            let req = self.0.get("required").is_some_and(|r| r.items().any(|i| i.text() == e.name()));
            visit(e.name(), &S(e.value), req);
        }
    }
    fn most(&self) -> Option<u64> {
        ["maxItems", "maxProperties", "maxLength"]
            .iter()
            .find_map(|k| self.0.get(k))
            .and_then(|n| n.as_int())
            .map(|n| n.max(0) as u64)
    }
    fn longest_enum(&self) -> Option<u64> {
        self.0.get("enum").map(|e| e.items().map(|i| i.text().len() as u64).max().unwrap_or(0))
    }
    fn has_default(&self) -> bool {
        self.0.get("default").is_some()
    }
}
fn main() {
    let minor: u8 = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(37);
    let mut text = String::new();
    let _ = std::io::stdin().read_to_string(&mut text);
    for line in text.lines() {
        let source = Source::new("x", line);
        let docs = read(&source);
        let root = docs.first().unwrap().root().unwrap();
        let schema = S(root.get("schema").unwrap());
        let d = Declared::of_schema(&schema, schema.is_embedded_resource()).unwrap();
        let mut env =
            Environment::new(seaworthy_object::Version::minor_of(minor)).with_declared("self", "selfType", &d);
        let ty = env.variable("self").unwrap().clone();
        env = env.with(
            "oldSelf",
            if root.get("optional").and_then(|n| n.as_bool()) == Some(true) { Type::optional(ty) } else { ty },
        );
        match compile(&env, root.get("rule").unwrap().text()) {
            Ok(p) if *p.result_type() != Type::Bool => print!("cel expression must evaluate to a bool\0"),
            Ok(p) if p.instantiation_error().is_some() => {
                print!("program instantiation failed: {}\0", p.instantiation_error().unwrap())
            }
            Ok(p) => print!("ok {} {}\0", estimate_cost(&p, Some(&d)).max, d.max_cardinality()),
            Err(issues) => print!("compilation failed: {}\0", issues.text),
        }
    }
}
