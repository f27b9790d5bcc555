#![allow(missing_docs, clippy::print_stdout, reason = "scratch")]
use seaworthy_cel::{Environment, Type, compile};
use std::io::Read;
fn main() {
    let minor: u8 = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(37);
    let mut text = String::new();
    let _ = std::io::stdin().read_to_string(&mut text);
    let environment = Environment::admission(seaworthy_object::Version::minor_of(minor), false, true);
    let mut environment = environment;
    environment = environment.with_policy_variables(&[("x", Type::Int)]);
    for line in text.split('\0').filter(|it| !it.is_empty()) {
        match compile(&environment, line) {
            Ok(program) if program.instantiation_error().is_some() => {
                print!("program instantiation failed: {}\0", program.instantiation_error().unwrap_or_default())
            }
            Ok(program) => print!("ok {}\0", program.result_type().declared_name()),
            Err(issues) => print!("{}\0", issues.text),
        }
    }
}
