//! How a tree comes to be: nodes are added and hung into one another, whatever language they are read from.

use seaworthy_source::Span;

use super::{Document, Kind, Mark, NodeData, NodeId, Style};

impl Document {
    /// Adds a node that hangs nowhere yet.
    pub(crate) fn add(&mut self, kind: Kind, style: Style, span: Span) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(NodeData {
            span,
            parent: NodeId::NONE,
            next: NodeId::NONE,
            slot: u32::MAX,
            head: u32::MAX,
            len: 0,
            kind,
            style,
            flags: 0,
        });
        id
    }

    /// Hangs a node into a list or object, behind its last child; `slot` is its index or the number of its key.
    pub(crate) fn link(&mut self, parent: NodeId, last: NodeId, id: NodeId, slot: u32) {
        let previous = if last == NodeId::NONE { parent } else { last };
        if let Some(data) = self.nodes.get_mut(previous.index()) {
            if last == NodeId::NONE {
                data.head = id.0;
            } else {
                data.next = id;
            }
        }
        if let Some(data) = self.nodes.get_mut(id.index()) {
            data.parent = parent;
            data.slot = slot;
        }
        if self.data(parent).is_some_and(|data| data.kind == Kind::Mapping) {
            let Mark(mark) = Mark::of(self.scalar_text(NodeId(slot)));
            if let Some(key) = self.nodes.get_mut(NodeId(slot).index()) {
                key.parent = parent;
                key.next = NodeId(mark);
            }
        }
    }
}
