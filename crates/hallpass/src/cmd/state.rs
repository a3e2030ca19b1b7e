//! `hallpass state`

mod rekey;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use hallpass_credential::{
    budget::History,
    store::{Records, Revise},
};
use hallpass_enphase::history_name;
use hallpass_store::{Bundle, BundleError, Device, Event};
use serde::Serialize;
use tempfile::NamedTempFile;
use tokio::task;
use zeroize::Zeroizing;

use crate::{
    args::{Passphrase, StateAction},
    context::Context,
    exit::Exit,
    problem::Problem,
    prompt, secret_input,
};

pub(super) async fn run(action: &StateAction, context: &Context) -> Result<Exit> {
    match action {
        StateAction::Export { file, passphrase } => export(file, passphrase, context).await,
        StateAction::Import { file, yes, passphrase } => {
            if !yes {
                require_unused(context).await?;
            }
            import(file, passphrase, context).await
        }
        StateAction::Rekey { to } => rekey::rekey(to.as_ref(), context).await,
    }
}

async fn export(file: &Path, passphrase: &Passphrase, context: &Context) -> Result<Exit> {
    if file.symlink_metadata().is_ok() {
        return Err(exists(file).into());
    }
    let passphrase = new_passphrase(passphrase, context).await?;
    let bundle = context.state.with_store(Bundle::of).await?;
    let devices = devices(&bundle).await?;
    let sealing = task::spawn_blocking(move || bundle.seal(&passphrase));
    let sealed = context.output.waiting("sealing", sealing).await??;
    write(file, &sealed).with_context(|| {
        Problem::new(Exit::Failed, format!("{} cannot be written", file.display()))
            .hint("name a file in a directory that this user may write")
    })?;
    let said = format!("Exported {} to {}.", counted(devices), file.display());
    tell(&said, file, devices, context)?;
    context.output.note("Whoever has this file and its passphrase can open all these devices.");
    Ok(Exit::Done)
}

async fn import(file: &Path, passphrase: &Passphrase, context: &Context) -> Result<Exit> {
    let sealed = fs::read(file).with_context(|| {
        Problem::usage(format!("{} cannot be read", file.display()))
            .hint("name a file that `hallpass state export` has written")
    })?;
    let passphrase = known_passphrase(passphrase, context).await?;
    let opening = task::spawn_blocking(move || Bundle::open(&sealed, &passphrase));
    let opened = context.output.waiting("opening", opening).await?;
    let bundle = opened.map_err(|error| unopened(file, error))?;
    let devices = devices(&bundle).await?;
    // First, since it can only make the budgets smaller, wherever this ends.
    remember_logins(&bundle, &context.state.records).await?;
    let detail = format!("{} from {}", counted(devices), file.display());
    let (at, event) = (context.clock.now(), "imported".to_owned());
    let event = Event { at, device: None, event, detail };
    let taking_over = context.state.with_store(move |store| {
        store.take_over(&bundle)?;
        store.append_event(&event)
    });
    taking_over.await?;
    let said = format!("Imported {} from {}.", counted(devices), file.display());
    tell(&said, file, devices, context)?;
    Ok(Exit::Done)
}

/// Adds the logins that a bundle knows to those that are known here.
async fn remember_logins(bundle: &Bundle, records: &Records) -> Result<()> {
    let brought = Records::new(Arc::new(bundle.to_memory()?));
    let prefix = history_name("");
    for name in brought.names::<History>().await? {
        if !name.starts_with(&prefix) {
            continue;
        }
        let Some(logins) = brought.load::<History>(&name).await? else { continue };
        let merge =
            |known: Option<History>| (Revise::Put(known.unwrap_or_default().and(logins)), ());
        records.update(&name, merge).await?;
    }
    Ok(())
}

async fn require_unused(context: &Context) -> Result<()> {
    if context.state.with_store(|store| store.is_unused()).await? {
        return Ok(());
    }
    let question = "Devices, passwords and tokens that are here will be lost. Replace them?";
    if !context.terminals.can_ask() {
        let text = "there are devices or logins here already, which an import replaces";
        let hint = "add --yes if they are not needed any more, or export them before";
        return Err(Problem::usage(text).hint(hint).into());
    }
    if prompt::confirm(question.to_owned()).await? {
        return Ok(());
    }
    Err(Problem::new(Exit::Failed, "nothing is imported").hint("nothing was changed").into())
}

/// A passphrase that is chosen now: at a terminal it is typed twice.
async fn new_passphrase(typed: &Passphrase, context: &Context) -> Result<Zeroizing<String>> {
    let passphrase = match secret_input::passphrase(typed, &context.output).await? {
        Some(passphrase) => passphrase,
        None => {
            let first = asked("Passphrase for the file:", context).await?;
            if *asked("The same again:", context).await? != *first {
                let problem = Problem::usage("the two passphrases differ");
                return Err(problem.hint("nothing was written; run it again").into());
            }
            first
        }
    };
    if passphrase.chars().count() < SHORTEST {
        let text = format!("the passphrase has fewer than {SHORTEST} characters");
        let hint = "take a few words; the file is as safe as they are hard to guess";
        return Err(Problem::usage(text).hint(hint).into());
    }
    Ok(passphrase)
}

async fn known_passphrase(typed: &Passphrase, context: &Context) -> Result<Zeroizing<String>> {
    match secret_input::passphrase(typed, &context.output).await? {
        Some(passphrase) => Ok(passphrase),
        None => asked("Passphrase of the file:", context).await,
    }
}

async fn asked(question: &'static str, context: &Context) -> Result<Zeroizing<String>> {
    if !context.terminals.can_ask() {
        let text = "the passphrase is missing, and there is no terminal to ask for it";
        let hint = "give --passphrase-file or --passphrase-stdin";
        return Err(Problem::usage(text).hint(hint).into());
    }
    prompt::passphrase(question).await
}

async fn devices(bundle: &Bundle) -> Result<usize> {
    Ok(Records::new(Arc::new(bundle.to_memory()?)).names::<Device>().await?.len())
}

/// Writes a file of mode 0600: whole or not at all, and never in the place of another.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut file = NamedTempFile::new_in(beside.unwrap_or_else(|| Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    Ok(())
}

fn exists(file: &Path) -> Problem {
    Problem::usage(format!("{} exists already", file.display()))
        .hint("name a new file, so that no older export is lost")
}

fn unopened(file: &Path, error: BundleError) -> Problem {
    let text = format!("{}: {error}", file.display());
    match error {
        BundleError::Passphrase => Problem::new(Exit::NeedsLogin, text)
            .hint("type the passphrase that the file was exported with; nothing was changed"),
        BundleError::Newer => {
            Problem::new(Exit::Failed, text).hint("use the newer hallpass that wrote it")
        }
        _ => Problem::new(Exit::Failed, text)
            .hint("look for another copy of the file; nothing was changed"),
    }
}

fn counted(devices: usize) -> String {
    match devices {
        1 => "1 device".to_owned(),
        more => format!("{more} devices"),
    }
}

/// The document of `state export --json` and `state import --json`.
#[derive(Serialize)]
struct Document {
    file: PathBuf,
    devices: usize,
}

fn tell(said: &str, file: &Path, devices: usize, context: &Context) -> Result<()> {
    let output = &context.output;
    if output.is_json() {
        output.document(&Document { file: file.to_owned(), devices })?;
    } else {
        output.line(said)?;
    }
    Ok(())
}

/// Guessing one of this length at random costs more than what the file opens.
const SHORTEST: usize = 8;
