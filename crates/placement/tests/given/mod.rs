//! A text as a fleet, for tests that ask what becomes of it.

use seaworthy_document::Document;
use seaworthy_fleet::{Facts, Fleet, Given};
use seaworthy_object::{Catalog, Object};
use seaworthy_source::Source;

pub(crate) fn given<R>(text: &str, facts: &Facts, look: impl for<'a> FnOnce(&Fleet<'a>) -> R) -> R {
    let catalog = Catalog::built_in();
    let source = Source::new("fleet.yaml", text);
    let documents: Vec<Document> = seaworthy_document::read(&source);
    let roots = documents.iter().filter_map(Document::root);
    let objects: Vec<Object<'_>> = roots.filter_map(|root| Object::new(root, &catalog, "default")).collect();
    look(&Fleet::new(Given { objects: objects.iter().collect(), ..Given::default() }, facts, &catalog))
}
