//! Which claim binds which volume.
