//! A new passphrase for the user of a HEM.

use hallpass_credential::Result;
use serde::{Deserialize, Serialize};

use crate::{Eid, PrivateKey, PublicKey, encoding, jws, speaker::Speaker};

/// A device that is ready to take another key for its user: parts of `GET /api/system/config`.
///
/// The device never sees a passphrase: it takes the public key, with proof that somebody has the
/// private one. The old one is good no longer from then on.
#[derive(Debug)]
pub struct NewKey {
    session: PublicKey,
    nonce: String,
    raw_nonce: Vec<u8>,
    eid: Eid,
}

impl NewKey {
    /// Reads the configuration.
    ///
    /// # Errors
    /// [`ErrorKind::NotADevice`](crate::ErrorKind::NotADevice) for a web page,
    /// [`ErrorKind::NotUnderstood`](crate::ErrorKind::NotUnderstood) for all else that is none.
    pub fn read(body: &[u8]) -> Result<Self> {
        let said: Said = Speaker::Device.read(WHAT, body)?;
        let odd = |what: &str| Speaker::Device.nonsense(format!("{WHAT} has no {what}"));
        Ok(Self {
            session: PublicKey::parse(&said.spk)?,
            raw_nonce: encoding::decode(&said.nonce).ok_or_else(|| odd("nonce"))?,
            nonce: said.nonce,
            eid: Eid::parse(&said.eid).map_err(|_| odd("eid"))?,
        })
    }

    /// The salt of the new passphrase. It must be the one that the device was enrolled with.
    pub fn eid(&self) -> &Eid {
        &self.eid
    }

    /// The body of `POST /api/system/config` (the vendor's Manager).
    ///
    /// # Errors
    /// [`ErrorKind::NotUnderstood`](crate::ErrorKind::NotUnderstood) where anybody could have made
    /// the proof.
    pub fn body(&self, user: &PrivateKey) -> Result<String> {
        let proof = user.shared_with(&self.session)?.mac(&self.raw_nonce);
        Ok(jws::json(&Body {
            userkey: user.public().to_string(),
            userkey_nonce: &self.nonce,
            userkey_hmac: encoding::encode(&proof),
        }))
    }
}

const WHAT: &str = "the HEM's configuration";

#[derive(Deserialize)]
struct Said {
    spk: String,
    nonce: String,
    eid: String,
}

#[derive(Serialize)]
struct Body<'a> {
    userkey: String,
    userkey_nonce: &'a str,
    userkey_hmac: String,
}
