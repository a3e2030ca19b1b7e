//! Signed messages: compact JWS with HMAC-SHA256 (RFC 7515), as devices, brokers and phones write it.

use hallpass_credential::Result;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{encoding, key::SharedKey, speaker::Speaker};

/// A message taken apart. Reading it says nothing about who wrote it; [`is_signed_with`] does.
///
/// [`is_signed_with`]: Self::is_signed_with
pub(crate) struct Jws<'a> {
    from: Speaker,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Takes a message apart that `from` has handed to us; `what` is told in errors.
    ///
    /// # Errors
    /// Those of [`Speaker::read`], also for every algorithm but HS256: the sender does not choose.
    pub(crate) fn parse(from: Speaker, what: &str, text: &'a str) -> Result<Self> {
        let nonsense = || from.nonsense(format!("{what} is no signed message"));
        let (signed, signature) = text.rsplit_once('.').ok_or_else(nonsense)?;
        let (header, payload) = signed.split_once('.').ok_or_else(nonsense)?;
        let decode = |part| encoding::decode_url(part).ok_or_else(nonsense);
        let header: Header = from.read(what, &decode(header)?)?;
        if header.alg != "HS256" {
            return Err(from.nonsense(format!("{what} is not signed with HS256")));
        }
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        Ok(Self { from, signed, payload, signature })
    }

    /// What it claims, as `T`.
    ///
    /// # Errors
    /// Those of [`Speaker::read`].
    pub(crate) fn claims<T: DeserializeOwned>(&self, what: &str) -> Result<T> {
        self.from.read(what, &self.payload)
    }

    /// Whether an owner of `key` has signed it.
    pub(crate) fn is_signed_with(&self, key: &SharedKey) -> bool {
        key.has_signed(self.signed.as_bytes(), &self.signature)
    }
}

/// Writes and signs a message.
pub(crate) fn sign(claims: &impl Serialize, key: &SharedKey) -> String {
    let claims = encoding::encode_url(json(claims).as_bytes());
    let header = encoding::encode_url(HEADER.as_bytes());
    let signed = format!("{header}.{claims}");
    let signature = encoding::encode_url(&key.mac(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// Compact JSON of one of our own messages.
pub(crate) fn json(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("our messages have text keys and no parts that fail")
}

/// The order of the JavaScript, C and Python clients. The device wants both `alg` and `ecdh`:
/// without `alg` it answers 401 (seen on 1.2.2-DIAG).
const HEADER: &str = r#"{"ecdh":"x25519","alg":"HS256","typ":"JWT"}"#;

#[derive(Deserialize)]
struct Header {
    alg: String,
}
