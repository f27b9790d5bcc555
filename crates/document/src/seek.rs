//! What stands at a byte: for whoever points into a text, such as an editor.

use crate::{Document, Node};

/// What stands at a place of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot<'a> {
    /// The innermost value that the place belongs to.
    pub node: Node<'a>,
    /// True if the place lies in the key of the value, not in the value itself.
    pub on_key: bool,
}

impl Document {
    /// What stands at a byte of the source. The byte after a key or scalar belongs to it, as a cursor at the end of a
    /// word belongs to the word. None where there is no tree, and outside of it.
    ///
    /// What came in by an alias or a merge key stands at its anchor, and is found there as what the anchor marks.
    ///
    /// ```
    /// use seaworthy_source::Source;
    ///
    /// let documents = seaworthy_document::read(&Source::new("a.yaml", "spec:\n  replicas: 2\n"));
    /// let spot = documents[0].spot(10).unwrap();
    /// assert_eq!((spot.node.path().as_str(), spot.on_key), ("spec.replicas", true));
    /// assert!(!documents[0].spot(18).unwrap().on_key);
    /// ```
    #[must_use]
    pub fn spot(&self, offset: u32) -> Option<Spot<'_>> {
        let root = self.root()?;
        let holds = |node: Node<'_>| node.span().start <= offset && offset <= end_of(node);
        if !holds(root) {
            return None;
        }
        let mut node = root;
        loop {
            let mut entries = node.all_entries().filter(|it| !it.is_merged());
            if let Some(entry) = entries.find(|it| it.key.span().start <= offset && offset <= it.key.span().end) {
                return Some(Spot { node: entry.value, on_key: true });
            }
            let children = node.all_entries().filter(|it| !it.is_merged()).map(|it| it.value).chain(node.items());
            let own = children.filter(|it| it.alias_span().is_none());
            // Where two touch, as `a` and `b` of `[a,b]` nearly do, the later one begins there.
            match own.filter(|it| holds(*it)).last() {
                Some(child) => node = child,
                None => return Some(Spot { node, on_key: false }),
            }
        }
    }
}

/// The byte after a node: parsers let a block end where the next token begins, so that its last scalar counts.
fn end_of(node: Node<'_>) -> u32 {
    let is_block = (node.is_mapping() || node.is_sequence()) && node.style() == crate::Style::Block;
    let last = node.all_entries().filter(|it| !it.is_merged()).last().map(|it| (it.value, it.key.span().end));
    let last = last.or_else(|| node.items().last().map(|it| (it, node.span().start)));
    match last.filter(|_| is_block) {
        Some((value, key_end)) if value.alias_span().is_none() => end_of(value).max(key_end),
        Some((value, key_end)) => value.alias_span().map_or(key_end, |it| it.end),
        None => node.span().end,
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_source::Source;

    /// The path under each mark `^`, which points at the byte above it; `key` where it is a key.
    fn at(text: &str, offset: usize) -> String {
        let documents = crate::read(&Source::new("a.yaml", text));
        let spot = documents.first().and_then(|it| it.spot(u32::try_from(offset).unwrap()));
        spot.map_or("nothing".to_owned(), |it| format!("{}{}", it.node.path(), if it.on_key { " key" } else { "" }))
    }

    #[test]
    fn keys_values_and_what_lies_between() {
        let text = "spec:\n  a: [x, yy]\n  b:\n  - name: one\n    port: 80\n\n  c: 1\n";
        let of = |word: &str| text.find(word).unwrap();
        assert_eq!(at(text, 0), "spec key");
        assert_eq!(at(text, of("x")), "spec.a[0]");
        assert_eq!(at(text, of("x") + 1), "spec.a[0]");
        assert_eq!(at(text, of("yy") + 2), "spec.a[1]");
        assert_eq!(at(text, of("name")), "spec.b[0].name key");
        assert_eq!(at(text, of("80") + 2), "spec.b[0].port");
        assert_eq!(at(text, of("\n\n") + 1), "spec");
        assert_eq!(at(text, of("c: 1") + 3), "spec.c");
        assert_eq!(at(text, 4000), "nothing");
        assert_eq!(at("", 0), "nothing");
    }

    #[test]
    fn an_alias_is_not_its_anchor() {
        let text = "a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2\n";
        assert_eq!(at(text, text.find("b:").unwrap()), "a.b key");
        assert_eq!(at(text, text.find("e:").unwrap()), "d.e key");
        assert_eq!(at(text, text.find("c:").unwrap()), "c key");
        assert_eq!(at(text, text.find("*x").unwrap() + 1), "");
    }
}
