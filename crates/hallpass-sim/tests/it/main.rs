//! The simulator seen from outside: by a raw client over in-memory streams, and over sockets.

#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

mod client;
mod cloud;
mod control;
mod digest;
mod documents;
mod equipment;
mod fault;
mod leak;
mod listen;
mod network;
mod session;
mod shapes;
mod tree;
