//! The state directory: nobody but its owner reads or plants anything in it.
//!
//! Files are looked at by name and never opened here: closing any handle of a database file would
//! release the locks that SQLite holds on it for this process.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, Metadata, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use hallpass_credential::store::{StoreError, StoreErrorKind};
use tempfile::NamedTempFile;

use crate::{Warning, key, sqlite};

const IN_THE_MAKING: &str = ".new-";

/// A directory that belongs to this user and is closed to all others.
#[derive(Debug)]
pub(crate) struct StateDirectory {
    path: PathBuf,
    user: u32,
    warnings: Vec<Warning>,
}

impl StateDirectory {
    /// The directory at `path`, made if it is not there, closed if it was open; but one that is
    /// open and serves others too is refused.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let unusable = |source| {
            not_writable(path, "cannot be used as the state directory").with_source(source)
        };
        make(path).map_err(unusable)?;
        let user = own_user(path).map_err(unusable)?;
        let mut directory = Self { path: path.to_owned(), user, warnings: Vec::new() };
        let metadata = fs::metadata(path).map_err(unusable)?;
        if is_open(&metadata, 0o700) && !is_for_state(path).map_err(unusable)? {
            return Err(not_writable(path, "holds other things and is open to other users"));
        }
        directory.claim(path, &metadata, 0o700)?;
        Ok(directory)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn into_warnings(self) -> Vec<Warning> {
        self.warnings
    }

    /// Where `name` is, if it is there: a plain file of this user, closed to others.
    pub(crate) fn existing(&mut self, name: &str) -> Result<Option<PathBuf>, StoreError> {
        let path = self.path.join(name);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => self.claim(&path, &metadata, 0o600)?,
            Ok(_) => return Err(not_writable(&path, "is not a plain file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(not_writable(&path, "cannot be used").with_source(error)),
        }
        Ok(Some(path))
    }

    /// A file in the making, that no other process knows of.
    pub(crate) fn begin_file(&self) -> Result<NamedTempFile, StoreError> {
        let file = tempfile::Builder::new().prefix(IN_THE_MAKING).tempfile_in(&self.path);
        file.map_err(|source| not_writable(&self.path, "takes no new file").with_source(source))
    }

    /// Gives a finished file its name, on the disk too. A file that has the name already keeps it.
    pub(crate) fn publish(&self, file: NamedTempFile, name: &str) -> Result<(), StoreError> {
        let path = self.path.join(name);
        let published = || {
            file.as_file().sync_all()?;
            // Closed before any thread of this process can open it by its name, see above.
            match file.into_temp_path().persist_noclobber(&path) {
                Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => {
                    Err(error.error)
                }
                _ => File::open(&self.path)?.sync_all(),
            }
        };
        published().map_err(|source| not_writable(&path, "cannot be made").with_source(source))
    }

    /// Makes sure that `path` is this user's and has no permissions beyond `mode`.
    fn claim(&mut self, path: &Path, metadata: &Metadata, mode: u32) -> Result<(), StoreError> {
        let (owner, user) = (metadata.uid(), self.user);
        if owner != user {
            let problem = format!("belongs to user {owner}, not to this user ({user})");
            return Err(not_writable(path, &problem));
        }
        if !is_open(metadata, mode) {
            return Ok(());
        }
        let found = metadata.mode() & 0o777;
        match fs::set_permissions(path, Permissions::from_mode(found & mode)) {
            Ok(()) => self.warnings.push(Warning::WasOpen { path: path.to_owned(), mode: found }),
            // SQLite removes its log whenever the last process closes the database.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(not_writable(path, "cannot be closed").with_source(error)),
        }
        Ok(())
    }
}

/// Makes a directory that is not there, on the disk too: with its name all would be lost that is
/// kept in it.
fn make(path: &Path) -> io::Result<()> {
    let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let missing = path.ancestors().take_while(is_missing).count();
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    if missing > 0 {
        for parent in fs::canonicalize(path)?.ancestors().skip(1).take(missing) {
            File::open(parent)?.sync_all()?;
        }
    }
    Ok(())
}

/// The user that this process acts as. The standard library does not tell; a new file does.
fn own_user(directory: &Path) -> io::Result<u32> {
    Ok(tempfile::tempfile_in(directory)?.metadata()?.uid())
}

/// Whether there are permissions beyond `mode`.
fn is_open(metadata: &Metadata, mode: u32) -> bool {
    metadata.mode() & 0o777 & !mode != 0
}

/// Whether a directory has nothing in it, or our files: to close a home directory, or `/tmp`,
/// would lock others out.
fn is_for_state(path: &Path) -> io::Result<bool> {
    let names = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name()));
    let names = names.collect::<io::Result<Vec<_>>>()?;
    let is_ours = |name: &OsString| {
        name == key::FILE_NAME || name.as_encoded_bytes().starts_with(IN_THE_MAKING.as_bytes())
    };
    Ok(names.iter().any(|name| name == sqlite::DATABASE) || names.iter().all(is_ours))
}

fn not_writable(path: &Path, problem: &str) -> StoreError {
    let context = format!("{} {problem}", path.display());
    StoreError::new(StoreErrorKind::NotWritable, context)
}
