use crate::{Environment, compile};
use seaworthy_object::Version;

fn environment() -> Environment {
    Environment::stored(Version::NEWEST).with("object", crate::Type::Dyn)
}

fn refused(source: &str) -> String {
    compile(&environment(), source).map(|program| program.result_type().to_string()).unwrap_err().text
}

#[test]
fn an_overload_is_found() {
    assert_eq!(compile(&environment(), "1 + 2").unwrap().result_type().to_string(), "int");
    assert_eq!(
        refused("1 + 'a'"),
        "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + 'a'\n | ..^"
    );
}
