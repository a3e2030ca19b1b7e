//! What a credential's life needs of a store: records that are replaced atomically.
//!
//! Everything that several processes must agree on (credentials, login attempts, leases, request
//! budgets) is one record under one [`Key`], and every decision about it is a pure function from
//! the old record to the new one. So a store has one writing verb, [`Store::update`], and the
//! store's transaction is the only lock between processes.

use std::{error, fmt, sync::Arc};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::task;
use zeroize::Zeroizing;

pub use memory::MemoryStore;

#[cfg(any(test, feature = "test-kit"))]
pub mod conformance;
#[cfg(any(test, feature = "test-kit"))]
pub mod disk;
mod memory;

/// A place where records survive, shared by every process of one person on one machine.
///
/// Synchronous on purpose: [`Records`] is the one place that calls it, on a blocking thread.
pub trait Store: Send + Sync + 'static {
    /// The bytes under `key`, as the last committed update left them.
    ///
    /// # Errors
    /// Every kind of [`StoreErrorKind`] but `Newer`.
    fn load(&self, key: &Key) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError>;

    /// Replaces the record under `key` by what `change` makes of it, atomically for all processes.
    ///
    /// `change` runs once, inside the transaction. When this returns `Ok` for a space that
    /// [is durable](Space::is_durable), the new record survives a power cut.
    ///
    /// # Errors
    /// Every kind of [`StoreErrorKind`] but `Newer`; the record is then as it was.
    fn update(
        &self,
        key: &Key,
        change: &mut dyn FnMut(Option<&[u8]>) -> Change,
    ) -> Result<(), StoreError>;

    /// The names in use in `space`, sorted.
    ///
    /// # Errors
    /// Every kind of [`StoreErrorKind`] but `Newer`.
    fn names(&self, space: Space) -> Result<Vec<String>, StoreError>;

    /// Whether it may make its caller wait for a disk or a network, as most do. One that never does
    /// is called in place; the others on a thread that may wait.
    fn may_block(&self) -> bool {
        true
    }
}

/// What [`Store::update`] does with a record.
#[derive(Debug)]
pub enum Change {
    /// Leave it as it is.
    Keep,
    /// Store these bytes in its place.
    Put(Zeroizing<Vec<u8>>),
    /// Delete it.
    Remove,
}

/// A record's place: what kind of thing it is, and whose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Key {
    /// The kind of record.
    pub space: Space,
    /// Whose record: a serial number, an account, ... Opaque text, never a secret.
    pub name: String,
}

impl Key {
    /// The place of `name` in `space`.
    pub fn new(space: Space, name: impl Into<String>) -> Self {
        Self { space, name: name.into() }
    }
}

/// The kinds of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Space {
    /// An enrolled device: name, address, identity, pin.
    Device,
    /// What opens a device or a cloud.
    Credential,
    /// What was asked of a cloud account, and when: the login budget.
    History,
    /// Whose turn it is, and how many requests were sent.
    Lease,
    /// What a device has, as far as it was found out.
    Plan,
}

impl Space {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Device, Self::Credential, Self::History, Self::Lease, Self::Plan];

    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Credential => "credential",
            Self::History => "history",
            Self::Lease => "lease",
            Self::Plan => "plan",
        }
    }

    /// Whether an update must survive a power cut.
    ///
    /// Turns are over within a minute, and plans are found out anew; losing them costs nothing.
    pub fn is_durable(self) -> bool {
        !matches!(self, Self::Lease | Self::Plan)
    }
}

/// Why the store could not be used, told by what helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Another process holds it; later may help.
    Busy,
    /// It is no database of ours, or damaged. It is left alone.
    Corrupt,
    /// A newer hallpass wrote it. It is left alone.
    Newer,
    /// It may not be read or written by this user, or there is no room.
    NotWritable,
    /// It was sealed with another key.
    Sealed,
    /// The file of its key is missing, unreadable or holds no key.
    NoKey,
    /// Anything else.
    Failed,
}

/// The store could not do what was asked.
#[derive(Debug, Clone)]
pub struct StoreError {
    kind: StoreErrorKind,
    context: String,
    source: Option<Arc<dyn error::Error + Send + Sync>>,
}

impl StoreError {
    /// An error of `kind`; `context` is one lower-case clause without a secret.
    pub fn new(kind: StoreErrorKind, context: impl Into<String>) -> Self {
        Self { kind, context: context.into(), source: None }
    }

    /// The same with the error below it.
    #[must_use]
    pub fn with_source(mut self, source: impl error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What kind of help it needs.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)
    }
}

impl error::Error for StoreError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// A typed record: its place and the version of its form.
pub trait Record: Serialize + DeserializeOwned + Send + 'static {
    /// Where records of this type live.
    const SPACE: Space;
    /// Raised when old programs would misread the new form; new optional fields need no raise.
    const SCHEMA: u32;
}

/// What an update makes of a typed record.
#[derive(Debug)]
pub enum Revise<T> {
    /// Leave it as it is.
    Keep,
    /// Store this in its place.
    Put(T),
    /// Delete it.
    Remove,
}

/// Typed, asynchronous access to a [`Store`].
#[derive(Clone)]
pub struct Records {
    store: Arc<dyn Store>,
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").finish_non_exhaustive()
    }
}

impl Records {
    /// Typed access to `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Records that end with the process.
    pub fn in_memory() -> Self {
        Self::new(Arc::new(MemoryStore::default()))
    }

    /// The record of `name`.
    ///
    /// # Errors
    /// Every [`StoreErrorKind`].
    pub async fn load<T: Record>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let key = Key::new(T::SPACE, name);
        self.blocking(move |store| {
            store.load(&key)?.map(|bytes| open_envelope(&key, &bytes)).transpose()
        })
        .await
    }

    /// Replaces the record of `name` by what `change` makes of it, and returns what it returns
    /// beside. `change` must be pure: it runs inside the store's transaction.
    ///
    /// # Errors
    /// Every [`StoreErrorKind`]; the record is then as it was.
    pub async fn update<T: Record, R: Send + 'static>(
        &self,
        name: &str,
        change: impl FnOnce(Option<T>) -> (Revise<T>, R) + Send + 'static,
    ) -> Result<R, StoreError> {
        let key = Key::new(T::SPACE, name);
        self.blocking(move |store| revise(store, &key, change)).await
    }

    /// The names that have a record of type `T`, sorted.
    ///
    /// # Errors
    /// Every [`StoreErrorKind`].
    pub async fn names<T: Record>(&self) -> Result<Vec<String>, StoreError> {
        self.blocking(|store| store.names(T::SPACE)).await
    }

    /// Deletes the record of `name`, if there is one.
    ///
    /// # Errors
    /// Every [`StoreErrorKind`].
    pub async fn remove<T: Record>(&self, name: &str) -> Result<(), StoreError> {
        let key = Key::new(T::SPACE, name);
        self.blocking(move |store| store.update(&key, &mut |_| Change::Remove)).await
    }

    async fn blocking<R: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Store) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        if !self.store.may_block() {
            return work(&*self.store);
        }
        let store = Arc::clone(&self.store);
        let done = task::spawn_blocking(move || work(&*store)).await;
        done.unwrap_or_else(|_| Err(StoreError::new(StoreErrorKind::Failed, "the store stopped")))
    }
}

/// The form in which a typed record is stored.
#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    schema: u32,
    record: T,
}

/// The part of an envelope that every version can read.
#[derive(Deserialize)]
struct Postmark {
    schema: u32,
}

fn revise<T: Record, R>(
    store: &dyn Store,
    key: &Key,
    change: impl FnOnce(Option<T>) -> (Revise<T>, R),
) -> Result<R, StoreError> {
    let mut change = Some(change);
    let mut outcome = None;
    store.update(key, &mut |old| {
        let Some(change) = change.take() else { return Change::Keep };
        let revised = old
            .map(|bytes| open_envelope(key, bytes))
            .transpose()
            .map(change)
            .and_then(|(revise, beside)| Ok((seal_envelope(revise)?, beside)));
        match revised {
            Ok((written, beside)) => {
                outcome = Some(Ok(beside));
                written
            }
            Err(error) => {
                outcome = Some(Err(error));
                Change::Keep
            }
        }
    })?;
    outcome.unwrap_or_else(|| Err(StoreError::new(StoreErrorKind::Failed, "the store did nothing")))
}

fn open_envelope<T: Record>(key: &Key, bytes: &[u8]) -> Result<T, StoreError> {
    let corrupt = |source| {
        let context = format!("the record of {} {} is damaged", key.space.as_str(), key.name);
        StoreError::new(StoreErrorKind::Corrupt, context).with_source(source)
    };
    let Postmark { schema } = serde_json::from_slice(bytes).map_err(corrupt)?;
    if schema > T::SCHEMA {
        let context = format!("a newer hallpass wrote {} {}", key.space.as_str(), key.name);
        return Err(StoreError::new(StoreErrorKind::Newer, context));
    }
    let Envelope { record, .. } = serde_json::from_slice(bytes).map_err(corrupt)?;
    Ok(record)
}

fn seal_envelope<T: Record>(revise: Revise<T>) -> Result<Change, StoreError> {
    let record = match revise {
        Revise::Keep => return Ok(Change::Keep),
        Revise::Remove => return Ok(Change::Remove),
        Revise::Put(record) => record,
    };
    let bytes = serde_json::to_vec(&Envelope { schema: T::SCHEMA, record });
    bytes.map(|bytes| Change::Put(Zeroizing::new(bytes))).map_err(|source| {
        StoreError::new(StoreErrorKind::Failed, "a record has no stored form").with_source(source)
    })
}

#[cfg(test)]
mod tests;
