//! Our quantities against those of `k8s.io/apimachinery`: the same texts refused, in the same words, the same canonical
//! form, order, value and sum.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use seaworthy_object::Quantity;
use seaworthy_tests::oracle::LineOracle;
use serde_json::{Value, json};

/// Texts that once were or could be a difference.
const ODD: &[&str] = &[
    "",
    "+",
    "-",
    ".",
    "-.",
    "m",
    "Gi",
    "Ei",
    "Pi",
    ".Pi",
    "0Pi",
    "e-12",
    "0e-12",
    "e-9",
    ".Gi",
    "1.",
    "1.Gi",
    ".5",
    "-.5Gi",
    "+5",
    "5E3",
    "5e03",
    "1.512",
    "0.512",
    "01Ki",
    "1.Ki",
    "00",
    "-0",
    "1e0",
    "1E",
    "1e",
    "1Ee3",
    "1+3",
    "1e+3",
    "1e-3",
    "1e-12",
    "1e4294967296",
    "1e99999999999999999999",
    "1000E",
    "1000000000000000000000",
    "123456789012345678901",
    "123456789012345678901.",
    "10Ei",
    "8Ei",
    "7.9Ei",
    "-9Ei",
    "0.1Gi",
    "0.1n",
    "1.0009765625Ki",
    "0.0000000000000000000000000000000000000000000000000001Ei",
    "1 Gi",
    " 1",
    "1_0",
    "0x10",
    "1GB",
    "1ki",
    "1Mib",
    "1m5",
    "é",
    "1é",
    "500mi",
    "1e3.5",
    "99999999999999999999999999999999999999Ei",
];

fn texts() -> impl Strategy<Value = String> {
    let sign = prop_oneof![6 => Just(""), 1 => Just("+"), 1 => Just("-")];
    let whole = prop_oneof![4 => "[0-9]{1,4}", 2 => "[0-9]{0,12}", 1 => "[0-9]{10,22}", 1 => "[1-9]0{1,12}"];
    let fraction = prop_oneof![4 => Just(String::new()), 2 => "\\.[0-9]{0,3}", 1 => "\\.[0-9]{0,14}"];
    let suffix = prop_oneof![
        4 => "[numkMGTPE]?", 4 => "[KMGTPE]i", 1 => "[eE][+-]?[0-9]{1,2}", 1 => "[eEinumkKMGTP]{0,3}[-+]?[0-9]{0,2}"
    ];
    let shaped = (sign, whole, fraction, suffix)
        .prop_map(|(sign, whole, fraction, suffix)| format!("{sign}{whole}{fraction}{suffix}"));
    prop_oneof![20 => shaped, 1 => "[-+0-9.eEinumkKMGTP ]{0,8}", 1 => prop::sample::select(ODD).prop_map(str::to_owned)]
}

#[test]
fn generated_quantities_are_as_in_go() {
    let Some(oracle) = LineOracle::start("quantity") else { return };
    let oracle = std::cell::RefCell::new(oracle);
    let mut runner = TestRunner::new(Config { cases: 10_000, failure_persistence: None, ..Config::default() });
    let result = runner.run(&(texts(), texts()), |(left, right)| {
        let differences = differences(&mut oracle.borrow_mut(), &left, &right);
        prop_assert!(differences.is_empty(), "{}", differences.join("\n"));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn odd_quantities_are_as_in_go() {
    let Some(mut oracle) = LineOracle::start("quantity") else { return };
    let mut found = Vec::new();
    for left in ODD {
        for right in ODD {
            found.extend(differences(&mut oracle, left, right));
        }
    }
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

fn differences(oracle: &mut LineOracle, left: &str, right: &str) -> Vec<String> {
    let theirs = oracle.ask(&json!([left, right]));
    let mut found = Vec::new();
    let mut parsed = Vec::new();
    for (at, text) in [left, right].into_iter().enumerate() {
        match text.parse::<Quantity>() {
            Ok(quantity) => {
                one(text, &quantity, &theirs["quantities"][at], &mut found);
                parsed.push(quantity);
            }
            Err(error) if theirs["quantities"][at]["error"] == error.to_string() => {}
            Err(error) => found.push(format!("{text:?}: we say {error}, Go {}", theirs["quantities"][at])),
        }
    }
    if let [a, b] = &parsed[..] {
        let order = a.cmp(b) as i64;
        if theirs["compared"] != order || (order == 0) != (a == b) {
            found.push(format!("{left:?} against {right:?}: {order}, Go {}", theirs["compared"]));
        }
        let sum = a.plus(b);
        if fits(&sum) && theirs["sum"] != sum.to_string() {
            found.push(format!("{left:?} + {right:?}: {sum}, Go {}", theirs["sum"]));
        }
    }
    found
}

fn one(text: &str, ours: &Quantity, theirs: &Value, found: &mut Vec<String>) {
    let mut same = |what: &str, ours: Value, theirs: &Value| {
        if ours != *theirs {
            found.push(format!("{text:?} {what}: {ours}, Go {theirs}"));
        }
    };
    same("error", Value::Null, &theirs["error"]);
    same("as printed", ours.to_string().into(), &theirs["text"]);
    same("canonical", ours.canonical().into(), &theirs["canonical"]);
    // Go's own numbers run over where they do not fit 64 bits, and its two ways of rounding negative fractions differ.
    if fits(ours) && !ours.is_negative() {
        same("value", i64::try_from(ours.value()).unwrap().into(), &theirs["value"]);
        same("thousandths", i64::try_from(ours.milli_value()).unwrap().into(), &theirs["milli"]);
    }
}

fn fits(quantity: &Quantity) -> bool {
    i64::try_from(quantity.milli_value()).is_ok()
}
