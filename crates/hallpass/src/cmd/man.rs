//! `hallpass man`

use anyhow::Result;
use clap::CommandFactory;
use clap_mangen::Man as Page;

use crate::{
    args::{Args, Man},
    exit::Exit,
    output::Output,
    problem::Problem,
};

pub(super) fn run(typed: &Man, output: Output) -> Result<Exit> {
    let mut command = Args::command();
    command.build();
    if let Some(name) = &typed.command {
        let found = command.get_subcommands().find(|command| command.get_name() == name);
        let text = format!("there is no command `{name}`");
        let found = found.cloned().ok_or_else(|| Problem::usage(text))?;
        command = found.name(format!("hallpass-{name}")).version(env!("CARGO_PKG_VERSION"));
    }
    let mut page = Vec::new();
    Page::new(command).render(&mut page)?;
    output.bytes(&page)?;
    Ok(Exit::Done)
}
