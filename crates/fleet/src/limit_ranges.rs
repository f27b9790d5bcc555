//! What LimitRanges give to containers that ask for nothing.

use foldhash::HashMap;
use seaworthy_object::Field;

use crate::Fleet;
use crate::reads::Key;

/// What the LimitRanges of each namespace give, by resource: the first that speaks of it counts.
#[derive(Default)]
pub(crate) struct Given<'a> {
    requests: HashMap<(&'a str, &'a str), Field<'a>>,
    limits: HashMap<(&'a str, &'a str), Field<'a>>,
}

impl<'a> Fleet<'a> {
    /// The request that a LimitRange of the namespace gives to a container without one. The server fills
    /// `defaultRequest` from `default`, `max` and `min` (`SetDefaults_LimitRangeItem`).
    #[must_use]
    pub fn default_request(&self, namespace: &str, resource: &str) -> Option<Field<'a>> {
        find(&self.given_by_limit_ranges().requests, namespace, resource)
    }

    /// The limit that a LimitRange of the namespace gives to a container without one.
    #[must_use]
    pub fn default_limit(&self, namespace: &str, resource: &str) -> Option<Field<'a>> {
        find(&self.given_by_limit_ranges().limits, namespace, resource)
    }

    fn given_by_limit_ranges(&self) -> &Given<'a> {
        self.reads.key(Key::Kind("", "LimitRange"));
        self.limit_ranges.get_or_init(|| {
            let mut given = Given::default();
            for range in self.of_kind("", "LimitRange") {
                let Some(namespace) = range.namespace() else { continue };
                for item in range.field().items_at("spec.limits").filter(|it| it.str_at("type") == Some("Container")) {
                    learn(&mut given.requests, namespace, item, &["defaultRequest", "default", "max", "min"]);
                    learn(&mut given.limits, namespace, item, &["default", "max"]);
                }
            }
            given
        })
    }
}

fn learn<'a>(given: &mut HashMap<(&'a str, &'a str), Field<'a>>, namespace: &'a str, item: Field<'a>, keys: &[&str]) {
    for list in keys.iter().filter_map(|key| item.get(key)) {
        for (resource, amount) in list.entries() {
            given.entry((namespace, resource)).or_insert(amount);
        }
    }
}

fn find<'a>(given: &HashMap<(&'a str, &'a str), Field<'a>>, namespace: &str, resource: &str) -> Option<Field<'a>> {
    // So that the names asked for need not live as long as the table.
    let given: &HashMap<(&str, &str), Field<'a>> = given;
    given.get(&(namespace, resource)).copied()
}
