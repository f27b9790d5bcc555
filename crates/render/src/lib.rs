//! A report becomes text or JSON.
