//! Gateways that make themselves known by mDNS.

use std::{
    collections::BTreeMap, fmt, future::ready, net::IpAddr, pin::pin, sync::Arc, time::Duration,
};

use futures_util::{
    future::{BoxFuture, FutureExt},
    stream::{Stream, StreamExt},
};
use hallpass_credential::{Clock, Error, ErrorKind, Result};
use mdns_sd::{IfKind, ResolvedService, ServiceDaemon, ServiceEvent};

use super::{Locator, advert::Advert};

/// Listens for gateways. Each search has its own thread and sockets, which end with it.
///
/// mDNS does not cross routers: what is in another part of the network is not heard.
#[derive(Debug, Clone)]
pub struct Mdns {
    reach: Reach,
    clock: Arc<dyn Clock>,
}

/// Where it listens.
#[derive(Debug, Clone, Copy)]
enum Reach {
    /// On the networks of this machine, where nobody can make us talk to this machine itself.
    Networks,
    /// Within this machine, on a port of its own: simulated gateways. They cannot all have port
    /// 443, so theirs are taken from what they say.
    Loopback { port: u16 },
}

impl Mdns {
    /// On all networks that this machine is part of. `clock` tells how long to listen.
    pub fn on_networks(clock: Arc<dyn Clock>) -> Self {
        Self { reach: Reach::Networks, clock }
    }

    /// Within this machine, on UDP `port`: for simulated gateways.
    pub fn on_loopback(port: u16, clock: Arc<dyn Clock>) -> Self {
        Self { reach: Reach::Loopback { port }, clock }
    }

    /// Every gateway that is heard within `span`, by its serial number.
    ///
    /// # Errors
    /// [`ErrorKind::Unreachable`] where this machine cannot listen.
    pub async fn discover(&self, span: Duration) -> Result<Vec<Advert>> {
        let search = self.search()?;
        let adverts = search.adverts().take_until(self.clock.sleep(span));
        Ok(gathered(adverts.take(MOST_ADVERTS)).await)
    }

    /// Listens until the gateway is heard, and a moment longer: others may say that they are it.
    async fn addresses(&self, serial_number: &str) -> Result<Vec<String>> {
        let search = self.search()?;
        let its_own =
            search.adverts().filter(|advert| ready(advert.serial_number == serial_number));
        let mut its_own = pin!(its_own.take(MOST_ADVERTS).take_until(self.clock.sleep(PATIENCE)));
        let Some(first) = its_own.next().await else { return Ok(Vec::new()) };
        let others = its_own.take_until(self.clock.sleep(GRACE));
        let heard = gathered(futures_util::stream::iter([first]).chain(others)).await;
        Ok(heard.into_iter().flat_map(|advert| advert.addresses).collect())
    }

    fn search(&self) -> Result<Search> {
        Search::start(self.reach).map_err(|error| {
            Error::new(ErrorKind::Unreachable, "this machine cannot listen for mDNS").because(error)
        })
    }
}

impl Locator for Mdns {
    fn locate<'a>(&'a self, serial_number: &'a str) -> BoxFuture<'a, Vec<String>> {
        let located = self.addresses(serial_number).map(|addresses| {
            addresses.unwrap_or_else(|error| {
                tracing::debug!(%error, "no gateway is looked for");
                Vec::new()
            })
        });
        located.boxed()
    }
}

/// A search under way; ends when it is dropped.
struct Search {
    daemon: ServiceDaemon,
    events: mdns_sd::Receiver<ServiceEvent>,
    reach: Reach,
}

impl Search {
    fn start(reach: Reach) -> Result<Self, mdns_sd::Error> {
        let daemon = match reach {
            Reach::Networks => ServiceDaemon::new()?,
            Reach::Loopback { port } => ServiceDaemon::new_with_port(port)?,
        };
        if let Reach::Loopback { .. } = reach {
            daemon.disable_interface(IfKind::All)?;
            daemon.enable_interface(IfKind::LoopbackV4)?;
        }
        let events = daemon.browse(SERVICE)?;
        Ok(Self { daemon, events, reach })
    }

    fn adverts(&self) -> impl Stream<Item = Advert> {
        self.events.stream().filter_map(|event| {
            ready(match event {
                ServiceEvent::ServiceResolved(service) => self.reach.advert(&service),
                _ => None,
            })
        })
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        if let Err(error) = self.daemon.shutdown() {
            tracing::debug!(%error, "a search does not end");
        }
    }
}

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search").field("reach", &self.reach).finish_non_exhaustive()
    }
}

impl Reach {
    fn advert(self, service: &ResolvedService) -> Option<Advert> {
        let text = |key| service.get_property_val_str(key);
        let addresses = service.addresses.iter().map(|address| address.to_ip_addr());
        let spots = addresses.filter_map(|address| self.spot(address, service.port));
        Advert::read(text("serialnum"), text("protovers"), spots)
    }

    /// Where to try, and at which port unless the usual one: the one that is heard is that of http on
    /// every firmware.
    fn spot(self, address: IpAddr, port: u16) -> Option<(IpAddr, Option<u16>)> {
        match (self, address.to_canonical().is_loopback()) {
            (Self::Networks, false) => Some((address, None)),
            (Self::Loopback { .. }, true) => Some((address, Some(port))),
            _ => None,
        }
    }
}

/// One advert a gateway.
async fn gathered(adverts: impl Stream<Item = Advert>) -> Vec<Advert> {
    let by_serial_number = adverts.fold(BTreeMap::<String, Advert>::new(), |mut all, advert| {
        match all.get_mut(&advert.serial_number) {
            Some(known) => known.add(advert),
            None => drop(all.insert(advert.serial_number.clone(), advert)),
        }
        ready(all)
    });
    by_serial_number.await.into_values().collect()
}

const SERVICE: &str = "_enphase-envoy._tcp.local.";

/// How long one gateway is listened for: answers come at once, a lost one after the next question.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long others are listened for that say to be it, too.
const GRACE: Duration = Duration::from_millis(500);

/// More than any network has gateways; a liar has any number.
const MOST_ADVERTS: usize = 256;
