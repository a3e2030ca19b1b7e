//! A credential as it lies in the store, for every process.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Held, Issued, pass::Ask};
use crate::{
    Error, ErrorKind, Result, Validity,
    store::{Record, Records, Revise, Space},
};

/// Puts a credential that was obtained elsewhere in the place of the one called `name`.
///
/// # Errors
/// [`ErrorKind::Store`].
pub async fn adopt<C>(
    records: &Records,
    name: &str,
    issued: Issued<C>,
    now: Timestamp,
) -> Result<()>
where
    C: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let validity = Validity { issued_at: now, expires_at: issued.expires_at };
    let credential = Some(issued.credential);
    let adopted = records.update(name, move |old: Option<Kept<C>>| {
        let generation = old.map_or(1, |old| old.generation + 1);
        (Revise::Put(Kept { generation, validity, credential, failure: None }), ())
    });
    Ok(adopted.await?)
}

/// The stored credential called `name`, good or not, without asking anybody for anything.
///
/// # Errors
/// [`ErrorKind::Store`].
pub async fn peek<C>(records: &Records, name: &str) -> Result<Option<Held<C>>>
where
    C: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let kept: Option<Kept<C>> = records.load(name).await?;
    Ok(kept.and_then(|Kept { generation, validity, credential, .. }| {
        credential.map(|credential| Held { credential, generation, validity })
    }))
}

/// Forgets that the far side refused to issue the credential called `name`: a person has changed
/// something that may help.
///
/// # Errors
/// [`ErrorKind::Store`].
pub async fn pardon<C>(records: &Records, name: &str) -> Result<()>
where
    C: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let pardoned = records.update(name, |kept: Option<Kept<C>>| match kept {
        Some(kept) if kept.failure.is_some() => (Revise::Put(Kept { failure: None, ..kept }), ()),
        _ => (Revise::Keep, ()),
    });
    Ok(pardoned.await?)
}

/// Deletes the stored credential called `name`; keepers that hold it lose it at the next refusal.
///
/// # Errors
/// [`ErrorKind::Store`].
pub async fn forget<C>(records: &Records, name: &str) -> Result<()>
where
    C: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    Ok(records.remove::<Kept<C>>(name).await?)
}

/// A credential as the store keeps it for every process.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept<C> {
    pub(super) generation: u64,
    pub(super) validity: Validity,
    pub(super) credential: Option<C>,
    /// The last issue failed; shared by all processes until its rest is over.
    pub(super) failure: Option<Failure>,
}

impl<C> Kept<C> {
    pub(super) fn nothing(now: Timestamp) -> Self {
        let validity = Validity { issued_at: now, expires_at: None };
        Self { generation: 0, validity, credential: None, failure: None }
    }
}

impl<C> Record for Kept<C>
where
    C: Serialize + DeserializeOwned + Send + 'static,
{
    const SPACE: Space = Space::Credential;
    const SCHEMA: u32 = 1;
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Failure {
    kind: ErrorKind,
    context: String,
    retry_at: Option<Timestamp>,
    at: Timestamp,
    rested_at: Timestamp,
}

impl Failure {
    pub(super) fn new(error: &Error, at: Timestamp, rest: Duration) -> Self {
        let (kind, context) = (error.kind(), error.to_string());
        Self { kind, context, retry_at: error.retry_at(), at, rested_at: later(at, rest) }
    }

    /// It answers those who asked before it happened, and all who ask while the issuer rests.
    pub(super) fn answers<C>(&self, ask: &Ask<C>, now: Timestamp) -> bool {
        (ask.at < self.at && self.at <= now) || (self.at..self.rested_at).contains(&now)
    }

    pub(super) fn error(&self) -> Error {
        let error = Error::new(self.kind, self.context.clone());
        match self.retry_at {
            Some(retry_at) => error.until(retry_at),
            None => error,
        }
    }
}

pub(super) fn later(start: Timestamp, rest: Duration) -> Timestamp {
    let rest = SignedDuration::try_from(rest).unwrap_or(SignedDuration::MAX);
    start.checked_add(rest).unwrap_or(Timestamp::MAX)
}
