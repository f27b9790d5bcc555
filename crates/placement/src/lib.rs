//! Which claim binds which volume.
//!
//! *Architecture invariant:* this crate decides and gives reasons; it phrases no finding.
