//! The commands, one file each.

mod completions;
mod config_schema;
mod demo;
mod get;
mod login;
mod logout;
mod man;
mod read;
mod record;
mod sim;
mod status;
mod token;
mod trust;

use anyhow::Result;

use crate::{
    args::{Args, Command},
    context::{Context, Environment},
    exit::Exit,
    output::Output,
};

/// Runs what was typed.
pub(crate) async fn run(args: Args, environment: Environment, output: Output) -> Result<Exit> {
    let terminals = environment.terminals;
    let open = || Context::new(&args.global, &environment, output);
    match args.command {
        Command::Completions(typed) => completions::run(&typed, output),
        Command::ConfigSchema => config_schema::run(output),
        Command::Demo(typed) => demo::run(&typed, terminals, output).await,
        Command::Get(typed) => get::run(typed, &open()?).await,
        Command::Login(typed) => login::run(typed, &open()?).await,
        Command::Logout(typed) => logout::run(&typed, &open()?).await,
        Command::Man(typed) => man::run(&typed, output),
        Command::Read(typed) => read::run(&typed, &open()?).await,
        Command::Record(typed) => record::run(typed, &open()?).await,
        Command::Sim(typed) => sim::run(typed, output).await,
        Command::Status(typed) => status::run(&typed, &open()?).await,
        Command::Token(typed) => token::run(&typed, &open()?).await,
        Command::Trust(typed) => trust::run(&typed.action, &open()?).await,
    }
}
