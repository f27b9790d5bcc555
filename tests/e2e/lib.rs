//! A cluster of one control plane on loopback, and what is installed in it.

#![cfg(feature = "cluster")]

pub mod api;
pub mod control_plane;
pub mod installation;
pub mod load;
pub mod server;
pub mod service;
