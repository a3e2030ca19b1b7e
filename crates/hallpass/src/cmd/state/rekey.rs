//! `hallpass state rekey`

use std::path::Path;

use anyhow::Result;
use hallpass_store::{Event, KeySource};
use serde::Serialize;

use crate::{context::Context, exit::Exit, problem::Problem};

/// The document of `state rekey --json`.
#[derive(Serialize)]
struct Document<'a> {
    /// `generated`, `keyring` or the file.
    key: &'a str,
}

pub(super) async fn rekey(to: Option<&KeySource>, context: &Context) -> Result<Exit> {
    let from = context.state.key_source();
    let to = to.map_or_else(|| again(&from), |to| Ok(to.clone()))?;
    refuse_useless(&from, &to, context)?;
    let (target, event) = (to.clone(), event(&to, context));
    let sealing = context.state.with_store(move |store| {
        store.rekey(&target)?;
        store.append_event(&event)
    });
    sealing.await?;
    tell(&from, &to, context)?;
    Ok(Exit::Done)
}

/// Nobody else's file is written.
fn again(from: &KeySource) -> Result<KeySource> {
    if let KeySource::File(path) = from {
        let text = format!("the key is {}, which is not for hallpass to change", path.display());
        let hint = "say where the new one is to be: --to FILE, or --to generated";
        return Err(Problem::usage(text).hint(hint).into());
    }
    Ok(from.clone())
}

/// A file that is the key already, or that goes wherever a copy of the state goes.
fn refuse_useless(from: &KeySource, to: &KeySource, context: &Context) -> Result<()> {
    let KeySource::File(path) = to else { return Ok(()) };
    if to.is_within(context.state.path()) {
        let text = "that file would lie beside the database, and go wherever a copy of it goes";
        let hint = "name a file outside of the state directory, or say --to generated";
        return Err(Problem::usage(text).hint(hint).into());
    }
    let canonical = |path: &Path| path.canonicalize().ok();
    let is_it = matches!(from, KeySource::File(from) if canonical(from).is_some_and(|from| Some(from) == canonical(path)));
    if is_it {
        let text = format!("{} is the key already", path.display());
        return Err(Problem::usage(text).hint("name a new file, which is made").into());
    }
    Ok(())
}

fn event(to: &KeySource, context: &Context) -> Event {
    let (at, event) = (context.clock.now(), "re-keyed".to_owned());
    Event { at, device: None, event, detail: format!("the key is {} now", place(to)) }
}

fn tell(from: &KeySource, to: &KeySource, context: &Context) -> Result<()> {
    let output = &context.output;
    let key = place(to);
    if output.is_json() {
        return Ok(output.document(&Document { key: &key })?);
    }
    output.line("Everything is sealed with another key now.")?;
    output.note(format_args!("{key}: {}.", to.describe()));
    if let KeySource::File(path) = to {
        output.note(format_args!(
            "From now on hallpass needs it: HALLPASS_KEY_FILE={0}, or LoadCredential=hallpass-key:{0} \
             in a unit of systemd. Keep a copy; without it only an export helps.",
            path.display()
        ));
    }
    if let KeySource::File(path) = from {
        output.note(format_args!(
            "{} opens nothing any more: unset what names it, and remove it.",
            path.display()
        ));
    }
    Ok(())
}

fn place(key: &KeySource) -> String {
    match key {
        KeySource::Generated => "generated".to_owned(),
        KeySource::File(path) => path.display().to_string(),
        _ => "keyring".to_owned(),
    }
}
