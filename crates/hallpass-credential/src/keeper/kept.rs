//! A credential as it lies in the store, for every process.

use std::time::Duration;

use jiff::Timestamp;
use rand::RngExt;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Held, Issued, pass::Ask};
use crate::{
    Error, ErrorKind, Renewal, Result, Validity, later,
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
    let (credential, share) = (Some(issued.credential), rand::rng().random());
    let adopted = records.update(name, move |old: Option<Kept<C>>| {
        let generation = old.map_or(1, |old| old.generation + 1);
        let renewal = Some(Renewal::draw(&validity, share));
        (Revise::Put(Kept { generation, validity, credential, failure: None, renewal }), ())
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
    Ok(kept.and_then(|Kept { generation, validity, credential, renewal, .. }| {
        credential.map(|credential| Held::new(credential, generation, validity, renewal))
    }))
}

/// Why the stored credential called `name`, good as it still is, was not renewed when that was tried
/// last; none where nobody has tried, or it was.
///
/// # Errors
/// [`ErrorKind::Store`].
pub async fn why_not_renewed<C>(records: &Records, name: &str) -> Result<Option<Error>>
where
    C: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let kept: Option<Kept<C>> = records.load(name).await?;
    let failure = kept.and_then(|kept| kept.failure).filter(Failure::is_ahead);
    Ok(failure.map(|failure| failure.error()))
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
/// Its generation stays, so that no later one is taken for it.
///
/// # Errors
/// [`ErrorKind::Store`].
pub async fn forget<C>(records: &Records, name: &str) -> Result<()>
where
    C: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let forgotten = records.update(name, |kept: Option<Kept<C>>| match kept {
        Some(kept) => (Revise::Put(Kept { credential: None, failure: None, ..kept }), ()),
        None => (Revise::Keep, ()),
    });
    Ok(forgotten.await?)
}

/// A credential as the store keeps it for every process.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept<C> {
    pub(super) generation: u64,
    pub(super) validity: Validity,
    pub(super) credential: Option<C>,
    /// The last issue failed; shared by all processes until its rest is over.
    pub(super) failure: Option<Failure>,
    /// When it is renewed ahead of its end; older programs did not draw that.
    #[serde(default)]
    pub(super) renewal: Option<Renewal>,
}

impl<C> Kept<C> {
    pub(super) fn nothing(now: Timestamp) -> Self {
        let validity = Validity { issued_at: now, expires_at: None };
        Self { generation: 0, validity, credential: None, failure: None, renewal: None }
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
    /// How many in a row it is the last of.
    #[serde(default)]
    count: u32,
    /// Whether something good was held all the same. Who holds nothing does not rest for it.
    #[serde(default)]
    is_ahead: bool,
}

impl Failure {
    /// The far side is left in peace for `rest`, or as long as it asked for.
    pub(super) fn new(error: &Error, at: Timestamp, rest: Duration) -> Self {
        let (kind, context, retry_at) = (error.kind(), error.to_string(), error.retry_at());
        let rested_at = match rest {
            Duration::ZERO => at,
            rest => later(at, rest).max(retry_at.unwrap_or(at).min(later(at, LONGEST_REST))),
        };
        Self { kind, context, retry_at, at, rested_at, count: 1, is_ahead: false }
    }

    /// The same as the `count`th in a row.
    pub(super) fn counted(self, count: u32) -> Self {
        Self { count, ..self }
    }

    /// The same of a renewal: over before what is still good has ended.
    pub(super) fn ahead_of(self, end: Option<Timestamp>) -> Self {
        let end = end.filter(|end| *end > self.at).unwrap_or(Timestamp::MAX);
        Self { rested_at: self.rested_at.min(end), is_ahead: true, ..self }
    }

    /// How many in a row it is the last of, those counted where something good was held or not.
    pub(super) fn count(&self, is_ahead: bool) -> u32 {
        if self.is_ahead == is_ahead { self.count } else { 0 }
    }

    /// Whether it is for who holds something good, and for nobody else.
    pub(super) fn is_ahead(&self) -> bool {
        self.is_ahead
    }

    /// It answers all who ask while the issuer rests.
    pub(super) fn rests(&self, now: Timestamp) -> bool {
        (self.at..self.rested_at).contains(&now)
    }

    /// It answers those who waited while it happened, in the process where it did.
    pub(super) fn happened_since<C>(&self, ask: &Ask<C>) -> bool {
        ask.at < self.at
    }

    pub(super) fn error(&self) -> Error {
        let error = Error::new(self.kind, self.context.clone());
        match self.retry_at {
            Some(retry_at) => error.until(retry_at),
            None => error,
        }
    }
}

/// No far side's word holds anybody back for longer.
const LONGEST_REST: Duration = Duration::from_secs(24 * 3600);
