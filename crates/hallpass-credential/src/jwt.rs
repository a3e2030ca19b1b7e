//! JSON Web Tokens signed with ES256: taken apart, read, verified offline (RFC 7515, 7518, 7519).
//!
//! Reading a token's claims is for knowing when to renew it and whose it is; what a token is worth
//! only the device decides that it is shown to. The algorithm is fixed by this module, never by
//! the token: `none` and every other name is refused (RFC 8725).

use std::fmt;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{Error, ErrorKind, Result, Secret};

/// A token as it was given out, with its parts at hand.
#[derive(Clone)]
pub struct Jwt {
    text: Secret,
    key_id: Option<String>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl Jwt {
    /// Takes a token apart. White space anywhere in it is dropped: people paste tokens that a
    /// terminal or a mail has wrapped.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for what is no ES256 token of at most [`MAX_LENGTH`] characters.
    pub fn parse(text: &str) -> Result<Self> {
        let text: String = text.split_whitespace().collect();
        let text = Secret::from(text);
        if text.is_empty() {
            return Err(invalid("there is no token, only white space"));
        }
        if text.expose().len() > MAX_LENGTH {
            return Err(invalid("the token is longer than any token is"));
        }
        let [header, payload, signature] = segments(text.expose())?;
        let header: Header = serde_json::from_slice(&header)
            .map_err(|_| invalid("the token's header is not the JSON it should be"))?;
        if header.alg != "ES256" {
            return Err(invalid("the token is not signed with ES256"));
        }
        Ok(Self { key_id: header.kid, payload, signature, text })
    }

    /// What the token claims, as `T`.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] where the claims are not of that form.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.payload)
            .map_err(|_| invalid("the token's claims are not of the form they should be"))
    }

    /// Whether one of `keys` signed the token.
    pub fn is_signed_by(&self, keys: &[PublicKey]) -> bool {
        let Some((signed, _)) = self.text.expose().rsplit_once('.') else { return false };
        keys.iter().any(|key| key.verify(signed.as_bytes(), &self.signature))
    }

    /// The name its header gives to the key. A hint, nothing more: the sender wrote it.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The token itself, for the line that writes the request.
    pub fn text(&self) -> &Secret {
        &self.text
    }
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// A P-256 key that signs tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    point: [u8; POINT_LENGTH],
}

impl PublicKey {
    /// Reads a key from the text of its SubjectPublicKeyInfo: base64, with or without PEM lines.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for what is no P-256 key.
    pub fn from_pem(text: &str) -> Result<Self> {
        let body: String =
            text.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
        let spki = STANDARD.decode(body).map_err(|_| invalid("the key is not base64"))?;
        let point = spki.strip_prefix(&SPKI_PREFIX[..]);
        let point = point.ok_or_else(|| invalid("the key is not a P-256 public key"))?;
        let point = point.try_into().map_err(|_| invalid("the key has the wrong length"))?;
        Ok(Self { point })
    }

    fn verify(&self, signed: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.point);
        key.verify(signed, signature).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").finish_non_exhaustive()
    }
}

/// A token of a real cloud has about 500 characters; nothing near this length is one.
pub const MAX_LENGTH: usize = 16 * 1024;

/// An uncompressed point: one byte of form, two coordinates of 32 bytes.
const POINT_LENGTH: usize = 65;

/// SubjectPublicKeyInfo of an uncompressed P-256 key, up to the point (RFC 5480).
const SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

fn segments(text: &str) -> Result<[Vec<u8>; 3]> {
    let parts: Vec<_> = text.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        return Err(invalid("a token has three parts with dots between them; this has not"));
    };
    let decode = |part: &str| {
        let part = URL_SAFE_NO_PAD.decode(part.trim_end_matches('='));
        part.map_err(|_| invalid("a part of the token is not base64url"))
    };
    Ok([decode(header)?, decode(payload)?, decode(signature)?])
}

fn invalid(context: &str) -> Error {
    Error::new(ErrorKind::Invalid, context)
}

#[cfg(test)]
mod tests;
