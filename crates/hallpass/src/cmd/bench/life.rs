//! A client's life in a scenario, and whether it did in it what is expected.

use std::time::Duration;

use anyhow::Result;
use hallpass_sim::{Action, ClientStep, Expectation, Measure, Play, Scenario, Telling};
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinHandle;

use super::{Bench, Told};
use crate::{exit::Exit, secret_input::Brought, watch::Wanted};

/// A client that lives through a scenario.
pub(crate) struct Life {
    pub(crate) bench: Bench,
    play: Play,
    begin: Timestamp,
    wanted: Wanted,
    watch: Option<JoinHandle<Exit>>,
    /// Of the login or watch that ended last.
    exit: Option<Exit>,
    breaches: Vec<String>,
}

impl Life {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let bench = Bench::new(scenario.options());
        Self {
            play: Play::new(bench.sim.clone(), scenario),
            begin: bench.sim.control().now(),
            wanted: Wanted { every: scenario.every, daylight: None },
            bench,
            watch: None,
            exit: None,
            breaches: Vec::new(),
        }
    }

    /// Lives to the end. What was not as it should be, one sentence each: expectations, and the
    /// simulator's own verdict.
    pub(crate) async fn live(&mut self) -> Vec<String> {
        while let Some(step) = self.play.next().await.unwrap() {
            self.notice_end().await;
            match &step.action {
                Action::Client(what) => self.act(*what).await,
                Action::Expect(expectation) => self.judge(expectation, step.line),
                _ => {}
            }
        }
        self.stop().await;
        self.breaches.extend(self.bench.sim.control().verdict().violations);
        std::mem::take(&mut self.breaches)
    }

    /// What was told, a line each, with the seconds since the beginning.
    pub(crate) fn story(&self) -> String {
        let told = self.bench.log.all().into_iter();
        let told = told.filter(|(_, told)| !matches!(told, Told::Reading(read) if read.is_full()));
        let line = |(at, told)| {
            let at = self.begin.duration_until(at).as_secs();
            format!("{at:>8} s  {told:?}\n")
        };
        told.map(line).collect()
    }

    async fn act(&mut self, what: ClientStep) {
        match what {
            ClientStep::LogsIn => self.log_in(self.bench.account()).await,
            ClientStep::LogsInWrongly => {
                let sim = &self.bench.sim;
                let username = if sim.wants_tokens(0) { sim.account().0 } else { "envoy" };
                let username = Some(username.to_owned());
                let password = "not that of the account".into();
                self.log_in(Brought::Password { username, password }).await;
            }
            ClientStep::PastesToken => self.log_in(self.bench.token().await).await,
            ClientStep::KnowsAccount => self.bench.know_account().await,
            ClientStep::Starts => self.start(),
            ClientStep::Stops => self.stop().await,
            ClientStep::Restarts => {
                self.stop().await;
                self.start();
            }
            ClientStep::Sleeps(length) => self.sleep(length),
            ClientStep::ClockSteps(by) => self.bench.clock.step(by.as_secs()),
            ClientStep::AcceptsKey => {
                let accepted = self.bench.accept_key().await;
                self.note_exit(accepted);
            }
            ClientStep::ReadsOnce => self.bench.read_once(),
            ClientStep::DiskFull => self.bench.disk.fill(),
            ClientStep::DiskHasRoom => self.bench.disk.make_room(),
            _ => self.breaches.push(format!("nobody knows how to do this: {what}")),
        }
    }

    async fn log_in(&mut self, brought: Brought) {
        // Boxed: unoptimised, a login is larger than the stack of a test bears.
        let logged_in = Box::pin(self.bench.log_in(brought)).await;
        self.note_exit(logged_in);
    }

    fn note_exit(&mut self, ended: Result<()>) {
        self.exit = Some(match ended {
            Ok(()) => Exit::Done,
            Err(error) => self.bench.log.fail(&error),
        });
    }

    fn start(&mut self) {
        self.bench.restart();
        self.watch = Some(self.bench.start(self.wanted));
    }

    async fn stop(&mut self) {
        let Some(watch) = self.watch.take() else { return };
        watch.abort();
        // Ended by a person, which is no failure, or by itself just before.
        self.exit = Some(watch.await.unwrap_or(Exit::Done));
    }

    async fn notice_end(&mut self) {
        if self.watch.as_ref().is_some_and(JoinHandle::is_finished) {
            self.stop().await;
        }
    }

    /// The world goes on, its timers stand still.
    fn sleep(&self, length: Duration) {
        let is_running = self.watch.is_some();
        if is_running {
            self.bench.log.push(Told::Stopped);
        }
        self.bench.sim.control().advance(length);
        self.bench.clock.step(length.as_secs().cast_signed());
        if is_running {
            self.bench.log.push(Told::Started);
        }
    }

    fn judge(&mut self, expectation: &Expectation, line: usize) {
        let seen = match &expectation.measure {
            Measure::Told(telling) => self.told(telling, expectation.since),
            _ => self.play.seen(expectation),
        };
        if !seen.is_some_and(|seen| expectation.holds(seen)) {
            let seen = seen.map(|seen| expectation.display(seen));
            let seen = seen.unwrap_or_else(|| "nothing".to_owned());
            self.breaches.push(format!("line {line}: expect {expectation}, but it is {seen}"));
        }
    }

    fn told(&self, telling: &Telling, since: Option<Duration>) -> Option<f64> {
        if *telling == Telling::Exit {
            return self.exit.map(|exit| exit.code().into());
        }
        let since = SignedDuration::try_from(since.unwrap_or_default()).unwrap();
        self.bench.log.seen(telling, self.begin + since, self.wanted.every)
    }
}
