//! What a list or an object holds, in order.
//!
//! Types of their own, not adapters over one another: these loops stand everywhere in the rules, and an adapter is
//! compiled anew for each of them, which made a tenth of the module that browsers load.

use super::{Entry, Node};
use crate::{NodeId, tree::Kind};

/// The items of a list. Ends at once for other values.
#[derive(Debug, Clone, Default)]
pub struct Items<'a> {
    next: Option<Node<'a>>,
}

/// The entries of an object. Ends at once for other values.
#[derive(Debug, Clone, Default)]
pub struct Entries<'a> {
    next: Option<Node<'a>>,
    with_overridden: bool,
}

impl<'a> Items<'a> {
    pub(super) fn of(list: Node<'a>) -> Self {
        Self { next: first(list, Kind::Sequence) }
    }
}

impl<'a> Entries<'a> {
    pub(super) fn of(object: Node<'a>, with_overridden: bool) -> Self {
        Self { next: first(object, Kind::Mapping), with_overridden }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        let node = self.next?;
        self.next = following(node);
        Some(node)
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        loop {
            let value = self.next?;
            self.next = following(value);
            let Some(key) = value.data().and_then(|data| value.with(NodeId(data.slot))) else { continue };
            let entry = Entry { key, value };
            if self.with_overridden || !entry.is_overridden() {
                return Some(entry);
            }
        }
    }
}

fn first(parent: Node<'_>, kind: Kind) -> Option<Node<'_>> {
    let data = parent.data().filter(|data| data.kind == kind)?;
    parent.with(NodeId(data.head))
}

fn following(node: Node<'_>) -> Option<Node<'_>> {
    node.with(node.data()?.next)
}
