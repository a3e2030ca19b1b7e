//! The commands, one file each.

#[cfg(test)]
pub(crate) mod bench;
mod completions;
mod config_schema;
mod demo;
mod discover;
mod doctor;
mod exec;
mod get;
mod login;
mod logout;
mod man;
mod read;
mod record;
mod sim;
mod state;
mod status;
mod token;
mod trust;
mod watch;

use anyhow::Result;

use crate::{
    args::{Args, Command},
    context::{Context, Environment},
    exit::Exit,
    output::Output,
};

/// Runs what was typed. On the heap: what a command keeps while it waits is large, and here it
/// would be as large as that of the largest, twice.
pub(crate) async fn run(args: Args, environment: Environment, output: Output) -> Result<Exit> {
    let terminals = environment.terminals;
    let open = || Context::new(&args.global, &environment, output);
    match args.command {
        Command::Completions(typed) => completions::run(&typed, output),
        Command::ConfigSchema => config_schema::run(output),
        Command::Demo(typed) => Box::pin(demo::run(&typed, terminals, output)).await,
        Command::Discover(typed) => Box::pin(discover::run(&typed, &open()?)).await,
        Command::Doctor(typed) => {
            Box::pin(doctor::run(&typed, &args.global, &environment, output)).await
        }
        Command::Exec(typed) => {
            Box::pin(exec::run(&typed, open()?, &environment.runtime_directory)).await
        }
        Command::Get(typed) => Box::pin(get::run(typed, &open()?)).await,
        Command::Login(typed) => Box::pin(login::run(typed, &open()?)).await,
        Command::Logout(typed) => Box::pin(logout::run(&typed, &open()?)).await,
        Command::Man(typed) => man::run(&typed, output),
        Command::Read(typed) => Box::pin(read::run(&typed, &open()?)).await,
        Command::Record(typed) => Box::pin(record::run(typed, &open()?)).await,
        Command::Sim(typed) => Box::pin(sim::run(typed, output)).await,
        Command::State(typed) => Box::pin(state::run(&typed.action, &open()?)).await,
        Command::Status(typed) => Box::pin(status::run(&typed, &open()?)).await,
        Command::Token(typed) => Box::pin(token::run(&typed, &open()?)).await,
        Command::Trust(typed) => Box::pin(trust::run(&typed.action, &open()?)).await,
        Command::Watch(typed) => Box::pin(watch::run(&typed, open()?)).await,
    }
}
