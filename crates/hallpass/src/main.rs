//! hallpass: logs programs in to the devices on their own network, and keeps them logged in.

#![allow(rustdoc::bare_urls, reason = "doc comments are help texts, too, and shown as they are")]

mod access;
mod aftermath;
mod again;
mod args;
mod changes;
mod cmd;
mod config;
mod context;
mod core_dump;
mod downgrade;
mod duration;
mod exit;
mod hand_out;
mod hint;
mod log;
mod look;
mod mask;
mod means;
mod meet;
mod naming;
mod neighbour;
mod output;
mod problem;
mod prompt;
mod record;
mod report;
mod secret_input;
mod signal;
mod standing;
mod state;
mod suspension;
mod target;
mod trust;
mod upgrade;
mod watch;
mod whereabouts;

use std::{panic, process::ExitCode};

use anyhow::{Context as _, Result};
use tokio::runtime;

use args::Args;
use context::Environment;
use exit::Exit;
use output::Output;
use problem::Problem;

fn main() -> ExitCode {
    let args = match args::parse() {
        Ok(args) => args,
        Err(error) => return output::usage(&error).into(),
    };
    // A panic is told like every other failure, see below.
    panic::set_hook(Box::new(|panic| tracing::debug!(%panic)));
    let environment = Environment::of_process();
    let output = Output::new(&args.global, environment.terminals);
    run(args, environment, output).unwrap_or_else(|error| output.failure(&error)).into()
}

fn run(args: Args, environment: Environment, output: Output) -> Result<Exit> {
    log::start(&args.global, environment.terminals.stderr);
    core_dump::forbid();
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(STACK)
        .enable_all()
        .build();
    let runtime = runtime.context("the program cannot start its threads")?;
    let work = runtime.spawn(cmd::run(args, environment, output));
    runtime.block_on(work).map_err(|_| Problem::stopped())?
}

/// Of a worker, in bytes. Without optimisation the futures of a login alone fill the usual 2 MiB.
const STACK: usize = 8 << 20;
