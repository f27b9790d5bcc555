//! The front door: sources in, report out.
