//! The language server without its transport: the text of a message in, the texts of messages out.
//!
//! A door reads messages from somewhere and hands them to [`Server::accept`], then calls [`Server::step`] until nothing
//! is left to do; findings are made when the queue is empty, so that fast typing is checked once, and a request that
//! the client cancelled while it waited is never worked on. [`Server::handle`] does all of this for one message.
//!
//! *Architecture invariant:* no I/O, no clock, no threads of its own. What is on disk the door says, by
//! [`Server::files`] or by the notification `seaworthy/files`.

mod actions;
mod client;
mod completion;
mod cursor;
mod diagnostics;
mod files;
mod hover;
mod navigation;
mod positions;
mod rename;
mod rpc;
mod server;
mod settings;
mod symbols;
mod sync;
mod targets;
mod uri;

pub use server::{Read, Server};
pub use uri::{address, path};
