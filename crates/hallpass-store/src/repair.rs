//! A database that is damaged: found out, and moved out of the way.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use hallpass_credential::store::{Key, Space, Store, StoreError, StoreErrorKind};
use jiff::Timestamp;

use crate::{
    KeySource,
    sqlite::{self, DATABASE, SIDE_FILES, SqliteStore, fault},
    state_directory::StateDirectory,
};

impl SqliteStore {
    /// Looks through all of the database: whether it is whole, and every record can be read.
    ///
    /// # Errors
    /// [`StoreErrorKind::Corrupt`] for what is damaged, [`StoreErrorKind::Newer`], and those of
    /// [`Store::load`].
    pub fn verify(&self) -> Result<(), StoreError> {
        let found: String = self
            .connection()
            .pragma_query_value(None, "integrity_check", |row| row.get(0))
            .map_err(fault)?;
        if found != "ok" {
            return Err(corrupt("the state database is damaged".to_owned()));
        }
        for space in Space::ALL {
            for name in self.names(space)? {
                self.load(&Key::new(space, name))?;
            }
        }
        Ok(())
    }
}

/// Moves a damaged database aside, to a name beside it with the time `at` in it, so that the next
/// [`SqliteStore::open`] makes an empty one. Returns the new name; none where nothing is damaged,
/// and nothing is changed then.
///
/// No other process may have it open: that one would go on with the damaged database.
///
/// # Errors
/// [`StoreErrorKind::Corrupt`] for a database of another program, [`StoreErrorKind::Newer`],
/// [`StoreErrorKind::Sealed`] and all others but damage: it is left as it is.
pub fn set_damaged_aside(
    state_directory: &Path,
    key: &KeySource,
    at: Timestamp,
) -> Result<Option<PathBuf>, StoreError> {
    let opened = SqliteStore::open(state_directory, key);
    match opened.and_then(|store| store.verify()) {
        Ok(()) => return Ok(None),
        Err(error) if error.kind() == StoreErrorKind::Corrupt => {}
        Err(error) => return Err(error),
    }
    let mut directory = StateDirectory::open(state_directory)?;
    if let Some(database) = directory.existing(DATABASE)? {
        require_ours(&database)?;
    }
    let aside = format!("{DATABASE}.damaged-{}", at.strftime("%Y%m%dT%H%M%SZ"));
    // The database first: without its log, an older state of it might open and be taken for whole.
    for name in [DATABASE].into_iter().chain(SIDE_FILES) {
        if let Some(path) = directory.existing(name)? {
            let side = name.strip_prefix(DATABASE).unwrap_or_default();
            rename(&path, &directory.path().join(format!("{aside}{side}")))?;
        }
    }
    Ok(Some(directory.path().join(aside)))
}

/// Refuses what is whole enough to say that another program, or a newer hallpass, has written it.
/// SQLite's file header tells (sqlite.org/fileformat.html, 1.3).
fn require_ours(database: &Path) -> Result<(), StoreError> {
    let mut header = Vec::new();
    let read = File::open(database).and_then(|file| file.take(100).read_to_end(&mut header));
    read.map_err(|source| not_movable(database, source))?;
    let number = |at: usize| Some(u32::from_be_bytes(*header.get(at..)?.first_chunk()?));
    let (Some(version), Some(application)) = (number(60), number(68)) else { return Ok(()) };
    if !header.starts_with(b"SQLite format 3\0") {
        return Ok(());
    }
    if application != sqlite::APPLICATION_ID {
        let context = format!("{} is a database of another program", database.display());
        return Err(corrupt(context));
    }
    if version > sqlite::newest_version() {
        let context = "a newer hallpass wrote the state database";
        return Err(StoreError::new(StoreErrorKind::Newer, context));
    }
    Ok(())
}

/// Nothing that has the new name already is lost.
fn rename(path: &Path, aside: &Path) -> Result<(), StoreError> {
    if aside.symlink_metadata().is_ok() {
        return Err(not_movable(path, io::ErrorKind::AlreadyExists.into()));
    }
    fs::rename(path, aside).map_err(|source| not_movable(path, source))
}

fn corrupt(context: String) -> StoreError {
    StoreError::new(StoreErrorKind::Corrupt, context)
}

fn not_movable(path: &Path, source: io::Error) -> StoreError {
    let context = format!("{} cannot be moved aside", path.display());
    StoreError::new(StoreErrorKind::NotWritable, context).with_source(source)
}
