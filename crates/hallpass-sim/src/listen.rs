//! The world on real sockets, all of them on loopback.

use std::{future::Future, io, net::Ipv4Addr, path::Path, time::Duration};

use futures_util::future::{OptionFuture, join, join_all, join3};
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{
    Sim,
    description::{Description, Places},
    mdns::Responder,
    tls::pem_document,
};

/// A world with open listeners, still silent.
pub struct Running {
    sim: Sim,
    description: Description,
    /// One for each address.
    addresses: Vec<TcpListener>,
    /// None where this machine has no multicast.
    responder: Option<Responder>,
    enlighten: TcpListener,
    entrez: TcpListener,
    control: TcpListener,
    trap: TcpListener,
    /// Holds the key file; removed when this is dropped.
    directory: TempDir,
}

impl Running {
    pub(crate) async fn new(sim: Sim) -> io::Result<Self> {
        let mut addresses = Vec::new();
        for number in 0..sim.addresses() {
            let wanted = sim.inner.port.filter(|_| number < sim.gateways());
            let port = wanted.map_or(0, |port| port.saturating_add(number as u16));
            addresses.push(bind(port).await?);
        }
        let responder = Responder::new();
        if let Err(error) = &responder {
            tracing::warn!(%error, "no multicast: gateways are not found by mDNS");
        }
        let responder = responder.ok();
        let (enlighten, entrez, control, trap) =
            (bind(0).await?, bind(0).await?, bind(0).await?, bind(0).await?);
        let places = Places {
            gateways: addresses.iter().map(address).collect::<Result<_, _>>()?,
            mdns_port: responder.as_ref().map(Responder::port),
            enlighten: address(&enlighten)?,
            entrez: address(&entrez)?,
            control: address(&control)?,
        };
        // The first call of `listen` names the trap; a second one shares it.
        let _ = sim.inner.stage.trap_url.set(format!("http://{}", address(&trap)?));
        let directory = tempfile::Builder::new().prefix("hallpass-sim-").tempdir()?;
        let key_file = directory.path().join("entrez-key.pem");
        tokio::fs::write(&key_file, pem_document("PUBLIC KEY", &sim.entrez_key())).await?;
        let description = Description::new(&sim, &places, &key_file);
        Ok(Self {
            sim,
            description,
            addresses,
            responder,
            enlighten,
            entrez,
            control,
            trap,
            directory,
        })
    }

    /// Addresses, account and key: what `sim --json` prints.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Where files live that exist as long as the world runs.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Serves until it is dropped; never returns by itself.
    pub async fn run(self) {
        let Self { sim, addresses, responder, enlighten, entrez, control, trap, directory, .. } =
            self;
        let sim = &sim;
        let ports: Vec<u16> = addresses.iter().map(port).collect();
        let addresses = addresses.into_iter().enumerate();
        let addresses = addresses
            .map(|(number, listener)| accept(listener, move |stream| sim.serve_at(number, stream)));
        let clouds = join3(
            accept(enlighten, |stream| sim.serve_enlighten(stream)),
            accept(entrez, |stream| sim.serve_entrez(stream)),
            accept(trap, |stream| sim.serve_trap(stream)),
        );
        let beside = join3(
            clouds,
            accept(control, |stream| sim.serve_control(stream)),
            OptionFuture::from(responder.map(|responder| responder.run(sim, &ports))),
        );
        join(join_all(addresses), beside).await;
        drop(directory);
    }
}

async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

fn address(listener: &TcpListener) -> io::Result<String> {
    Ok(listener.local_addr()?.to_string())
}

fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().map(|address| address.port()).unwrap_or_default()
}

/// Serves each connection as it comes; they end with this future.
async fn accept<F>(listener: TcpListener, serve: impl Fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Small answers must not wait for each other; without it they are only slower.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(serve(stream));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}
