//! Places that hold a name or a label and that the model does not understand as a reference: who changes a name must
//! know of them.

use seaworthy_document::{Document, Node};
use seaworthy_object::Object;

use crate::hosts::hosts_in;
use crate::{Fleet, Host};

/// A place that says a name.
#[derive(Debug, Clone, Copy)]
pub struct Mention<'a> {
    /// The document.
    pub document: &'a Document,
    /// The node; none in a document that could not be read.
    pub node: Option<Node<'a>>,
}

/// Keys under which programs are told things.
const TOLD: &[&str] = &["env", "args", "command", "annotations", "data", "stringData"];

impl<'a> Fleet<'a> {
    /// Where an object is named, or seems to be, without a reference to it: by host name, in arguments and
    /// configuration, in custom resources, by tools, in documents of ours (`ours`), and in what could not be read.
    #[must_use]
    pub fn mentions(&self, object: &Object<'_>, ours: &[&'a Object<'a>]) -> Vec<Mention<'a>> {
        let name = object.name();
        let unread = self.unread().iter().filter(|it| says(it.text(), name));
        let mut found: Vec<_> = unread.map(|&document| Mention { document, node: None }).collect();
        for root in self.configurations.iter().filter_map(|it| it.root()) {
            found.extend(scalars(root).filter(|it| it.text() == name).map(Mention::of));
        }
        for root in ours.iter().map(|it| it.root()) {
            let names = |it: &Node<'a>| says(it.text(), name) || it.key().is_some_and(|it| it.text() == name);
            found.extend(nodes(root).filter(names).map(Mention::of));
        }
        for other in self.objects() {
            let is_custom = self.catalog().kind(other.group(), other.version(), other.kind()).is_none();
            let is_meant = |node: &Node<'a>| {
                let text = node.text();
                text.contains(name)
                    && (is_custom && text == name
                        || is_told(*node) && says(text, name)
                        // A bare word may be anything, such as a label.
                        || text != name && self.is_host_of(text, other, object))
            };
            found.extend(scalars(other.root()).filter(is_meant).map(Mention::of));
        }
        found
    }

    /// Where a label is written: every entry of that key, and of that value if one is given, of all objects and of what
    /// tools read; and where the key stands as a value, as in expressions and topologies.
    #[must_use]
    pub fn label_mentions(&self, key: &str, value: Option<&str>) -> Vec<Mention<'a>> {
        let unread = self.unread().iter().filter(|it| says(it.text(), key));
        let mut found: Vec<_> = unread.map(|&document| Mention { document, node: None }).collect();
        let roots = self.configurations.iter().filter_map(|it| it.root());
        for root in self.objects().iter().map(|it| it.root()).chain(roots) {
            let is_it = |node: &Node<'a>| {
                let own = node.key().map_or("", |it| it.text());
                own == key && value.is_none_or(|value| node.text() == value)
                    || matches!(own, "key" | "topologyKey" | "labelSelector") && says(node.text(), key)
            };
            found.extend(scalars(root).filter(is_it).map(Mention::of));
        }
        found
    }

    /// True if a text names a Service by one of its host names.
    fn is_host_of(&self, text: &str, from: &Object<'_>, service: &Object<'_>) -> bool {
        let namespace = from.namespace().unwrap_or("default");
        let leads = |name: &str| match self.dns().lookup(name, namespace) {
            Host::Service(found) | Host::Pod(_, found) => found.root() == service.root(),
            _ => false,
        };
        service.is("", "Service") && hosts_in(text).iter().any(|it| leads(it.name))
    }
}

impl<'a> Mention<'a> {
    fn of(node: Node<'a>) -> Self {
        Self { document: node.document(), node: Some(node) }
    }
}

/// True if a text has the name as a word.
fn says(text: &str, name: &str) -> bool {
    let is_letter = |it: char| it.is_alphanumeric() || matches!(it, '-' | '_');
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|it| it.chars().next());
        !before.is_some_and(is_letter) && !after.is_some_and(is_letter)
    })
}

/// True for a value that a program is told.
fn is_told(node: Node<'_>) -> bool {
    let keys = std::iter::successors(Some(node), Node::parent).filter_map(|it| it.key());
    keys.map(|it| it.text()).any(|it| TOLD.contains(&it))
}

/// All scalars under a node, in order.
fn scalars<'a>(root: Node<'a>) -> impl Iterator<Item = Node<'a>> {
    nodes(root).filter(|it| !it.is_mapping() && !it.is_sequence())
}

/// A node and all under it, in order.
fn nodes<'a>(root: Node<'a>) -> impl Iterator<Item = Node<'a>> {
    let mut left = vec![root];
    std::iter::from_fn(move || {
        let node = left.pop()?;
        let from = left.len();
        left.extend(node.entries().map(|it| it.value).chain(node.items()));
        left.get_mut(from..)?.reverse();
        Some(node)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word() {
        assert!(says("http://web:80/", "web"));
        assert!(says("--config=web", "web"));
        assert!(!says("webapp my-web web-2", "web"));
    }
}
