//! The loop in a simulated world, joined by pipes in memory: under paused time, days pass in the
//! moment in which everybody waits.

mod changes;
mod slow;
mod upgrade;

use std::{
    cell::RefCell,
    fmt,
    future::{self, Future},
    io,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::{BoxFuture, FutureExt};
use hallpass_credential::{Clock, Error, ErrorKind, FastClock, jwt::PublicKey, store::Records};
use hallpass_enphase::Account;
use hallpass_sim::{Counters, GatewayOptions, Options, Sim};
use hallpass_store::{Directory, KeySource};
use hallpass_transport::{BoxStream, Connector, Origin, Scheme};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time;

use super::*;
use crate::{
    args::Global, cmd::login, config::Config, context::Terminals, naming::Naming, output::Output,
    secret_input::Brought, state::State, suspension::suspend, trust::Vouching, watch::Place,
};

/// A gateway that somebody has logged in to, and a watch of it.
struct Bench {
    sim: Sim,
    clock: Arc<LooseClock>,
    context: Context,
    told: RefCell<Vec<(Timestamp, Told)>>,
    _directory: TempDir,
}

/// What was told of a watch.
#[derive(Debug, Clone, PartialEq)]
enum Told {
    Reading { is_change: bool, watts: Option<i64> },
    Lost(String),
    Back(Duration),
    Changed(String),
    Asleep(Timestamp),
    Slowed,
}

/// A clock that can be set.
#[derive(Debug)]
struct LooseClock {
    clock: FastClock,
    set_by: AtomicI64,
}

impl Clock for LooseClock {
    fn now(&self) -> Timestamp {
        let seconds = self.set_by.load(Ordering::Relaxed);
        self.clock.now() + SignedDuration::from_secs(seconds)
    }

    fn sleep(&self, duration: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        self.clock.sleep(duration)
    }
}

/// Connects to whatever the simulator serves at a port.
struct Pipes(Sim);

impl fmt::Debug for Pipes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pipes")
    }
}

impl Connector for Pipes {
    fn connect<'a>(&'a self, _: &'a str, port: u16) -> BoxFuture<'a, io::Result<BoxStream>> {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let served = match port {
            ENLIGHTEN => self.0.serve_enlighten(theirs).boxed(),
            ENTREZ => self.0.serve_entrez(theirs).boxed(),
            _ if self.0.refuses(0) => {
                return future::ready(Err(io::ErrorKind::ConnectionRefused.into())).boxed();
            }
            _ => self.0.serve_gateway(0, theirs).boxed(),
        };
        tokio::spawn(served);
        future::ready(Ok(Box::new(ours) as BoxStream)).boxed()
    }
}

const GATEWAY: &str = "127.0.0.1:1000";
const ENLIGHTEN: u16 = 2000;
const ENTREZ: u16 = 2001;

/// Late in the morning of a day in June, by the clock of the simulated plant.
const MORNING: Timestamp = Timestamp::constant(1_782_034_200, 0);

impl Bench {
    async fn new() -> Self {
        Self::at(MORNING).await
    }

    async fn at(start: Timestamp) -> Self {
        Self::of("7.6.175", start).await
    }

    async fn of(firmware: &str, start: Timestamp) -> Self {
        let gateways = vec![GatewayOptions::firmware(firmware)];
        let sim = Sim::new(Options { start, gateways, ..Options::default() }).unwrap();
        let clock = FastClock::starting_at(sim.control().now(), 1);
        let clock = Arc::new(LooseClock { clock, set_by: AtomicI64::new(0) });
        let directory = TempDir::new().unwrap();
        let context = context(&sim, Arc::clone(&clock), &directory);
        let bench = Self { sim, clock, context, told: RefCell::default(), _directory: directory };
        let (username, password) = bench.sim.account();
        let (username, password) = (Some(username.to_owned()), password.into());
        let is_old = firmware < "7";
        let account = Brought::Password { username, password };
        bench.log_in(if is_old { Brought::Nothing } else { account }).await;
        bench
    }

    async fn log_in(&self, brought: Brought) {
        let wanted = login::Wanted {
            brought,
            naming: Naming::Friendly,
            vouching: Vouching { pin: None, trust_new: true },
            routes: None,
            role: None,
            keep_password: true,
        };
        wanted.log_in(&self.context, GATEWAY).await.unwrap();
    }

    /// Watches while the script runs; why it ended, if it did before.
    async fn watch(
        &self,
        every: u64,
        daylight: Option<Place>,
        script: impl Future<Output = ()>,
    ) -> Option<Exit> {
        let wanted = Wanted { every: Duration::from_secs(every), daylight };
        let access = Access::open(&self.context, "gateway", &With::default()).await.unwrap();
        let watch = Watch::new(&self.context, access, wanted);
        let told = |news: &News<'_>| {
            self.told.borrow_mut().push((self.clock.now(), Told::from(news)));
            Ok(())
        };
        tokio::select! {
            Err(ended) = watch.run(told) => Some(Exit::of(&ended)),
            () = script => None,
        }
    }

    /// The same, each minute, for so many seconds.
    async fn watch_for(&self, seconds: u64) -> Option<Exit> {
        self.watch(60, None, pass(seconds)).await
    }

    fn counters(&self) -> Counters {
        self.sim.control().counters()
    }

    /// Logins and `check_jwt` so far.
    fn logins_and_checks(&self) -> (u64, u64) {
        let counters = self.counters();
        (counters.cloud_logins, counters.check_jwt)
    }

    /// Requests of the path so far, whatever their status.
    fn asked(&self, path: &str) -> u64 {
        self.counters().requests.get(path).map_or(0, |answers| answers.values().sum())
    }

    /// All requests so far.
    fn asked_at_all(&self) -> u64 {
        self.counters().requests.values().flat_map(|answers| answers.values()).sum()
    }

    fn fault(&self, name: &str, arguments: Value) {
        self.sim.control().set_fault(name, &arguments).unwrap();
    }

    fn no_fault(&self, name: &str) {
        assert!(self.sim.control().clear_fault(name).unwrap(), "{name} was not on");
    }

    fn event(&self, name: &str) {
        self.sim.control().event(name, &json!({})).unwrap();
    }

    fn told(&self) -> Vec<Told> {
        self.told.borrow().iter().map(|(_, told)| told.clone()).collect()
    }

    /// How many readings were a change.
    fn changes(&self) -> usize {
        let is_change = |told: &&Told| matches!(told, Told::Reading { is_change: true, .. });
        self.told().iter().filter(is_change).count()
    }

    /// The least production that was told of.
    fn least_watts(&self) -> i64 {
        let told = self.told();
        let watts = told.iter().filter_map(|told| match told {
            Told::Reading { watts, .. } => Some(watts.unwrap_or(0)),
            _ => None,
        });
        watts.min().unwrap_or(0)
    }

    /// As if the person had logged in with a token.
    async fn forget_password(&self) {
        let name = Account::cloud_name(self.sim.account().0);
        self.context.state.records.remove::<Account>(&name).await.unwrap();
    }

    /// When readings came, in seconds since the first.
    fn readings(&self) -> Vec<f64> {
        let told = self.told.borrow();
        let readings = told.iter().filter(|(_, told)| matches!(told, Told::Reading { .. }));
        let times: Vec<_> = readings.map(|(at, _)| *at).collect();
        times.iter().map(|at| times[0].duration_until(*at).as_secs_f64()).collect()
    }

    /// The longest time without a reading, s.
    fn longest_gap(&self) -> f64 {
        let readings = self.readings();
        readings.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max)
    }

    /// How often it was said that something is lost, and that it is back.
    fn outages(&self) -> (usize, usize) {
        let told = self.told();
        let count = |is: fn(&Told) -> bool| told.iter().filter(|told| is(told)).count();
        (count(|told| matches!(told, Told::Lost(_))), count(|told| matches!(told, Told::Back(_))))
    }

    /// The simulator's own view: nothing leaked, no budget exceeded.
    fn assert_fair(&self) {
        let verdict = self.sim.control().verdict();
        assert!(verdict.ok, "{verdict:?}");
    }
}

impl Told {
    fn from(news: &News<'_>) -> Self {
        match *news {
            News::Reading { report, is_change, .. } => {
                let watts = report.field("system_production.watts_now");
                Self::Reading { is_change, watts: watts.and_then(|watts| watts.as_i64()) }
            }
            News::Lost { error, .. } => Self::Lost(crate::output::chain(error)),
            News::Back { after, .. } => Self::Back(after),
            News::Changed { name, change } => Self::Changed(change.words(name)),
            News::Asleep { until } => Self::Asleep(until),
            News::Slowed { .. } => Self::Slowed,
        }
    }
}

fn context(sim: &Sim, clock: Arc<LooseClock>, directory: &TempDir) -> Context {
    let global = Global { state_dir: None, config: None, json: false, quiet: true, verbose: 0 };
    let output = Output::new(&global, Terminals::default());
    let place = directory.path().join("state");
    let mut state = State::open(&place, &KeySource::Generated, &output).unwrap();
    state.records = Records::in_memory();
    state.devices = Directory::new(state.records.clone());
    let config = Config::parse("", "", &[]).unwrap();
    let pipes = Arc::new(Pipes(sim.clone()));
    let context =
        Context::assemble(output, Terminals::default(), state, clock, &config, pipes.clone());
    let mut context = context.unwrap().lasting();
    context.network.connector = pipes;
    let cloud = |port| Origin::of(Scheme::Http, &format!("127.0.0.1:{port}")).unwrap();
    (context.clouds.enlighten, context.clouds.entrez) = (cloud(ENLIGHTEN), cloud(ENTREZ));
    context.clouds.keys = vec![PublicKey::from_pem(&STANDARD.encode(sim.entrez_key())).unwrap()];
    context
}

async fn pass(seconds: u64) {
    time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn the_first_poll_is_at_once_and_the_others_on_a_grid() {
    let bench = Bench::new().await;
    assert_eq!(bench.watch_for(3_601).await, None);
    let readings = bench.readings();
    assert_eq!(readings.len(), 61);
    for (number, at) in readings.iter().enumerate() {
        assert!((at - 60.0 * number as f64).abs() < 1.0, "reading {number} after {at} s");
    }
    assert_eq!(bench.outages(), (0, 0));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn an_ended_session_costs_one_check_jwt_and_no_poll() {
    let bench = Bench::new().await;
    // The gateway takes the bearer as well; where it does not, the session is renewed.
    bench.fault("bearer_refused", json!({}));
    let script = async {
        pass(150).await;
        let before = bench.logins_and_checks();
        bench.event("expire-session");
        pass(1_200).await;
        let after = bench.logins_and_checks();
        assert_eq!((after.0 - before.0, after.1 - before.1), (0, 1));
    };
    bench.watch(60, None, script).await;
    assert!(bench.longest_gap() < 65.0, "{}", bench.longest_gap());
    assert_eq!(bench.outages(), (0, 0));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_revoked_token_costs_one_login_and_two_minutes() {
    for every in [10, 60, 600] {
        let bench = Bench::new().await;
        let script = async {
            // Until the cloud's own session is no longer used.
            pass(1_000).await;
            bench.event("expire-token");
            pass(every + 300).await;
        };
        assert_eq!(bench.watch(every, None, script).await, None);
        assert_eq!(bench.counters().cloud_logins, 2, "one to begin with, one anew");
        // The second refusal that proves it comes a minute after the first (B5).
        let gap = bench.longest_gap();
        assert!(gap < every as f64 + 65.0, "every {every} s: {gap} s without a reading");
        assert_eq!(bench.outages(), (1, 1));
        bench.assert_fair();
    }
}

/// How long after the gateway's first good answer to `/info` a reading comes, with what was told.
async fn recovery(every: u64, fault: &str, arguments: Value, away: u64) -> (f64, Bench) {
    let bench = Bench::new().await;
    let back_at = RefCell::new(Timestamp::MAX);
    let script = async {
        pass(145).await;
        bench.fault(fault, arguments);
        pass(away).await;
        let _ = bench.sim.control().clear_fault(fault);
        *back_at.borrow_mut() = bench.clock.now();
        pass(200).await;
    };
    assert_eq!(bench.watch(every, None, script).await, None, "{fault}");
    let back_at = *back_at.borrow();
    let told = bench.told.borrow().clone();
    let is_reading = |told: &Told| matches!(told, Told::Reading { .. });
    let first = told.iter().find(|(at, told)| *at > back_at && is_reading(told));
    let (first, _) = first.unwrap_or_else(|| panic!("{fault}: nothing is read any more"));
    (back_at.duration_until(*first).as_secs_f64(), bench)
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_told_once_and_ends_within_ninety_seconds() {
    let outages = [
        ("reboot_503", json!({"down": "60s", "starting": "3m"}), 60, 240),
        ("refused", json!({}), 10, 600),
        ("refused", json!({}), 3_600, 7_200),
        ("hang", json!({}), 60, 600),
        ("gateway_504", json!({}), 10, 600),
        ("gateway_504", json!({"status": 502}), 60, 600),
        ("not_a_gateway", json!({}), 60, 600),
    ];
    for (fault, arguments, every, away) in outages {
        let (took, bench) = recovery(every, fault, arguments, away).await;
        assert!(took <= 90.0, "{fault}, every {every} s: back after {took} s");
        assert_eq!(bench.outages(), (1, 1), "{fault}: {:?}", bench.told());
        assert!(bench.least_watts() > 0, "{fault}: zeros stand in for what was not read");
        assert_eq!(bench.counters().cloud_logins, 1, "{fault}");
        // A gateway that hangs never ends what it has begun.
        if fault != "hang" {
            bench.assert_fair();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_is_away_is_asked_who_it_is_once_a_minute_and_nothing_else() {
    for every in [10, 60, 600] {
        let bench = Bench::new().await;
        let script = async {
            pass(125).await;
            bench.fault("gateway_504", json!({}));
            // The loss is noticed.
            pass(every + 30).await;
            let (all, info) = (bench.asked_at_all(), bench.asked("/info"));
            pass(1_800).await;
            assert_eq!(bench.asked("/info") - info, 30, "every {every} s");
            assert_eq!(bench.asked_at_all() - all, 30, "every {every} s");
        };
        bench.watch(every, None, script).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_nightly_hang_is_one_outage_and_no_login() {
    for how in ["hang", "refused"] {
        // Ten minutes before eleven in the evening, as the gateway's clock shows it.
        let bench = Bench::at("2026-06-21T21:50:00Z".parse().unwrap()).await;
        bench.fault("nightly_2300", json!({"how": how, "length": "10m"}));
        bench.watch_for(3_600).await;
        assert_eq!(bench.outages(), (1, 1), "{how}: {:?}", bench.told());
        assert!(bench.longest_gap() <= 10.0 * 60.0 + 60.0 + 90.0, "{how}: {}", bench.longest_gap());
        assert_eq!(bench.counters().cloud_logins, 1, "{how}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_firmware_update_costs_one_login_and_is_over_five_minutes_after_it() {
    let (took, bench) = recovery(60, "fw_update", json!({"down": "20m"}), 1_200).await;
    assert!(took <= 300.0, "back after {took} s");
    assert_eq!(bench.counters().cloud_logins, 2);
    assert_eq!(bench.outages(), (1, 1), "{:?}", bench.told());
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn what_does_not_change_is_told_once() {
    // At night a gateway without meters measures nothing new until midnight begins another day.
    let bench = Bench::of("5.0.62", "2026-06-21T22:30:00Z".parse().unwrap()).await;
    let script = async {
        pass(1_500).await;
        assert_eq!(bench.changes(), 1);
        pass(1_500).await;
        assert_eq!(bench.changes(), 2, "midnight");
        bench.fault("html200", json!({"path": "/api/v1/production/inverters"}));
        pass(1_500).await;
        assert_eq!(bench.changes(), 3, "a complaint");
        bench.no_fault("html200");
        pass(1_500).await;
        assert_eq!(bench.changes(), 4, "none any more");
        bench.fault("refused", json!({}));
        pass(600).await;
        bench.no_fault("refused");
        pass(1_500).await;
        assert_eq!(bench.changes(), 4, "back, and as it was");
    };
    assert_eq!(bench.watch(60, None, script).await, None);
    assert_eq!(bench.outages(), (1, 1));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn another_key_ends_it() {
    let bench = Bench::new().await;
    let script = async {
        pass(90).await;
        bench.event("rotate-certificate");
        bench.event("cut-connections");
        pass(3_600).await;
    };
    assert_eq!(bench.watch(60, None, script).await, Some(Exit::IdentityChanged));
    let again = Access::open(&bench.context, "gateway", &With::default()).await;
    assert_eq!(again.err().map(|error| Exit::of(&error)), Some(Exit::IdentityChanged));
    assert!(bench.counters().leaks.is_empty());
}

#[tokio::test(start_paused = true)]
async fn plain_http_in_the_place_of_a_known_key_ends_it() {
    let bench = Bench::new().await;
    let script = async {
        pass(90).await;
        bench.fault("https_gone", json!({}));
        pass(3_600).await;
    };
    assert_eq!(bench.watch(60, None, script).await, Some(Exit::IdentityChanged));
    assert!(bench.counters().leaks.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_another_process_finds_out_ends_it() {
    let bench = Bench::new().await;
    let device = bench.context.state.devices.find("gateway").await.unwrap().unwrap();
    let script = async {
        pass(90).await;
        let error = Error::new(ErrorKind::IdentityChanged, "it has another key");
        suspend(&bench.context, &device, &error).await.unwrap();
        let asked = bench.asked_at_all();
        pass(90).await;
        assert_eq!(bench.asked_at_all(), asked, "nothing is sent to it");
    };
    assert_eq!(bench.watch(60, None, script).await, Some(Exit::IdentityChanged));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_nobody_can_renew_ends_it() {
    let bench = Bench::new().await;
    bench.forget_password().await;
    let script = async {
        pass(90).await;
        bench.event("expire-token");
        pass(3_600).await;
    };
    assert_eq!(bench.watch(60, None, script).await, Some(Exit::NeedsLogin));
    assert_eq!(bench.counters().cloud_logins, 1);
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_is_down_is_waited_for_and_told() {
    let bench = Bench::new().await;
    let script = async {
        pass(90).await;
        bench.fault("down", json!({}));
        bench.event("expire-token");
        pass(3 * 3_600).await;
        bench.no_fault("down");
        pass(2 * 3_600).await;
    };
    assert_eq!(bench.watch(60, None, script).await, None);
    assert!(matches!(bench.told().last(), Some(Told::Reading { .. })), "it is read again");
    let lost: Vec<_> =
        bench.told().into_iter().filter(|told| matches!(told, Told::Lost(_))).collect();
    assert_eq!(lost.len(), 2, "one refusal, then the cloud: {lost:?}");
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_is_away_from_the_start_is_waited_for() {
    let bench = Bench::new().await;
    bench.fault("refused", json!({}));
    let script = async {
        pass(600).await;
        bench.no_fault("refused");
        pass(90).await;
    };
    assert_eq!(bench.watch(60, None, script).await, None);
    assert_eq!(bench.outages(), (1, 1));
    assert!(!bench.readings().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_delays_no_poll() {
    for set_by in [-3_600, 3_600] {
        let bench = Bench::new().await;
        let script = async {
            pass(90).await;
            bench.clock.set_by.store(set_by, Ordering::Relaxed);
            let before = bench.asked("/production.json");
            pass(300).await;
            let polls = bench.asked("/production.json") - before;
            assert!((4..=6).contains(&polls), "set by {set_by} s: {polls} polls in five minutes");
        };
        bench.watch(60, None, script).await;
    }
}

#[tokio::test(start_paused = true)]
async fn at_night_there_are_neither_requests_nor_readings() {
    let place: Place = "52.1,5.1".parse().unwrap();
    // The sun sets at 20:04 UTC that day, and rises at 03:18.
    let bench = Bench::at("2026-06-21T18:00:00Z".parse().unwrap()).await;
    let script = async {
        pass(3 * 3_600).await;
        let asked = bench.asked_at_all();
        pass(6 * 3_600).await;
        assert_eq!(bench.asked_at_all(), asked);
        pass(3 * 3_600).await;
    };
    assert_eq!(bench.watch(600, Some(place), script).await, None);
    let asleep: Vec<_> = bench
        .told
        .borrow()
        .iter()
        .filter_map(|(at, told)| match told {
            Told::Asleep(until) => Some((*at, *until)),
            _ => None,
        })
        .collect();
    let [(at, until)] = asleep[..] else { panic!("it slept once: {asleep:?}") };
    assert!(at.to_string().starts_with("2026-06-21T20:10"), "{at}");
    assert!(until.to_string().starts_with("2026-06-22T03:1"), "{until}");
    let night = until.duration_since(at).as_secs_f64();
    assert!(bench.longest_gap() <= night + 610.0, "{} > {night}", bench.longest_gap());
    assert_eq!(bench.outages(), (0, 0));
    bench.assert_fair();
}
