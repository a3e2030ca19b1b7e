//! The first look at a gateway, before anything vouches for it.

use std::sync::Arc;

use hallpass_credential::{Clock, Error, ErrorKind, Line, Patience, Rate, Result, store::Records};
use hallpass_transport::{Client, KeyPin, Origin, Reply, Scheme, Security};
use http::StatusCode;

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

/// Takes turns with other processes before a first look, and counts it among the requests that a
/// gateway was sent (B3).
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "complete by nature: callers build it")]
pub struct Lookout {
    /// Where the line is.
    pub records: Records,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How often a gateway may be asked.
    pub rate: Rate,
    /// How long others and the rate may be waited for.
    pub patience: Patience,
}

impl Lookout {
    /// [`look`]s at `address` in the line of the gateway that is `expected` there; where none is
    /// known, in one for the address.
    ///
    /// # Errors
    /// Those of [`look`]; [`ErrorKind::Held`] where patience ends first, [`ErrorKind::Store`].
    pub async fn look(
        &self,
        address: &str,
        expected: Option<&str>,
        network: &Network,
    ) -> Result<Sighting> {
        let seen = self.ask(address, expected, look(address, network)).await??;
        let serial_number = &seen.info.serial_number;
        if expected != Some(serial_number) {
            Line::note(&self.records, &line_name(serial_number), self.clock.now()).await?;
        }
        Ok(seen)
    }

    /// Runs `work`, which asks one thing of whatever answers at `address`, in the same line.
    ///
    /// # Errors
    /// [`ErrorKind::Held`] where patience ends first, [`ErrorKind::Store`].
    pub async fn ask<T>(
        &self,
        address: &str,
        expected: Option<&str>,
        work: impl Future<Output = T>,
    ) -> Result<T> {
        let name = expected.map_or_else(|| format!("address/{address}"), line_name);
        let (records, clock) = (self.records.clone(), Arc::clone(&self.clock));
        let line = Arc::new(Line::new(records, clock, name, self.rate, self.patience));
        let turn = line.enter().await?;
        let done = turn.request(work).await;
        turn.leave_or_log().await;
        done
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
