//! The proof that opens a HEM.

use hallpass_credential::{Result, Secret};
use jiff::Timestamp;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{Nonce, PrivateKey, Wish, challenge::Session, jws};

/// The answer to a challenge, to be sent once: `POST /api/auth/token`.
///
/// It is a secret: who reads it can guess passphrases as fast as they can derive keys.
#[derive(Debug)]
pub struct Answer {
    body: Secret,
    nonce: Nonce,
}

impl Answer {
    /// Signs as the owner of `key`. A wrong key makes a signature that is right, of somebody whom
    /// the device does not know; the nonce is used up all the same.
    pub(crate) fn sign(
        session: &Session,
        nonce: Nonce,
        key: &PrivateKey,
        wish: &Wish,
        now: Timestamp,
    ) -> Result<Self> {
        let claims = Claims {
            jti: nonce.as_str(),
            aud: &session.text,
            exp: now.as_second().saturating_add_unsigned(wish.life().as_secs()),
            iat: now.as_second(),
            iss: key.public().to_string(),
            scope: wish.scope().as_str(),
            ctx: wish.remark(),
        };
        let auth = Zeroizing::new(jws::sign(&claims, &key.shared_with(&session.key)?));
        Ok(Self { body: Secret::from(jws::json(&Body { auth: &auth })), nonce })
    }

    /// The body of the request, JSON.
    pub fn body(&self) -> &Secret {
        &self.body
    }

    /// What it has used up, to be remembered: no challenge with it is answered again.
    pub fn nonce(&self) -> &Nonce {
        &self.nonce
    }
}

/// In the order of all other clients. `exp` is the end that the token shall have: firmware 1.2
/// copies it (seen for one and eight hours), and refuses one that its own clock has passed.
#[derive(Serialize)]
struct Claims<'a> {
    jti: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    iss: String,
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<&'a str>,
}

#[derive(Serialize)]
struct Body<'a> {
    auth: &'a str,
}
