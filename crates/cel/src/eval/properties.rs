//! Whatever is asked, there is an answer: no panic, and an end.

use proptest::prelude::*;
use seaworthy_object::Version;

use crate::regex::Regex;
use crate::{Admission, Bindings, CALL_LIMIT, Environment, Type, Value, compile, evaluate};

/// Pieces of expressions; most of what they make up compiles.
const PIECES: &[&str] = &[
    "1",
    "-1",
    "9223372036854775807",
    "2u",
    "1.5",
    "'a'",
    "'é日'",
    "b'x'",
    "null",
    "true",
    "object",
    "object.a",
    "x",
    "[1, 2]",
    "['b', 'a']",
    "{'a': 1}",
    "[]",
    "{}",
    "(",
    ")",
    "[",
    "]",
    " + ",
    " - ",
    " * ",
    " / ",
    " % ",
    " == ",
    " != ",
    " < ",
    " && ",
    " || ",
    " ? ",
    " : ",
    " in ",
    "!",
    "-",
    ".",
    ".?a",
    "[?0]",
    "[0]",
    "['a']",
    ".size()",
    ".map(x, x)",
    ".all(x, x == 1)",
    ".exists(i, v, v == i)",
    ".transformMap(k, v, v)",
    ".filter(x, has(x.a))",
    ".sort()",
    ".sum()",
    ".join('')",
    ".split('')",
    ".matches('a*')",
    ".format([1, 'a'])",
    ".replace('', 'ab')",
    ".flatten()",
    ".distinct()",
    ".substring(1, 9)",
    ".orValue(1)",
    ".optMap(x, x + x)",
    ".value()",
    "dyn(",
    "int(",
    "string(",
    "duration('1h')",
    "timestamp('2024-02-29T00:00:00Z')",
    "quantity('1Gi')",
    "ip('::1')",
    "cidr('10.0.0.0/8')",
    "url('https://a/b')",
    "semver('1.2.3')",
    "optional.none()",
    "lists.range(9)",
    ".getHours('Europe/Berlin')",
    ".containsIP('10.0.0.1')",
    ".isGreaterThan(quantity('1'))",
    "format.uri().validate('x')",
    ".slice(0, 1)",
    ".sortBy(x, -x)",
    ".reverse()",
];

fn expression() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(PIECES), 1..12).prop_map(|pieces| pieces.concat());
    prop_oneof![4 => pieces, 1 => ".{0,40}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn every_expression_has_an_end(expression in expression()) {
        let environment = Environment::stored(Version::NEWEST).with("object", Type::Dyn);
        if let Ok(program) = compile(&environment, &expression) {
            let object = Value::map(vec![(Value::string("a"), Value::list(vec![Value::Int(1), Value::Null]))]);
            let evaluation = evaluate(&program, &Bindings::new().with("object", object), CALL_LIMIT);
            // Whatever it is, it can be printed.
            let _ = format!("{:?}", evaluation.outcome);
        }
        let _ = Admission::new(Version::minor_of(30), false).judge(&expression, Some(&Type::Bool));
    }

    #[test]
    fn every_pattern_is_read_or_refused(
        pattern in r"[a\\\[\](){}^$.|*+?:,0-9=é\-PQxz<>i]{0,24}",
        text in "[aéxz01\n ]{0,16}",
    ) {
        if let Ok(regex) = Regex::new(&pattern)
            && let Ok(Some((start, end))) = regex.find(&text, 0, &std::cell::Cell::new(0))
        {
            prop_assert!(text.get(start..end).is_some());
        }
    }

    #[test]
    fn every_text_converts_or_does_not(text in r"[0-9a-fA-FTZhmnsuµ:./%@\[\]?#+\-éGiekMx ]{0,32}") {
        let environment = Environment::stored(Version::NEWEST).with("t", Type::String);
        let bindings = Bindings::new().with("t", Value::string(&text));
        for function in ["duration", "timestamp", "ip", "cidr", "url", "semver", "quantity", "int", "double", "isIP"] {
            let program = compile(&environment, &format!("{function}(t)")).unwrap();
            if let Ok(value) = evaluate(&program, &bindings, CALL_LIMIT).outcome {
                // What it is printed as is read again.
                let again = compile(&environment, &value.to_string()).unwrap();
                prop_assert!(again.instantiation_error().is_none(), "{}", value);
            }
        }
    }

    #[test]
    fn an_order_is_one(lists in prop::collection::vec(prop::collection::vec(-3i64..3, 0..3), 0..12)) {
        let entries = lists.iter().map(|list| {
            let key = Value::list(list.iter().map(|it| Value::Int(*it)).collect());
            (key, Value::Null)
        });
        let map = crate::Map::new(entries.collect());
        let mut distinct = lists.clone();
        distinct.sort();
        distinct.dedup();
        prop_assert_eq!(map.len(), distinct.len());
        for (key, _) in map.iter() {
            prop_assert!(map.get(key).is_some());
        }
    }
}
