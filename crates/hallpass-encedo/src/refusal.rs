//! What a HEM means by a status.

use std::time::Duration;

use hallpass_credential::{Error, ErrorKind, later};
use jiff::Timestamp;

/// What was asked for when a HEM refused. One status means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Call {
    /// `GET /api/auth/token`, and `GET /api/auth/init` of a device that is new.
    Challenge,
    /// `POST /api/auth/token`: the proof.
    Answer,
    /// `POST /api/auth/init`: the first set-up.
    Initialise,
    /// `/api/system/checkin`, both ways.
    CheckIn,
    /// `POST /api/auth/ext/request`: a phone is to be asked.
    PhoneRequest,
    /// `POST /api/auth/ext/token`: a phone has approved.
    PhoneToken,
    /// Status and version, which are open to everybody.
    Open,
    /// Everything that takes a token.
    WithToken,
}

impl Call {
    /// Every one of them.
    pub const ALL: [Self; 8] = [
        Self::Challenge,
        Self::Answer,
        Self::Initialise,
        Self::CheckIn,
        Self::PhoneRequest,
        Self::PhoneToken,
        Self::Open,
        Self::WithToken,
    ];
}

/// Why a HEM refused. The bodies of its refusals are empty, so the status is all there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// It has been set up before, and only a wipe changes that.
    AlreadyInitialised,
    /// The request was wrong in form: JSON, an argument, its length, its origin, its size.
    BadForm,
    /// It works no more, or not for the moment: 500 and above.
    Broken,
    /// It could not do what it was asked: no such key, the same key twice, a wrong signature.
    Failed,
    /// What somebody else signed was not taken: late, used, or by nobody whom it trusts.
    Letter,
    /// Its clock is not set, and it trusts no time but the check-in's.
    ClockUnset,
    /// It has no such path, or no such log.
    Missing,
    /// It has not been set up, has latched a failed self-test, or is busy installing or formatting;
    /// its status says which.
    NotReady,
    /// A proof was not taken: unknown key, late or used nonce, or an end that its clock has passed.
    Proof,
    /// The token's scope or role does not reach so far.
    Scope,
    /// This is answered over TLS only: keys and what is done with them.
    TlsOnly,
    /// A token was not taken, or one was sent where none belongs: it ended, or the device rebooted.
    Token,
    /// A status that is in no document.
    Unknown(u16),
    /// The phone that approved is not paired.
    UnknownPhone,
}

impl Refusal {
    /// What `status` means in answer to `call`; none where it is no refusal (OpenAPI of firmware
    /// 1.2.2, the vendor's acceptance tests, observations of 1.2.2).
    pub fn of(call: Call, status: u16) -> Option<Self> {
        use Call::{Answer, CheckIn, Initialise, PhoneRequest, PhoneToken, WithToken};
        Some(match (status, call) {
            (200..=299, _) => return None,
            (400 | 411 | 412 | 413, _) => Self::BadForm,
            (401, Answer) => Self::Proof,
            (401, CheckIn | Initialise | PhoneToken) => Self::Letter,
            (401, _) => Self::Token,
            (403, WithToken) => Self::Scope,
            (403, Call::Challenge | Answer | Initialise | PhoneRequest | PhoneToken) => {
                Self::ClockUnset
            }
            (404, _) => Self::Missing,
            (406, Call::Challenge | Initialise) => Self::AlreadyInitialised,
            (406, PhoneToken) => Self::UnknownPhone,
            (406, WithToken) => Self::Failed,
            (409, _) => Self::NotReady,
            (418, _) => Self::TlsOnly,
            (500.., _) => Self::Broken,
            _ => Self::Unknown(status),
        })
    }

    /// What a person is told. [`Proof`](Self::Proof) is told as a wrong passphrase, which it is
    /// unless [`Recovery`](crate::Recovery) has something better to do.
    pub fn error(self, now: Timestamp) -> Error {
        let error = Error::new(self.kind(), self.context());
        match self {
            Self::NotReady => error.until(later(now, REST)),
            _ => error,
        }
    }

    fn kind(self) -> ErrorKind {
        match self {
            Self::AlreadyInitialised
            | Self::BadForm
            | Self::Failed
            | Self::Missing
            | Self::TlsOnly => ErrorKind::Invalid,
            Self::Broken | Self::ClockUnset | Self::NotReady => ErrorKind::Unreachable,
            Self::Letter | Self::Proof | Self::Token | Self::UnknownPhone => ErrorKind::Rejected,
            Self::Scope => ErrorKind::Forbidden,
            Self::Unknown(_) => ErrorKind::NotUnderstood,
        }
    }

    fn context(self) -> String {
        let text = match self {
            Self::AlreadyInitialised => "the HEM is set up already; only a wipe changes its master",
            Self::BadForm => "the HEM does not take the form of this request",
            Self::Broken => "the HEM cannot answer this now",
            Self::ClockUnset => {
                "the HEM's clock is not set since it was last switched on; it needs a check-in, \
                which needs the internet"
            }
            Self::Failed => "the HEM could not do this, as with a key that it does not have",
            Self::Letter => "the HEM does not take what was signed for it",
            Self::Missing => "the HEM has nothing of this name",
            Self::NotReady => {
                "the HEM is not ready: it is not set up, has failed a self-test, or is busy; \
                see its status"
            }
            Self::Proof => "the HEM does not know this passphrase",
            Self::Scope => "this role or scope does not reach so far on the HEM",
            Self::TlsOnly => "the HEM answers this over TLS only",
            Self::Token => "the HEM refuses the token",
            Self::UnknownPhone => "the HEM does not know the phone that approved",
            Self::Unknown(status) => return format!("the HEM answered {status}"),
        };
        text.to_owned()
    }
}

/// A device that is not ready is asked once in this time (fault H2).
const REST: Duration = Duration::from_secs(600);
