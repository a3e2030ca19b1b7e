//! Where one gateway is, and how it is found again.

use std::{
    sync::{self, Arc, PoisonError},
    time::Duration,
};

use futures_util::lock::Mutex;
use hallpass_credential::{Clock, Error, ErrorKind, Guard, Result, later};
use hallpass_transport::{Client, KeyPin, Limits, Origin, Security};
use jiff::Timestamp;

use super::advert::MOST_ADDRESSES;
use crate::{Endpoint, Network, network::device_error, sighting::understand_info};

/// Where a gateway is. Connections are kept to this place alone, and only to whoever proves to be it.
#[derive(Debug)]
pub(crate) struct Place {
    serial_number: String,
    security: Security,
    network: Network,
    clock: Arc<dyn Clock>,
    here: sync::Mutex<Arc<Client>>,
    /// When it was looked for last. Held while it is: who misses it at the same time waits.
    searched_at: Mutex<Option<Timestamp>>,
}

impl Place {
    pub(crate) fn new(
        origin: Origin,
        serial_number: String,
        key: Option<KeyPin>,
        network: Network,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let security = key.map_or(Security::Clear, Security::Pinned);
        let client = client(origin, security, &network, network.limits)?;
        let (here, searched_at) = (sync::Mutex::new(Arc::new(client)), Mutex::default());
        Ok(Self { serial_number, security, network, clock, here, searched_at })
    }

    /// The client of where it is now.
    pub(crate) fn here(&self) -> Arc<Client> {
        Arc::clone(&self.here.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks for the gateway, which was missed at `missed`; whether it is known to be elsewhere now.
    /// It is looked for once a minute at most, and each address tried within the line, as `turn`
    /// allows.
    pub(crate) async fn find(&self, turn: &Guard, missed: &Arc<Client>) -> bool {
        let mut searched_at = self.searched_at.lock().await;
        if !Arc::ptr_eq(missed, &self.here()) {
            return true;
        }
        let now = self.clock.now();
        if searched_at.is_some_and(|last| (last..later(last, SPACING)).contains(&now)) {
            return false;
        }
        *searched_at = Some(now);
        let addresses = self.network.locator.locate(&self.serial_number).await;
        let known = missed.origin();
        let origins = addresses.iter().filter_map(|text| Origin::of(known.scheme, text).ok());
        for origin in origins.filter(|origin| origin != known).take(MOST_ADDRESSES) {
            match self.try_at(turn, origin).await {
                Ok(()) => return true,
                Err(error) => tracing::debug!(%error, "not there"),
            }
        }
        false
    }

    /// Goes where the gateway proves to be, by its key and by its word.
    async fn try_at(&self, turn: &Guard, origin: Origin) -> Result<()> {
        let brief = client(origin.clone(), self.security, &self.network, Limits::BRIEF)?;
        let reply = turn.request(brief.send(Endpoint::Info.request())).await?;
        let info = understand_info(&reply.map_err(device_error)?)?;
        if info.serial_number != self.serial_number {
            return Err(Error::new(ErrorKind::IdentityChanged, "it is another gateway"));
        }
        let client = client(origin, self.security, &self.network, self.network.limits)?;
        let address = client.origin().authority();
        *self.here.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(client);
        self.network.locator.found(&self.serial_number, &address).await;
        Ok(())
    }
}

fn client(origin: Origin, security: Security, network: &Network, limits: Limits) -> Result<Client> {
    Client::new(origin, security, network.connector.clone(), limits).map_err(device_error)
}

/// How often a gateway is looked for.
const SPACING: Duration = Duration::from_secs(60);
