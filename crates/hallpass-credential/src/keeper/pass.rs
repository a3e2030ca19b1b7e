//! The handles to a keeper.

use std::{future::Future, sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::{Clock, Error, ErrorKind, Renewal, Result, Validity};

/// A credential, and the number of the issue it came from.
#[derive(Debug)]
#[non_exhaustive]
pub struct Held<C> {
    /// What opens the far side.
    pub credential: C,
    /// Counts the issues of all processes.
    pub generation: u64,
    /// From when to when it is good.
    pub validity: Validity,
    /// The end of the hot path, which compares and does not compute: when its renewal is due.
    pub(super) fresh_until: Timestamp,
}

/// A cheap handle to a kept credential.
#[derive(Debug)]
pub struct Pass<C> {
    pub(super) asks: mpsc::UnboundedSender<Ask<C>>,
    pub(super) current: Arc<ArcSwapOption<Held<C>>>,
    pub(super) clock: Arc<dyn Clock>,
}

impl<C> Clone for Pass<C> {
    fn clone(&self) -> Self {
        Self {
            asks: self.asks.clone(),
            current: Arc::clone(&self.current),
            clock: Arc::clone(&self.clock),
        }
    }
}

/// How an attempt, with a credential or to obtain one, failed.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "complete by nature: callers build it")]
pub enum Attempt {
    /// The far side said no: a newer credential may help, at once or later.
    Refused(Error),
    /// Anything else.
    Failed(Error),
}

impl Attempt {
    /// What went wrong, where nobody can try again.
    pub fn into_error(self) -> Error {
        match self {
            Self::Refused(error) | Self::Failed(error) => error,
        }
    }
}

impl From<Error> for Attempt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl<C: Send + Sync + 'static> Pass<C> {
    /// The current credential; a new one is issued when there is none.
    ///
    /// # Errors
    /// Those of the issuer; [`ErrorKind::Held`] when another process is issuing and does not end;
    /// [`ErrorKind::Store`].
    ///
    /// # Cancellation
    /// An issue that is under way goes on and is kept.
    pub async fn get(&self) -> Result<Arc<Held<C>>> {
        self.good_for(Duration::ZERO).await
    }

    /// A credential that is good for at least `life` from now, renewed where the kept one is not.
    ///
    /// # Errors
    /// Those of [`get`](Self::get); [`ErrorKind::Invalid`] where not even a new one lasts so long.
    pub async fn good_for(&self, life: Duration) -> Result<Arc<Held<C>>> {
        match self.current(life) {
            Some(held) => Ok(held),
            None => self.ask(Wish { life, ..Wish::ANY }).await,
        }
    }

    /// A credential that is issued from now on, however good the kept one is. Those who want one at
    /// the same time share it.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn renew(&self) -> Result<Arc<Held<C>>> {
        self.ask(Wish { is_new: true, ..Wish::ANY }).await
    }

    /// The hot path: what is known and needs no renewal. No lock, no allocation.
    fn current(&self, life: Duration) -> Option<Arc<Held<C>>> {
        let now = self.clock.now();
        let held = self.current.load();
        let held = held.as_ref()?;
        let good = now < held.fresh_until && (life.is_zero() || held.lasts(life, now));
        good.then(|| Arc::clone(held))
    }

    /// Runs `attempt`, and once more with a newer credential when the first is refused.
    ///
    /// This is the one place that tries again after a refusal. A credential that is refused while
    /// it is still fresh from its issuer is not replaced: its role does not reach that far.
    ///
    /// # Errors
    /// Those of the attempt and of [`get`](Self::get); [`ErrorKind::Forbidden`] for a fresh
    /// credential that is refused.
    pub async fn call<T, F>(&self, attempt: impl Fn(Arc<Held<C>>) -> F) -> Result<T>
    where
        F: Future<Output = Result<T, Attempt>>,
    {
        let held = self.get().await?;
        let dead = held.generation;
        match attempt(held).await {
            Ok(value) => return Ok(value),
            Err(Attempt::Failed(error)) => return Err(error),
            Err(Attempt::Refused(_)) => {}
        }
        match attempt(self.ask(Wish { dead, ..Wish::ANY }).await?).await {
            Ok(value) => Ok(value),
            Err(Attempt::Failed(error)) => Err(error),
            Err(Attempt::Refused(error)) => {
                Err(Error::new(ErrorKind::Forbidden, error.to_string()).because(error))
            }
        }
    }

    async fn ask(&self, wish: Wish) -> Result<Arc<Held<C>>> {
        let stopped = || Error::new(ErrorKind::Held, "the keeper of the credential has stopped");
        let (reply, answer) = oneshot::channel();
        let at = self.clock.now();
        self.asks.send(Ask { wish, at, reply }).map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl<C> Held<C> {
    /// Without a renewal that was drawn, it is due when its window begins.
    pub(super) fn new(
        credential: C,
        generation: u64,
        validity: Validity,
        renewal: Option<Renewal>,
    ) -> Self {
        let end = validity.expires_at.unwrap_or(Timestamp::MAX);
        let due = renewal.map_or_else(|| validity.fresh_until(), |renewal| renewal.due());
        Self { credential, generation, validity, fresh_until: due.min(end) }
    }

    /// From when on a newer one is asked for, ahead of its end.
    pub fn renewal_due(&self) -> Timestamp {
        self.fresh_until
    }

    fn lasts(&self, life: Duration, now: Timestamp) -> bool {
        self.validity.remaining(now).is_none_or(|remaining| remaining > life)
    }

    pub(super) fn answers(&self, ask: &Ask<C>, now: Timestamp) -> bool {
        let Wish { dead, life, is_new } = ask.wish;
        let new_enough = !is_new || self.validity.issued_at >= ask.at;
        self.generation > dead && self.lasts(life, now) && new_enough
    }
}

pub(super) struct Ask<C> {
    pub(super) wish: Wish,
    pub(super) at: Timestamp,
    pub(super) reply: oneshot::Sender<Result<Arc<Held<C>>>>,
}

/// What a credential must be like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    /// The newest generation that the far side refused.
    pub(super) dead: u64,
    /// How long it must last from now.
    pub(super) life: Duration,
    /// Whether it must be issued after it was asked for.
    pub(super) is_new: bool,
}

impl Wish {
    const ANY: Self = Self { dead: 0, life: Duration::ZERO, is_new: false };
}
