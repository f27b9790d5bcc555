//! Values from documents.

use seaworthy_document::{Node, Value as Scalar};

use super::Value;

impl Value {
    /// A document, or a part of one, as the API server decodes it without a schema: whole numbers are `int`, all others
    /// `double`.
    #[must_use]
    pub fn of_node(node: Node<'_>) -> Self {
        match node.value() {
            Scalar::Null => Self::Null,
            Scalar::Bool(value) => Self::Bool(value),
            #[expect(clippy::cast_precision_loss, reason = "what 64 bits do not hold becomes a float")]
            Scalar::Int(value) => i64::try_from(value).map_or(Self::Double(value as f64), Self::Int),
            Scalar::Float(value) => Self::Double(value),
            Scalar::String(text) => Self::string(text),
            Scalar::Sequence => Self::list(node.items().map(Self::of_node).collect()),
            Scalar::Mapping => {
                let entries = node.entries().map(|entry| (Self::string(entry.name()), Self::of_node(entry.value)));
                Self::map(entries.collect())
            }
        }
    }
}
