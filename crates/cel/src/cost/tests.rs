use crate::{Declared, Environment, Schema, compile, estimate_cost};
use seaworthy_object::Version;

/// A schema with what these tests ask of one.
#[derive(Default)]
struct Of {
    ty: &'static str,
    most: Option<u64>,
    items: Option<Box<Of>>,
    values: Option<Box<Of>>,
    properties: Vec<(&'static str, Of)>,
}

impl Schema for Of {
    fn ty(&self) -> &str {
        self.ty
    }
    fn format(&self) -> &str {
        ""
    }
    fn is_int_or_string(&self) -> bool {
        false
    }
    fn is_embedded_resource(&self) -> bool {
        false
    }
    fn items(&self) -> Option<Box<dyn Schema + '_>> {
        self.items.as_ref().map(|it| Box::new(&**it) as Box<dyn Schema>)
    }
    fn additional_properties(&self) -> Option<Box<dyn Schema + '_>> {
        self.values.as_ref().map(|it| Box::new(&**it) as Box<dyn Schema>)
    }
    fn properties(&self, visit: &mut dyn FnMut(&str, &dyn Schema, bool)) {
        self.properties.iter().for_each(|(name, of)| visit(name, of, false));
    }
    fn most(&self) -> Option<u64> {
        self.most
    }
    fn longest_enum(&self) -> Option<u64> {
        None
    }
    fn has_default(&self) -> bool {
        false
    }
}

fn string(most: u64) -> Of {
    Of { ty: "string", most: Some(most), ..Of::default() }
}

fn list(most: Option<u64>, of: Of) -> Of {
    Of { ty: "array", most, items: Some(Box::new(of)), ..Of::default() }
}

fn cost(schema: &Of, rule: &str) -> u64 {
    let declared = Declared::of_schema(Version::NEWEST, schema, false).unwrap();
    let environment = Environment::new(Version::NEWEST).with_declared("self", "selfType", &declared);
    estimate_cost(&compile(&environment, rule).unwrap(), Some(&declared)).max
}

#[test]
fn a_schema_bounds_what_a_rule_costs() {
    // A code point counts four times.
    assert_eq!(cost(&string(253), "self.matches('^[a-z]+$')"), 205);
    assert_eq!(cost(&list(Some(1000), string(5)), "self.all(x, x.startsWith('a'))"), 5002);
    assert_eq!(cost(&list(Some(1000), string(5)), "sets.contains(self, self)"), 1_000_003);
    let map = Of { ty: "object", most: Some(10), values: Some(Box::new(string(5))), ..Of::default() };
    assert_eq!(cost(&map, "self.all(k, self[k] == 'abc')"), 72);
}

#[test]
fn without_bounds_the_request_bounds() {
    assert!(cost(&list(None, list(None, string(5))), "self.all(x, x.all(y, self == self))") > crate::RULE_LIMIT);
}

#[test]
fn objects_are_named_by_their_path() {
    let schema = Of { ty: "object", properties: vec![("a-b", string(5))], ..Of::default() };
    let declared = Declared::of_schema(Version::NEWEST, &schema, true).unwrap();
    let environment = Environment::new(Version::NEWEST).with_declared("self", "selfType", &declared);
    assert!(compile(&environment, "self.a__dash__b == self.metadata.name").is_ok());
    let text = compile(&environment, "self.metadata + 1").unwrap_err().text;
    assert!(text.contains("applied to '(selfType.metadata, int)'"), "{text}");
}
