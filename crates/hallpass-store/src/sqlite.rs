//! The store on one machine: an SQLite database in the state directory.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hallpass_credential::store::{Change, Key, Space, Store, StoreError, StoreErrorKind};
use rusqlite::{
    Connection, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior,
    config::DbConfig,
};
use zeroize::Zeroizing;

use crate::{
    KeySource, Warning,
    key::{Candidate, Keys},
    seal::{Sealer, UnsealError},
    state_directory::StateDirectory,
};
pub(crate) use fault::fault;
pub(crate) use schema::{APPLICATION_ID, check, newest_version};

mod fault;
mod schema;

pub(crate) const DATABASE: &str = "hallpass.db";
const LOG: &str = "hallpass.db-wal";

/// What else SQLite may open for the database.
pub(crate) const SIDE_FILES: [&str; 3] = [LOG, "hallpass.db-shm", "hallpass.db-journal"];

/// How long to wait for another process: many times what the slowest SD card takes for a write,
/// and less than a person's patience.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Sealed records in an SQLite database, for any number of processes at once.
pub struct SqliteStore {
    connection: Mutex<Connection>,
    directory: PathBuf,
    key: KeySource,
    sealing: Mutex<Sealing>,
    warnings: Vec<Warning>,
}

/// What seals the database now.
pub(crate) struct Sealing {
    sealer: Arc<Sealer>,
    source: KeySource,
}

impl From<&Candidate> for Sealing {
    fn from(candidate: &Candidate) -> Self {
        let (sealer, source) = (Sealer::new(&candidate.key), candidate.source.clone());
        Self { sealer: Arc::new(sealer), source }
    }
}

impl SqliteStore {
    /// Opens the database in the state directory, which is made (mode 0700) if it is not there.
    ///
    /// # Errors
    /// Every [`StoreErrorKind`]. A database that does not open is left as it is.
    pub fn open(state_directory: &Path, key: &KeySource) -> Result<Self, StoreError> {
        Self::open_within(state_directory, key, BUSY_TIMEOUT)
    }

    /// The same, waiting at most `busy_timeout` for other processes, now and in every update.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_within(
        state_directory: &Path,
        key: &KeySource,
        busy_timeout: Duration,
    ) -> Result<Self, StoreError> {
        let open = || Self::open_once(state_directory, key, busy_timeout);
        match open() {
            // The key may have changed between the look at it and that at the database.
            Err(error) if error.kind() == StoreErrorKind::Sealed => open(),
            opened => opened,
        }
    }

    fn open_once(
        state_directory: &Path,
        key: &KeySource,
        busy_timeout: Duration,
    ) -> Result<Self, StoreError> {
        let mut directory = StateDirectory::open(state_directory)?;
        let mut keys = key.load(&mut directory)?;
        let key_warning = keys.warning.take();
        prepare_files(&mut directory, &keys.first()?)?;
        let path = directory.path().join(DATABASE);
        let (connection, sealing) = connect(&path, keys, busy_timeout)?;
        let mut warnings = directory.into_warnings();
        warnings.extend(key_warning);
        Ok(Self {
            connection: Mutex::new(connection),
            directory: state_directory.to_owned(),
            key: key.clone(),
            sealing: Mutex::new(sealing),
            warnings,
        })
    }

    /// The state directory.
    pub fn path(&self) -> &Path {
        &self.directory
    }

    /// Where the key is that seals the database now.
    pub fn key_source(&self) -> KeySource {
        self.sealing().source.clone()
    }

    /// What a person should know about the files.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// A panic in another thread's `change` leaves the connection whole: its transaction is
    /// rolled back on the way out.
    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn sealing(&self) -> MutexGuard<'_, Sealing> {
        self.sealing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys that may have sealed the database by now, and the directory that they are for.
    pub(crate) fn keys(&self) -> Result<(Keys, StateDirectory), StoreError> {
        let mut directory = StateDirectory::open(&self.directory)?;
        Ok((self.key.load(&mut directory)?, directory))
    }

    /// What sealed the database with this check: another process may have re-keyed it.
    fn sealer(&self, check: &[u8]) -> Result<Arc<Sealer>, StoreError> {
        let mut sealing = self.sealing();
        if !sealing.sealer.is_of(check) {
            *sealing = Sealing::from(&self.keys()?.0.into_that_of(check)?);
        }
        Ok(Arc::clone(&sealing.sealer))
    }

    pub(crate) fn read(
        &self,
        connection: &Connection,
        key: &Key,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let (space, name) = (key.space.as_str(), key.name.as_str());
        // Both at one moment: a record and the key that sealed it.
        let found: Option<(Vec<u8>, Vec<u8>)> = connection
            .prepare_cached(
                "SELECT body, value FROM record, meta
                 WHERE space = ?1 AND record.name = ?2 AND meta.name = 'key'",
            )
            .and_then(|mut select| {
                let pair = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
                select.query_row((space, name), pair).optional()
            })
            .map_err(fault)?;
        let Some((sealed, check)) = found else { return Ok(None) };
        let opened = self.sealer(&check)?.open(space, name, &sealed);
        opened.map(Some).map_err(|error| unsealed(error, key))
    }

    fn apply(
        &self,
        transaction: Transaction<'_>,
        key: &Key,
        change: &Change,
    ) -> Result<(), StoreError> {
        match change {
            Change::Keep => return Ok(()),
            Change::Put(body) => self.write(&transaction, key, body)?,
            Change::Remove => remove(&transaction, key)?,
        }
        transaction.commit().map_err(fault)
    }

    pub(crate) fn write(
        &self,
        connection: &Connection,
        key: &Key,
        body: &[u8],
    ) -> Result<(), StoreError> {
        let (space, name) = (key.space.as_str(), key.name.as_str());
        let sealed = self.sealer(&check(connection)?)?.seal(space, name, body)?;
        connection
            .prepare_cached("INSERT OR REPLACE INTO record (space, name, body) VALUES (?1, ?2, ?3)")
            .and_then(|mut insert| insert.execute((space, name, sealed)))
            .map(|_| ())
            .map_err(fault)
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

impl Store for SqliteStore {
    fn load(&self, key: &Key) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.read(&self.connection(), key)
    }

    fn update(
        &self,
        key: &Key,
        change: &mut dyn FnMut(Option<&[u8]>) -> Change,
    ) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let durability = Durability::of(key.space);
        let transaction = begin(&mut connection, durability)?;
        let old = self.read(&transaction, key)?;
        let new = change(old.as_deref().map(Vec::as_slice));
        let refused = match self.apply(transaction, key, &new) {
            Err(refused) if refused.kind() == StoreErrorKind::NotWritable => refused,
            applied => return applied,
        };
        if !begin_log_anew(&connection) {
            return Err(refused);
        }
        let transaction = begin(&mut connection, durability)?;
        if self.read(&transaction, key)? != old {
            return Err(refused);
        }
        self.apply(transaction, key, &new)
    }

    fn names(&self, space: Space) -> Result<Vec<String>, StoreError> {
        let connection = self.connection();
        let mut select = connection
            .prepare_cached("SELECT name FROM record WHERE space = ?1 ORDER BY name")
            .map_err(fault)?;
        let names = select.query_map([space.as_str()], |row| row.get(0)).map_err(fault)?;
        names.collect::<Result<_, _>>().map_err(fault)
    }
}

/// What a commit waits for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Durability {
    /// The disk: it survives a power cut.
    Full,
    /// Nothing: a power cut may undo it, and never damages anything.
    Normal,
}

impl Durability {
    fn of(space: Space) -> Self {
        if space.is_durable() { Self::Full } else { Self::Normal }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
        }
    }
}

/// A turn at writing. What is not committed is undone when it ends.
pub(crate) fn begin(
    connection: &mut Connection,
    durability: Durability,
) -> Result<Transaction<'_>, StoreError> {
    connection.pragma_update(None, "synchronous", durability.as_str()).map_err(fault)?;
    connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)
}

/// Writes the log back into the database and begins it anew, over what it has of the disk: on a full
/// one there is room for what takes no more than that. False where it cannot be done.
fn begin_log_anew(connection: &Connection) -> bool {
    let is_held_up = |row: &Row<'_>| row.get::<_, bool>(0);
    connection
        .query_row("PRAGMA wal_checkpoint(RESTART)", [], is_held_up)
        .is_ok_and(|held_up| !held_up)
}

fn remove(connection: &Connection, key: &Key) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM record WHERE space = ?1 AND name = ?2")
        .and_then(|mut delete| delete.execute((key.space.as_str(), key.name.as_str())))
        .map(|_| ())
        .map_err(fault)
}

/// The key was proven when the database was opened, so what it does not open is damaged.
pub(crate) fn unsealed(error: UnsealError, key: &Key) -> StoreError {
    let (space, name) = (key.space.as_str(), &key.name);
    match error {
        UnsealError::Version => StoreError::new(
            StoreErrorKind::Newer,
            format!("a newer hallpass sealed the record of {space} {name}"),
        ),
        UnsealError::Refused => StoreError::new(
            StoreErrorKind::Corrupt,
            format!("the record of {space} {name} is damaged or from another place"),
        ),
    }
}

/// Makes the database if it is not there, and closes all of its files to others.
fn prepare_files(directory: &mut StateDirectory, sealer: &Sealer) -> Result<(), StoreError> {
    // Looked for first: a process makes the log after its database. An empty one says nothing.
    let is_empty = |log: &PathBuf| fs::metadata(log).is_ok_and(|log| log.len() == 0);
    let log = directory.existing(LOG)?.filter(|log| !is_empty(log));
    match (directory.existing(DATABASE)?, log) {
        (Some(_), _) => {}
        (None, None) => schema::create(directory, sealer)?,
        (None, Some(log)) => {
            // SQLite would write the lost database's log into the new one.
            let context = format!("{} is there without its database", log.display());
            return Err(StoreError::new(StoreErrorKind::Corrupt, context));
        }
    }
    for name in SIDE_FILES {
        directory.existing(name)?;
    }
    Ok(())
}

/// A connection to a database that is ours, of this schema and sealed with one of these keys.
fn connect(
    path: &Path,
    keys: Keys,
    busy_timeout: Duration,
) -> Result<(Connection, Sealing), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(fault)?;
    connection.busy_timeout(busy_timeout).map_err(fault)?;
    // Until it is known to be ours, not even its log is written back.
    let no_checkpoint = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    connection.set_db_config(no_checkpoint, true).map_err(fault)?;
    schema::examine(&connection)?;
    let sealing = Sealing::from(&keys.into_that_of(&check(&connection)?)?);
    if connection.is_readonly("main").map_err(fault)? {
        let context = format!("{} may not be written by this user", path.display());
        return Err(StoreError::new(StoreErrorKind::NotWritable, context));
    }
    schema::upgrade(&mut connection, schema::MIGRATIONS)?;
    connection.set_db_config(no_checkpoint, false).map_err(fault)?;
    // What a person logged out of must not stay in free pages.
    connection.pragma_update(None, "secure_delete", true).map_err(fault)?;
    Ok((connection, sealing))
}

#[cfg(test)]
mod tests;
