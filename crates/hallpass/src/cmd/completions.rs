//! `hallpass completions`

use anyhow::Result;
use clap::CommandFactory;

use crate::{
    args::{Args, Completions},
    exit::Exit,
    output::Output,
};

pub(super) fn run(typed: &Completions, output: Output) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(typed.shell, &mut Args::command(), "hallpass", &mut script);
    output.bytes(&script)?;
    Ok(Exit::Done)
}
