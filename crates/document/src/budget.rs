//! How much input is read before it is refused.

/// Named limits of one source. Each stands between a hostile file and the machine; none is near what people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a source.
    pub file_size: usize,
    /// Documents of a source.
    pub documents: usize,
    /// Nodes of all documents of a source, keys and expanded aliases included.
    pub nodes: usize,
    /// Levels of nesting.
    pub nesting: usize,
    /// Bytes of text that aliases may repeat.
    pub alias_text: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_size: 64 << 20, documents: 100_000, nodes: 8_000_000, nesting: 200, alias_text: 16 << 20 }
    }
}

impl Limits {
    /// The share of nodes that may come from aliases once `total` nodes were seen (go-yaml v2, `allowedAliasRatio`).
    pub(crate) fn alias_share(total: usize) -> f64 {
        const LOW: f64 = 400_000.0;
        const HIGH: f64 = 4_000_000.0;
        #[allow(clippy::cast_precision_loss, reason = "a ratio of counts far below 2^52")]
        let total = total as f64;
        if total <= LOW {
            0.99
        } else if total >= HIGH {
            0.10
        } else {
            0.99 - 0.89 * ((total - LOW) / (HIGH - LOW))
        }
    }
}
