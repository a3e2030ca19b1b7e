//! The state directory, its key and its database.

use std::path::Path;

use hallpass_credential::store::{StoreError, StoreErrorKind};
use hallpass_store::{SqliteStore, Warning};

use super::finding::Finding;
use crate::{args::Global, context::Environment};

pub(super) struct Examined {
    pub(super) findings: Vec<Finding>,
    /// Whether there are devices that can be looked for.
    pub(super) is_usable: bool,
}

pub(super) fn examine(global: &Global, environment: &Environment) -> Examined {
    let unusable = |finding| Examined { findings: vec![finding], is_usable: false };
    let directory = match environment.state_directory(global.state_dir.as_deref()) {
        Ok(directory) => directory,
        Err(error) => return unusable(Finding::failed(DIRECTORY, &error)),
    };
    let place = directory.display().to_string();
    if !directory.exists() {
        let words = format!("{place} is not there yet; the first login makes it");
        return unusable(Finding::ok(DIRECTORY, words));
    }
    let (warnings, source, error) = match open(&directory, environment) {
        Ok(store) => (store.warnings().iter().map(warning).collect(), store.key_source(), None),
        Err(error) => (Vec::new(), environment.key(), Some(error)),
    };
    let key = format!("{}: {}", environment.key_origin(&source), source.describe());
    let all = [
        (DIRECTORY, format!("{place} is this user's alone")),
        (KEY, key),
        (DATABASE, "opens, is whole, and every record in it can be read".to_owned()),
    ];
    let mut findings: Vec<Finding> = warnings;
    let failing = error.as_ref().map(|error| subject(error.kind()));
    let well = all.into_iter().take_while(|(subject, _)| failing != Some(subject));
    findings.extend(well.map(|(subject, words)| Finding::ok(subject, words)));
    let is_usable = error.is_none();
    findings.extend(error.map(|error| Finding::failed(subject(error.kind()), &error.into())));
    Examined { findings, is_usable }
}

/// Opens the store as every command does, and looks through all of it.
pub(super) fn open(directory: &Path, environment: &Environment) -> Result<SqliteStore, StoreError> {
    let store = SqliteStore::open(directory, &environment.key())?;
    store.verify()?;
    Ok(store)
}

/// What a failure to open is about. They are looked at in the order directory, key, database.
fn subject(kind: StoreErrorKind) -> &'static str {
    match kind {
        StoreErrorKind::NotWritable => DIRECTORY,
        StoreErrorKind::NoKey | StoreErrorKind::Sealed => KEY,
        _ => DATABASE,
    }
}

fn warning(warning: &Warning) -> Finding {
    let (subject, advice) = match warning {
        Warning::ReadableByOthers { path, .. } => {
            (KEY, format!("run `chmod 600 {}`", path.display()))
        }
        _ => (DIRECTORY, "nothing; but whoever copied it before may read it".to_owned()),
    };
    Finding::warning(subject, warning.to_string(), advice)
}

const DIRECTORY: &str = "state directory";
const KEY: &str = "key";
pub(super) const DATABASE: &str = "database";
