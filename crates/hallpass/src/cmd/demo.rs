//! `hallpass demo`

use std::{future, sync::Arc, time::Duration};

use anyhow::Result;
use hallpass_credential::FastClock;
use hallpass_enphase::{Role, Snapshot};
use hallpass_sim::{Description, Options, Running, Sim};
use hallpass_store::{Device, KeySource};
use hallpass_transport::TcpConnector;
use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use tempfile::TempDir;
use tokio::time::{self, MissedTickBehavior};

use super::{
    login::Wanted,
    sim::{invitation, overview},
};
use crate::{
    access::Access,
    aftermath::settle,
    args::Demo,
    config::Config,
    context::{Context, Terminals},
    exit::Exit,
    naming::Naming,
    output::{Live, Output},
    report::{Report, line, summary},
    secret_input::Brought,
    signal::interrupted,
    state::State,
    trust::Vouching,
};

pub(super) async fn run(typed: &Demo, terminals: Terminals, output: Output) -> Result<Exit> {
    let options = Options { speed: f64::from(SPEED), start: LATE_MORNING, ..Options::default() };
    let zone = TimeZone::fixed(Offset::constant(options.place.utc_offset_hours));
    let running = Sim::new(options)?.listen().await?;
    let world = running.description().clone();
    let show = Show { terminals, output, zone };
    let shown = async {
        match typed.length {
            Some(length) => time::timeout(length, show.run(&world)).await.unwrap_or(Ok(())),
            None => show.run(&world).await,
        }
    };
    tokio::select! {
        () = serve(running) => {}
        shown = shown => shown?,
        ended = interrupted() => ended?,
    }
    Ok(Exit::Done)
}

async fn serve(running: Running) {
    running.run().await;
    future::pending().await
}

/// What is shown, and how.
struct Show {
    terminals: Terminals,
    output: Output,
    /// That of the simulated plant.
    zone: TimeZone,
}

impl Show {
    /// Logs in to the world and reads it for ever.
    async fn run(&self, world: &Description) -> Result<()> {
        self.introduce(world)?;
        let directory = TempDir::with_prefix("hallpass-demo-")?;
        let context = self.context(world, &directory)?;
        let Some(gateway) = world.gateways.first() else { return Ok(()) };
        let entered = wanted(world).log_in(&context, &gateway.host).await?;
        let Access { device, gateway } = entered.access;
        let role = entered.token.as_ref().map(|held| held.credential.role());
        let mut live = Live::new(self.output);
        let mut ticks = time::interval(Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let snapshot = settle(&context, &device, gateway.read().await).await?;
            self.draw(&mut live, &device, role, &snapshot)?;
        }
    }

    fn introduce(&self, world: &Description) -> Result<()> {
        if self.output.is_json() {
            return Ok(self.output.document(world)?);
        }
        self.output.line(overview(world))?;
        self.output.line(invitation(world))?;
        let tempo = format!(
            "Logging in as a person would, and reading once a second. Time runs {SPEED} times faster.\n"
        );
        Ok(self.output.line(tempo)?)
    }

    fn draw(
        &self,
        live: &mut Live,
        device: &Device,
        role: Option<&Role>,
        snapshot: &Snapshot,
    ) -> Result<()> {
        let report = Report::new(device, role, snapshot);
        if self.output.is_json() {
            self.output.document(&report)?;
        } else if self.output.is_live() {
            live.draw(&summary(&report, &self.zone))?;
        } else {
            self.output.line(line(&report, &self.zone))?;
        }
        Ok(())
    }

    /// A context of its own, of which nothing is left when the demonstration ends.
    fn context(&self, world: &Description, directory: &TempDir) -> Result<Context> {
        let overlay: Vec<_> = world.env.clone().into_iter().collect();
        let config = Config::parse("", "", &overlay)?;
        let place = directory.path().join("state");
        let state = State::open(&place, &KeySource::Generated, &self.output)?;
        let clock = Arc::new(FastClock::starting_at(LATE_MORNING, SPEED));
        let connector = Arc::new(TcpConnector);
        Context::assemble(self.output, self.terminals, state, clock, &config, connector)
    }
}

/// A login as a person would make it who trusts the device and types the password.
fn wanted(world: &Description) -> Wanted {
    let account = &world.account;
    Wanted {
        brought: Brought::Password {
            username: Some(account.username.clone()),
            password: account.password.as_str().into(),
        },
        naming: Naming::Friendly,
        vouching: Vouching { pin: None, trust_new: true },
        routes: None,
        role: None,
        keep_password: true,
    }
}

/// A minute a second: readings move while one looks.
const SPEED: u32 = 60;

/// Of a day in June, where the simulated plant stands.
const LATE_MORNING: Timestamp = Timestamp::constant(1_782_034_200, 0);
