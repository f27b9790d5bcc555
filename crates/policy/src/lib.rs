//! Which rules speak, and how loud.
