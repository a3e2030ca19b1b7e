//! A login that a phone approves. No secret of ours is in it until it is done.

use std::time::Duration;

use hallpass_credential::{Error, ErrorKind, Result, Secret};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{BrokerKey, DeviceLetter};
use crate::{Drift, Eid, Scope, jws, jws::Jws, speaker::Speaker, text::is_path_segment};

/// The broker's session for an approval: the answer to `GET notify/session`. Nobody is named in it.
#[derive(Debug)]
pub struct ApprovalSession(BrokerKey);

impl ApprovalSession {
    /// Reads the answer.
    ///
    /// # Errors
    /// [`ErrorKind::CloudUnreachable`] for anything else.
    pub fn read(body: &[u8]) -> Result<Self> {
        Speaker::Broker.read("the broker's session", body).map(Self)
    }

    /// The question to the device: `POST /api/auth/ext/request`. It is open to everybody.
    pub fn request(&self, scope: &Scope, note: &Note) -> String {
        let note = note.0.as_deref();
        jws::json(&Question { epk: &self.0.epk, scope: scope.as_str(), note })
    }
}

/// What the person sees on the phone beside the scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Note(Option<String>);

impl Note {
    /// Reads a note; an empty one is none.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for more than 128 characters or control characters.
    pub fn parse(text: &str) -> Result<Self> {
        if text.chars().count() > LONGEST_NOTE || text.contains(char::is_control) {
            let context = format!("a note has at most {LONGEST_NOTE} characters");
            return Err(Error::new(ErrorKind::Invalid, context));
        }
        Ok(Self((!text.is_empty()).then(|| text.to_owned())))
    }
}

/// The device's letter to its phones.
#[derive(Debug)]
pub struct ApprovalRequest {
    letter: DeviceLetter<RequestClaims>,
    session: BrokerKey,
    eid: Eid,
    made_at: Timestamp,
    expires_at: Timestamp,
}

impl ApprovalRequest {
    /// Reads the device's answer to the question.
    ///
    /// # Errors
    /// [`ErrorKind::IdentityChanged`] for the letter of another device, [`ErrorKind::NeedsLogin`]
    /// where no phone is paired; [`ErrorKind::NotADevice`] and [`ErrorKind::NotUnderstood`] for
    /// what is no letter.
    pub fn read(body: &[u8], session: ApprovalSession, eid: &Eid) -> Result<Self> {
        let said: RequestSaid = Speaker::Device.read(REQUEST, body)?;
        let letter: DeviceLetter<RequestClaims> =
            DeviceLetter::read(REQUEST, said.authreq, eid, &session.0)?;
        if letter.claims.scope.is_empty() {
            let context = "no phone is paired with the HEM, so none can approve";
            return Err(Error::new(ErrorKind::NeedsLogin, context));
        }
        let (made_at, expires_at) = (time(letter.claims.iat)?, time(letter.claims.exp)?);
        Ok(Self { letter, session: session.0, eid: eid.clone(), made_at, expires_at })
    }

    /// How many phones are asked.
    pub fn phones(&self) -> usize {
        self.letter.claims.scope.len()
    }

    /// Until when it can be approved, by the device's clock: an hour, a quarter for using a key.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// How wrong the device's clock is, if the letter came at `received_at`. Where that explains a
    /// refusal of the broker, checking in and asking anew is worth it, once.
    pub fn drift(&self, received_at: Timestamp) -> Drift {
        Drift::between(self.made_at, received_at)
    }

    /// The letter, to be handed on: `POST notify/event/new`. The broker guesses from our address
    /// where we are, and shows it on the phone.
    pub fn event(&self) -> String {
        jws::json(&NewEvent { authreq: &self.letter.text, epk: &self.session.epk })
    }
}

/// What the broker calls a request: the answer to `POST notify/event/new`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Stands in the path to ask for, `notify/event/check/<id>`, and to give up,
    /// `DELETE notify/event/<id>`.
    pub id: String,
    /// How many phones were told.
    pub sent: u64,
}

impl Event {
    /// Reads the answer.
    ///
    /// # Errors
    /// [`ErrorKind::CloudUnreachable`] for anything else.
    pub fn read(body: &[u8]) -> Result<Self> {
        let said: EventSaid = Speaker::Broker.read("the broker's event", body)?;
        if !is_path_segment(&said.eventid) {
            return Err(Speaker::Broker.nonsense("the broker's event has no id"));
        }
        Ok(Self { id: said.eventid, sent: said.sentcnt.unwrap_or_default() })
    }
}

/// What has become of a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Decision {
    /// The person has approved.
    Approved(Approval),
    /// The person has declined.
    Denied,
    /// Nobody has approved in time.
    Expired,
    /// The phone was not answered yet; ask again after [`EVERY`](Self::EVERY).
    Pending,
}

impl Decision {
    /// How often the broker is asked (vendor: 0.9 s in the Manager, 2 to 5 s in the SDKs).
    pub const EVERY: Duration = Duration::from_secs(2);

    /// For how long a person is waited for (vendor's Manager).
    pub const PATIENCE: Duration = Duration::from_secs(60);

    /// Reads the answer to `GET notify/event/check/<id>`.
    ///
    /// # Errors
    /// [`ErrorKind::CloudUnreachable`] for anything else, also for an approval of another request.
    pub fn read(status: u16, body: &[u8], request: &ApprovalRequest) -> Result<Self> {
        match status {
            202 => Ok(Self::Pending),
            404 => Ok(Self::Expired),
            200 => Self::read_end(body, request),
            other => Err(Speaker::Broker.nonsense(format!("the broker answered {other}"))),
        }
    }

    fn read_end(body: &[u8], request: &ApprovalRequest) -> Result<Self> {
        let said: DecisionSaid = Speaker::Broker.read("the phone's decision", body)?;
        match said {
            DecisionSaid { deny: Some(true), .. } => Ok(Self::Denied),
            DecisionSaid { authreply: Some(text), .. } => {
                Approval::parse(text, request).map(Self::Approved)
            }
            _ => Err(Speaker::Broker.nonsense("the phone has neither approved nor declined")),
        }
    }
}

/// The phone's letter to the device, to be handed on: `POST /api/auth/ext/token`. Whoever hands it
/// on first gets the token.
#[derive(Debug)]
pub struct Approval {
    body: Secret,
}

impl Approval {
    fn parse(text: String, request: &ApprovalRequest) -> Result<Self> {
        let jws = Jws::parse(Speaker::Broker, REPLY, &text)?;
        let claims: ReplyClaims = jws.claims(REPLY)?;
        let is_answer =
            claims.aud == request.eid.as_str() && claims.jti == request.letter.claims.jti;
        if !is_answer {
            return Err(Speaker::Broker.nonsense("the phone has approved something else"));
        }
        Ok(Self { body: Secret::from(jws::json(&Approved { authreply: text })) })
    }

    /// The body of the request, JSON.
    pub fn body(&self) -> &Secret {
        &self.body
    }
}

fn time(second: i64) -> Result<Timestamp> {
    let time = Timestamp::from_second(second);
    time.map_err(|_| Speaker::Device.nonsense(format!("{REQUEST} has no time")))
}

const REQUEST: &str = "the request for an approval";
const REPLY: &str = "the phone's approval";

/// In characters (OpenAPI of firmware 1.2.2).
const LONGEST_NOTE: usize = 128;

#[derive(Serialize)]
struct Question<'a> {
    epk: &'a str,
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct NewEvent<'a> {
    authreq: &'a str,
    epk: &'a str,
}

#[derive(Serialize)]
struct Approved {
    authreply: String,
}

#[derive(Deserialize)]
struct RequestSaid {
    authreq: String,
}

#[derive(Deserialize)]
struct EventSaid {
    eventid: String,
    sentcnt: Option<u64>,
}

#[derive(Deserialize)]
struct DecisionSaid {
    authreply: Option<String>,
    deny: Option<bool>,
}

/// `scope` has what each paired phone shall approve, sealed for that phone.
#[derive(Debug, Deserialize)]
struct RequestClaims {
    iat: i64,
    exp: i64,
    jti: String,
    scope: Map<String, Value>,
}

#[derive(Deserialize)]
struct ReplyClaims {
    aud: String,
    jti: String,
}
