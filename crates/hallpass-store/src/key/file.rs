//! Keys in files: that of the state directory, and those that a person chose.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use hallpass_credential::store::{StoreError, StoreErrorKind};
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use super::sealing_key::{SealingKey, TEXT_LEN};
use crate::{Warning, sqlite::DATABASE, state_directory::StateDirectory};

/// The file in the state directory.
pub(crate) const FILE_NAME: &str = "key";

/// The keys of the state directory. A missing one is made unless the database is there already:
/// another key could not open it.
pub(super) fn generated(directory: &mut StateDirectory) -> Result<Vec<SealingKey>, StoreError> {
    if directory.existing(FILE_NAME)?.is_none() {
        match directory.existing(DATABASE)? {
            None => make(directory)?,
            // The key is made before its database, so a second look tells a lost key from two
            // files that another process made just now.
            Some(database) if directory.existing(FILE_NAME)?.is_none() => {
                let context = format!("the key file of {} is missing", database.display());
                return Err(StoreError::new(StoreErrorKind::NoKey, context));
            }
            Some(_) => {}
        }
    }
    // Read back, since another process may have made it first.
    let path = directory.path().join(FILE_NAME);
    let (text, _) = read(&path)?;
    SealingKey::parse_all(&text).ok_or_else(|| holds_no_key(&path))
}

fn make(directory: &StateDirectory) -> Result<(), StoreError> {
    let file = written(directory, &[&SealingKey::generate()?])?;
    directory.publish(file, FILE_NAME)
}

/// Writes these keys in place of those of the state directory, on the disk too.
pub(super) fn replace(directory: &StateDirectory, keys: &[&SealingKey]) -> Result<(), StoreError> {
    let path = directory.path().join(FILE_NAME);
    let file = written(directory, keys)?;
    let replaced = || {
        file.as_file().sync_all()?;
        file.persist(&path)?;
        sync(directory.path())
    };
    replaced().map_err(|source| not_writable(&path, source))
}

/// Removes the keys of the state directory.
pub(super) fn remove(directory: &StateDirectory) -> Result<(), StoreError> {
    let path = directory.path().join(FILE_NAME);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(not_writable(&path, error)),
        _ => sync(directory.path()).map_err(|source| not_writable(&path, source)),
    }
}

fn written(directory: &StateDirectory, keys: &[&SealingKey]) -> Result<NamedTempFile, StoreError> {
    let mut file = directory.begin_file()?;
    let text = SealingKey::to_text(keys);
    file.write_all(text.as_bytes()).map_err(|source| not_writable(file.path(), source))?;
    Ok(file)
}

/// The key in a file that the person chose.
pub(super) fn chosen(path: &Path) -> Result<(SealingKey, Option<Warning>), StoreError> {
    let (text, mode) = read(path)?;
    let key = SealingKey::parse(&text).ok_or_else(|| holds_no_key(path))?;
    let readable = mode & 0o044 != 0;
    Ok((key, readable.then(|| Warning::ReadableByOthers { path: path.to_owned(), mode })))
}

/// The same; a file that is not there is made, with a new key and for this user alone.
pub(super) fn chosen_or_new(path: &Path) -> Result<SealingKey, StoreError> {
    if !path.exists() {
        make_chosen(path).map_err(|source| not_writable(path, source))?;
    }
    chosen(path).map(|(key, _)| key)
}

fn make_chosen(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or_else(|| Path::new("."));
    let mut file = NamedTempFile::new_in(parent)?;
    let key = SealingKey::generate().map_err(io::Error::other)?;
    file.write_all(SealingKey::to_text(&[&key]).as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    sync(parent)
}

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// The text of the file at `path`, and its permission bits.
fn read(path: &Path) -> Result<(Zeroizing<Vec<u8>>, u32), StoreError> {
    read_text(path).map_err(|source| {
        let context = format!("the key file {} cannot be read", path.display());
        StoreError::new(StoreErrorKind::NoKey, context).with_source(source)
    })
}

fn read_text(path: &Path) -> io::Result<(Zeroizing<Vec<u8>>, u32)> {
    let file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    // One byte more than two keys may have, so that a longer file does not pass for one.
    let most = 2 * TEXT_LEN + 1;
    let mut text = Zeroizing::new(Vec::with_capacity(most));
    file.take(most as u64).read_to_end(&mut text)?;
    Ok((text, mode))
}

fn holds_no_key(path: &Path) -> StoreError {
    let form = "32 bytes as base64 or hexadecimal text";
    let context = format!("the key file {} does not hold {form}", path.display());
    StoreError::new(StoreErrorKind::NoKey, context)
}

fn not_writable(path: &Path, source: io::Error) -> StoreError {
    let context = format!("the key file {} cannot be written", path.display());
    StoreError::new(StoreErrorKind::NotWritable, context).with_source(source)
}
