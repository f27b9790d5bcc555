//! The option `producers`: custom resources of a house's own that make ConfigMaps or Secrets.

use seaworthy_fleet::{Fleet, Reference};
use seaworthy_object::Object;
use serde::Deserialize;

/// A kind of object that makes another when it runs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Producer {
    /// The kind, `Database`, or with its group, `Database.example.com`.
    pub(super) kind: String,
    /// The name of what it makes, with the values of fields in braces: `{metadata.name}-credentials`.
    pub(super) makes: String,
}

impl Producer {
    /// True if an object of this kind makes what a reference leads to.
    pub(super) fn makes(&self, fleet: &Fleet<'_>, reference: &Reference<'_>) -> bool {
        let namespace = reference.namespace.unwrap_or("");
        let kind = self.kind.split_once('.').map_or(self.kind.as_str(), |(kind, _)| kind);
        let mut producers = fleet.of_any_group(kind).filter(|it| it.namespace().unwrap_or("") == namespace);
        producers.any(|it| self.is(it) && self.name_for(it).as_deref() == Some(reference.name))
    }

    fn is(&self, object: &Object<'_>) -> bool {
        match self.kind.split_once('.') {
            Some((kind, group)) => object.is(group, kind),
            None => object.kind() == self.kind,
        }
    }

    /// The name of what an object makes; none if a field it takes its name from is not there.
    fn name_for<'a>(&self, object: &'a Object<'a>) -> Option<String> {
        let mut name = String::new();
        let mut rest = self.makes.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (path, after) = after.split_once('}')?;
            name.push_str(before);
            name.push_str(object.at(path)?.text());
            rest = after;
        }
        name.push_str(rest);
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_object::Catalog;
    use seaworthy_source::Source;

    use super::*;

    #[test]
    fn names_are_made_of_fields() {
        let source = Source::new("db.yaml", "apiVersion: example.com/v1\nkind: Database\nmetadata: {name: shop}\n");
        let documents = seaworthy_document::read(&source);
        let catalog = Catalog::built_in();
        let object = Object::new(documents[0].root().unwrap(), &catalog, "default").unwrap();
        let producer = |kind: &str, makes: &str| Producer { kind: kind.to_owned(), makes: makes.to_owned() };
        let named = producer("Database.example.com", "db-{metadata.name}-login");
        assert!(named.is(&object));
        assert!(producer("Database", "x").is(&object));
        assert!(!producer("Database.example.org", "x").is(&object));
        assert_eq!(named.name_for(&object).as_deref(), Some("db-shop-login"));
        assert_eq!(producer("Database", "{spec.name}").name_for(&object), None);
    }
}
