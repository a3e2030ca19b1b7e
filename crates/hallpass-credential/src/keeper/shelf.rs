//! One credential as this process knows it, and its place in the store.

use std::{future::pending, sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use rand::RngExt;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Attempt, Held, Issued, Keeping, Reason, Rest,
    kept::{Failure, Kept},
    pass::Ask,
};
use crate::{
    Age, Error, ErrorKind, Renewal, Result, Validity, later, renewal::retry_after, store::Revise,
};

/// One credential as this process knows it, and its place in the store.
pub(super) struct Shelf<C> {
    keeping: Keeping,
    current: Arc<ArcSwapOption<Held<C>>>,
    /// The last failure of any process.
    failure: Option<Failure>,
    /// The last failure of this one.
    own_failure: Option<Failure>,
    /// When what is held is to be renewed.
    renewal: Option<Renewal>,
    /// What is held is not in the store yet; when that is tried again (S3).
    unsaved: Option<Timestamp>,
}

impl<C> Shelf<C>
where
    C: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    pub(super) fn new(keeping: Keeping, current: Arc<ArcSwapOption<Held<C>>>) -> Self {
        Self { keeping, current, failure: None, own_failure: None, renewal: None, unsaved: None }
    }

    /// The answer that needs no issue: what is held, or why nothing new is asked for now.
    pub(super) fn answer(&self, ask: &Ask<C>) -> Option<Result<Arc<Held<C>>>> {
        let now = self.now();
        match (self.usable(ask), self.reason_to_rest(ask, now)) {
            (Some(held), Some(_)) => Some(Ok(held)),
            (Some(held), None) if now < held.fresh_until => Some(Ok(held)),
            (Some(_), None) => None,
            (None, Some(failure)) if failure.is_ahead() => None,
            (None, Some(failure)) => Some(Err(failure.error())),
            (None, None) => self.hopeless(ask, now).map(Err),
        }
    }

    /// What is held, where it is good enough, due for renewal or not.
    pub(super) fn usable(&self, ask: &Ask<C>) -> Option<Arc<Held<C>>> {
        let now = self.now();
        self.current.load_full().filter(|held| held.answers(ask, now))
    }

    /// What is held, where the far side has not refused it, ended or not.
    pub(super) fn not_refused(&self, ask: &Ask<C>) -> Option<Arc<Held<C>>> {
        self.current.load_full().filter(|held| held.generation > ask.wish.dead)
    }

    fn reason_to_rest(&self, ask: &Ask<C>, now: Timestamp) -> Option<&Failure> {
        let own = self.own_failure.as_ref().filter(|failure| failure.happened_since(ask));
        own.or_else(|| self.failure.as_ref().filter(|failure| failure.rests(now)))
    }

    /// Why a new credential would do no better than the one that is held.
    fn hopeless(&self, ask: &Ask<C>, now: Timestamp) -> Option<Error> {
        let held = self.current.load_full()?;
        let rested_at = later(held.validity.issued_at, self.keeping.rest.after_success);
        let is_fresh = held.validity.issued_at <= now && now < rested_at;
        if is_fresh && held.generation == ask.wish.dead {
            let context = "refused, although the login is fresh: this role does not reach that far";
            return Some(Error::new(ErrorKind::Forbidden, context).until(rested_at));
        }
        let too_short = held.validity.life().is_some_and(|life| life <= ask.wish.life);
        too_short.then(|| Error::new(ErrorKind::Invalid, TOO_SHORT))
    }

    pub(super) fn reason(&self, ask: &Ask<C>) -> Reason {
        match self.current.load_full() {
            _ if ask.wish.is_new => Reason::Wanted,
            None => Reason::Missing,
            Some(held) if held.generation <= ask.wish.dead => Reason::Refused(held.generation),
            Some(held) if held.validity.at(self.now()) == Age::Expired => Reason::Expired,
            Some(_) => Reason::Aging,
        }
    }

    /// Takes over what other processes left in the store.
    pub(super) async fn look(&mut self) -> Result<()> {
        let kept: Option<Kept<C>> = self.keeping.records.load(&self.keeping.name).await?;
        let Some(kept) = kept else {
            self.failure = None;
            return Ok(());
        };
        self.failure = kept.failure;
        if kept.generation == self.generation() {
            self.renewal = kept.renewal.or(self.renewal);
        }
        if let Some(credential) = kept.credential
            && kept.generation > self.generation()
        {
            self.unsaved = None;
            self.publish(credential, kept.generation, kept.validity, kept.renewal);
        }
        Ok(())
    }

    /// Keeps a new credential: for this process at once, for the others in the store.
    pub(super) async fn put(&mut self, ask: &Ask<C>, issued: Issued<C>) -> Result<Arc<Held<C>>> {
        let now = self.now();
        let validity = Validity { issued_at: now, expires_at: issued.expires_at };
        if validity.at(now) == Age::Expired {
            let context = "what was issued has already expired; compare the clocks";
            let error = Error::new(ErrorKind::NotUnderstood, context);
            return self.rest(ask, Attempt::Refused(error)).await;
        }
        (self.failure, self.own_failure) = (None, None);
        let renewal = Renewal::draw(&validity, rand::rng().random());
        let dead = ask.wish.dead;
        let generation = match self.save(&issued.credential, validity, renewal, dead).await {
            Ok(Some(generation)) => {
                self.unsaved = None;
                generation
            }
            // Somebody put another one there meanwhile, by hand; that one is newer.
            Ok(None) => {
                self.look().await?;
                return self.current.load_full().ok_or_else(|| Error::new(ErrorKind::Held, "gone"));
            }
            Err(error) => {
                // It opens the far side all the same; losing it now would cost another login.
                tracing::warn!(name = self.keeping.name, %error, "a new credential is not stored");
                self.unsaved = Some(later(now, SAVE_AGAIN));
                self.generation().max(dead) + 1
            }
        };
        let held = self.publish(issued.credential, generation, validity, Some(renewal));
        if held.answers(ask, now) {
            Ok(held)
        } else {
            Err(Error::new(ErrorKind::Invalid, TOO_SHORT))
        }
    }

    /// Stores a credential under the next generation, unless there is one that this process does
    /// not know.
    async fn save(
        &self,
        credential: &C,
        validity: Validity,
        renewal: Renewal,
        dead: u64,
    ) -> Result<Option<u64>> {
        let known = self.generation();
        let credential = stored_form(credential)?;
        let put = move |kept: Option<Kept<serde_json::Value>>| {
            let stored = kept.as_ref().map_or(0, |kept| kept.generation);
            if stored > known && kept.is_some_and(|kept| kept.credential.is_some()) {
                return (Revise::Keep, None);
            }
            let generation = known.max(dead).max(stored) + 1;
            let credential = Some(credential);
            let renewal = Some(renewal);
            let kept = Kept { generation, validity, credential, failure: None, renewal };
            (Revise::Put(kept), Some(generation))
        };
        Ok(self.keeping.records.update(&self.keeping.name, put).await?)
    }

    /// Waits until it is time to store what could not be stored; for ever where there is nothing.
    pub(super) async fn time_to_save(&self) {
        match self.unsaved {
            Some(at) => {
                let wait = self.now().duration_until(at).try_into().unwrap_or_default();
                self.keeping.clock.sleep(SAVE_AGAIN.min(wait)).await;
            }
            None => pending().await,
        }
    }

    /// Stores what could not be stored when it was new, unless another process has put a newer one
    /// there meanwhile.
    pub(super) async fn save_again(&mut self) {
        match self.save_held().await {
            Ok(()) => {
                tracing::info!(name = self.keeping.name, "the credential is stored now");
                self.unsaved = None;
            }
            Err(error) => {
                tracing::debug!(name = self.keeping.name, %error, "still not stored");
                self.unsaved = Some(later(self.now(), SAVE_AGAIN));
            }
        }
    }

    async fn save_held(&self) -> Result<()> {
        let Some(held) = self.current.load_full() else { return Ok(()) };
        let (generation, validity, renewal) = (held.generation, held.validity, self.renewal);
        let credential = Some(stored_form(&held.credential)?);
        let put = move |kept: Option<Kept<serde_json::Value>>| match kept {
            Some(kept) if kept.generation >= generation => (Revise::Keep, ()),
            _ => {
                let kept = Kept { generation, validity, credential, failure: None, renewal };
                (Revise::Put(kept), ())
            }
        };
        Ok(self.keeping.records.update(&self.keeping.name, put).await?)
    }

    /// Leaves the issuer in peace for a while; what is held stays good to its last second.
    pub(super) async fn rest(&mut self, ask: &Ask<C>, attempt: Attempt) -> Result<Arc<Held<C>>> {
        let now = self.now();
        let Rest { after_failure, longest, .. } = self.keeping.rest;
        let held = self.usable(ask);
        let count = self.failure.as_ref().map_or(0, |failure| failure.count(held.is_some()));
        let count = count.saturating_add(1);
        let rest = retry_after(count, after_failure, longest);
        let (error, failure) = match attempt {
            Attempt::Failed(error) if held.is_none() => {
                let failure = Failure::new(&error, now, Duration::ZERO);
                (error, failure)
            }
            Attempt::Refused(error) | Attempt::Failed(error) => {
                let failure = Failure::new(&error, now, rest).counted(count);
                (error, failure)
            }
        };
        let failure = match &held {
            Some(held) => failure.ahead_of(held.validity.expires_at),
            None => failure,
        };
        self.own_failure = Some(failure.clone());
        if failure.rests(now) {
            self.tell_if_late(&error, now);
            self.share(failure, now).await;
        }
        held.ok_or(error)
    }

    /// A renewal that has failed for half of its window is told, once for all processes (B6).
    fn tell_if_late(&mut self, error: &Error, now: Timestamp) {
        let (Some(held), Some(renewal)) = (self.current.load_full(), self.renewal) else { return };
        let (renewal, is_news) = renewal.tried(&held.validity, now);
        self.renewal = Some(renewal);
        if is_news {
            let name = &self.keeping.name;
            tracing::warn!(name, %error, "half of the time to renew a credential is gone");
        }
    }

    async fn share(&mut self, failure: Failure, now: Timestamp) {
        self.failure = Some(failure.clone());
        let renewal = self.renewal;
        let shared =
            self.keeping.records.update(&self.keeping.name, move |kept: Option<Kept<C>>| {
                let kept = kept.unwrap_or_else(|| Kept::nothing(now));
                let renewal = renewal.or(kept.renewal);
                (Revise::Put(Kept { failure: Some(failure), renewal, ..kept }), ())
            });
        if let Err(error) = shared.await {
            tracing::warn!(name = self.keeping.name, %error, "a failure is not stored");
        }
    }

    fn publish(
        &mut self,
        credential: C,
        generation: u64,
        validity: Validity,
        renewal: Option<Renewal>,
    ) -> Arc<Held<C>> {
        // Older programs did not draw one.
        let renewal = renewal.unwrap_or_else(|| Renewal::draw(&validity, 0.0));
        let held = Arc::new(Held::new(credential, generation, validity, Some(renewal)));
        self.renewal = Some(renewal);
        self.current.store(Some(Arc::clone(&held)));
        held
    }

    fn generation(&self) -> u64 {
        self.current.load_full().map_or(0, |held| held.generation)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.keeping.clock.now()
    }
}

fn stored_form<C: Serialize>(credential: &C) -> Result<serde_json::Value> {
    serde_json::to_value(credential).map_err(|error| {
        Error::new(ErrorKind::NotUnderstood, "the credential has no stored form").because(error)
    })
}

/// What is held and not stored is tried to be stored this often (S3 allows 60 s).
const SAVE_AGAIN: Duration = Duration::from_secs(30);

const TOO_SHORT: &str = "not even a new one lasts that long";
