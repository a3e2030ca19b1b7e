//! Why bytes did not get there or did not come back, told by what helps.

use std::{error, fmt};

use crate::KeyPin;

/// A result of sending a request.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The far side closed the connection: within the TLS handshake, or before or within its answer.
    Closed,
    /// The far side answers, but not with HTTP.
    NotHttp,
    /// The far side's key is another one than the pinned. Nothing was sent to it.
    Pin(KeyPin),
    /// No connection with TLS can be made: no common version or algorithm, an untrusted certificate.
    Tls,
    /// The answer is larger than the limit.
    TooLarge,
    /// No answer within the limit.
    TimedOut,
    /// No connection: refused, no route, no such name.
    Unreachable,
    /// The request or the address cannot be sent as it is.
    Invalid,
}

/// A failure to send a request or to receive its answer. Carries no part of either.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    sent: bool,
    source: Option<Box<dyn error::Error + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self { kind, sent: false, source: None }
    }

    pub(crate) fn because(
        kind: ErrorKind,
        source: impl Into<Box<dyn error::Error + Send + Sync>>,
    ) -> Self {
        Self { kind, sent: false, source: Some(source.into()) }
    }

    /// The same error, met after the request was begun to be sent.
    pub(crate) fn after_sending(self) -> Self {
        Self { sent: true, ..self }
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the far side may have received something of the request. False only where no byte
    /// of it has left: whatever it would have done was not done.
    pub fn was_sent(&self) -> bool {
        self.sent
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ErrorKind::Closed => "the connection was closed before the answer was complete",
            ErrorKind::NotHttp => "the answer is no HTTP",
            ErrorKind::Pin(presented) => {
                return write!(f, "the certificate has another key: {presented}");
            }
            ErrorKind::Tls => "no TLS connection can be made",
            ErrorKind::TooLarge => "the answer is larger than any should be",
            ErrorKind::TimedOut => "no complete answer in time",
            ErrorKind::Unreachable => "no connection can be made",
            ErrorKind::Invalid => "the request cannot be sent as it is",
        })
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
