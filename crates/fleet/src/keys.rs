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
        let find = || {
            let mut keys: Vec<&str> = self.definitions("", kind, namespace, name).flat_map(keys_in).collect();
            order::sort(&mut keys);
            keys.dedup();
            let weight = keys.len();
            (Arc::from(keys), weight)
        };
        // Whoever takes down what is looked up is told of each look.
        if self.reads.are_taken() {
            return find().0;
        }
        let question = format!("{:?}", (kind, namespace, name));
        self.keys.kept(&question).unwrap_or_else(|| {
            let (keys, weight) = find();
            if weight > LONG {
                self.keys.keep(&question, &keys, weight);
            }
            keys
        })
    }
}

fn keys_in<'a>(object: &'a Object<'a>) -> Vec<&'a str> {
    let maps = ["data", "binaryData", "stringData"].into_iter().filter_map(|it| object.field().get(it));
    maps.flat_map(|it| it.node().entries().map(|entry| entry.name()).collect::<Vec<_>>()).collect()
}
