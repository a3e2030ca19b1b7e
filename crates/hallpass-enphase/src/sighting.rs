//! The first look at a gateway, before anything vouches for it.

use hallpass_credential::{Error, ErrorKind, Line, Result, store::Records};
use hallpass_transport::{Client, KeyPin, Origin, Reply, Scheme, Security};
use http::StatusCode;
use jiff::Timestamp;

use crate::{Endpoint, Info, InfoError, Network, network::device_error};

/// What showed itself at an address. Nothing of it is proven; a person, or a stored pin, decides.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Sighting {
    /// What it says of itself.
    pub info: Info,
    /// How it was reached.
    pub origin: Origin,
    /// The pin of the key that it proved to have; none without TLS, which is before firmware 7.
    pub key: Option<KeyPin>,
}

/// Asks whatever answers at `address`, a `HOST[:PORT]`, who it is: over https, else over http.
/// Nothing secret is sent.
///
/// # Errors
/// [`ErrorKind::Unreachable`], also for a gateway that is starting (5xx);
/// [`ErrorKind::NotADevice`]; [`ErrorKind::NotUnderstood`] for a gateway without a serial number;
/// [`ErrorKind::Invalid`] for what is no address.
pub async fn look(address: &str, network: &Network) -> Result<Sighting> {
    let origin = |scheme| {
        let invalid = format!("{address} is no host name or address");
        Origin::of(scheme, address).map_err(|_| Error::new(ErrorKind::Invalid, invalid))
    };
    let over_tls = match ask(origin(Scheme::Https)?, Security::Observed, network).await {
        Ok(reply) => return sighting(origin(Scheme::Https)?, &reply),
        Err(error) => error,
    };
    let Ok(reply) = ask(origin(Scheme::Http)?, Security::Clear, network).await else {
        return Err(over_tls);
    };
    if reply.status.is_redirection() {
        return Err(over_tls);
    }
    let sighting = sighting(origin(Scheme::Http)?, &reply)?;
    if sighting.info.firmware.takes_tokens() {
        let context = "the gateway's firmware speaks https, but only http answers";
        return Err(Error::new(ErrorKind::Unreachable, context).because(over_tls));
    }
    Ok(sighting)
}

impl Sighting {
    /// Counts the look among the requests that the gateway was sent (B3). Before it, nobody could
    /// know whose line to stand in.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    pub async fn count(&self, records: &Records, now: Timestamp) -> Result<()> {
        Line::note(records, &line_name(&self.info.serial_number), now).await
    }
}

/// Where the store keeps the line in front of a gateway.
pub(crate) fn line_name(serial_number: &str) -> String {
    format!("gateway/{serial_number}")
}

/// What an answer to [`Endpoint::Info`] says.
pub(crate) fn understand_info(reply: &Reply) -> Result<Info> {
    let status = reply.status.as_u16();
    match reply.status {
        StatusCode::OK => {}
        _ if reply.status.is_server_error() => {
            let context = format!("the gateway is not ready: it answers {status}");
            return Err(Error::new(ErrorKind::Unreachable, context));
        }
        _ => {
            let context = format!("what answers there is no gateway: {status} for /info");
            return Err(Error::new(ErrorKind::NotADevice, context));
        }
    }
    Info::parse(&reply.body).map_err(|error| {
        let kind = match error {
            InfoError::NotAGateway | InfoError::NotXml => ErrorKind::NotADevice,
            _ => ErrorKind::NotUnderstood,
        };
        Error::new(kind, error.to_string()).because(error)
    })
}

async fn ask(origin: Origin, security: Security, network: &Network) -> Result<Reply> {
    let connector = network.connector.clone();
    let client = Client::new(origin, security, connector, network.limits).map_err(device_error)?;
    client.send(Endpoint::Info.request()).await.map_err(device_error)
}

fn sighting(origin: Origin, reply: &Reply) -> Result<Sighting> {
    Ok(Sighting { info: understand_info(reply)?, origin, key: reply.key })
}
