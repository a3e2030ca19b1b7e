//! The program in a simulated world, joined by pipes in memory, for tests: under paused time, days
//! pass in the moment in which everybody waits.

mod clock;
mod life;
mod pipes;
mod scenarios;
mod schedules;
mod told;

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::Result;
use base64::{Engine, engine::general_purpose::STANDARD};
use hallpass_credential::{
    jwt::PublicKey,
    store::{Records, Revise, disk::Disk},
};
use hallpass_enphase::Account;
use hallpass_sim::{Counters, Options, Sim};
use hallpass_store::{Directory, KeySource};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{task::JoinHandle, time};

use super::{login, trust};
use crate::{
    access::Access,
    aftermath::settle,
    args::{Global, TrustAction, With},
    config::Config,
    context::{Context, Terminals},
    exit::Exit,
    naming::Naming,
    output::Output,
    secret_input::Brought,
    state::State,
    trust::Vouching,
    watch::{News, Place, Wanted, Watch},
};
use pipes::Pipes;

pub(crate) use clock::LooseClock;
pub(crate) use life::Life;
pub(crate) use pipes::address;
pub(crate) use told::{Log, Told};

/// A person's machine beside a simulated gateway and its clouds.
pub(crate) struct Bench {
    pub(crate) sim: Sim,
    pub(crate) clock: Arc<LooseClock>,
    pub(crate) disk: Arc<Disk>,
    pub(crate) log: Log,
    pub(crate) context: Arc<Context>,
    directory: TempDir,
}

impl Bench {
    /// A machine on which nobody has logged in yet.
    pub(crate) fn new(options: Options) -> Self {
        let sim = Sim::new(options).unwrap();
        let clock = Arc::new(LooseClock::starting_at(sim.control().now()));
        let (disk, directory) = (Arc::new(Disk::default()), TempDir::new().unwrap());
        let context = Arc::new(context(&sim, &clock, &disk, &directory));
        let log = Log::new(sim.clone());
        Self { sim, clock, disk, log, context, directory }
    }

    /// As if the program had been started anew: what it remembers is what it has written down.
    pub(crate) fn restart(&mut self) {
        let Self { sim, clock, disk, directory, .. } = self;
        self.context = Arc::new(context(sim, clock, disk, directory));
    }

    /// What opens the first gateway.
    pub(crate) fn account(&self) -> Brought {
        self.account_for(0)
    }

    /// What opens a gateway: the account of the simulated cloud, or nothing before firmware 7.
    fn account_for(&self, gateway: usize) -> Brought {
        if !self.sim.wants_tokens(gateway) {
            return Brought::Nothing;
        }
        let (username, password) = self.sim.account();
        Brought::Password { username: Some(username.to_owned()), password: password.into() }
    }

    /// A token from elsewhere.
    pub(crate) async fn token(&self) -> Brought {
        let file = self.directory.path().join("token");
        std::fs::write(&file, self.sim.token(0).mint()).unwrap();
        let with = With { token_file: Some(file), ..With::default() };
        Brought::read(&with, &self.context).await.unwrap()
    }

    /// `hallpass login`, by a person who trusts the first gateway.
    pub(crate) async fn log_in(&self, brought: Brought) -> Result<()> {
        self.log_in_at(0, brought).await
    }

    /// `hallpass login` to each gateway.
    pub(crate) async fn log_in_everywhere(&self) -> Result<()> {
        for gateway in 0..self.sim.gateways() {
            self.log_in_at(gateway, self.account_for(gateway)).await?;
        }
        Ok(())
    }

    async fn log_in_at(&self, gateway: usize, brought: Brought) -> Result<()> {
        let wanted = login::Wanted {
            brought,
            naming: Naming::Friendly,
            vouching: Vouching { pin: None, trust_new: true },
            routes: None,
            role: None,
            keep_password: true,
        };
        // Boxed, since it is large: unoptimised, it is moved from frame to frame of the stack.
        Box::pin(wanted.log_in(&self.context, &address(gateway))).await.map(|_| ())
    }

    /// `hallpass trust accept`.
    pub(crate) async fn accept_key(&self) -> Result<()> {
        let accept = TrustAction::Accept { device: DEVICE.to_owned(), pin: None, yes: true };
        trust::run(&accept, &self.context).await.map(|_| ())
    }

    /// Begins `hallpass watch`; gives its exit code when it has ended by itself.
    pub(crate) fn start(&self, wanted: Wanted) -> JoinHandle<Exit> {
        let (context, log) = (Arc::clone(&self.context), self.log.clone());
        tokio::spawn(async move {
            let run = log.run();
            let watched = async {
                let access = Access::open(&context, DEVICE, &With::default()).await?;
                let watch = Watch::new(&context, access, wanted);
                let tell = |news: &News<'_>| {
                    run.tell(news);
                    Ok(())
                };
                watch.run(tell).await
            };
            let Err(ended) = Box::pin(watched).await;
            log.fail(&ended)
        })
    }

    /// Another process, begun beside the watch, reads once; what comes of it is the simulator's to judge.
    pub(crate) fn read_once(&self) {
        let Self { sim, clock, disk, directory, .. } = self;
        let context = context(sim, clock, disk, directory);
        tokio::spawn(async move {
            let Ok(access) = Access::open(&context, DEVICE, &With::default()).await else { return };
            let read = access.gateway.read().await;
            let _ = settle(&context, &access.device, read).await;
        });
    }

    /// Watches, each so many seconds, while the script runs; why it ended, if it did before.
    pub(crate) async fn watch(
        &self,
        every: u64,
        daylight: Option<Place>,
        script: impl Future<Output = ()>,
    ) -> Option<Exit> {
        let mut watch = self.start(Wanted { every: Duration::from_secs(every), daylight });
        let ended = tokio::select! {
            ended = &mut watch => Some(ended.unwrap()),
            () = script => None,
        };
        watch.abort();
        ended
    }

    /// The same, each minute, for so many seconds.
    pub(crate) async fn watch_for(&self, seconds: u64) -> Option<Exit> {
        self.watch(60, None, pass(seconds)).await
    }

    pub(crate) fn counters(&self) -> Counters {
        self.sim.control().counters()
    }

    /// Logins and `check_jwt` so far.
    pub(crate) fn logins_and_checks(&self) -> (u64, u64) {
        let counters = self.counters();
        (counters.cloud_logins, counters.check_jwt)
    }

    /// Requests of the path so far, whatever their status.
    pub(crate) fn asked(&self, path: &str) -> u64 {
        self.counters().requests.get(path).map_or(0, |answers| answers.values().sum())
    }

    /// All requests so far.
    pub(crate) fn asked_at_all(&self) -> u64 {
        self.counters().requests.values().flat_map(|answers| answers.values()).sum()
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

    /// What was told so far.
    pub(crate) fn told(&self) -> Vec<Told> {
        self.log.all().into_iter().map(|(_, told)| told).collect()
    }

    /// How many readings were a change.
    pub(crate) fn changes(&self) -> usize {
        let is_change = |told: &&Told| matches!(told, Told::Reading(read) if read.is_change);
        self.told().iter().filter(is_change).count()
    }

    /// The least production that was told of.
    pub(crate) fn least_watts(&self) -> i64 {
        self.log.least_watts(Timestamp::MIN).unwrap_or(0)
    }

    /// When readings came, in seconds since the first.
    pub(crate) fn readings(&self) -> Vec<f64> {
        let told = self.log.all().into_iter();
        let readings = told.filter(|(_, told)| matches!(told, Told::Reading(_)));
        let times: Vec<_> = readings.map(|(at, _)| at).collect();
        times.iter().map(|at| times[0].duration_until(*at).as_secs_f64()).collect()
    }

    /// The longest time without a reading, s.
    pub(crate) fn longest_gap(&self) -> f64 {
        let readings = self.readings();
        readings.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max)
    }

    /// How often it was said that something is lost, and that it is back.
    pub(crate) fn outages(&self) -> (usize, usize) {
        let told = self.told();
        let count = |is: fn(&Told) -> bool| told.iter().filter(|told| is(told)).count();
        (count(|told| matches!(told, Told::Lost(_))), count(|told| matches!(told, Told::Back(_))))
    }

    /// As if the person had logged in to another gateway of the account before.
    pub(crate) async fn know_account(&self) {
        let (username, password) = self.sim.account();
        let account = Account { username: username.to_owned(), password: password.into() };
        let put = |_: Option<Account>| (Revise::Put(account), ());
        let name = Account::cloud_name(username);
        self.context.state.records.update(&name, put).await.unwrap();
    }

    /// As if the person had logged in with a token.
    pub(crate) async fn forget_password(&self) {
        let name = Account::cloud_name(self.sim.account().0);
        self.context.state.records.remove::<Account>(&name).await.unwrap();
    }

    /// The simulator's own view: nothing leaked, no budget exceeded.
    pub(crate) fn assert_fair(&self) {
        let verdict = self.sim.control().verdict();
        assert!(verdict.ok, "{verdict:?}");
    }
}

/// Lets so much time pass.
pub(crate) async fn pass(seconds: u64) {
    time::sleep(Duration::from_secs(seconds)).await;
}

fn context(sim: &Sim, clock: &Arc<LooseClock>, disk: &Arc<Disk>, directory: &TempDir) -> Context {
    let global = Global { state_dir: None, config: None, json: false, quiet: true, verbose: 0 };
    let output = Output::new(&global, Terminals::default());
    let place = directory.path().join("state");
    let mut state = State::open(&place, &KeySource::Generated, &output).unwrap();
    state.records = Records::new(disk.clone());
    state.devices = Directory::new(state.records.clone());
    let config = Config::parse("", "", &[]).unwrap();
    let pipes = Arc::new(Pipes(sim.clone()));
    let terminals = Terminals::default();
    let context =
        Context::assemble(output, terminals, state, clock.clone(), &config, pipes.clone());
    let mut context = context.unwrap().lasting();
    context.network.connector = pipes.clone();
    (context.clouds.enlighten, context.clouds.entrez) = pipes::clouds();
    context.clouds.keys = vec![PublicKey::from_pem(&STANDARD.encode(sim.entrez_key())).unwrap()];
    context.following(pipes)
}

/// Late in the morning of a day in June, by the clock of the simulated plant.
pub(crate) const MORNING: Timestamp = Timestamp::constant(1_782_034_200, 0);

/// What a person's only gateway is called who gives it no name.
const DEVICE: &str = "gateway";
