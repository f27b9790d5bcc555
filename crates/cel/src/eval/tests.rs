//! What programs come to, in the server's words.

use super::{Bindings, CALL_LIMIT, evaluate};
use crate::{Environment, Type, Value, Variable, compile};
use seaworthy_object::Version;

fn environment(minor: u8) -> Environment {
    Environment::stored(Version::minor_of(minor)).with("object", Type::Dyn)
}

fn object() -> Value {
    let string = Value::string;
    let data = Value::map(vec![(string("a"), string("1")), (string("b"), string("2"))]);
    Value::map(vec![(string("kind"), string("ConfigMap")), (string("data"), data), (string("none"), Value::Null)])
}

/// The value as a literal, or `! ` and the error.
fn run_on(minor: u8, expression: &str) -> String {
    let program = compile(&environment(minor), expression).unwrap_or_else(|issues| panic!("{expression}: {issues}"));
    let bindings = Bindings::new().with("object", object());
    match evaluate(&program, &bindings, CALL_LIMIT).outcome {
        Ok(value) => value.to_string(),
        Err(failure) => format!("! {}", failure.text()),
    }
}

fn all(cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        assert_eq!(run_on(37, expression), *expected, "{expression}");
    }
}

#[test]
fn sides_that_decide_absorb_errors() {
    all(&[
        ("1 / 0 == 1 || true", "true"),
        ("true || 1 / 0 == 1", "true"),
        ("1 / 0 == 1 && false", "false"),
        ("1 / 0 == 1 && true", "! division by zero"),
        ("1 / 0 == 1 || 1 % 0 == 1", "! division by zero"),
        ("dyn(1) || false", "! no such overload"),
        ("[1, 0].exists(x, 1 / x == 1)", "true"),
        ("[0, 1].all(x, 1 / x == 2)", "false"),
        ("[0, 1].all(x, 1 / x == 1)", "! division by zero"),
        ("[0, 2].exists_one(x, x == 2)", "true"),
    ]);
}

#[test]
fn names_and_keys_that_are_not_there() {
    all(&[
        ("object.nope", "! no such key: nope"),
        ("object.data['c']", "! no such key: c"),
        ("object.data.a.b", "! no such key: b"),
        ("object.none.b", "! no such key: b"),
        ("[1, 2][2]", "! index out of bounds: 2"),
        ("[1, 2][dyn(1.0)]", "2"),
        ("[1, 2][dyn('a')]", "! unsupported index type 'string' in list"),
        ("{1: 'a'}[dyn(1u)]", "\"a\""),
        ("has(object.data.c)", "false"),
        ("has(object.nope.c)", "! no such key: nope"),
        ("has(object.data.a.b)", "false"),
    ]);
}

#[test]
fn optionals_carry_absence_along() {
    all(&[
        ("object.?nope.deeper.deepest", "optional.none()"),
        ("object.?data.a", "optional.of(\"1\")"),
        ("object.data[?'c'].orValue('3')", "\"3\""),
        ("object.?data.a.optMap(a, a + 'x').value()", "\"1x\""),
        ("optional.none().value()", "! optional.none() dereference"),
        ("[?object.data.?a, ?object.?nope]", "[\"1\"]"),
        ("{?'a': object.?nope}", "{}"),
        ("has(object.?nope.a)", "false"),
        ("optional.of(optional.of(1)) == optional.of(optional.of(1))", "true"),
        ("optional.ofNonZeroValue('')", "optional.none()"),
        ("[1, 2].last()", "optional.of(2)"),
    ]);
}

#[test]
fn what_is_no_optional_is_its_own_value_until_1_37() {
    let expression = "dyn('a').orValue('b')";
    assert_eq!(run_on(36, expression), "\"a\"");
    assert_eq!(run_on(37, expression), "! no such overload");
}

#[test]
fn numbers_compare_across_their_types() {
    all(&[
        ("1 < 1.5 && 2u > 1 && 1.0 <= 1u", "true"),
        ("dyn(1) == 1.0 && dyn(1u) == 1", "true"),
        ("dyn(9007199254740993) == 9007199254740992.0", "true"),
        ("[1].exists(x, dyn(x) == 1u)", "true"),
        ("9223372036854775807 + 1", "! integer overflow"),
        ("0u - 1u", "! unsigned integer overflow"),
        ("-9223372036854775808 / -1", "! integer overflow"),
        ("dyn(1) + 1.0", "! no such overload"),
        ("dyn([1]) - 1", "! no such overload: _-_"),
        ("double('NaN') < 1.0", "! NaN values cannot be ordered"),
        ("double('NaN') == double('NaN')", "false"),
        ("string(1234567.0)", "\"1.234567e+06\""),
    ]);
}

#[test]
fn comprehensions_over_lists_and_maps() {
    all(&[
        ("[1, 2, 3].filter(x, x > 1).map(x, x * 2)", "[4, 6]"),
        ("{'a': 1, 'b': 2}.map(k, k)", "[\"a\", \"b\"]"),
        ("['a', 'b'].transformMap(i, v, v + string(i))", "{0: \"a0\", 1: \"b1\"}"),
        ("{'a': 'x'}.transformMapEntry(k, v, {v: k})", "{\"x\": \"a\"}"),
        ("['a', 'a'].transformMapEntry(i, v, {v: i})", "! insert failed: key a already exists"),
        ("[1, 2].all(i, v, i < v)", "true"),
        ("dyn(1).all(x, true)", "! got 'types.Int', expected iterable type"),
        ("[[1, 2], [3]].map(x, x.map(y, y + x.size()))", "[[3, 4], [4]]"),
        ("[3, 1, 2].sortBy(x, -x)", "[3, 2, 1]"),
    ]);
}

#[test]
fn arguments_without_an_overload_are_named() {
    all(&[
        ("dyn(1).lowerAscii()", "! no such overload: lowerAscii(int)"),
        ("'a'.substring(dyn('b'))", "! no such overload: substring(string, string)"),
        ("string(dyn([object.kind]))", "! no such overload: string(list)"),
        ("'a'.startsWith(dyn(1))", "! no such overload"),
        ("size(dyn(1))", "! no such overload: size"),
        ("size(dyn(duration('1s')))", "! no such overload"),
        ("ip('10.0.0.1') == dyn('10.0.0.1')", "! no such overload"),
        ("ip('10.0.0.1') != dyn('10.0.0.1')", "true"),
    ]);
}

#[test]
fn variables_are_computed_when_asked_for_and_once() {
    let environment = environment(37);
    let broken = compile(&environment, "object.nope").map_err(|issues| issues.text);
    let fine = compile(&environment, "object.data.size()").map_err(|issues| issues.text);
    let bindings = Bindings::new()
        .with("object", object())
        .with_variable(Variable::new("broken", broken))
        .with_variable(Variable::new("fine", fine));
    let variables = [("broken", Type::Dyn), ("fine", Type::Int)];
    let environment = environment.with_policy_variables(&variables);
    let run = |expression: &str| {
        let program = compile(&environment, expression).unwrap();
        evaluate(&program, &bindings, CALL_LIMIT).outcome.map(|value| value.to_string())
    };
    assert_eq!(run("variables.fine + variables.fine"), Ok("4".to_owned()));
    let spent = bindings.spent();
    assert!(spent > 0);
    assert_eq!(run("variables.fine"), Ok("2".to_owned()));
    assert_eq!(bindings.spent(), spent);
    let why = "composited variable \"broken\" fails to evaluate: no such key: nope";
    assert_eq!(run("variables.broken").unwrap_err().text(), why);
    assert_eq!(run("has(variables.broken)").unwrap(), "true");
}

#[test]
fn a_constant_that_does_not_convert_is_found_before_it_runs() {
    let why = |expression: &str| {
        compile(&environment(37), expression).unwrap().instantiation_error().map(str::to_owned).unwrap_or_default()
    };
    assert_eq!(why("int('x') == 1"), "type conversion error from 'string' to 'int'");
    assert_eq!(why("'a'.find('(') == ''"), "error parsing regexp: missing closing ): `(`");
    assert_eq!(why("int('1') == 1"), "");
}

/// The costs that apiserver's own library reports for these.
#[test]
fn costs_are_the_servers() {
    for (expression, cost) in [
        ("object.data.a == '1'", 4),
        ("has(object.data.a)", 2),
        ("object.data.a in ['1', '2']", 3),
        ("object.data.a in [dyn(object.data.b), dyn('2')]", 19),
        ("[1, 2, 3].all(x, x > 0)", 16),
        ("[1, 2, 3].map(x, x * 2).size()", 44),
        ("'abc'.matches('^[a-z]+$') ? object.data.a : object.data.b", 4),
        ("[3, 1, 2].sort().size()", 30),
        ("1 / 0 == 1 || object.kind == 'x'", 5),
    ] {
        let program = compile(&environment(37), expression).unwrap();
        let bindings = Bindings::new().with("object", object());
        assert_eq!(evaluate(&program, &bindings, CALL_LIMIT).cost, cost, "{expression}");
    }
}

#[test]
fn who_wants_too_much_is_stopped() {
    let too_much = "! operation cancelled: actual cost limit exceeded";
    for expression in [
        "lists.range(1000).all(a, lists.range(1000).all(b, a + b >= 0))",
        "lists.range(100000).distinct().size() > 0",
        "lists.range(1000).all(a, lists.range(1000).all(b, a + b >= 0)) || true",
        "'%.9999999f'.format([1.5]).size() > 0",
    ] {
        assert_eq!(run_on(37, expression), too_much, "{expression}");
    }
    // Doubles 64 times; the server's list knows its length without having its elements.
    let doubled = format!("[[1]]{}[0].size() > 0", ".map(x, x + x)".repeat(64));
    assert_eq!(run_on(37, &doubled), too_much);
    let long = "y".repeat(9000);
    let grows = format!("lists.range(3000).all(i, 'aaaaaaaaaa'.replace('a', '{long}').size() > 0)");
    assert_eq!(run_on(37, &grows), too_much);
    let pattern = "lists.range(3000).all(i, '".to_owned() + &"x".repeat(900) + "'.matches('(.{0,400}){2}y') || true)";
    assert_eq!(run_on(37, &pattern), too_much);
    let long = format!("'a'{}.size()", ".replace('', 'aaaaaaaaaaaaaaaa')".repeat(9));
    assert_eq!(run_on(37, &long), too_much);
}

#[test]
fn long_chains_do_not_nest() {
    let sum = format!("1{} == 3001", " + 1".repeat(3000));
    if let Ok(program) = compile(&environment(37), &sum) {
        assert_eq!(evaluate(&program, &Bindings::new(), CALL_LIMIT).outcome.unwrap().to_string(), "true");
    }
}
