//! Who a HEM is, proven before it is shown anything.

use hallpass_credential::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use crate::{Eid, PrivateKey, jws, jws::Jws, speaker::Speaker};

/// A question that only the owner of an eid can answer: `POST /api/auth/ext/request` to a phone
/// whose key is ours.
///
/// The device signs with what its permanent key shares with one that we have just made, so nobody
/// can have the answer from before. It shows no passphrase, and needs what a login needs: a clock
/// that is set, a device that is ready. Somebody in between can pass it on, so it does not replace
/// TLS (computed on a captured request of firmware 1.2.2).
#[derive(Debug)]
pub struct Probe {
    key: PrivateKey,
}

impl Probe {
    /// A question that was never asked.
    pub fn new() -> Self {
        Self::with_key(PrivateKey::random())
    }

    pub(crate) fn with_key(key: PrivateKey) -> Self {
        Self { key }
    }

    /// The body of the request, JSON. Nobody is bothered by it: it is not handed on to the broker.
    pub fn body(&self) -> String {
        jws::json(&Question { epk: self.key.public().to_string(), scope: SCOPE })
    }

    /// Whether the answer comes from the owner of `eid`.
    ///
    /// # Errors
    /// [`ErrorKind::IdentityChanged`] where it does not; [`ErrorKind::NotADevice`] and
    /// [`ErrorKind::NotUnderstood`] for what is no answer.
    pub fn require(&self, eid: &Eid, body: &[u8]) -> Result<()> {
        let said: Said = Speaker::Device.read(WHAT, body)?;
        let message = Jws::parse(Speaker::Device, WHAT, &said.authreq)?;
        let claims: Claims = message.claims(WHAT)?;
        let shared = self.key.shared_with(&eid.key()?)?;
        let is_for_us = claims.aud == self.key.public().to_string();
        if claims.iss == eid.as_str() && is_for_us && message.is_signed_with(&shared) {
            return Ok(());
        }
        let context = format!("the HEM does not prove that it is {eid}");
        Err(Error::new(ErrorKind::IdentityChanged, context))
    }
}

impl Default for Probe {
    fn default() -> Self {
        Self::new()
    }
}

const WHAT: &str = "the proof of the HEM's identity";

/// Any scope will do.
const SCOPE: &str = "system:config";

#[derive(Serialize)]
struct Question {
    epk: String,
    scope: &'static str,
}

#[derive(Deserialize)]
struct Said {
    authreq: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
}
