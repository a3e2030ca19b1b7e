//! What a HEM asks of who wants a token.

use hallpass_credential::{Error, ErrorKind, Result};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{Answer, Drift, Eid, Nonce, PrivateKey, PublicKey, Wish, speaker::Speaker, text};

/// A challenge: the answer to `GET /api/auth/token`, good for one answer within a minute.
///
/// It says nothing about tokens: its end is that of the challenge and not of what it leads to.
/// Mixing these up costs a login a minute, as one client does.
#[derive(Debug)]
pub struct Challenge {
    session: Session,
    nonce: Nonce,
    deadline: Timestamp,
    label: String,
    eid: Eid,
    received_at: Timestamp,
}

impl Challenge {
    /// Reads a challenge that came at `received_at` by our clock.
    ///
    /// # Errors
    /// [`ErrorKind::NotADevice`] for a web page, [`ErrorKind::NotUnderstood`] for all else that is
    /// no challenge, also for one that lacks a part that must be there.
    pub fn read(body: &[u8], received_at: Timestamp) -> Result<Self> {
        let said: Said = Speaker::Device.read(WHAT, body)?;
        let eid = Eid::parse(&said.eid).map_err(|_| odd("has no eid"))?;
        Ok(Self {
            session: Session::parse(said.spk)?,
            nonce: Nonce::parse(&said.jti).ok_or_else(|| odd("has no nonce"))?,
            deadline: Timestamp::from_second(said.exp).map_err(|_| odd("ends at no time"))?,
            label: said.lbl.unwrap_or_default(),
            eid,
            received_at,
        })
    }

    /// The same, if it is of the device that was enrolled and not one that was answered before.
    /// Nothing but this leads to an answer.
    ///
    /// # Errors
    /// [`ErrorKind::IdentityChanged`] for another eid: its owner would collect what passphrases can
    /// be guessed from. [`ErrorKind::NotUnderstood`] for a challenge that was `answered`: a device
    /// refuses the second answer, and who repeats it is no device.
    pub fn admit(self, eid: &Eid, answered: Option<&Nonce>) -> Result<Admitted> {
        if self.eid != *eid {
            let context = format!("the HEM says it is {}, and it was {eid}", self.eid);
            return Err(Error::new(ErrorKind::IdentityChanged, context));
        }
        if answered == Some(&self.nonce) {
            return Err(odd("was answered before"));
        }
        Ok(Admitted(self))
    }

    /// Who the device says it is.
    pub fn eid(&self) -> &Eid {
        &self.eid
    }

    /// The name of the user, for people to see; empty where there is none. Control characters are
    /// taken out of it.
    pub fn label(&self) -> String {
        text::plain(&self.label)
    }

    /// Up to when it may be answered, by the device's clock.
    pub fn deadline(&self) -> Timestamp {
        self.deadline
    }

    /// How wrong the device's clock is: a challenge is made a minute before its deadline. This
    /// needs no login.
    pub fn drift(&self) -> Drift {
        let made_at = self.deadline.checked_sub(LIFE);
        Drift::between(made_at.unwrap_or(Timestamp::MIN), self.received_at)
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// What makes it good for one answer only.
    pub fn nonce(&self) -> &Nonce {
        &self.nonce
    }
}

/// A challenge of the device that was enrolled. Answering takes it.
#[derive(Debug)]
pub struct Admitted(Challenge);

impl Admitted {
    /// Signs the answer with the key that was derived from the passphrase.
    ///
    /// # Errors
    /// [`ErrorKind::Unreachable`] where the challenge's minute is over at `now`: a fresh one helps.
    /// [`ErrorKind::NotUnderstood`] where anybody could have signed the answer.
    pub fn answer(self, key: &PrivateKey, wish: &Wish, now: Timestamp) -> Result<Answer> {
        let Self(challenge) = self;
        if now.duration_since(challenge.received_at) > LIFE {
            return Err(Error::new(ErrorKind::Unreachable, "the challenge's minute is over"));
        }
        Answer::sign(&challenge.session, challenge.nonce, key, wish, now)
    }

    /// The challenge itself.
    pub fn challenge(&self) -> &Challenge {
        &self.0
    }
}

/// The device's key of this boot, and how it wrote it: the answer repeats that.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) key: PublicKey,
    pub(crate) text: String,
}

impl Session {
    pub(crate) fn parse(text: String) -> Result<Self> {
        let key = PublicKey::parse(&text).map_err(|_| odd("has no session key"))?;
        Ok(Self { key, text })
    }
}

/// How long a device waits for the answer (four published challenges: `exp` less the time in
/// `jti`). After exactly that long it still takes one.
const LIFE: SignedDuration = SignedDuration::from_secs(60);

const WHAT: &str = "the challenge";

fn odd(what: &str) -> Error {
    Speaker::Device.nonsense(format!("{WHAT} {what}"))
}

#[derive(Deserialize)]
struct Said {
    exp: i64,
    spk: String,
    jti: String,
    lbl: Option<String>,
    eid: String,
}
