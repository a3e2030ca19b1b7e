//! Where gateways are: their addresses change, their serial numbers and keys do not.
//!
//! Whatever a [`Locator`] says is hearsay, since anybody on the network can say it. A gateway with a
//! key must prove the pinned one at a new address before anything secret is sent there; one without
//! must show its serial number, which is all it ever has to show.

pub(crate) mod advert;
pub(crate) mod mdns;
pub(crate) mod place;

use std::fmt;

use futures_util::future::{BoxFuture, FutureExt, ready};

/// Knows where a gateway may be when it is not where it was.
///
/// Here the process meets the network: mDNS in the program, a table in tests.
pub trait Locator: fmt::Debug + Send + Sync + 'static {
    /// The addresses, each a `HOST[:PORT]`, at which the gateway may be, the likeliest first. The
    /// known one may be among them. Takes seconds at most; what cannot be found out is left out.
    fn locate<'a>(&'a self, serial_number: &'a str) -> BoxFuture<'a, Vec<String>>;

    /// Takes in that the gateway has proven to be at `address`, which is news.
    fn found<'a>(&'a self, serial_number: &'a str, address: &'a str) -> BoxFuture<'a, ()> {
        tracing::debug!(serial_number, address, "found");
        ready(()).boxed()
    }
}

/// Looks nowhere: a gateway that moves is lost.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "complete by nature")]
pub struct Nowhere;

impl Locator for Nowhere {
    fn locate<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Vec<String>> {
        ready(Vec::new()).boxed()
    }
}
