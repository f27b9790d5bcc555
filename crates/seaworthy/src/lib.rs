//! The front door: sources in, report out.
//!
//! *Architecture invariant:* no I/O, no clock, no global state; the same sources give the same report on any number of
//! threads.

mod validator;

pub use seaworthy_diagnostic as diagnostic;
pub use seaworthy_diagnostic::{Diagnostic, Level, Report};
pub use seaworthy_fleet::{Facts, Overrides};
pub use seaworthy_object::{Catalog, Version, Versions};
pub use seaworthy_policy as policy;
pub use seaworthy_policy::Policy;
pub use seaworthy_render as render;
pub use seaworthy_rules as rules;
pub use seaworthy_source as source;
pub use seaworthy_source::Source;
pub use validator::Validator;
