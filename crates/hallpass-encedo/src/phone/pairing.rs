//! A phone that shall approve from now on.

use hallpass_credential::Result;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{BrokerKey, DeviceLetter};
use crate::{
    Eid, KeyId, encoding, jws,
    jws::Jws,
    speaker::Speaker,
    text::{is_path_segment, plain},
};

/// The broker's session for a pairing: the answer to `POST notify/session`. It is tied to a device.
#[derive(Debug)]
pub struct PairingSession {
    key: BrokerKey,
    eid: Eid,
}

impl PairingSession {
    /// The body to ask the broker with.
    pub fn request(eid: &Eid) -> String {
        jws::json(&Named { eid: eid.as_str() })
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// [`ErrorKind::CloudUnreachable`](crate::ErrorKind::CloudUnreachable) for anything else.
    pub fn read(body: &[u8], eid: Eid) -> Result<Self> {
        Ok(Self { key: Speaker::Broker.read("the broker's session", body)?, eid })
    }

    /// The question to the device: `POST /api/auth/ext/init`, by the user.
    pub fn invite(&self) -> String {
        jws::json(&self.key)
    }
}

/// The device's letter to a phone that it does not know yet. It is good for a day.
#[derive(Debug)]
pub struct Invitation {
    letter: DeviceLetter<InvitationClaims>,
    session: PairingSession,
}

impl Invitation {
    /// Reads the device's answer.
    ///
    /// # Errors
    /// [`ErrorKind::IdentityChanged`](crate::ErrorKind::IdentityChanged) for the letter of another device; [`ErrorKind::NotADevice`](crate::ErrorKind::NotADevice)
    /// and [`ErrorKind::NotUnderstood`](crate::ErrorKind::NotUnderstood) for what is no letter.
    pub fn read(body: &[u8], session: PairingSession) -> Result<Self> {
        let said: InvitationSaid = Speaker::Device.read(INVITATION, body)?;
        let letter = DeviceLetter::read(INVITATION, said.request, &session.eid, &session.key)?;
        Ok(Self { letter, session })
    }

    /// The letter, to be handed on: `POST notify/register/init`.
    pub fn register(&self) -> String {
        let Self { letter, session } = self;
        let (request, epk) = (&letter.text, &session.key.epk);
        jws::json(&Register { request, eid: session.eid.as_str(), epk })
    }

    /// What the phone is shown as a QR code, so that it finds the letter and knows that it is the
    /// right one: by the hash, which nobody on the way can change.
    pub fn code(&self, registration: &Registration, contact: &Contact) -> String {
        let hash = encoding::encode(&Sha256::digest(&self.letter.text));
        let Contact { user, email, hostname } = contact;
        jws::json(&Code { link: &registration.link, hash, user, email, hostname })
    }
}

/// What the phone calls the device: from the device's configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the fields of the phone's code")]
pub struct Contact {
    /// The name of the user.
    pub user: String,
    /// Their address.
    pub email: String,
    /// The name of the device.
    pub hostname: String,
}

/// Where the broker keeps an invitation: the answer to `POST notify/register/init`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registration {
    /// Stands in the paths `notify/register/check/<id>` and `notify/register/finalise/<id>`.
    pub id: String,
    /// Where the phone finds it.
    pub link: String,
}

impl Registration {
    /// Reads the answer.
    ///
    /// # Errors
    /// [`ErrorKind::CloudUnreachable`](crate::ErrorKind::CloudUnreachable) for anything else.
    pub fn read(body: &[u8]) -> Result<Self> {
        let said: RegistrationSaid = Speaker::Broker.read("the broker's registration", body)?;
        let is_plain = said.link.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_path_segment(&said.rid) || !is_plain {
            return Err(Speaker::Broker.nonsense("the broker's registration has no place"));
        }
        Ok(Self { id: said.rid, link: said.link })
    }
}

/// The phone's letter to the device.
#[derive(Debug)]
pub struct Acceptance {
    said: AcceptanceSaid,
    label: String,
}

impl Acceptance {
    /// Reads the answer to `GET notify/register/check/<id>`; none where the phone has not answered.
    ///
    /// # Errors
    /// [`ErrorKind::CloudUnreachable`](crate::ErrorKind::CloudUnreachable) for anything else, also for an answer to another invitation.
    pub fn read(status: u16, body: &[u8], invitation: &Invitation) -> Result<Option<Self>> {
        match status {
            202 => Ok(None),
            200 => Self::read_end(body, invitation).map(Some),
            other => Err(Speaker::Broker.nonsense(format!("the broker answered {other}"))),
        }
    }

    fn read_end(body: &[u8], invitation: &Invitation) -> Result<Self> {
        let said: AcceptanceSaid = Speaker::Broker.read(ACCEPTANCE, body)?;
        let jws = Jws::parse(Speaker::Broker, ACCEPTANCE, &said.reply)?;
        let claims: AcceptanceClaims = jws.claims(ACCEPTANCE)?;
        let Invitation { letter, session } = invitation;
        let is_answer = claims.jti == letter.claims.jti
            && claims.aud == session.eid.as_str()
            && claims.epk == session.key.epk;
        if !is_answer {
            let context = format!("{ACCEPTANCE} is to another invitation");
            return Err(Speaker::Broker.nonsense(context));
        }
        Ok(Self { said, label: plain(&claims.label.unwrap_or_default()) })
    }

    /// What the phone calls itself, such as `iPhone 15 (iOS)`.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The letter, to be handed on: `POST /api/auth/ext/validate`.
    pub fn body(&self) -> String {
        jws::json(&self.said)
    }
}

/// The device knows the phone: the answer to `POST /api/auth/ext/validate`.
#[derive(Debug)]
pub struct Paired {
    key: KeyId,
    said: PairedSaid,
}

impl Paired {
    /// Reads the answer.
    ///
    /// # Errors
    /// [`ErrorKind::NotADevice`](crate::ErrorKind::NotADevice) and [`ErrorKind::NotUnderstood`](crate::ErrorKind::NotUnderstood) for anything else.
    pub fn read(body: &[u8]) -> Result<Self> {
        let what = "the end of the pairing";
        let said: PairedSaid = Speaker::Device.read(what, body)?;
        let key = KeyId::parse(&said.kid);
        let key = key.map_err(|_| Speaker::Device.nonsense(format!("{what} names no key")))?;
        Ok(Self { key, said })
    }

    /// The phone's key in the device.
    pub fn key(&self) -> KeyId {
        self.key
    }

    /// What the broker must see to believe it: `POST notify/register/finalise/<id>`.
    pub fn body(&self) -> String {
        jws::json(&self.said)
    }
}

const INVITATION: &str = "the invitation of a phone";
const ACCEPTANCE: &str = "the phone's answer";

#[derive(Serialize)]
struct Named<'a> {
    eid: &'a str,
}

#[derive(Serialize)]
struct Register<'a> {
    request: &'a str,
    eid: &'a str,
    epk: &'a str,
}

#[derive(Serialize)]
struct Code<'a> {
    link: &'a str,
    hash: String,
    user: &'a str,
    email: &'a str,
    hostname: &'a str,
}

#[derive(Deserialize)]
struct InvitationSaid {
    request: String,
}

#[derive(Debug, Deserialize)]
struct InvitationClaims {
    jti: String,
}

#[derive(Deserialize)]
struct RegistrationSaid {
    rid: String,
    link: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct AcceptanceSaid {
    pid: String,
    reply: String,
}

#[derive(Deserialize)]
struct AcceptanceClaims {
    jti: String,
    aud: String,
    epk: String,
    label: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct PairedSaid {
    kid: String,
    code: String,
}
