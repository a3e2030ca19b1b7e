//! A simulated world for hallpass: gateways of any firmware, the clouds behind them, and a control plane.
//!
//! It is written from the documents, not from the client, and depends on none of our other crates, so that one mistake
//! cannot hide in both. It needs no hardware and never leaves loopback.
//!
//! | part | what it is |
//! |---|---|
//! | gateways | firmware 3.9 to 8.3 with their transport, headers, 401 pages, digest challenges and sessions; or a recording |
//! | equipment | by firmware: inverters, transformers, batteries old and new, system controller, collar, generator |
//! | world | a sun, a house, a car and batteries, by a seed; energy is the exact integral of the powers that are shown |
//! | addresses | where each gateway is, as mDNS tells; they move, swap, and impostors move in |
//! | Enlighten, Entrez | the two clouds with all the ways to a token, signed by an own key |
//! | control plane | counters, a verdict on load and leaks, the clock, [faults](faults()), events |
//! | scenarios | timelines of faults in a [text](Scenario::parse) that reads without Rust, [played](Play) |
//!
//! Everything can be reached over real sockets ([`Sim::listen`]) or over any stream, such as one of
//! `tokio::io::duplex` ([`Sim::serve_gateway`], [`Sim::serve_enlighten`], [`Sim::serve_entrez`]): with those and tokio's
//! paused time, days of faults pass in seconds.
//!
//! ```
//! use std::time::Duration;
//! use hallpass_sim::{Options, Sim};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sim = Sim::new(Options::default())?;
//! let (mut client, server) = tokio::io::duplex(4096);
//! let cloud = tokio::spawn(sim.serve_enlighten(server));
//! client.write_all(b"GET /entrez-auth-token?serial_num=1 HTTP/1.1\r\nHost: cloud\r\nConnection: close\r\n\r\n").await?;
//! let mut answer = String::new();
//! client.read_to_string(&mut answer).await?;
//! assert!(answer.starts_with("HTTP/1.1 401"));
//! cloud.await?;
//!
//! let control = sim.control();
//! control.advance(Duration::from_secs(86_400));
//! control.set_fault("slow", &serde_json::json!({"path": "/home", "by": "10s"}))?;
//! assert_eq!(control.counters().requests["/entrez-auth-token"][&401], 1);
//! # Ok(())
//! # }
//! ```
//!
//! Where the documents are silent, it decides: the digest user `envoy` may read everything but `/production` on firmware
//! 4 and 5; `/home` wants a login; a session outlives its token; a session of a higher role ends no other one; load and
//! car transformers count what is drawn as delivered; a generator runs for exercise alone. As in all recordings, total
//! consumption is production plus grid, whatever the batteries do. Left out so far: the meter stream, writes other than
//! an installer's power switch and the live view, the HEM.
//!
//! Nothing runs on its own: the futures that are returned are the caller's to spawn, and dropping them ends it all.

mod addresses;
mod answer;
mod arguments;
mod clock;
mod cloud;
mod control;
mod description;
mod enlighten;
mod entrez;
mod event;
mod fault;
mod firmware;
mod gateway;
mod json;
mod kept;
mod leak;
mod ledger;
mod listen;
mod lock;
mod mdns;
mod network;
mod options;
mod profile;
mod recording;
mod request;
mod scenario;
mod serve;
mod span;
mod stage;
mod tls;
mod token;
mod tokens;
mod world;

use std::{io, path::PathBuf, sync::Arc};

use self::{
    addresses::{Addresses, Occupant},
    enlighten::Enlighten,
    entrez::Entrez,
    gateway::{Cast, Gateway},
    stage::Stage,
};
pub use self::{
    control::Control,
    description::{
        AccountDescription, CloudDescription, ControlDescription, Description, GatewayDescription,
    },
    fault::{FaultError, FaultInfo, faults},
    ledger::{Budget, Counters, Leak, Maxima, Verdict},
    listen::Running,
    mdns::Advert,
    options::{
        Account, AccountKind, CertificateChoice, GatewayOptions, Options, Plays, TlsVersions,
    },
    recording::{Recording, differences},
    scenario::{
        Action, ClientStep, Comparison, Expectation, Measure, Play, Scenario, ScenarioError,
        ScenarioErrorKind, Step, Telling,
    },
    serve::Stream,
    token::{Expiry, Signing, TokenBuilder},
    world::Place,
};

/// The names of the clouds, by which faults and books know them.
const ENLIGHTEN: &str = "enlighten";
const ENTREZ: &str = "entrez";

/// Why a simulation cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// A directory cannot be played.
    #[error("{directory} is no recording: {source}")]
    Recording {
        /// What was given.
        directory: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A key could not be made, or the given one not be read.
    #[error("no usable key")]
    Key,
    /// A certificate could not be made.
    #[error("no certificate could be made")]
    Certificate(#[from] rcgen::Error),
    /// A certificate and its key cannot be served.
    #[error("the certificate cannot be served")]
    Tls(#[from] rustls::Error),
    /// A fault that is to hold from the start cannot be set.
    #[error(transparent)]
    Fault(#[from] FaultError),
}

/// A simulated world. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct Sim {
    inner: Arc<Inner>,
}

struct Inner {
    stage: Arc<Stage>,
    gateways: Vec<Gateway>,
    addresses: Addresses,
    serials: Arc<[String]>,
    enlighten: Enlighten,
    entrez: Arc<Entrez>,
    port: Option<u16>,
}

impl Sim {
    /// Builds the world, keys and certificates; opens no socket.
    ///
    /// # Errors
    /// A recording that cannot be read, a key that is none, a fault that does not exist.
    pub fn new(options: Options) -> Result<Self, SimError> {
        let stage = Arc::new(Stage::new(&options)?);
        let entrez = Arc::new(Entrez::default());
        let indices = 0..options.gateways.len();
        let casts = indices
            .map(|index| Cast::new(&stage, index, &options))
            .collect::<Result<Vec<_>, _>>()?;
        let serials: Arc<[String]> = casts.iter().map(|cast| cast.serial_number.clone()).collect();
        let gateways = casts.into_iter().enumerate();
        let gateways = gateways
            .map(|(index, cast)| {
                Gateway::new(stage.clone(), entrez.clone(), serials.clone(), index, &options, cast)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let inner = Inner {
            stage,
            addresses: Addresses::new(gateways.len()),
            gateways,
            serials,
            enlighten: Enlighten::default(),
            entrez,
            port: options.port,
        };
        let sim = Self { inner: Arc::new(inner) };
        for fault in &options.faults {
            let (name, arguments) = fault.split_once('=').unwrap_or((fault, ""));
            sim.control().set_fault(name, &arguments::parse(name, arguments)?)?;
        }
        Ok(sim)
    }

    /// How many gateways there are. They are numbered from 0 in the order of the options.
    #[must_use]
    pub fn gateways(&self) -> usize {
        self.inner.gateways.len()
    }

    /// The serial number of a gateway.
    ///
    /// # Panics
    /// Where there is no gateway of this number, as do the other functions that take one.
    #[must_use]
    pub fn serial_number(&self, gateway: usize) -> &str {
        self.inner.gateways[gateway].serial_number()
    }

    /// The certificate that a gateway shows now, as PEM.
    #[must_use]
    pub fn certificate_pem(&self, gateway: usize) -> String {
        self.inner.gateways[gateway].certificate_pem()
    }

    /// Whether a gateway speaks https and wants tokens now.
    #[must_use]
    pub fn wants_tokens(&self, gateway: usize) -> bool {
        self.inner.gateways[gateway].wants_tokens()
    }

    /// Whether a connection to this gateway would be refused just now; for connectors that are no sockets.
    #[must_use]
    pub fn refuses(&self, gateway: usize) -> bool {
        self.inner.gateways[gateway].refuses()
    }

    /// The same for Enlighten.
    #[must_use]
    pub fn enlighten_refuses(&self) -> bool {
        cloud::refuses(&self.inner.stage, ENLIGHTEN)
    }

    /// The same for Entrez.
    #[must_use]
    pub fn entrez_refuses(&self) -> bool {
        cloud::refuses(&self.inner.stage, ENTREZ)
    }

    /// How many addresses there are. They are numbered from 0; those with which the gateways begin come first.
    #[must_use]
    pub fn addresses(&self) -> usize {
        self.inner.addresses.count()
    }

    /// The number of the address at which a gateway is now.
    #[must_use]
    pub fn address_of(&self, gateway: usize) -> usize {
        self.inner.addresses.of(gateway)
    }

    /// Whether a connection to this address would be refused just now: nobody is there, or a gateway that is away.
    #[must_use]
    pub fn refuses_at(&self, address: usize) -> bool {
        match self.inner.addresses.occupant(address) {
            Some(Occupant::Gateway(gateway)) => self.refuses(gateway),
            Some(Occupant::Impostor(_)) => false,
            None => true,
        }
    }

    /// What is said of gateways by mDNS now. A gateway that is away says nothing.
    #[must_use]
    pub fn adverts(&self) -> Vec<Advert> {
        let gateways = 0..self.gateways();
        let own = gateways.clone().filter(|gateway| !self.refuses(*gateway));
        let own = own.map(|gateway| self.advert(gateway, self.address_of(gateway)));
        let false_ones = gateways.filter(|it| self.inner.gateways[*it].is_advertised_falsely());
        let addresses = &self.inner.addresses;
        false_ones.map(|it| self.advert(it, addresses.of_impostor(it))).chain(own).collect()
    }

    fn advert(&self, gateway: usize, address: usize) -> Advert {
        let firmware = self.inner.gateways[gateway].firmware();
        Advert { serial_number: self.serial_number(gateway).to_owned(), firmware, address }
    }

    /// The public key of the simulated Entrez, SPKI as DER.
    #[must_use]
    pub fn entrez_key(&self) -> Vec<u8> {
        self.inner.stage.authority.spki()
    }

    /// User name and password of the one account.
    #[must_use]
    pub fn account(&self) -> (&str, &str) {
        let account = &self.inner.stage.account;
        (&account.username, &account.password)
    }

    /// A token for a gateway, an owner's unless it is changed.
    pub fn token(&self, gateway: usize) -> TokenBuilder<'_> {
        self.inner.stage.token(self.serial_number(gateway))
    }

    /// The control plane, in process.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(self.clone())
    }

    /// Serves one connection to whoever is at an address; closes it where nobody is.
    pub fn serve_at(
        &self,
        address: usize,
        stream: impl Stream,
    ) -> impl Future<Output = ()> + Send + 'static {
        let inner = self.inner.clone();
        async move {
            match inner.addresses.occupant(address) {
                Some(Occupant::Gateway(gateway)) => inner.gateways[gateway].serve(stream).await,
                Some(Occupant::Impostor(of)) => inner.gateways[of].impersonate(stream).await,
                None => {}
            }
        }
    }

    /// Serves one connection to a gateway, wherever it is; TLS included from firmware 7 on.
    pub fn serve_gateway(
        &self,
        gateway: usize,
        stream: impl Stream,
    ) -> impl Future<Output = ()> + Send + 'static {
        let inner = self.inner.clone();
        async move { inner.gateways[gateway].serve(stream).await }
    }

    /// Serves one connection to Enlighten, plain http.
    pub fn serve_enlighten(
        &self,
        stream: impl Stream,
    ) -> impl Future<Output = ()> + Send + 'static {
        let inner = self.inner.clone();
        async move {
            let inner = &*inner;
            cloud::serve(&inner.stage, ENLIGHTEN, stream, |request| {
                inner.enlighten.route(&inner.stage, &inner.serials, request)
            })
            .await;
        }
    }

    /// Serves one connection to Entrez, plain http.
    pub fn serve_entrez(&self, stream: impl Stream) -> impl Future<Output = ()> + Send + 'static {
        let inner = self.inner.clone();
        async move {
            let inner = &*inner;
            cloud::serve(&inner.stage, ENTREZ, stream, |request| {
                inner.entrez.route(&inner.stage, &inner.enlighten, &inner.serials, request)
            })
            .await;
        }
    }

    /// Serves one connection to the listener that redirects lead to, plain http: whatever it sees is a leak.
    pub fn serve_trap(&self, stream: impl Stream) -> impl Future<Output = ()> + Send + 'static {
        let inner = self.inner.clone();
        async move {
            let inner = &*inner;
            serve::connection(stream, |request| async move {
                leak::anything(&inner.stage, "where a redirect led", &request);
                Ok(answer::Answer::json(200, &serde_json::json!({})))
            })
            .await;
        }
    }

    /// Serves one connection to the control plane, plain http.
    pub fn serve_control(&self, stream: impl Stream) -> impl Future<Output = ()> + Send + 'static {
        let control = self.control();
        async move { control.serve(stream).await }
    }

    /// Opens listeners on loopback for everything; the ports are the system's choice but for those of the gateways
    /// where a port was given. Nothing is answered before the result is [run](Running::run).
    ///
    /// # Errors
    /// A port that cannot be had, or no room for the key file.
    pub async fn listen(&self) -> io::Result<Running> {
        Running::new(self.clone()).await
    }
}
