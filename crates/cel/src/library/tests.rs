//! A few words of each library, in the server's words; what is common to all is in `eval/tests.rs`.

use crate::{Bindings, CALL_LIMIT, Environment, compile, evaluate};
use seaworthy_object::Version;

/// The value as a literal, or `! ` and the error.
fn run(expression: &str) -> String {
    let program =
        compile(&Environment::stored(Version::NEWEST), expression).unwrap_or_else(|it| panic!("{expression}: {it}"));
    match evaluate(&program, &Bindings::new(), CALL_LIMIT).outcome {
        Ok(value) => value.to_string(),
        Err(failure) => format!("! {}", failure.text()),
    }
}

fn all(cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        assert_eq!(run(expression), *expected, "{expression}");
    }
}

#[test]
fn strings() {
    all(&[
        ("'tacocat'.charAt(3)", "\"o\""),
        ("'tacocat'.charAt(7)", "\"\""),
        ("'tacocat'.charAt(8)", "! index out of range: 8"),
        ("'hello mellow'.indexOf('ello', 2)", "7"),
        ("'hello mellow'.lastIndexOf('ello')", "7"),
        ("'hello mellow'.lastIndexOf('ello', 6)", "1"),
        ("'日本語'.substring(1, 2)", "\"本\""),
        ("'日本語'.indexOf('語')", "2"),
        ("'abc'.substring(2, 1)", "! invalid substring range. start: 2, end: 1"),
        ("'a,b,c'.split(',', 2)", "[\"a\", \"b,c\"]"),
        ("'ab'.split('')", "[\"a\", \"b\"]"),
        ("'aaa'.replace('a', 'b', 2)", "\"bba\""),
        ("' \\t a\\u00a0'.trim()", "\"a\""),
        ("'ÀB'.lowerAscii()", "\"Àb\""),
        ("[dyn('a'), dyn(1)].join()", "! join: invalid input: 1"),
        ("strings.quote('a\"\\n')", "\"\\\"a\\\\\\\"\\\\n\\\"\""),
    ]);
}

#[test]
fn formatting() {
    all(&[
        ("'%s|%d|%x|%b|%o'.format(['a', 10, 255, 5, 8])", "\"a|10|ff|101|10\""),
        ("'%.2f'.format([1234567.891])", "\"1,234,567.89\""),
        ("'%e'.format([1234.5])", "\"1.234500×10⁰³\""),
        ("'%s'.format([{'b': [1.5], 'a': null}])", "\"{\\\"a\\\":null, \\\"b\\\":[1.500000]}\""),
        ("dyn('%s %s').format(['a'])", "! index 1 out of range"),
        (
            "dyn('%d').format(['a'])",
            "! error during formatting: decimal clause can only be used on integers, was given string",
        ),
        ("dyn('%q').format(['a'])", "! could not parse formatting clause: unrecognized formatting clause \"q\""),
    ]);
}

#[test]
fn times() {
    all(&[
        ("timestamp('2024-02-29T12:34:56.789Z').getDayOfYear()", "59"),
        ("timestamp('2024-02-29T12:34:56.789Z').getMilliseconds()", "789"),
        ("timestamp('2024-02-29T23:00:00Z').getDate('+02:00')", "1"),
        ("timestamp('2024-02-29T23:00:00Z').getDayOfWeek()", "4"),
        ("string(timestamp('2024-01-01T00:00:00.10+02:00'))", "\"2024-01-01T00:00:00.1+02:00\""),
        ("timestamp('2024-03-01T00:00:00Z') - timestamp('2024-02-01T00:00:00Z')", "duration(\"2505600s\")"),
        ("timestamp('9999-12-31T23:59:59Z') + duration('1s')", "! timestamp overflow"),
        ("duration('-1.5h') + duration('1ns')", "duration(\"-5399.999999999s\")"),
        ("duration('3723s').getMinutes()", "62"),
        ("int(timestamp(dyn('1970-01-01T00:01:00Z')))", "60"),
        (
            "timestamp(dyn('2024-02-30T00:00:00Z') + '')",
            "! type conversion error from 'string' to 'google.protobuf.Timestamp'",
        ),
    ]);
}

#[test]
fn lists_and_sets() {
    all(&[
        ("[1, 2, 3].sum()", "6"),
        ("[1.5, 2.5].max()", "2.5"),
        ("[].min() == 1", "! min called on empty list"),
        ("['b', 'a'].isSorted()", "false"),
        ("[1, 2, 1].lastIndexOf(1)", "2"),
        ("[1, 2, 3, 4].slice(1, 3)", "[2, 3]"),
        ("[1].slice(0, 2)", "! cannot slice(0, 2), list is length 1"),
        ("[[1], [2, 3]].flatten()", "[1, 2, 3]"),
        ("[3, 1, 2].sort()", "[1, 2, 3]"),
        ("[1, 2, 1].distinct()", "[1, 2]"),
        ("lists.range(3).reverse()", "[2, 1, 0]"),
        ("lists.range(-1)", "! lists.range: size must be non-negative, got -1"),
        ("sets.equivalent([1, 1], [1])", "true"),
        ("sets.contains([1], [2])", "false"),
    ]);
}

#[test]
fn quantities_and_versions() {
    all(&[
        ("quantity('1.5Gi').isGreaterThan(quantity('1G'))", "true"),
        ("quantity('1000m').isInteger()", "false"),
        ("quantity('1k').asInteger()", "1000"),
        ("quantity('1500m').asInteger()", "! cannot convert value to integer"),
        ("quantity('100Mi').sub(quantity('1Mi'))", "quantity(\"99Mi\")"),
        ("sign(quantity('1').sub(2))", "-1"),
        ("quantity('50m').asApproximateFloat()", "0.05"),
        ("isQuantity('1Q')", "false"),
        ("semver('1.2.3-alpha').isLessThan(semver('1.2.3'))", "true"),
        ("semver('v1.2', true).compareTo(semver('1.2.0'))", "0"),
        ("semver('1.02.3')", "! Minor number must not contain leading zeroes \"02\""),
    ]);
}

#[test]
fn networks_and_urls() {
    all(&[
        ("ip('2001:DB8::1')", "ip(\"2001:db8::1\")"),
        ("ip.isCanonical('2001:DB8::1')", "false"),
        ("ip('10.0.0.1').isGlobalUnicast()", "true"),
        ("ip('::ffff:1.2.3.4')", "! IPv4-mapped IPv6 address \"::ffff:1.2.3.4\" is not allowed"),
        (
            "ip('1.2.3.04')",
            "! IP Address \"1.2.3.04\" parse error during conversion from string: ParseAddr(\"1.2.3.04\"): IPv4 field \
             has octet with leading zero",
        ),
        ("cidr('10.0.0.1/8').masked()", "cidr(\"10.0.0.0/8\")"),
        ("cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", "true"),
        ("cidr('10.0.0.0/8').containsIP('11.0.0.1')", "false"),
        ("isCIDR('10.0.0.0/33')", "false"),
        ("url('https://u:p@[::1]:80/a%2Fb?x=1&x=2#f').getHost()", "\"[::1]:80\""),
        ("url('https://u:p@[::1]:80/a%2Fb?x=1&x=2#f').getEscapedPath()", "\"/a%2Fb\""),
        ("url('https://example.com/?x=1&x=2').getQuery()", "{\"x\": [\"1\", \"2\"]}"),
        (
            "url('https://a:b')",
            "! URL parse error during conversion from string: parse \"https://a:b\": invalid port \":b\" after host",
        ),
        ("isURL('x')", "false"),
    ]);
}

#[test]
fn named_formats() {
    all(&[
        ("format.dns1123Label().validate('a.b').value()", "[\"must not contain dots\"]"),
        ("format.dns1123LabelPrefix().validate('a-').hasValue()", "false"),
        ("format.named('nope').hasValue()", "false"),
        ("format.datetime().validate('2024-01-01T00:00:00Z').hasValue()", "false"),
        ("format.date().validate('2024-13-01').value()", "[\"invalid date\"]"),
        ("format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue()", "false"),
        ("format.byte().validate('aGVsbG8=').hasValue()", "false"),
    ]);
}

#[test]
fn regular_expressions() {
    all(&[
        ("'abc 123'.find('[0-9]+')", "\"123\""),
        ("'1 22 333'.findAll('[0-9]+', 2)", "[\"1\", \"22\"]"),
        ("'a'.matches(dyn('(') + '')", "! error parsing regexp: missing closing ): `(`"),
        ("'a'.find(dyn('(') + '')", "! Illegal regex: error parsing regexp: missing closing ): `(`"),
    ]);
}

#[test]
fn the_authorizer_cannot_be_asked() {
    let environment = Environment::admission(Version::NEWEST, false, true);
    let program = compile(&environment, "authorizer.path('/healthz').check('get').allowed()").unwrap();
    let outcome = evaluate(&program, &Bindings::new(), CALL_LIMIT).outcome;
    assert_eq!(outcome.unwrap_err().text(), "the authorizer cannot be asked offline");
}
