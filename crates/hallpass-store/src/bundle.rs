//! All that must survive, sealed with a passphrase: for another machine, or for the day on which
//! the key is lost.
//!
//! A sealed bundle is the line `hallpass state 1`, a salt of 16 bytes, a sealed constant that tells
//! a wrong passphrase, and the sealed content, both as records are sealed. The key is made of
//! the passphrase with PBKDF2-HMAC-SHA256. The content is JSON.

use std::{error, fmt};

use hallpass_credential::store::{
    Change, Key, MemoryStore, Space, Store, StoreError, StoreErrorKind,
};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    Event, audit,
    key::SealingKey,
    seal::{Sealer, UnsealError},
    sqlite::{Durability, SqliteStore, begin, fault},
};

mod body;

/// Records and audit, out of one store and on the way to another.
///
/// Turns and plans are left out: they are over within a minute, or found out anew.
pub struct Bundle {
    content: Content,
}

#[derive(Serialize, Deserialize)]
struct Content {
    records: Vec<Entry>,
    events: Vec<Event>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    space: String,
    name: String,
    #[serde(with = "body")]
    body: Zeroizing<Vec<u8>>,
}

impl Bundle {
    /// What `store` keeps now.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub fn of(store: &SqliteStore) -> Result<Self, StoreError> {
        let mut records = Vec::new();
        for space in SPACES {
            for name in store.names(space)? {
                // Another process may have removed it since.
                let body = store.load(&Key::new(space, &name))?;
                let space = space.as_str().to_owned();
                records.extend(body.map(|body| Entry { space, name, body }));
            }
        }
        Ok(Self { content: Content { records, events: store.events()? } })
    }

    /// The bytes of a file that only `passphrase` opens.
    ///
    /// # Errors
    /// [`StoreErrorKind::Failed`] where the system has no random numbers.
    pub fn seal(&self, passphrase: &str) -> Result<Vec<u8>, StoreError> {
        let failed = |context| StoreError::new(StoreErrorKind::Failed, context);
        let mut salt = [0; SALT_LEN];
        let filled = SystemRandom::new().fill(&mut salt);
        filled.map_err(|_| failed("the system has no random numbers"))?;
        let sealer = Sealer::new(&SealingKey::derive(passphrase, &salt));
        // Room for all of it: growing would leave copies behind.
        let mut plain = Zeroizing::new(Vec::with_capacity(self.content.most()));
        serde_json::to_writer(&mut *plain, &self.content).map_err(|source| {
            failed("the state has no form to be exported in").with_source(source)
        })?;
        let check = sealer.seal(SPACE, CHECK, CHECK.as_bytes())?;
        let content = sealer.seal(SPACE, CONTENT, &plain)?;
        Ok([MAGIC, &salt, &check, &content].concat())
    }

    /// What `sealed` holds.
    ///
    /// # Errors
    /// All of [`BundleError`].
    pub fn open(sealed: &[u8], passphrase: &str) -> Result<Self, BundleError> {
        let Some(rest) = sealed.strip_prefix(MAGIC) else {
            let is_newer = sealed.starts_with(FAMILY);
            return Err(if is_newer { BundleError::Newer } else { BundleError::Foreign });
        };
        let (salt, rest) = rest.split_first_chunk::<SALT_LEN>().ok_or(BundleError::Damaged)?;
        let (check, content) = rest.split_first_chunk::<CHECK_LEN>().ok_or(BundleError::Damaged)?;
        let sealer = Sealer::new(&SealingKey::derive(passphrase, salt));
        sealer.open(SPACE, CHECK, check).map_err(|error| match error {
            UnsealError::Version => BundleError::Newer,
            UnsealError::Refused => BundleError::Passphrase,
        })?;
        let plain = sealer.open(SPACE, CONTENT, content).map_err(|error| match error {
            UnsealError::Version => BundleError::Newer,
            UnsealError::Refused => BundleError::Damaged,
        })?;
        let content: Content = serde_json::from_slice(&plain).map_err(|_| BundleError::Newer)?;
        let is_known = |entry: &Entry| SPACES.iter().any(|space| space.as_str() == entry.space);
        if !content.records.iter().all(is_known) {
            return Err(BundleError::Newer);
        }
        Ok(Self { content })
    }

    /// Its records, to be looked at.
    ///
    /// # Errors
    /// None in practice: memory takes them all.
    pub fn to_memory(&self) -> Result<MemoryStore, StoreError> {
        let memory = MemoryStore::default();
        for (key, body) in self.records() {
            memory.update(&key, &mut |_| Change::Put(body.clone()))?;
        }
        Ok(memory)
    }

    fn records(&self) -> impl Iterator<Item = (Key, &Zeroizing<Vec<u8>>)> {
        self.content.records.iter().filter_map(|Entry { space, name, body }| {
            let space = SPACES.into_iter().find(|known| known.as_str() == space)?;
            Some((Key::new(space, name), body))
        })
    }
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bundle").finish_non_exhaustive()
    }
}

impl Content {
    /// More bytes than its JSON takes: base64 is 4/3, an escaped character of a name six.
    fn most(&self) -> usize {
        let records = self.records.iter().map(|it| it.body.len() * 2 + it.name.len() * 6 + 100);
        let events = self.events.iter().map(|it| {
            let device = it.device.as_deref().unwrap_or_default();
            (device.len() + it.event.len() + it.detail.len()) * 6 + 150
        });
        records.chain(events).sum::<usize>() + 100
    }
}

impl SqliteStore {
    /// Whether there is neither a device nor a credential nor a login in it.
    ///
    /// # Errors
    /// As [`Store::names`].
    pub fn is_unused(&self) -> Result<bool, StoreError> {
        for space in SPACES {
            if !self.names(space)?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes the devices and credentials of a bundle in place of its own, all at once. A login
    /// that is known here stays as it is known here, so that no budget grows; the audits are
    /// merged.
    ///
    /// # Errors
    /// As [`Store::update`]; everything is then as it was.
    pub fn take_over(&self, bundle: &Bundle) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = begin(&mut connection, Durability::Full)?;
        for space in [Space::Device, Space::Credential] {
            transaction
                .execute("DELETE FROM record WHERE space = ?1", [space.as_str()])
                .map_err(fault)?;
        }
        for (key, body) in bundle.records() {
            if key.space != Space::History || self.read(&transaction, &key)?.is_none() {
                self.write(&transaction, &key, body)?;
            }
        }
        audit::merge(&transaction, &bundle.content.events)?;
        transaction.commit().map_err(fault)
    }
}

/// Why a bundle does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleError {
    /// It was sealed with another passphrase.
    Passphrase,
    /// It is cut off or was changed.
    Damaged,
    /// A newer hallpass wrote it.
    Newer,
    /// It is something else.
    Foreign,
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passphrase => "it was sealed with another passphrase",
            Self::Damaged => "it is damaged",
            Self::Newer => "a newer hallpass wrote it",
            Self::Foreign => "it is no exported state of hallpass",
        })
    }
}

impl error::Error for BundleError {}

/// What is carried.
const SPACES: [Space; 3] = [Space::Device, Space::Credential, Space::History];

const FAMILY: &[u8] = b"hallpass state ";
const MAGIC: &[u8] = b"hallpass state 1\n";
const SALT_LEN: usize = 16;

/// The places for which the two parts are sealed.
const SPACE: &str = "bundle";
const CHECK: &str = "passphrase";
const CONTENT: &str = "content";
const CHECK_LEN: usize = Sealer::OVERHEAD + CHECK.len();

#[cfg(test)]
mod tests;
