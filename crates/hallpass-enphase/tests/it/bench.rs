//! A simulated world and a client in it, joined by pipes in memory: under paused time, days pass in
//! the moment in which everybody waits.

use std::{io, sync::Arc, time::Duration};

use futures_util::future::{BoxFuture, FutureExt};
use hallpass_credential::{
    Clock, FastClock, Patience, Rate, Secret, jwt::PublicKey, store::Records,
};
use hallpass_enphase::{
    Account, Applicant, BetweenTurns, Clouds, Error, ErrorKind, Gateway, Login, Network, Routes,
    Setup, Sighting, look,
};
use hallpass_sim::{Counters, GatewayOptions, Options, Sim};
use hallpass_transport::{BoxStream, Connector, Limits};
use serde_json::{Value, json};

const GATEWAY_PORT: u16 = 1000;
const ENLIGHTEN_PORT: u16 = 2000;
const ENTREZ_PORT: u16 = 2001;

pub(crate) struct Bench {
    pub(crate) sim: Sim,
    pub(crate) records: Records,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rate: Rate,
    /// Those that a process is told to use.
    pub(crate) routes: Option<Routes>,
    pub(crate) limits: Limits,
    /// Who waits for logins.
    pub(crate) applicant: Applicant,
}

/// Connects to whatever the simulator serves at a port.
struct Pipes(Sim);

impl std::fmt::Debug for Pipes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pipes")
    }
}

impl Connector for Pipes {
    fn connect<'a>(&'a self, _: &'a str, port: u16) -> BoxFuture<'a, io::Result<BoxStream>> {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let served = match port {
            ENLIGHTEN_PORT => self.0.serve_enlighten(theirs).boxed(),
            ENTREZ_PORT => self.0.serve_entrez(theirs).boxed(),
            gateway => {
                let index = usize::from(gateway - GATEWAY_PORT);
                if self.0.refuses(index) {
                    return Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) });
                }
                self.0.serve_gateway(index, theirs).boxed()
            }
        };
        tokio::spawn(served);
        Box::pin(async { Ok(Box::new(ours) as BoxStream) })
    }
}

impl Bench {
    /// A world with one gateway of each firmware.
    pub(crate) fn new(firmwares: &[&str]) -> Self {
        let gateways =
            firmwares.iter().map(|firmware| GatewayOptions::firmware(firmware)).collect();
        Self::with(Options { gateways, ..Options::default() })
    }

    pub(crate) fn with(options: Options) -> Self {
        let sim = Sim::new(options).unwrap();
        let clock = Arc::new(FastClock::starting_at(sim.control().now(), 1));
        let limits = Limits::DEVICE;
        let (records, rate) = (Records::in_memory(), Rate::UNATTENDED);
        let applicant = Applicant::Program;
        Self { sim, records, clock, rate, routes: None, limits, applicant }
    }

    pub(crate) fn limited(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    pub(crate) fn network(&self) -> Network {
        Network { connector: Arc::new(Pipes(self.sim.clone())), limits: self.limits }
    }

    pub(crate) fn clouds(&self) -> Clouds {
        let connector = Arc::new(Pipes(self.sim.clone()));
        let origin = |port| format!("http://127.0.0.1:{port}").parse().unwrap();
        let key = base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            self.sim.entrez_key(),
        );
        Clouds {
            enlighten: origin(ENLIGHTEN_PORT),
            entrez: origin(ENTREZ_PORT),
            keys: vec![PublicKey::from_pem(&key).unwrap()],
            connector,
            limits: Limits::CLOUD,
        }
    }

    pub(crate) fn account(&self) -> Account {
        let (username, password) = self.sim.account();
        self.account_with(username, password)
    }

    pub(crate) fn account_with(&self, username: &str, password: &str) -> Account {
        Account { username: username.to_owned(), password: Secret::from(password) }
    }

    pub(crate) fn address(&self, index: u16) -> String {
        format!("127.0.0.1:{}", GATEWAY_PORT + index)
    }

    pub(crate) async fn look(&self, index: u16) -> Result<Sighting, Error> {
        look(&self.address(index), &self.network()).await
    }

    /// The gateway as a process has it that logs in with `account`.
    pub(crate) async fn gateway(&self, index: u16, account: Option<Account>) -> Gateway {
        self.gateway_of(&self.look(index).await.unwrap(), account)
    }

    /// The same for a gateway that was looked at before.
    pub(crate) fn gateway_of(&self, sighting: &Sighting, account: Option<Account>) -> Gateway {
        self.gateway_over(sighting, account, self.network())
    }

    /// The same over another network.
    pub(crate) fn gateway_over(
        &self,
        sighting: &Sighting,
        account: Option<Account>,
        network: Network,
    ) -> Gateway {
        let login = if sighting.info.firmware.takes_tokens() {
            Login::Token {
                account,
                clouds: self.clouds(),
                applicant: self.applicant.clone(),
                routes: self.routes,
            }
        } else {
            Login::Digest(account.unwrap())
        };
        let (gateway, keeping) = Gateway::new(Setup {
            origin: sighting.origin.clone(),
            serial_number: sighting.info.serial_number.clone(),
            key: sighting.key,
            login,
            network,
            records: self.records.clone(),
            clock: Arc::clone(&self.clock),
            rate: self.rate,
            patience: Patience(Duration::from_secs(30)),
            between_turns: BetweenTurns::KeepConnection,
        })
        .unwrap();
        tokio::spawn(keeping);
        gateway
    }

    pub(crate) fn counters(&self) -> Counters {
        self.sim.control().counters()
    }

    /// Logins, tokens and `check_jwt` so far.
    pub(crate) fn asked(&self) -> (u64, u64, u64) {
        let counters = self.counters();
        (counters.cloud_logins, counters.token_requests, counters.check_jwt)
    }

    pub(crate) fn fault(&self, name: &str, arguments: Value) {
        self.sim.control().set_fault(name, &arguments).unwrap();
    }

    pub(crate) fn no_fault(&self, name: &str) {
        assert!(self.sim.control().clear_fault(name).unwrap(), "{name} was not on");
    }

    pub(crate) fn event(&self, name: &str) {
        self.sim.control().event(name, &json!({})).unwrap();
    }

    pub(crate) async fn pass(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    /// The simulator's own view: nothing leaked, no budget exceeded.
    pub(crate) fn assert_fair(&self) {
        let verdict = self.sim.control().verdict();
        assert!(verdict.ok, "{verdict:?}");
    }
}

/// The kind of a failure.
pub(crate) fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}
