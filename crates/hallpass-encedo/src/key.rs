//! X25519 keys, and what two of them share.

use std::fmt;

use hallpass_credential::{Error, ErrorKind, Result};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

use crate::encoding;

/// A public key: who a device, a person, a broker or a phone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Reads the base64 of 32 bytes.
    ///
    /// # Errors
    /// [`ErrorKind::NotUnderstood`] for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let bytes = encoding::decode_array(text);
        bytes.map(Self).ok_or_else(|| odd("a public key is not the base64 of 32 bytes"))
    }

    /// The bytes themselves.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Base64 with padding, as it stands in `iss` and `spk`.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encoding::encode(&self.0))
    }
}

/// A private key, such as the one that is derived from a passphrase. Wiped when dropped.
///
/// Who keeps it spares the next login the derivation, and has as good as the passphrase.
#[derive(Clone)]
pub struct PrivateKey(StaticSecret);

impl PrivateKey {
    /// The key of these bytes. X25519 clamps them itself (RFC 7748, section 5).
    pub fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> Self {
        Self(StaticSecret::from(**bytes))
    }

    /// A new key that nobody knows.
    pub fn random() -> Self {
        Self::from_bytes(&Zeroizing::new(rand::random()))
    }

    /// What others know of it.
    pub fn public(&self) -> PublicKey {
        PublicKey(x25519_dalek::PublicKey::from(&self.0).to_bytes())
    }

    /// What it shares with the owner of another key.
    ///
    /// # Errors
    /// [`ErrorKind::NotUnderstood`] for a key of low order: anybody would know what is shared with
    /// it (RFC 7748, section 6.1). No other client looks.
    pub fn shared_with(&self, other: &PublicKey) -> Result<SharedKey> {
        let shared = self.0.diffie_hellman(&x25519_dalek::PublicKey::from(other.0));
        if !shared.was_contributory() {
            return Err(odd("a public key is of low order, so nothing that it signs is proof"));
        }
        Ok(SharedKey(shared))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private key]")
    }
}

/// What two keys share; it signs with HMAC-SHA256. Wiped when dropped.
pub struct SharedKey(x25519_dalek::SharedSecret);

impl SharedKey {
    /// The code of a message under this key.
    pub fn mac(&self, message: &[u8]) -> [u8; 32] {
        self.hmac(message).finalize().into_bytes().into()
    }

    /// Whether this is the code of the message, told in constant time.
    pub fn has_signed(&self, message: &[u8], mac: &[u8]) -> bool {
        self.hmac(message).verify_slice(mac).is_ok()
    }

    fn hmac(&self, message: &[u8]) -> Hmac<Sha256> {
        hmac(self.0.as_bytes(), message)
    }
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[shared key]")
    }
}

/// HMAC-SHA256 over a message, ready to be compared or told.
pub(crate) fn hmac(key: &[u8; 32], message: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length").chain_update(message)
}

fn odd(context: &str) -> Error {
    Error::new(ErrorKind::NotUnderstood, context)
}
