//! Bytes to a device or a cloud and back, within limits, and only to the right far side.
//!
//! ```text
//! Client --- Limits (connect, total, body)
//!   | one kept connection, replaced when the far side closed it, given up when it always does
//!   +-- Security: pinned key | public roots | clear | observed (nothing secret may be sent)
//!   +-- Connector: TCP, a proxy in front of it, or a pipe in memory
//! ```
//!
//! What is below the HTTP client is a value, the [`Connector`], so that days of faults can run
//! over a pipe in memory under paused time. This crate knows no credential and no device.

mod client;
mod connection;
mod connector;
mod error;
mod origin;
mod pin;
mod proxy;
mod tls;

pub use client::{Client, Limits, Reply};
pub use connector::{BoxStream, Connector, Stream, TcpConnector};
pub use error::{Error, ErrorKind, Result};
pub use origin::{Origin, Scheme};
pub use pin::KeyPin;
pub use proxy::{Proxies, ProxyConnector};
pub use tls::Security;
