//! A process that lives long and does many things with one gateway: this test program, started
//! again for the test [`run`].

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use bytes::Bytes;
use hallpass_credential::{
    Clock, Held, Issued, Patience, Rate, SystemClock, adopt, peek, store::Records,
};
use hallpass_enphase::{
    Account, Applicant, BetweenTurns, Clouds, Gateway, Login, Network, Setup, Token, token_name,
};
use hallpass_store::{Directory, KeySource, SqliteStore};
use hallpass_transport::{Origin, Scheme, TcpConnector};
use http::Request;
use jiff::Timestamp;

use super::register::{Deed, Operation};
use crate::world::World;

/// The command for a worker in this world that chooses what to do by `seed`.
pub(super) fn command(world: &World, seed: usize) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["many_processes::worker::run", "--exact", "--nocapture"]);
    command.envs(&world.description.env);
    command.env(STATE, world.state()).env(SEED, seed.to_string());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Does the work that this process was started for; none, in a run of all tests.
#[test]
fn run() {
    let (Some(state), Some(seed)) = (variable(STATE), variable(SEED)) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(work(Path::new(&state), seed.parse().unwrap()));
}

async fn work(state: &Path, seed: u64) {
    let store = SqliteStore::open(state, &KeySource::Generated).unwrap();
    let records = Records::new(Arc::new(store));
    let worker = Worker::new(records).await;
    let mut dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for round in 0..OPERATIONS {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        let operation = match dice % 100 {
            // Everybody begins with what only one of them may log in for.
            _ if round == 0 => worker.ask().await,
            0..5 => worker.request().await,
            5..30 => worker.ask().await,
            30..45 => worker.replace().await,
            _ => worker.look().await,
        };
        println!("{operation}");
    }
}

/// What a worker works with.
struct Worker {
    records: Records,
    gateway: Gateway,
    name: String,
}

impl Worker {
    async fn new(records: Records) -> Self {
        let devices = Directory::new(records.clone()).all().await.unwrap();
        let device = &devices[0];
        let username = device.account.clone().unwrap();
        let account: Option<Account> = records.load(&Account::cloud_name(&username)).await.unwrap();
        let cloud = |name: &str| variable(name).unwrap().parse().unwrap();
        let clouds = Clouds {
            enlighten: cloud("HALLPASS_CLOUD__ENLIGHTEN_URL"),
            entrez: cloud("HALLPASS_CLOUD__ENTREZ_URL"),
            ..Clouds::public(Arc::new(TcpConnector)).unwrap()
        };
        let hallpass_store::Pin::PublicKey { sha256 } = &device.pin else { panic!("no key") };
        let often = Rate { per_minute: 100_000, burst: 100_000 };
        let (gateway, keeping) = Gateway::new(Setup {
            origin: Origin::of(Scheme::Https, &device.address).unwrap(),
            serial_number: device.serial_number().to_owned(),
            key: Some(format!("sha256:{sha256}").parse().unwrap()),
            login: Login::Token { account, clouds, applicant: Applicant::Program, routes: None },
            network: Network::tcp(),
            records: records.clone(),
            clock: Arc::new(SystemClock),
            rate: often,
            patience: Patience(std::time::Duration::from_secs(60)),
            between_turns: BetweenTurns::CloseConnection,
        })
        .unwrap();
        tokio::spawn(keeping);
        Self { records, gateway, name: token_name(device.serial_number()) }
    }

    /// Wants the token, whoever has to obtain it.
    async fn ask(&self) -> Operation {
        let begun = now();
        let held = self.gateway.token(std::time::Duration::ZERO).await.unwrap();
        Operation { begun, ended: now(), deed: Deed::Held(held.generation) }
    }

    /// Looks which token there is for all.
    async fn look(&self) -> Operation {
        let begun = now();
        let generation = self.peek().await.map_or(0, |held| held.generation);
        Operation { begun, ended: now(), deed: Deed::Read(generation) }
    }

    /// Puts a token in its place, as a person does who brings one along.
    async fn replace(&self) -> Operation {
        let held = self.peek().await.unwrap();
        let token = Issued { expires_at: held.validity.expires_at, credential: held.credential };
        let begun = now();
        adopt(&self.records, &self.name, token, begun).await.unwrap();
        Operation { begun, ended: now(), deed: Deed::Wrote }
    }

    /// Asks the gateway something.
    async fn request(&self) -> Operation {
        let begun = now();
        let request = Request::get("/api/v1/production").body(Bytes::new()).unwrap();
        let reply = self.gateway.forward(request).await.unwrap();
        assert!(reply.status.is_success(), "{}", reply.status);
        Operation { begun, ended: now(), deed: Deed::Nothing }
    }

    async fn peek(&self) -> Option<Held<Token>> {
        peek(&self.records, &self.name).await.unwrap()
    }
}

fn now() -> Timestamp {
    SystemClock.now()
}

#[expect(clippy::disallowed_methods, reason = "the environment carries the work to this process")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

const OPERATIONS: usize = 100;

const STATE: &str = "HALLPASS_TEST_WORKER_STATE";
const SEED: &str = "HALLPASS_TEST_WORKER_SEED";
