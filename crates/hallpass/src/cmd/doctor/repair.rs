//! Repairing a database, which only a person can want.

use anyhow::Result;
use hallpass_credential::{
    Clock, SystemClock,
    store::{StoreError, StoreErrorKind},
};
use hallpass_store::{Event, SqliteStore, set_damaged_aside};

use super::{finding::Finding, state};
use crate::{
    args::{Doctor, Global},
    context::Environment,
    exit::Exit,
    output::Output,
    problem::Problem,
    prompt,
};

/// Moves a damaged database aside, and makes an empty one.
///
/// # Errors
/// A [`Problem`] where nobody agrees to it; [`StoreErrorKind::Corrupt`] for a database of another
/// program, and those of [`set_damaged_aside`].
pub(super) async fn repair(
    typed: &Doctor,
    global: &Global,
    environment: &Environment,
    output: Output,
) -> Result<Option<Finding>> {
    let directory = environment.state_directory(global.state_dir.as_deref())?;
    let is_damage = |error: StoreError| error.kind() == StoreErrorKind::Corrupt;
    if !directory.exists() || !state::open(&directory, environment).is_err_and(is_damage) {
        output.note("There is nothing that --repair could mend.");
        return Ok(None);
    }
    if !typed.yes {
        agree(environment, output).await?;
    }
    let (key, at) = (environment.key(), SystemClock.now());
    let Some(aside) = set_damaged_aside(&directory, &key, at)? else { return Ok(None) };
    let detail = format!("the damaged database was moved to {}", aside.display());
    let event = Event { at, device: None, event: "repaired".to_owned(), detail: detail.clone() };
    SqliteStore::open(&directory, &key)?.append_event(&event)?;
    let words = format!("{detail}; {LOST}");
    Ok(Some(Finding::warning(state::DATABASE, words, ADVICE)))
}

async fn agree(environment: &Environment, output: Output) -> Result<()> {
    if !environment.terminals.can_ask() {
        let text = "--repair moves files, and there is no terminal to ask";
        return Err(Problem::usage(text).hint("add --yes").into());
    }
    output.note(format_args!(
        "The database is damaged. It can be moved aside, where it is kept, and an empty one begun:\n\
         {LOST}. No other hallpass may run meanwhile."
    ));
    if prompt::confirm("Move it aside?".to_owned()).await? {
        return Ok(());
    }
    Err(Problem::new(Exit::Failed, "nothing is repaired").hint("nothing was changed").into())
}

const LOST: &str =
    "devices, pins, passwords, tokens and the history of logins are in the old one only";
const ADVICE: &str = "run `hallpass login HOST` for each device, which costs one login each; or put a copy of the state directory back";
