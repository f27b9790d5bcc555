//! The keys of ConfigMaps and Secrets.

use std::sync::Arc;

use seaworthy_object::Object;
use seaworthy_source::order;

use crate::Fleet;
use crate::kept::LONG;

impl<'a> Fleet<'a> {
    /// The keys of all definitions of a ConfigMap or a Secret, each once and sorted: a second definition is often a
    /// patch with some of them.
    #[must_use]
    pub fn keys_of(&self, kind: &str, namespace: Option<&str>, name: &str) -> Arc<[&'a str]> {
        let all = || self.definitions("", kind, namespace, name).flat_map(keys_in);
        let find = || {
            let mut keys: Vec<&str> = all().collect();
            order::sort(&mut keys);
            keys.dedup();
            let weight = keys.len();
            (Arc::from(keys), weight)
        };
        let question = || format!("{:?}", (kind, namespace, name));
        self.kept_or(&self.keys, all().nth(LONG).is_some(), &question, &find)
    }
}

fn keys_in<'a>(object: &'a Object<'a>) -> impl Iterator<Item = &'a str> {
    let maps = ["data", "binaryData", "stringData"].into_iter().filter_map(|it| object.field().get(it));
    maps.flat_map(|it| it.node().entries()).map(|it| it.name())
}
