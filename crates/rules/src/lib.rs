//! The rules: each a type, a page and a line.
