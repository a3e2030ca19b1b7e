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
    fn connect<'a>(&'a self, _: &'a str, port: u16) -> BoxFuture<'a, io::Result<BoxStream>> {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        // Asked before, since the simulator ends a refused connection without a word.
        let is_refused = match port {
            ENLIGHTEN_PORT => self.0.enlighten_refuses(),
            ENTREZ_PORT => self.0.entrez_refuses(),
            _ => self.0.refuses(0),
        };
        tokio::spawn(match port {
            ENLIGHTEN_PORT => self.0.serve_enlighten(theirs).boxed(),
            ENTREZ_PORT => self.0.serve_entrez(theirs).boxed(),
            _ => self.0.serve_gateway(0, theirs).boxed(),
        });
        future::ready(match is_refused {
            true => Err(io::ErrorKind::ConnectionRefused.into()),
            false => Ok(Box::new(ours) as BoxStream),
        })
        .boxed()
    }
}

/// Where Enlighten and Entrez are.
pub(super) fn clouds() -> (Origin, Origin) {
    let cloud = |port| Origin::of(Scheme::Http, &format!("127.0.0.1:{port}")).unwrap();
    (cloud(ENLIGHTEN_PORT), cloud(ENTREZ_PORT))
}

pub(super) const GATEWAY: &str = "127.0.0.1:1000";
const ENLIGHTEN_PORT: u16 = 2000;
const ENTREZ_PORT: u16 = 2001;
