//! The keys of a log: the device's, and the one of a file.

use std::fmt;

use hallpass_credential::{Error, ErrorKind, Result};
use hmac::Mac;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::Deserialize;

use crate::{encoding, key::hmac, log::Entry, speaker::Speaker};

/// The Ed25519 key with which a device signs its logs; in its configuration it is `eid_sign`.
///
/// Kept at enrolment, it ties a log to the device for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogKey([u8; 32]);

impl LogKey {
    /// Reads the answer to `GET /api/logger/key`, in which the device proves that it holds the key:
    /// it signs a nonce, which it has made itself.
    ///
    /// # Errors
    /// [`ErrorKind::IdentityChanged`] where the proof is wrong; [`ErrorKind::NotADevice`] and
    /// [`ErrorKind::NotUnderstood`] for what is none.
    pub fn read(body: &[u8]) -> Result<Self> {
        let said: Said = Speaker::Device.read("the proof of the log key", body)?;
        let key = Self::parse(&said.key)?;
        let proof = encoding::decode(&said.nonce).zip(encoding::decode(&said.nonce_signed));
        if proof.is_some_and(|(nonce, signature)| key.verifies(&nonce, &signature)) {
            return Ok(key);
        }
        let context = "the HEM does not prove that the log key is its own";
        Err(Error::new(ErrorKind::IdentityChanged, context))
    }

    /// Reads the base64 of 32 bytes.
    ///
    /// # Errors
    /// [`ErrorKind::NotUnderstood`] for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let bytes = encoding::decode_array(text);
        let odd = || Error::new(ErrorKind::NotUnderstood, "the log key is no Ed25519 key");
        bytes.map(Self).ok_or_else(odd)
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).is_ok()
    }
}

/// Base64 with padding, as devices write it.
impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encoding::encode(&self.0))
    }
}

/// The key of one file. It stands in the file for all to read: it shows that lines belong to it,
/// and the signature on it whose they are.
pub(super) struct LineKey([u8; 32]);

impl LineKey {
    /// The key in the first line of a file, if the device has signed it.
    pub(super) fn signed(header: &Entry, signer: &LogKey) -> Option<Self> {
        let key: [u8; 32] = encoding::decode_url(&header.source)?.try_into().ok()?;
        let signature = encoding::decode_url(&header.detail)?;
        signer.verifies(&key, &signature).then_some(Self(key))
    }

    /// Half of the HMAC is written.
    pub(super) fn has_signed(&self, line: &[u8], mac: &[u8]) -> bool {
        mac.len() == MAC_LENGTH && hmac(&self.0, line).verify_truncated_left(mac).is_ok()
    }
}

/// In bytes.
const MAC_LENGTH: usize = 16;

#[derive(Deserialize)]
struct Said {
    key: String,
    nonce: String,
    nonce_signed: String,
}
