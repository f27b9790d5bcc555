//! YAML and JSON as Kubernetes reads them: one arena tree with spans, comments and anchors.
//!
//! [`read`] takes a source and gives its documents. A document that is not YAML carries its [`SyntaxError`] and no
//! tree; the documents before and after it are read as usual. Values follow `sigs.k8s.io/yaml` (that is `go-yaml` v2
//! with YAML 1.1 scalars, then JSON), not the YAML 1.2 specification.
//!
//! *Architecture invariant:* this crate does not know Kubernetes' objects. *Architecture invariant:* reading
//! cannot fail and cannot panic; errors stand beside the documents, never instead of them.

mod budget;
mod build;
mod diagnose;
mod error;
mod events;
#[cfg(feature = "terraform")]
mod hcl;
mod json;
mod json_text;
mod path;
mod read;
mod repeat;
mod resolve;
mod scalar;
mod seek;
mod split;
mod text;
mod tree;

pub use budget::Limits;
pub use error::{SyntaxError, SyntaxErrorKind};
#[cfg(feature = "terraform")]
pub use hcl::name_length;
pub use json::to_json;
pub use path::{FieldPath, PathError, Segment};
pub use read::{read, read_with};
pub use scalar::Value;
pub use seek::Spot;
pub use tree::{Comment, Document, DuplicateKey, Entries, Entry, Items, Mark, Node, NodeId, Style};
