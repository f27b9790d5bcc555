//! The admission webhook over HTTPS.
//!
//! Everything here is about who may ask, how much, and how long: what the answer is, `admission` says. The API server
//! holds a user's request until this process answers, so each thing that a client can make us wait for, or keep, has a
//! bound of its own, and what is beyond it is answered as its protocol says.
//!
//! *Architecture invariant:* reviews run on threads of their own. The reactor never computes, and a thread that reviews
//! never waits.

mod body;
mod caller;
#[cfg(feature = "cluster")]
pub mod certificate;
mod connections;
mod error;
mod http;
mod log;
mod metrics;
mod options;
mod reload;
mod server;
mod signals;
mod status;
mod tls;
#[cfg(feature = "cluster")]
mod watch;
mod webhook;
mod workers;

pub use error::StartError;
pub use options::{OnFailure, Options};
pub use server::{Judge, Server};
pub use signals::run;
#[cfg(feature = "cluster")]
pub use watch::{Kind, Known, Watch};
