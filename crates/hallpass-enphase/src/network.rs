//! How gateways are reached.

use std::sync::Arc;

use hallpass_credential::{Error, ErrorKind};
use hallpass_transport::{self as transport, Connector, Limits, TcpConnector};

/// The way to gateways: what carries the bytes, and within which limits.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "complete by nature: tests replace either")]
pub struct Network {
    /// What carries the bytes. Never a proxy: devices are on the person's own network.
    pub connector: Arc<dyn Connector>,
    /// How long and how much is waited for.
    pub limits: Limits,
}

impl Network {
    /// TCP, with the limits for devices.
    pub fn tcp() -> Self {
        Self { connector: Arc::new(TcpConnector), limits: Limits::DEVICE }
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
