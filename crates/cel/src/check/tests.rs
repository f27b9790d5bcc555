use crate::{Environment, Type, compile};
use proptest::prelude::*;
use seaworthy_object::Version;

fn environment() -> Environment {
    Environment::stored(Version::NEWEST)
        .with("object", Type::Dyn)
        .with("self", Type::Object("Thing".into()))
        .with_object(
            "Thing",
            &[("name", Type::String), ("ports", Type::list(Type::Int)), ("__namespace__", Type::String)],
        )
}

fn ty(source: &str) -> String {
    compile(&environment(), source).unwrap().result_type().to_string()
}

/// The errors of an expression, without lines and carets: `column: message`.
fn errors(source: &str) -> Vec<String> {
    let issues = compile(&environment(), source).unwrap_err();
    issues.list.iter().map(|issue| format!("{}: {}", issue.column, issue.message)).collect()
}

#[test]
fn expressions_have_types() {
    assert_eq!(ty("1 + 2"), "int");
    assert_eq!(ty("object.a + 2"), "int");
    assert_eq!(ty("self.ports.map(p, string(p))"), "list(string)");
    assert_eq!(ty("{'a': self.ports}.a[0]"), "int");
    assert_eq!(ty("self.?name"), "optional_type(string)");
    assert_eq!(ty("[]"), "list(dyn)");
    assert_eq!(ty("object.x ? 1 : 'a'.size()"), "int");
    assert_eq!(ty("ip('1.1.1.1').family()"), "int");
    assert_eq!(ty("type(1)"), "type(int)");
}

#[test]
fn what_does_not_fit_is_named() {
    assert_eq!(errors("1 + 'a'"), ["3: found no matching overload for '_+_' applied to '(int, string)'"]);
    assert_eq!(errors("self.name.sum()"), ["14: found no matching overload for 'sum' applied to 'string.()'"]);
    assert_eq!(
        errors("x.y(1)"),
        ["1: undeclared reference to 'x' (in container '')", "4: undeclared reference to 'y' (in container '')"]
    );
    assert_eq!(errors("self.nope"), ["5: undefined field 'nope'"]);
    assert_eq!(errors("(1).a"), ["4: type 'int' does not support field selection"]);
    assert_eq!(errors("true && 1"), ["9: expected type 'bool' but found 'int'"]);
    assert_eq!(errors("[1, 'a']"), ["5: expected type 'int' but found 'string'"]);
    let range = "expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)";
    assert_eq!(errors("(1).all(x, true)"), [format!("2: {range}")]);
}

#[test]
fn constants_are_looked_at() {
    assert_eq!(errors("duration('x')"), ["10: invalid duration argument"]);
    assert_eq!(errors("'a'.matches('(')"), ["13: invalid matches argument"]);
    let wanted = "decimal clause can only be used on integers, was given string";
    assert_eq!(errors("'%d'.format(['a'])"), [format!("14: error during formatting: {wanted}")]);
    assert_eq!(errors("'%d'.format([1, 2])"), ["12: too many arguments supplied to string.format (expected 1, got 2)"]);
}

#[test]
fn words_of_cel_name_fields() {
    let field = |source: &str| {
        let program = compile(&environment(), source).unwrap();
        match program.ast().kind(program.ast().root()) {
            crate::ast::ExprKind::Select { field, .. } => field.to_string(),
            _ => String::new(),
        }
    };
    assert_eq!(field("self.__namespace__"), "namespace");
    assert_eq!(field("self.namespace"), "namespace");
}

#[test]
fn new_expressions_have_the_libraries_of_the_version_before() {
    let takes = |environment: Environment| compile(&environment, "semver('1.0.0').major()").is_ok();
    let at = Version::minor_of;
    assert!(takes(Environment::new(at(34))) && !takes(Environment::new(at(33))));
    assert!(takes(Environment::stored(at(33))) && !takes(Environment::stored(at(32))));
}

#[test]
fn admission_declares_its_variables() {
    let environment = Environment::admission(Version::NEWEST, false, true);
    assert!(compile(&environment, "request.userInfo.groups.exists(g, g == 'a')").is_ok());
    assert!(compile(&environment, "authorizer.requestResource.check('get').allowed()").is_ok());
    assert!(compile(&environment, "params == null").is_err());
    let environment = environment.with_policy_variables(&[("x", Type::Int)]);
    assert!(compile(&environment, "variables.x + 1 > 0").is_ok());
    assert!(compile(&environment.with_patches(), "Object{spec: Object.spec{replicas: 1}}").is_ok());
}

#[test]
fn nothing_grows_without_bound() {
    // A type of twice the size with each level.
    let doubling = format!("[1]{}", ".map(x, {x: x})".repeat(40));
    assert_eq!(ty(&doubling), "list(map(dyn, dyn))".replace("map(dyn, dyn)", &ty(&format!("{doubling}[0]"))));
    // Free types that lead to each other.
    let free = format!("[{}[]]", "[] + ".repeat(240));
    assert_eq!(ty(&free), "list(list(dyn))");
}

#[test]
fn the_deepest_tree_is_checked() {
    // Without optimization frames are several times as large as where this runs.
    std::thread::Builder::new().stack_size(16 << 20).spawn(deepest).unwrap().join().unwrap();
}

fn deepest() {
    let deep = format!("{}1{}", "[1].map(x, true, ".repeat(240), ")".repeat(240));
    assert!(compile(&environment(), &deep).is_ok());
}

proptest! {
    #[test]
    fn any_expression_is_checked_or_refused(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "(1)", "'s'", "[]", "{}", "[1, 2]", "object", "self", "self.ports", ".map(x, x)", ".all(x, ", "true",
                ")",
                ".name", "[0]", "[?0]", ".?a", ".orValue(", " + ", " == ", " && ", " ? ", " : ", ", ", "!", "-", "x",
                "optional.of(", "type(", ".optMap(x, ", "{'a': ", "}", "dyn(", "sum()", ".size()", " in ",
            ]),
            0..14,
        )
    ) {
        if let Err(issues) = compile(&environment(), &tokens.concat()) {
            prop_assert!(!issues.list.is_empty());
        }
    }
}
