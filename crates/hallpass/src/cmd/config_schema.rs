//! `hallpass config-schema`

use anyhow::Result;

use crate::{config, exit::Exit, output::Output};

pub(super) fn run(output: Output) -> Result<Exit> {
    output.line(serde_json::to_string_pretty(&config::schema())?)?;
    Ok(Exit::Done)
}
