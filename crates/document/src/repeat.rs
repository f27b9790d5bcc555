//! What stands more than once: aliases, merge keys, duplicate keys.

use seaworthy_source::{Span, order};

use crate::budget::Limits;
use crate::build::{Builder, Built};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::tree::{ALIASED, DuplicateKey, Kind, MERGE_KEY, MERGED, NodeData, NodeId, OVERRIDDEN};

impl Builder<'_> {
    /// Puts a copy of the anchor's value where the alias stands.
    #[inline(never)]
    pub(crate) fn alias(&mut self, anchor: usize, span: Span) -> Built<()> {
        let Some(&target) = self.anchors.get(&anchor) else {
            self.refuse(span, "this alias stands inside the value it names");
            return self.nothing(span);
        };
        if self.expects_key() && self.kind(target).is_none_or(Kind::is_collection) {
            self.refuse(span, "a list or an object cannot be a key");
            return self.nothing(span);
        }
        let copy = self.copy(target, span)?;
        self.out.aliases.push((copy, span));
        self.attach(copy, span)
    }

    /// Copies a finished subtree; each copied node counts as one that came from an alias.
    fn copy(&mut self, from: NodeId, span: Span) -> Built<NodeId> {
        let root = self.copy_one(from, span)?;
        // Pairs of a finished original and its copy whose children are still to be copied.
        let mut work = vec![(from, root)];
        while let Some((original, copied)) = work.pop() {
            let Some(data) = self.out.data(original) else { continue };
            if !data.kind.is_collection() {
                continue;
            }
            let (is_mapping, mut child, mut last) = (data.kind == Kind::Mapping, NodeId(data.head), NodeId::NONE);
            if let Some(data) = self.out.nodes.get_mut(copied.index()) {
                data.head = u32::MAX;
            }
            while let Some(data) = self.out.data(child) {
                let (next, mut slot) = (data.next, data.slot);
                if is_mapping {
                    slot = self.copy_one(NodeId(slot), span)?.0;
                }
                let id = self.copy_one(child, span)?;
                self.out.link(copied, last, id, slot);
                work.push((child, id));
                last = id;
                child = next;
            }
        }
        Ok(root)
    }

    fn copy_one(&mut self, from: NodeId, span: Span) -> Built<NodeId> {
        self.from_aliases += 1;
        self.budget(span)?;
        self.alias_budget(span)?;
        let id = NodeId(u32::try_from(self.out.nodes.len()).unwrap_or(u32::MAX));
        if let Some(data) = self.out.data(from).cloned() {
            if !data.kind.is_collection() {
                self.alias_text += data.len as usize;
            }
            let flags = (data.flags | ALIASED) & !MERGE_KEY;
            self.out.nodes.push(NodeData { flags, parent: NodeId::NONE, next: NodeId::NONE, ..data });
        }
        Ok(id)
    }

    fn alias_budget(&self, span: Span) -> Built<()> {
        // go-yaml counts the aliases themselves too.
        let total = self.out.nodes.len() + self.out.aliases.len();
        #[allow(clippy::cast_precision_loss, reason = "a ratio of counts far below 2^52")]
        let share = self.from_aliases as f64 / total.max(1) as f64;
        let message = if self.from_aliases > 100 && total > 1000 && share > Limits::alias_share(total) {
            "aliases repeat so much that they make up nearly the whole document (limit `alias_share`)".to_owned()
        } else if self.alias_text > self.limits.alias_text {
            format!("aliases repeat more than {} bytes of text (limit `alias_text`)", self.limits.alias_text)
        } else {
            return Ok(());
        };
        Err(SyntaxError::new(SyntaxErrorKind::Aliases, span, message))
    }

    pub(crate) fn is_merge_key(&self, key: NodeId) -> bool {
        self.out.data(key).is_some_and(|data| data.flags & MERGE_KEY != 0)
    }

    /// `<<`: the entries of another object, set one after another as go-yaml sets them, so that they override what
    /// stands before and are overridden by what stands behind. Of several objects the first wins.
    #[inline(never)]
    pub(crate) fn merge(&mut self, value: NodeId) {
        let Some(data) = self.out.data(value) else { return };
        let (span, is_aliased) = (data.span, data.flags & ALIASED != 0);
        let maps = match data.kind {
            Kind::Mapping => vec![value],
            Kind::Sequence if !is_aliased => self.items_backwards(value),
            _ => Vec::new(),
        };
        if data.kind != Kind::Mapping && maps.is_empty() && (is_aliased || data.len > 0 || data.kind != Kind::Sequence)
            || !maps.iter().all(|&id| self.kind(id) == Some(Kind::Mapping))
        {
            if self.out.errors.last().is_none_or(|error| error.span != span) {
                self.refuse(span, "`<<` merges an object or a list of objects, and this is neither");
            }
            return;
        }
        for map in maps {
            let mut child = self.out.data(map).map_or(NodeId::NONE, |data| NodeId(data.head));
            while let Some(data) = self.out.nodes.get_mut(child.index()) {
                let (next, slot) = (data.next, data.slot);
                data.flags |= MERGED;
                data.next = NodeId::NONE;
                self.append(child, slot);
                child = next;
            }
        }
    }

    fn items_backwards(&self, list: NodeId) -> Vec<NodeId> {
        let first = self.out.data(list).map(|data| NodeId(data.head));
        let mut items: Vec<_> = std::iter::successors(first, |&id| self.out.data(id).map(|data| data.next))
            .take_while(|&id| self.out.data(id).is_some())
            .collect();
        items.reverse();
        items
    }

    /// Marks all but the last entry of each key; keys that clash by a merge are no mistake. Small objects, nearly all
    /// there are, compare their few keys; large ones sort them, so that no choice of keys makes this slow.
    #[inline(never)]
    pub(crate) fn find_duplicates(&mut self, mapping: NodeId) {
        let Some(data) = self.out.data(mapping) else { return };
        if data.len < 2 {
            return;
        }
        let mut entries = std::mem::take(&mut self.entries);
        entries.clear();
        let mut child = NodeId(data.head);
        while let Some(data) = self.out.data(child) {
            entries.push((NodeId(data.slot), child));
            child = data.next;
        }
        let text = |key: NodeId| self.out.scalar_text(key);
        // A key has no child behind it, but its mark there.
        let mark = |key: NodeId| self.out.data(key).map(|data| data.next);
        let mut lost: Vec<(usize, usize)> = Vec::new();
        if entries.len() <= 12 {
            for (at, &(key, _)) in entries.iter().enumerate().skip(1) {
                let earlier = entries.get(..at).unwrap_or(&[]);
                lost.extend(
                    earlier
                        .iter()
                        .rposition(|&(other, _)| mark(other) == mark(key) && text(other) == text(key))
                        .map(|first| (first, at)),
                );
            }
        } else {
            let mut sorted: Vec<(&str, usize)> = entries.iter().enumerate().map(|(at, it)| (text(it.0), at)).collect();
            order::sort(&mut sorted);
            let pairs = sorted.windows(2).filter_map(|pair| match pair {
                [first, last] if first.0 == last.0 => Some((first.1, last.1)),
                _ => None,
            });
            lost.extend(pairs);
            order::sort_by_key(&mut lost, |pair| pair.1);
        }
        for (first, last) in lost {
            if let (Some(&(_, first)), Some(&(_, last))) = (entries.get(first), entries.get(last)) {
                self.override_entry(first, last);
            }
        }
        self.entries = entries;
    }

    fn override_entry(&mut self, first: NodeId, last: NodeId) {
        let flags = |id: NodeId| self.out.data(id).map_or(0, |data| data.flags);
        let is_merged = (flags(first) | flags(last)) & MERGED != 0;
        if let Some(data) = self.out.nodes.get_mut(first.index()) {
            data.flags |= OVERRIDDEN;
        }
        if !is_merged {
            self.out.duplicates.push(DuplicateKey { first, last });
        }
    }
}
