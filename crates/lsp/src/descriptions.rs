//! What fields are for, in words: a table that a door brings, or none.

use seaworthy_object::catalog::Type;

/// Descriptions of the catalog's types and fields.
pub trait Descriptions: Send {
    /// What a type is for.
    fn of_type(&self, ty: &Type) -> Option<String>;
    /// What a field of a type is for.
    fn of_field(&self, ty: &Type, field: &str) -> Option<String>;
}
