//! 32 secret bytes, and their text.

use std::{fmt, num::NonZeroU32};

use base64::{Engine, prelude::BASE64_STANDARD};
use hallpass_credential::store::{StoreError, StoreErrorKind};
use ring::{
    pbkdf2::{self, PBKDF2_HMAC_SHA256},
    rand::{SecureRandom, SystemRandom},
};
use zeroize::Zeroizing;

const KEY_LEN: usize = 32;
/// What OWASP asks for (Password Storage Cheat Sheet, 2023).
const ROUNDS: NonZeroU32 = NonZeroU32::new(600_000).unwrap();
/// 64 hexadecimal digits and a line end are the longest text of a key.
pub(super) const TEXT_LEN: usize = 66;

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

    /// The key that is a text of one line.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let line = text.strip_suffix(b"\n").unwrap_or(text);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let bytes = if line.len() == 2 * KEY_LEN { from_hex(line) } else { from_base64(line) };
        bytes.map(Self)
    }

    /// The keys of a text that hallpass has written: one a line.
    pub(super) fn parse_all(text: &[u8]) -> Option<Vec<Self>> {
        let keys: Option<Vec<_>> =
            text.split_inclusive(|byte| *byte == b'\n').map(Self::parse).collect();
        keys.filter(|keys| !keys.is_empty())
    }

    /// The text of `keys`, one a line.
    pub(super) fn to_text(keys: &[&Self]) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(TEXT_LEN * keys.len()));
        for key in keys {
            BASE64_STANDARD.encode_string(key.as_bytes(), &mut text);
            text.push('\n');
        }
        text
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
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
