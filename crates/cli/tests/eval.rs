//! `seaworthy eval`: values for people and programs, the server's words, exit codes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod seaworthy;

use std::fs;

use seaworthy::{Answer, folder, run, run_with};
use serde_json::{Value, json};

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\
                          spec: {replicas: 3, template: {spec: {containers: [{name: a, image: nginx}]}}}\n";

fn on_a_deployment(expression: &str, flags: &[&str]) -> Answer {
    let folder = folder();
    fs::write(folder.path().join("web.yaml"), DEPLOYMENT).unwrap();
    run_with(&[&["eval", expression, "--object", "web.yaml"], flags].concat(), "", folder.path())
}

#[test]
fn a_value_is_printed_as_cel_writes_it() {
    let answer = on_a_deployment("object.spec.replicas > 1", &[]);
    assert_eq!((answer.code, answer.out.as_str()), (0, "true\n"));
    let answer = on_a_deployment("object.spec.template.spec.containers.map(c, c.image)", &[]);
    assert_eq!((answer.code, answer.out.as_str()), (0, "[\"nginx\"]\n"));
    assert_eq!(run(&["eval", "duration('90m')"]).out, "duration(\"5400s\")\n");
}

#[test]
fn an_error_is_the_servers_and_makes_the_exit_code_1() {
    let answer = on_a_deployment("object.spec.nope == 1", &[]);
    assert_eq!((answer.code, answer.out.as_str()), (1, ""));
    assert_eq!(answer.err, "seaworthy: expression 'object.spec.nope == 1' resulted in error: no such key: nope\n");
}

#[test]
fn a_refusal_has_a_caret() {
    let answer = run(&["eval", "1 + 'a'"]);
    assert_eq!(answer.code, 1);
    assert!(answer.err.ends_with("\n | 1 + 'a'\n | ..^\n"), "{}", answer.err);
}

#[test]
fn json_is_for_programs() {
    let value = |expression: &str| on_a_deployment(expression, &["--format", "json"]).json();
    assert_eq!(value("object.spec.replicas == 3"), json!({"result": true}));
    let list = json!({"result": "value", "type": "list", "value": [3, "x", null]});
    assert_eq!(value("[object.spec.replicas, dyn('x'), dyn(null)].map(x, x)"), list);
    assert_eq!(value("object.spec.nope")["result"], "error");
    assert_eq!(value("objekt")["result"], "refused");
}

#[test]
fn an_environment_gives_names_their_values() {
    let folder = folder();
    let environment = "object: {data: {a: '1', b: '2'}}\nrequest: {operation: CREATE}\n\
                       variables: {count: object.data.size(), twice: variables.count * 2}\n";
    fs::write(folder.path().join("env.yaml"), environment).unwrap();
    let expression = "request.operation == 'CREATE' && variables.twice == 4 && oldObject == null";
    let answer = run_with(&["eval", expression, "--env", "env.yaml"], "", folder.path());
    assert_eq!((answer.code, answer.out.as_str()), (0, "true\n"), "{}", answer.err);
}

#[test]
fn a_batch_has_an_answer_a_line() {
    let folder = folder();
    let lines = "{\"expression\": \"1 < 2\"}\n\n{\"expression\": \"[1][3] == 1\"}\n{\"expression\": \"1\"}\n";
    let answer = run_with(&["eval", "--batch", "-", "--format", "json"], lines, folder.path());
    let answers: Vec<Value> = answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0], json!({"result": true}));
    let text = "expression '[1][3] == 1' resulted in error: index out of bounds: 3";
    assert_eq!(answers[1], json!({"result": "error", "text": text}));
    let text = "Invalid value: \"1\": must evaluate to bool but got int";
    assert_eq!(answers[2], json!({"result": "refused", "text": text}));
    assert_eq!(answer.code, 1);
}

#[test]
fn versions_differ() {
    let sort = |version: &str| run(&["eval", "[2, 1].sort()", "--kubernetes-version", version]);
    assert_eq!(sort("1.37").out, "[1, 2]\n");
    assert!(sort("1.30").err.contains("undeclared reference to 'sort'"), "{}", sort("1.30").err);
    assert_eq!(sort("1.30,1.37").code, 2);
}

#[test]
fn what_the_command_cannot_use_makes_the_exit_code_2() {
    let folder = folder();
    for (text, flag, why) in [
        ("objekt: {}\n", "--env", "did you mean `object`?"),
        ("[1]\n", "--env", "a list, not an object"),
        ("a: 1\n---\na: 2\n", "--object", "2 documents"),
        ("a: [\n", "--object", "does not say what the expression sees"),
        ("", "--object", "0 documents"),
    ] {
        fs::write(folder.path().join("file.yaml"), text).unwrap();
        let answer = run_with(&["eval", "true", flag, "file.yaml"], "", folder.path());
        assert_eq!(answer.code, 2, "{text:?}");
        assert!(answer.err.contains(why), "{text:?}: {}", answer.err);
    }
    let answer = run_with(&["eval", "--batch", "-"], "{\"expression\": \"true\"}\nnonsense\n", folder.path());
    assert_eq!((answer.code, answer.out.as_str()), (2, ""));
    assert!(answer.err.contains("line 2 of -"), "{}", answer.err);
    assert_eq!(run(&["eval"]).code, 2);
    assert_eq!(run(&["eval", "true", "--object", "nowhere.yaml"]).code, 2);
}

#[test]
fn expressions_that_want_too_much_end() {
    let long = format!("{}1", "1 + ".repeat(9_000));
    let nested = format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000));
    let bomb =
        "['a','a','a','a','a','a','a','a'].all(a, ['b','b','b','b','b','b','b','b'].all(b, 'x'.matches('(x+x+)+y')))";
    for expression in [long.as_str(), &nested, bomb] {
        assert!(run(&["eval", expression]).code < 2);
    }
    let lists = "lists.range(900).all(a, lists.range(900).all(b, a + b >= 0))";
    assert!(run(&["eval", lists]).err.contains("operation cancelled: actual cost limit exceeded"));
}
