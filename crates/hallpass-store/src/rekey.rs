//! Another key for everything that is sealed.

use hallpass_credential::store::{Key, Space, StoreError};
use rusqlite::{Connection, Transaction};

use crate::{
    KeySource,
    key::Candidate,
    seal::Sealer,
    sqlite::{self, Durability, Sealing, SqliteStore, begin, fault},
    state_directory::StateDirectory,
};

impl SqliteStore {
    /// Seals everything with another key, whose place is `to`: a new one, or that of a file of the
    /// person's, which is made where it is not there. The old key is removed where hallpass has made
    /// it, and left where a person did.
    ///
    /// Whenever this ends, even by a power cut, the database is sealed with one of the two and that one
    /// is there. A program that is running goes on where both keys are of hallpass's making; one that is
    /// to find a key in a file, or no more, must be started anew.
    ///
    /// # Errors
    /// As [`Store::update`](hallpass_credential::store::Store::update); also [`NoKey`](hallpass_credential::store::StoreErrorKind::NoKey) and
    /// [`NotWritable`](hallpass_credential::store::StoreErrorKind::NotWritable) for the new key's
    /// place. Unless it is about the removal of the old key, everything is sealed as before.
    pub fn rekey(&self, to: &KeySource) -> Result<(), StoreError> {
        let mut connection = self.connection();
        // Under the lock of the database, so that two re-keyings do not lose each other's keys.
        let transaction = begin(&mut connection, Durability::Full)?;
        let (keys, directory) = self.keys()?;
        let old = keys.into_that_of(&sqlite::check(&transaction)?)?;
        let new = to.begin(&directory, &old)?;
        reseal(&transaction, &Sealer::new(&old.key), &Sealer::new(&new.key))?;
        transaction.commit().map_err(fault)?;
        *self.sealing() = Sealing::from(&new);
        retire(&mut connection, &old, &new, &directory)
    }
}

/// Seals every record, and the check, with `new`.
fn reseal(transaction: &Transaction<'_>, old: &Sealer, new: &Sealer) -> Result<(), StoreError> {
    let mut update = transaction
        .prepare("UPDATE record SET body = ?3 WHERE space = ?1 AND name = ?2")
        .map_err(fault)?;
    for space in Space::ALL {
        for (name, sealed) in bodies(transaction, space)? {
            let key = Key::new(space, &name);
            let plain = old
                .open(space.as_str(), &name, &sealed)
                .map_err(|error| sqlite::unsealed(error, &key))?;
            let body = new.seal(space.as_str(), &name, &plain)?;
            update.execute((space.as_str(), &name, body)).map_err(fault)?;
        }
    }
    let check = "UPDATE meta SET value = ?1 WHERE name = 'key'";
    transaction.execute(check, [new.check()?]).map(|_| ()).map_err(fault)
}

fn bodies(connection: &Connection, space: Space) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let mut select =
        connection.prepare("SELECT name, body FROM record WHERE space = ?1").map_err(fault)?;
    let rows = select.query_map([space.as_str()], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.and_then(Iterator::collect).map_err(fault)
}

/// Removes the keys that open nothing any more, and what they have sealed from SQLite's log.
fn retire(
    connection: &mut Connection,
    old: &Candidate,
    new: &Candidate,
    directory: &StateDirectory,
) -> Result<(), StoreError> {
    // The log is emptied anyway once no other process reads.
    let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    let transaction = begin(connection, Durability::Full)?;
    // Another process may have re-keyed it in the meantime, and its keys stand there now.
    if Sealer::new(&new.key).is_of(&sqlite::check(&transaction)?) {
        new.source.keep(directory, &[&new.key])?;
        for place in [&old.source, &KeySource::Generated] {
            if *place != new.source {
                place.keep(directory, &[])?;
            }
        }
    }
    transaction.commit().map_err(fault)
}
