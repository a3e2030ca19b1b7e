//! How gateways are reached.

use std::sync::Arc;

use hallpass_credential::{Error, ErrorKind};
use hallpass_transport::{self as transport, Connector, Limits, TcpConnector};

use crate::{Locator, Nowhere};

/// The way to gateways: what carries the bytes, within which limits, and who knows where they are.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "complete by nature: tests replace each of them")]
pub struct Network {
    /// What carries the bytes. Never a proxy: devices are on the person's own network.
    pub connector: Arc<dyn Connector>,
    /// How long and how much is waited for.
    pub limits: Limits,
    /// Where a gateway is looked for that is not where it was.
    pub locator: Arc<dyn Locator>,
}

impl Network {
    /// TCP, with the limits for devices. A gateway that moves is not looked for, unless a
    /// [`locator`](Self::locating) is added.
    pub fn tcp() -> Self {
        let (connector, locator) = (Arc::new(TcpConnector), Arc::new(Nowhere));
        Self { connector, limits: Limits::DEVICE, locator }
    }

    /// The same, where `locator` is asked for a gateway that is not where it was; such as
    /// [`Mdns`](crate::Mdns).
    #[must_use]
    pub fn locating(self, locator: Arc<dyn Locator>) -> Self {
        Self { locator, ..self }
    }
}

/// What a failure of the transport means for a device.
pub(crate) fn device_error(error: transport::Error) -> Error {
    let (kind, context) = match error.kind() {
        transport::ErrorKind::Pin(presented) => {
            let context = format!("whatever answers has another key: {presented}");
            return Error::new(ErrorKind::IdentityChanged, context).because(error);
        }
        transport::ErrorKind::Invalid => (ErrorKind::Invalid, "this cannot be asked of a gateway"),
        transport::ErrorKind::NotHttp => {
            (ErrorKind::NotADevice, "what answers there does not speak HTTP")
        }
        transport::ErrorKind::TooLarge => {
            (ErrorKind::NotUnderstood, "the answer is larger than any gateway's")
        }
        transport::ErrorKind::TimedOut => {
            (ErrorKind::Unreachable, "the gateway does not answer in time")
        }
        transport::ErrorKind::Closed => {
            (ErrorKind::Unreachable, "the gateway closes the connection")
        }
        transport::ErrorKind::Tls => {
            (ErrorKind::Unreachable, "no TLS connection can be made to the gateway")
        }
        _ => (ErrorKind::Unreachable, "the gateway cannot be reached"),
    };
    Error::new(kind, context).because(error)
}
