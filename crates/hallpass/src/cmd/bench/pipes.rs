//! Pipes in memory in the place of a network.

use std::{fmt, future, io};

use futures_util::future::{BoxFuture, FutureExt};
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
            (HOST, GATEWAY_PORT) => sim.serve_gateway(0, theirs).boxed(),
            (HOST, ENLIGHTEN_PORT) => sim.serve_enlighten(theirs).boxed(),
            (HOST, ENTREZ_PORT) => sim.serve_entrez(theirs).boxed(),
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
            (HOST, GATEWAY_PORT) => self.0.refuses(0),
            (HOST, ENLIGHTEN_PORT) => self.0.enlighten_refuses(),
            (HOST, ENTREZ_PORT) => self.0.entrez_refuses(),
            _ => false,
        }
    }
}

/// Where Enlighten and Entrez are.
pub(super) fn clouds() -> (Origin, Origin) {
    let cloud = |port| Origin::of(Scheme::Http, &format!("{HOST}:{port}")).unwrap();
    (cloud(ENLIGHTEN_PORT), cloud(ENTREZ_PORT))
}

pub(super) const GATEWAY: &str = "127.0.0.1:1000";
const HOST: &str = "127.0.0.1";
const GATEWAY_PORT: u16 = 1000;
const ENLIGHTEN_PORT: u16 = 2000;
const ENTREZ_PORT: u16 = 2001;
