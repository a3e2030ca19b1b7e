//! The key that seals the records, and where it comes from.

use std::path::{Path, PathBuf};

use hallpass_credential::store::{StoreError, StoreErrorKind};

use crate::{Warning, seal::Sealer, state_directory::StateDirectory};
pub(crate) use file::FILE_NAME;
pub(crate) use sealing_key::SealingKey;

mod file;
#[cfg(feature = "keyring")]
mod keyring;
mod sealing_key;

/// Where the sealing key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySource {
    /// The file `key` in the state directory, made at random with the database.
    Generated,
    /// A file that the person chose: 32 bytes as base64 or hexadecimal text, and one line end.
    File(PathBuf),
    /// The keyring of the person's session, where it is there; until the state is
    /// [re-keyed](crate::SqliteStore::rekey) to it, a generated key that is there already.
    #[cfg(feature = "keyring")]
    Keyring,
}

impl KeySource {
    /// Where hallpass keeps a key of its own making, for who did not choose one.
    pub fn own() -> Self {
        #[cfg(feature = "keyring")]
        return Self::Keyring;
        #[cfg(not(feature = "keyring"))]
        Self::Generated
    }

    /// What this source protects against, in one sentence for a person.
    pub fn describe(&self) -> String {
        match self {
            Self::Generated => "the key lies beside the database: a copy of the database alone \
                                is unreadable, a copy of the whole state directory is not"
                .to_owned(),
            Self::File(path) => format!(
                "the key is {}: a copy of the state directory is unreadable without that file",
                path.display()
            ),
            #[cfg(feature = "keyring")]
            Self::Keyring => "the key is in the keyring of this user's session: a copy of the \
                              disk is unreadable without the password of that keyring"
                .to_owned(),
        }
    }

    /// The keys that may be meant. Where there is neither a key nor a database, a key is made.
    pub(crate) fn load(&self, directory: &mut StateDirectory) -> Result<Keys, StoreError> {
        match self {
            Self::Generated => Ok(Keys::of(self, file::generated(directory)?)),
            Self::File(path) => {
                let (key, warning) = file::chosen(path)?;
                Ok(Keys { warning, ..Keys::of(self, vec![key]) })
            }
            #[cfg(feature = "keyring")]
            Self::Keyring => keyring::load(directory),
        }
    }

    /// A key to be used from now on. It is kept beside `current`, where that has the same place:
    /// whichever of the two has sealed the database, it opens.
    pub(crate) fn begin(
        &self,
        directory: &StateDirectory,
        current: &Candidate,
    ) -> Result<Candidate, StoreError> {
        let key = match self {
            Self::File(path) => file::chosen_or_new(path)?,
            _ => SealingKey::generate()?,
        };
        let new = Candidate { source: self.clone(), key };
        let beside = (current.source == *self).then_some(&current.key);
        self.keep(directory, &beside.into_iter().chain([&new.key]).collect::<Vec<_>>())?;
        Ok(new)
    }

    /// Keeps these keys and no others at a place of ours.
    pub(crate) fn keep(
        &self,
        directory: &StateDirectory,
        keys: &[&SealingKey],
    ) -> Result<(), StoreError> {
        match self {
            Self::Generated if keys.is_empty() => file::remove(directory),
            Self::Generated => file::replace(directory, keys),
            Self::File(_) => Ok(()),
            #[cfg(feature = "keyring")]
            Self::Keyring => keyring::keep(directory.path(), keys),
        }
    }

    /// Whether the key would lie in `directory`, where a copy of it takes the key along.
    pub fn is_within(&self, directory: &Path) -> bool {
        let Self::File(path) = self else { return false };
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or_else(|| Path::new(".")).canonicalize();
        directory
            .canonicalize()
            .is_ok_and(|directory| parent.is_ok_and(|parent| parent.starts_with(directory)))
    }
}

/// A key, and where it is from.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) source: KeySource,
    pub(crate) key: SealingKey,
}

/// Keys that may have sealed the database. A new one is sealed with the first.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) warning: Option<Warning>,
}

impl Keys {
    fn of(source: &KeySource, keys: Vec<SealingKey>) -> Self {
        let candidate = |key| Candidate { source: source.clone(), key };
        Self { candidates: keys.into_iter().map(candidate).collect(), warning: None }
    }

    /// What seals a new database.
    pub(crate) fn first(&self) -> Result<Sealer, StoreError> {
        let first = self.candidates.first().map(|candidate| Sealer::new(&candidate.key));
        first.ok_or_else(|| StoreError::new(StoreErrorKind::NoKey, "there is no key"))
    }

    /// The one of a database, by the check that it holds.
    pub(crate) fn into_that_of(self, check: &[u8]) -> Result<Candidate, StoreError> {
        let is_it = |candidate: &Candidate| Sealer::new(&candidate.key).is_of(check);
        self.candidates.into_iter().find(is_it).ok_or_else(|| {
            let context = "the state database was sealed with another key";
            StoreError::new(StoreErrorKind::Sealed, context)
        })
    }
}
