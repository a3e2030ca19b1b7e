//! Pipes in memory in the place of a network.

use std::{fmt, future, io};

use futures_util::future::{BoxFuture, FutureExt};
use hallpass_enphase::Locator;
use hallpass_sim::Sim;
use hallpass_transport::{BoxStream, Connector, Origin, Scheme};

/// Connects to whatever the simulator serves at a port.
pub(super) struct Pipes(pub(super) Sim);

impl fmt::Debug for Pipes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pipes")
    }
}

impl Connector for Pipes {
    fn connect<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<BoxStream>> {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (sim, is_refused) = (&self.0, self.refuses(host, port));
        // The simulator counts what it refuses, too.
        tokio::spawn(match (host, port) {
            (HOST, ENLIGHTEN_PORT) => sim.serve_enlighten(theirs).boxed(),
            (HOST, ENTREZ_PORT) => sim.serve_entrez(theirs).boxed(),
            (HOST, port) if (HOME..ENLIGHTEN_PORT).contains(&port) => {
                sim.serve_at((port - HOME).into(), theirs).boxed()
            }
            _ => sim.serve_trap(theirs).boxed(),
        });
        future::ready(match is_refused {
            true => Err(io::ErrorKind::ConnectionRefused.into()),
            false => Ok(Box::new(ours) as BoxStream),
        })
        .boxed()
    }
}

impl Pipes {
    fn refuses(&self, host: &str, port: u16) -> bool {
        match (host, port) {
            (HOST, ENLIGHTEN_PORT) => self.0.enlighten_refuses(),
            (HOST, ENTREZ_PORT) => self.0.entrez_refuses(),
            (HOST, port) if (HOME..ENLIGHTEN_PORT).contains(&port) => {
                self.0.refuses_at((port - HOME).into())
            }
            _ => false,
        }
    }
}

/// What is said by mDNS.
impl Locator for Pipes {
    fn locate<'a>(&'a self, serial_number: &'a str) -> BoxFuture<'a, Vec<String>> {
        let adverts = self.0.adverts().into_iter();
        let its_own = adverts.filter(|advert| advert.serial_number == serial_number);
        future::ready(its_own.map(|advert| address(advert.address)).collect()).boxed()
    }
}

/// The simulator's address of this number; the gateways begin at the first ones.
pub(crate) fn address(number: usize) -> String {
    format!("{HOST}:{}", usize::from(HOME) + number)
}

/// Where Enlighten and Entrez are.
pub(super) fn clouds() -> (Origin, Origin) {
    let cloud = |port| Origin::of(Scheme::Http, &format!("{HOST}:{port}")).unwrap();
    (cloud(ENLIGHTEN_PORT), cloud(ENTREZ_PORT))
}

const HOST: &str = "127.0.0.1";
/// The port of the first gateway.
const HOME: u16 = 1000;
const ENLIGHTEN_PORT: u16 = 2000;
const ENTREZ_PORT: u16 = 2001;
