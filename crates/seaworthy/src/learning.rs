//! What documents say of the cluster, as facts.

use foldhash::HashMap;
use seaworthy_diagnostic::{Location, Unknown};
use seaworthy_document::Document;
use seaworthy_fleet::{Facts, NodeFacts, clusters, states_cluster};
use seaworthy_object::Content;
use seaworthy_source::{SourceId, Span};

use crate::understanding::objects_of;

/// The documents of a source with what they hold.
pub(crate) type Held<'s, 'a> = (&'a [Document], &'s [Content<'a>]);

/// Takes the facts of the cluster: from the files that describe it, else from the one cluster that documents of the set
/// state; where they state several, nobody says which is meant. What nothing reads is listed, so that nobody takes it
/// for read.
pub(crate) fn learn<'a>(
    set: &[Held<'_, 'a>],
    known: &[Held<'_, 'a>],
    files: &HashMap<SourceId, &'a str>,
    facts: &mut Facts,
    unread: &mut Vec<Unknown>,
) {
    let documents = |held: &[Held<'_, 'a>]| {
        let all = held.iter().flat_map(|(documents, _)| documents.iter());
        all.filter(|it| states_cluster(it)).collect::<Vec<&'a Document>>()
    };
    let file = |source: SourceId| files.get(&source).copied().unwrap_or("");
    let mut stated = clusters(&documents(known), &file);
    let is_described = !stated.is_empty() || known.iter().any(|it| nodes(it).next().is_some());
    if !is_described {
        stated = clusters(&documents(set), &file);
    }
    if let [cluster] = stated.as_slice() {
        cluster.teach(facts, unread);
    } else if is_described {
        let roots = stated.iter().filter_map(|it| it.root());
        unread.extend(roots.map(|root| {
            seaworthy_facts::unknown(root, "the cluster", "several are described, and nobody says which is meant")
        }));
    }
    for held in known {
        facts.nodes.extend(nodes(held));
        list_unread(held, unread);
    }
}

/// The nodes that are given one by one.
fn nodes<'s>(held: &Held<'s, '_>) -> impl Iterator<Item = NodeFacts> + use<'s> {
    held.1.iter().flat_map(objects_of).filter_map(NodeFacts::of)
}

/// Lists what of a file that describes the cluster nothing reads.
fn list_unread((documents, contents): &Held<'_, '_>, unread: &mut Vec<Unknown>) {
    let mut not_read = |what: String, at: Location| {
        unread.push(Unknown { at, refers_to: what, why: "no reader of this cluster document yet".to_owned() });
    };
    for (document, content) in documents.iter().zip(*contents) {
        let is_read = |kind: &str| matches!(kind, "Node" | "CustomResourceDefinition");
        for object in objects_of(content).iter().filter(|it| !is_read(it.kind())) {
            not_read(object.reference().to_string(), object.place().location());
        }
        if let Content::Other(other) = content
            && !states_cluster(document)
        {
            not_read(other.why().to_owned(), start_of(document));
        }
    }
}

fn start_of(document: &Document) -> Location {
    Location {
        source: document.source(),
        document: document.index(),
        span: Span::at(document.span().start),
        path: String::new(),
        object: None,
    }
}
