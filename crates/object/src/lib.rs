//! Kubernetes objects as views over the tree, and the catalog of their schemas.
//!
//! *Architecture invariant:* an object knows no other object. *Architecture invariant:* nothing is copied out of the
//! tree; whoever holds a value holds its place.

mod base64;
pub mod catalog;
mod container;
mod content;
mod field;
mod image;
mod int_or_string;
mod object;
mod pod;
#[cfg(test)]
mod properties;
mod qos;
mod quantity;
mod selector;
mod version;

pub use base64::base64_decode;
pub use catalog::{Catalog, Descriptions};
pub use container::{Container, Port, Probe, Role};
pub use content::{
    Content, Manifest, Other, contents, has_template_marks, only_object, structure_lines, template_mark,
};
pub use field::{Field, Fields, NamedFields, Place};
pub use image::{ImageError, ImageReference};
pub use int_or_string::IntOrString;
pub use object::{GroupKind, Object, split_api_version};
pub use pod::{Containers, Pod, PodSpec, Volume};
pub use qos::{Qos, QosClass};
pub use quantity::{Quantity, QuantityError};
pub use selector::{Labels, Requirement, Selector};
pub use version::{Version, VersionError, Versions};
