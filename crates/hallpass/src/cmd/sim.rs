//! `hallpass sim`

mod scenario;

use std::{fmt::Write, future};

use anyhow::{Context as _, Result};
use hallpass_sim::{Description, GatewayOptions, Options, Scenario, Sim, SimError};

use crate::{
    args::Sim as Typed, exit::Exit, output::Output, problem::Problem, signal::interrupted,
};

pub(super) async fn run(typed: Typed, output: Output) -> Result<Exit> {
    let port = typed.port;
    let scenario = typed.scenario.as_deref().map(scenario::read).transpose()?;
    let sim = Sim::new(options(typed, scenario.as_ref())).map_err(unusable)?;
    let running = sim.listen().await.with_context(|| {
        let text = match port {
            Some(port) => format!("port {port}, or one of those after it, cannot be had"),
            None => "no port can be had".to_owned(),
        };
        Problem::new(Exit::Failed, text).hint("choose another with --port, or leave it out")
    })?;
    if output.is_json() {
        output.document(running.description())?;
    } else {
        output.line(overview(running.description()))?;
        output.line(invitation(running.description()))?;
    }
    let played = async {
        match &scenario {
            Some(scenario) => scenario::play(sim, scenario, output).await,
            None => future::pending().await,
        }
    };
    tokio::select! {
        () = running.run() => Ok(Exit::Done),
        played = played => played,
        ended = interrupted() => Ok(ended.map(|()| Exit::Done)?),
    }
}

fn options(typed: Typed, scenario: Option<&Scenario>) -> Options {
    let Typed { firmware, recording, fault, seed, speed, port, .. } = typed;
    if let Some(scenario) = scenario {
        return Options { speed, port, ..scenario.options() };
    }
    let simulated = firmware.iter().map(|version| GatewayOptions::firmware(version));
    let recorded = recording.into_iter().map(GatewayOptions::recording);
    let usual = Options::default();
    let gateways: Vec<_> = simulated.chain(recorded).collect();
    let gateways = if gateways.is_empty() { usual.gateways } else { gateways };
    Options { gateways, faults: fault, seed, speed, port, ..usual }
}

fn unusable(error: SimError) -> Problem {
    let problem = Problem::usage(error.to_string());
    match error {
        SimError::Fault(_) => problem.hint("`hallpass sim --help` lists the faults"),
        SimError::Recording { .. } => {
            problem.hint("a recording is a directory with a file `info` and others named as paths")
        }
        _ => problem,
    }
}

/// All addresses, and what to do with them.
pub(super) fn overview(world: &Description) -> String {
    let mut text = String::from("Simulated, on this machine only; Ctrl-C ends it.\n\n");
    let mut row = |label: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {label:<10} {value}");
    };
    for gateway in &world.gateways {
        let facts =
            format!("serial number {}, firmware {}", gateway.serial_number, gateway.firmware);
        row("gateway", format!("{}  {facts}", gateway.url));
    }
    row("Enlighten", world.cloud.enlighten_url.clone());
    row("Entrez", world.cloud.entrez_url.clone());
    row("account", format!("{}  password {}", world.account.username, world.account.password));
    row("control", format!("{}/counters", world.control.url));
    text
}

/// How to point other commands at the world.
pub(super) fn invitation(world: &Description) -> String {
    let mut text = String::from("Point hallpass at it, in another terminal:\n\n");
    for (name, value) in &world.env {
        let _ = writeln!(text, "  export {name}={value}");
    }
    if let Some(gateway) = world.gateways.first() {
        let (host, user) = (&gateway.host, &world.account.username);
        let _ = writeln!(text, "  hallpass --state-dir try login {host} --username {user}");
        let _ = writeln!(text, "  hallpass --state-dir try read gateway");
    }
    text
}
