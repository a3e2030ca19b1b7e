//! `hallpass exec`

mod running;
mod signals;
mod token_file;

use std::{convert::Infallible, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use hallpass_credential::Held;
use hallpass_enphase::{BetweenTurns, Token};

use super::token::require_tokens;
use crate::{
    access::Access,
    aftermath::settle,
    args::{Exec, With},
    context::Context,
    exit::Exit,
    means::held_token,
    problem::{OrAbout, Problem},
};
use running::Running;
use signals::Signals;
use token_file::TokenFile;

/// `directory` is where the file with the token is put.
pub(super) async fn run(typed: &Exec, context: Context, directory: &Path) -> Result<Exit> {
    let mut context = context.lasting();
    // The gateway is asked a few times a year: others may have the connection.
    context.between_turns = BetweenTurns::CloseConnection;
    exec(typed, &context, directory).await.or_about("run a command for", &typed.device)
}

async fn exec(typed: &Exec, context: &Context, directory: &Path) -> Result<Exit> {
    let access = Access::open(context, &typed.device, &With::default()).await?;
    require_tokens(&access.device)?;
    let asking = access.gateway.token(Duration::ZERO);
    let held = context.output.waiting("obtaining a token", asking).await;
    let held = settle(context, &access.device, held).await?;
    // Listened for before there is a file, so that none of them leaves it behind.
    let signals = Signals::listen().context("signals cannot be listened for")?;
    let file =
        TokenFile::new(directory, &held.credential).with_context(|| unwritable(directory))?;
    let running = Running::start(&typed.command, &file.path())?;
    tokio::select! {
        ended = running.end(signals) => ended,
        never = keep(&file, held.generation, &access, context) => match never {},
    }
}

/// Keeps the token in `file` the one that is good, `generation` being the one that it has now.
async fn keep(
    file: &TokenFile,
    mut generation: u64,
    access: &Access,
    context: &Context,
) -> Infallible {
    let mut is_told = false;
    loop {
        context.clock.sleep(LOOK_EVERY).await;
        let renewed = async {
            let held = newest(access, context).await?;
            if held.generation != generation {
                file.put(&held.credential).context("the file with the token is not replaced")?;
                generation = held.generation;
            }
            anyhow::Ok(())
        };
        match renewed.await {
            Ok(()) => is_told = false,
            Err(error) if is_told => tracing::debug!(%error, "the token is still not renewed"),
            Err(error) => {
                context.output.warning(format_args!("the token is not renewed: {error:#}"));
                is_told = true;
            }
        }
    }
}

/// The token that is good now, renewed where it is time to.
async fn newest(access: &Access, context: &Context) -> Result<Arc<Held<Token>>> {
    let held = access.gateway.token(Duration::ZERO).await?;
    // Somebody else may have put a newer one there, which this process does not need yet.
    let kept = held_token(context, &access.device).await?.map(Arc::new);
    Ok(kept.filter(|kept| kept.generation > held.generation).unwrap_or(held))
}

fn unwritable(directory: &Path) -> Problem {
    let text = format!("no file for the token can be made in {}", directory.display());
    Problem::new(Exit::Failed, text).hint("name a directory of this user in XDG_RUNTIME_DIR")
}

/// How soon a renewed token is in the file. It costs a look into the store.
const LOOK_EVERY: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
