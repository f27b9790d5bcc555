//! Objects become a fleet: index, relations, three-valued references.
