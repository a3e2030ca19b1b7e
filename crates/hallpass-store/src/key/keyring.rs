//! The key in the keyring of the person's session (Secret Service), one entry for each state directory.

use std::path::Path;

use hallpass_credential::store::{StoreError, StoreErrorKind};
use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use super::{FILE_NAME, Keys, file, sealing_key::SealingKey};
use crate::{KeySource, sqlite::DATABASE, state_directory::StateDirectory};

/// What the keyring has, then what the state directory has. Where neither has a key, one is made:
/// in the keyring, or beside the database where there is no keyring, as on a server.
pub(super) fn load(directory: &mut StateDirectory) -> Result<Keys, StoreError> {
    let kept = kept(directory.path());
    let has_file = directory.existing(FILE_NAME)?.is_some();
    let has_database = directory.existing(DATABASE)?.is_some();
    match kept {
        Ok(keys) if keys.is_empty() && !has_file && !has_database => {
            make(directory.path()).map(|key| Keys::of(&KeySource::Keyring, vec![key]))
        }
        Err(error) if !has_file && has_database => Err(error),
        kept => {
            let mut keys = Keys::of(&KeySource::Keyring, kept.unwrap_or_default());
            if has_file || keys.candidates.is_empty() {
                let beside = Keys::of(&KeySource::Generated, file::generated(directory)?);
                keys.candidates.extend(beside.candidates);
            }
            Ok(keys)
        }
    }
}

/// Another process may make one at the same moment: what the keyring has then is what counts.
fn make(directory: &Path) -> Result<SealingKey, StoreError> {
    keep(directory, &[&SealingKey::generate()?])?;
    let made = kept(directory)?.into_iter().next();
    made.ok_or_else(|| StoreError::new(StoreErrorKind::NoKey, "the keyring does not keep the key"))
}

/// Keeps these keys and no others.
pub(super) fn keep(directory: &Path, keys: &[&SealingKey]) -> Result<(), StoreError> {
    let entry = entry(directory)?;
    let kept = match keys {
        [] => entry.delete_credential(),
        keys => entry.set_password(&SealingKey::to_text(keys)),
    };
    match kept {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(source) => {
            let context = "the keyring cannot be written";
            Err(StoreError::new(StoreErrorKind::NotWritable, context).with_source(source))
        }
    }
}

fn kept(directory: &Path) -> Result<Vec<SealingKey>, StoreError> {
    match entry(directory)?.get_password().map(Zeroizing::new) {
        Ok(text) => SealingKey::parse_all(text.as_bytes())
            .ok_or_else(|| StoreError::new(StoreErrorKind::NoKey, "the keyring holds no key")),
        Err(Error::NoEntry) => Ok(Vec::new()),
        Err(source) => Err(unreadable(source)),
    }
}

fn entry(directory: &Path) -> Result<Entry, StoreError> {
    let name = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    connect().and_then(|()| Entry::new(SERVICE, &name.display().to_string())).map_err(unreadable)
}

/// Connects to the session's keyring, once; tests bring one of their own.
fn connect() -> Result<(), Error> {
    if keyring_core::get_default_store().is_none() {
        keyring_core::set_default_store(zbus_secret_service_keyring_store::Store::new()?);
    }
    Ok(())
}

fn unreadable(source: Error) -> StoreError {
    StoreError::new(StoreErrorKind::NoKey, "the keyring cannot be read").with_source(source)
}

const SERVICE: &str = "hallpass";

#[cfg(test)]
mod tests;
