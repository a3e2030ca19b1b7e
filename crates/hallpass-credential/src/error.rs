//! Why a credential could not be had or used, told by what helps.

use std::{error, fmt, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::{StoreError, StoreErrorKind};

/// A result of anything about a device or its credentials.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of help a failure needs. Both families of devices and the program share these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The account may not log in for a while, or needs its owner at the cloud's own page.
    Blocked,
    /// The cloud is needed and cannot be reached or does not work.
    CloudUnreachable,
    /// The role or scope does not reach this far. Logging in again would not help.
    Forbidden,
    /// The device is busy with other processes, or was asked as often as it bears for the moment.
    Held,
    /// The device is not the one that was enrolled.
    IdentityChanged,
    /// What was given cannot be used as it is.
    Invalid,
    /// A person must log in: nothing is stored, or it expired with no way to renew it.
    NeedsLogin,
    /// Whatever answers there is no device of this family.
    NotADevice,
    /// An answer makes no sense.
    NotUnderstood,
    /// The cloud wants a one-time code that only a person can give.
    OneTimeCode,
    /// User name, password or token were refused.
    Rejected,
    /// What is stored cannot be used; the state of this kind.
    Store(StoreErrorKind),
    /// The device cannot be reached or is not ready.
    Unreachable,
    /// The device was never met before and nothing vouches for it.
    Untrusted,
}

impl ErrorKind {
    /// Whether it may cost this one answer only: a device that hangs or talks nonsense on one question
    /// may answer the next. One that cannot be trusted or logged in to does not.
    #[must_use]
    pub fn is_one_answer_lost(self) -> bool {
        matches!(self, Self::NotADevice | Self::NotUnderstood | Self::Unreachable)
    }
}

/// A failure: its kind, one clause of context without any secret, and when it may be worth trying
/// again. Cheap to clone: one failure answers everybody who waited for it.
#[derive(Debug, Clone)]
pub struct Error {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    context: String,
    retry_at: Option<Timestamp>,
    source: Option<Arc<dyn error::Error + Send + Sync>>,
}

impl Error {
    /// A failure of `kind`; `context` is one lower-case clause without a secret.
    pub fn new(kind: ErrorKind, context: impl Into<String>) -> Self {
        let inner = Inner { kind, context: context.into(), retry_at: None, source: None };
        Self { inner: Arc::new(inner) }
    }

    /// The same, not worth trying again before `retry_at`.
    #[must_use]
    pub fn until(self, retry_at: Timestamp) -> Self {
        self.with(|inner| inner.retry_at = Some(retry_at))
    }

    /// The same with the error below it.
    #[must_use]
    pub fn because(self, source: impl error::Error + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.source = Some(Arc::new(source)))
    }

    /// What kind of help it needs.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// From when on it may be worth trying again, where that is known.
    pub fn retry_at(&self) -> Option<Timestamp> {
        self.inner.retry_at
    }

    fn with(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Arc::try_unwrap(self.inner).unwrap_or_else(|shared| Inner {
            kind: shared.kind,
            context: shared.context.clone(),
            retry_at: shared.retry_at,
            source: shared.source.clone(),
        });
        change(&mut inner);
        Self { inner: Arc::new(inner) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.context)
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as _)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::new(ErrorKind::Store(error.kind()), error.to_string()).because(error)
    }
}

#[cfg(test)]
mod tests;
