//! What LimitRanges give to containers that ask for nothing.

use foldhash::HashMap;
use seaworthy_object::Field;
use seaworthy_source::order;

use crate::Fleet;
use crate::reads::Key;

/// What the LimitRanges of each namespace give.
#[derive(Default)]
pub(crate) struct Given<'a> {
    requests: ByNamespace<'a>,
    limits: ByNamespace<'a>,
}

/// Amounts by resource, sorted, of each namespace: the first that speaks of a resource counts.
type ByNamespace<'a> = HashMap<&'a str, Vec<(&'a str, Field<'a>)>>;

impl<'a> Fleet<'a> {
    /// The request that a LimitRange of the namespace gives to a container without one. The server fills
    /// `defaultRequest` from `default`, `max` and `min` (`SetDefaults_LimitRangeItem`).
    #[must_use]
    pub fn default_request(&self, namespace: &str, resource: &str) -> Option<Field<'a>> {
        find(self.default_requests(namespace), resource)
    }

    /// The limit that a LimitRange of the namespace gives to a container without one.
    #[must_use]
    pub fn default_limit(&self, namespace: &str, resource: &str) -> Option<Field<'a>> {
        find(of_namespace(&self.given_by_limit_ranges().limits, namespace), resource)
    }

    /// The requests that the LimitRanges of a namespace give to containers without them, by resource, sorted.
    #[must_use]
    pub fn default_requests(&self, namespace: &str) -> &[(&'a str, Field<'a>)] {
        of_namespace(&self.given_by_limit_ranges().requests, namespace)
    }

    fn given_by_limit_ranges(&self) -> &Given<'a> {
        self.reads.key(Key::Kind("", "LimitRange"));
        self.limit_ranges.get_or_init(|| {
            let mut given = Given::default();
            for range in self.of_kind("", "LimitRange").filter(|it| self.is_last_definition(it)) {
                let Some(namespace) = range.namespace() else { continue };
                for item in range.field().items_at("spec.limits").filter(|it| it.str_at("type") == Some("Container")) {
                    learn(&mut given.requests, namespace, item, &["defaultRequest", "default", "max", "min"]);
                    learn(&mut given.limits, namespace, item, &["default", "max"]);
                }
            }
            for by_namespace in [&mut given.requests, &mut given.limits] {
                #[expect(clippy::iter_over_hash_type, reason = "each namespace is looked at by itself")]
                for amounts in by_namespace.values_mut() {
                    order::sort_by_key(amounts, |it| it.0);
                    amounts.dedup_by_key(|it| it.0);
                }
            }
            given
        })
    }
}

fn learn<'a>(given: &mut ByNamespace<'a>, namespace: &'a str, item: Field<'a>, keys: &[&str]) {
    let lists = keys.iter().filter_map(|key| item.get(key));
    given.entry(namespace).or_default().extend(lists.flat_map(|it| it.entries()));
}

fn of_namespace<'g, 'a>(given: &'g ByNamespace<'a>, namespace: &str) -> &'g [(&'a str, Field<'a>)] {
    given.get(namespace).map_or(&[], Vec::as_slice)
}

fn find<'a>(amounts: &[(&'a str, Field<'a>)], resource: &str) -> Option<Field<'a>> {
    let at = amounts.binary_search_by_key(&resource, |it| it.0).ok()?;
    amounts.get(at).map(|it| it.1)
}
