//! Records made unreadable, unchangeable and unmovable for whoever lacks the key.
//!
//! A sealed body is one version byte, a random nonce of 12 bytes, the ciphertext and a tag of
//! 16 bytes. Nonces are random, so one key is good for some 2^32 seals: 130 a second for a year.

use std::cmp::Ordering;

use hallpass_credential::store::{StoreError, StoreErrorKind};
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom, SystemRandom},
};
use zeroize::Zeroizing;

use crate::key::SealingKey;

const VERSION: u8 = 1;
const HEADER_LEN: usize = 1 + NONCE_LEN;
/// Of Poly1305 (RFC 8439, 2.5).
const TAG_LEN: usize = 16;
/// The place and content of the value that tells a wrong key.
const KEY_CHECK: (&str, &str, &[u8]) = ("meta", "key", b"hallpass");

/// Seals and opens bodies with one key.
#[derive(Debug)]
pub(crate) struct Sealer {
    key: LessSafeKey,
    random: SystemRandom,
}

/// Why a sealed body does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnsealError {
    /// A newer hallpass sealed it in another form.
    Version,
    /// It is cut off, changed, of another place, or sealed with another key.
    Refused,
}

impl Sealer {
    /// How many bytes a sealed body is longer.
    pub(crate) const OVERHEAD: usize = HEADER_LEN + TAG_LEN;

    pub(crate) fn new(key: &SealingKey) -> Self {
        let key = UnboundKey::new(&CHACHA20_POLY1305, key.as_bytes())
            .expect("a sealing key is as long as the cipher's");
        Self { key: LessSafeKey::new(key), random: SystemRandom::new() }
    }

    /// A sealed constant, by which a database tells whose key is its own.
    pub(crate) fn check(&self) -> Result<Vec<u8>, StoreError> {
        let (space, name, plain) = KEY_CHECK;
        self.seal(space, name, plain)
    }

    /// Whether this key has sealed `check`.
    pub(crate) fn is_of(&self, check: &[u8]) -> bool {
        let (space, name, _) = KEY_CHECK;
        self.open(space, name, check).is_ok()
    }

    /// `plain`, sealed for the place `name` in `space`.
    pub(crate) fn seal(
        &self,
        space: &str,
        name: &str,
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| failed("the system has no random numbers"))?;
        // Room for all of it: growing would leave a copy of the plain text behind.
        let mut sealed = Vec::with_capacity(plain.len() + Self::OVERHEAD);
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, place(space, name), &mut sealed[HEADER_LEN..])
            .map_err(|_| failed("a record is too large to seal"))?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// What was sealed for the place `name` in `space`.
    pub(crate) fn open(
        &self,
        space: &str,
        name: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
        let (&version, rest) = sealed.split_first().ok_or(UnsealError::Refused)?;
        match version.cmp(&VERSION) {
            Ordering::Equal => {}
            Ordering::Greater => return Err(UnsealError::Version),
            Ordering::Less => return Err(UnsealError::Refused),
        }
        let (&nonce, body) = rest.split_first_chunk().ok_or(UnsealError::Refused)?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let mut plain = Zeroizing::new(body.to_vec());
        let opened = self.key.open_in_place(nonce, place(space, name), &mut plain);
        let length = opened.map_err(|_| UnsealError::Refused)?.len();
        plain.truncate(length);
        Ok(plain)
    }
}

/// Names may hold a NUL, names of spaces do not: no two places look alike.
fn place(space: &str, name: &str) -> Aad<Vec<u8>> {
    Aad::from([space.as_bytes(), b"\0", name.as_bytes()].concat())
}

fn failed(context: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Failed, context)
}

#[cfg(test)]
mod tests;
