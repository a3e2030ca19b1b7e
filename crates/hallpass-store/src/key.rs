//! The key that seals the records, and where it comes from.

use std::{
    fmt,
    fs::File,
    io::{self, Read, Write},
    num::NonZeroU32,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hallpass_credential::store::{StoreError, StoreErrorKind};
use ring::{
    pbkdf2::{self, PBKDF2_HMAC_SHA256},
    rand::{SecureRandom, SystemRandom},
};
use zeroize::Zeroizing;

use crate::{Warning, sqlite::DATABASE, state_directory::StateDirectory};

const KEY_LEN: usize = 32;
/// What OWASP asks for (Password Storage Cheat Sheet, 2023).
const ROUNDS: NonZeroU32 = NonZeroU32::new(600_000).unwrap();
/// 64 hexadecimal digits and a line end are the longest text of a key.
const TEXT_LEN: usize = 66;

/// Where the sealing key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySource {
    /// The file `key` in the state directory, made at random with the database.
    Generated,
    /// A file that the person chose: 32 bytes as base64 or hexadecimal text, and one line end.
    File(PathBuf),
}

impl KeySource {
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
        }
    }

    /// The key, and a warning about its file.
    ///
    /// With [`KeySource::Generated`], a missing key is made unless the database is there already:
    /// another key could not open it.
    pub(crate) fn load(
        &self,
        directory: &mut StateDirectory,
    ) -> Result<(SealingKey, Option<Warning>), StoreError> {
        match self {
            Self::Generated => Ok((generated(directory)?, None)),
            Self::File(path) => chosen(path),
        }
    }
}

/// 32 secret bytes.
pub(crate) struct SealingKey(Zeroizing<[u8; KEY_LEN]>);

impl SealingKey {
    pub(crate) fn generate() -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        SystemRandom::new().fill(&mut *bytes).map_err(|_| {
            StoreError::new(StoreErrorKind::Failed, "the system has no random numbers")
        })?;
        Ok(Self(bytes))
    }

    /// The key that a passphrase and a random salt make.
    pub(crate) fn derive(passphrase: &str, salt: &[u8]) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        pbkdf2::derive(PBKDF2_HMAC_SHA256, ROUNDS, salt, passphrase.as_bytes(), &mut *bytes);
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &*self.0
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let line = text.strip_suffix(b"\n").unwrap_or(text);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let bytes = if line.len() == 2 * KEY_LEN { from_hex(line) } else { from_base64(line) };
        bytes.map(Self)
    }

    fn to_line(&self) -> Zeroizing<String> {
        let mut line = Zeroizing::new(String::with_capacity(TEXT_LEN));
        BASE64_STANDARD.encode_string(self.as_bytes(), &mut line);
        line.push('\n');
        line
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

pub(crate) const FILE_NAME: &str = "key";

fn generated(directory: &mut StateDirectory) -> Result<SealingKey, StoreError> {
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
    read(&directory.path().join(FILE_NAME)).map(|(key, _)| key)
}

fn make(directory: &StateDirectory) -> Result<(), StoreError> {
    let key = SealingKey::generate()?;
    let mut file = directory.begin_file()?;
    file.write_all(key.to_line().as_bytes()).map_err(|source| {
        let context = format!("no key can be written in {}", directory.path().display());
        StoreError::new(StoreErrorKind::NotWritable, context).with_source(source)
    })?;
    directory.publish(file, FILE_NAME)
}

fn chosen(path: &Path) -> Result<(SealingKey, Option<Warning>), StoreError> {
    let (key, mode) = read(path)?;
    let readable = mode & 0o044 != 0;
    Ok((key, readable.then(|| Warning::ReadableByOthers { path: path.to_owned(), mode })))
}

/// The key in the file at `path`, and the file's permission bits.
fn read(path: &Path) -> Result<(SealingKey, u32), StoreError> {
    let (text, mode) = read_text(path).map_err(|source| {
        let context = format!("the key file {} cannot be read", path.display());
        StoreError::new(StoreErrorKind::NoKey, context).with_source(source)
    })?;
    let key = SealingKey::parse(&text).ok_or_else(|| {
        let form = "32 bytes as base64 or hexadecimal text";
        let context = format!("the key file {} does not hold {form}", path.display());
        StoreError::new(StoreErrorKind::NoKey, context)
    })?;
    Ok((key, mode))
}

fn read_text(path: &Path) -> io::Result<(Zeroizing<Vec<u8>>, u32)> {
    let file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    // One byte more than a key may have, so that a longer file does not pass for one.
    let mut text = Zeroizing::new(Vec::with_capacity(TEXT_LEN + 1));
    file.take(TEXT_LEN as u64 + 1).read_to_end(&mut text)?;
    Ok((text, mode))
}

fn from_hex(digits: &[u8]) -> Option<Zeroizing<[u8; KEY_LEN]>> {
    let mut bytes = Zeroizing::new([0; KEY_LEN]);
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = (digit(0)? << 4 | digit(1)?) as u8;
    }
    Some(bytes)
}

fn from_base64(text: &[u8]) -> Option<Zeroizing<[u8; KEY_LEN]>> {
    // The decoder counts in groups of three bytes.
    let mut decoded = Zeroizing::new([0; KEY_LEN + 1]);
    let length = BASE64_STANDARD.decode_slice(text, &mut *decoded).ok()?;
    let bytes = decoded.first_chunk().filter(|_| length == KEY_LEN)?;
    Some(Zeroizing::new(*bytes))
}

#[cfg(test)]
mod tests;
