//! The admission webhook without its sockets: the bytes of an `AdmissionReview` in, those of its answer out.
//!
//! Errors deny, warnings become warnings that clients print, infos are not heard. What is judged and what is let pass
//! unread is a table ([`Scope`]); why it passed stands in the answer's audit annotations.
//!
//! *Architecture invariant:* no I/O and no clock. A review is a function of its bytes, the validator and the snapshot.

mod answer;
mod limits;
mod request;
mod reviewer;
mod scope;
mod settings;

pub use request::Malformed;
pub use reviewer::{Review, Reviewer, Verdict, failed, review};
pub use scope::Scope;
pub use settings::WrongSettings;
