//! The tables, and how a database of an older hallpass gets them.

use hallpass_credential::store::{StoreError, StoreErrorKind};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::{DATABASE, Durability, begin, fault};
use crate::{seal::Sealer, state_directory::StateDirectory};

/// Each step takes a database from the version of its place in this list to the next one.
/// Steps are only ever added.
pub(super) const MIGRATIONS: &[&str] = &["
    CREATE TABLE record (
        space TEXT NOT NULL,
        name TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (space, name)
    ) WITHOUT ROWID;
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        device TEXT,
        event TEXT NOT NULL,
        detail TEXT NOT NULL
    );
    CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"];

/// Marks an SQLite file as ours: "hall".
pub(crate) const APPLICATION_ID: u32 = u32::from_be_bytes(*b"hall");

/// Makes an empty database in `directory`: whole or not at all, so that no other process ever
/// sees one in the making.
pub(super) fn create(directory: &StateDirectory, sealer: &Sealer) -> Result<(), StoreError> {
    let file = directory.begin_file()?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file.path(), flags).map_err(fault)?;
    // It is not there for others until it is finished: no journal file can be of use.
    connection.pragma_update(None, "journal_mode", "MEMORY").map_err(fault)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID).map_err(fault)?;
    upgrade(&mut connection, MIGRATIONS)?;
    let insert = "INSERT INTO meta (name, value) VALUES ('key', ?1)";
    connection.execute(insert, [sealer.check()?]).map_err(fault)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(fault)?;
    connection.close().map_err(|(_, error)| fault(error))?;
    directory.publish(file, DATABASE)
}

/// Whether the database is ours, and of a version that we know.
pub(super) fn examine(connection: &Connection) -> Result<(), StoreError> {
    if pragma(connection, "application_id")? != APPLICATION_ID {
        let context = "the state database is no database of hallpass";
        return Err(StoreError::new(StoreErrorKind::Corrupt, context));
    }
    if version(connection)? > newest(MIGRATIONS) {
        let context = "a newer hallpass wrote the state database";
        return Err(StoreError::new(StoreErrorKind::Newer, context));
    }
    Ok(())
}

/// The value that tells whose key sealed the database.
pub(crate) fn check(connection: &Connection) -> Result<Vec<u8>, StoreError> {
    let check = connection
        .prepare_cached("SELECT value FROM meta WHERE name = 'key'")
        .and_then(|mut select| select.query_row([], |row| row.get(0)).optional())
        .map_err(fault)?;
    check.ok_or_else(|| {
        let context = "the state database does not tell its key";
        StoreError::new(StoreErrorKind::Sealed, context)
    })
}

/// Takes the steps of `migrations` that the database has not seen.
pub(super) fn upgrade(connection: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    let newest = newest(migrations);
    if version(connection)? >= newest {
        return Ok(());
    }
    let transaction = begin(connection, Durability::Full)?;
    // Read again: another process may have had its turn first.
    let done = version(&transaction)?;
    for migration in migrations.iter().skip(done as usize) {
        transaction.execute_batch(migration).map_err(fault)?;
    }
    transaction.pragma_update(None, "user_version", newest.max(done)).map_err(fault)?;
    transaction.commit().map_err(fault)
}

/// The version of the databases that this hallpass makes.
pub(crate) fn newest_version() -> u32 {
    newest(MIGRATIONS)
}

/// The version that a database has after all of `migrations`.
fn newest(migrations: &[&str]) -> u32 {
    migrations.len() as u32
}

fn version(connection: &Connection) -> Result<u32, StoreError> {
    pragma(connection, "user_version")
}

fn pragma(connection: &Connection, name: &str) -> Result<u32, StoreError> {
    connection.pragma_query_value(None, name, |row| row.get(0)).map_err(fault)
}

#[cfg(test)]
mod tests;
