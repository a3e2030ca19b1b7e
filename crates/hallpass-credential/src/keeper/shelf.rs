//! One credential as this process knows it, and its place in the store.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Attempt, Held, Issued, Keeping, Reason,
    kept::{Failure, Kept},
    pass::Ask,
};
use crate::{Age, Error, ErrorKind, Result, Validity, later, store::Revise};

/// One credential as this process knows it, and its place in the store.
pub(super) struct Shelf<C> {
    pub(super) keeping: Keeping,
    pub(super) current: Arc<ArcSwapOption<Held<C>>>,
    /// The last failure of any process.
    pub(super) failure: Option<Failure>,
    /// The last failure of this one.
    pub(super) own_failure: Option<Failure>,
}

impl<C> Shelf<C>
where
    C: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    /// The answer that needs no issue: what is held, or why nothing new is asked for now.
    pub(super) fn answer(&self, ask: &Ask<C>) -> Option<Result<Arc<Held<C>>>> {
        let now = self.now();
        let usable = self.current.load_full().filter(|held| held.answers(ask, now));
        match (usable, self.reason_to_rest(ask, now)) {
            (Some(held), Some(_)) => Some(Ok(held)),
            (Some(held), None) if held.validity.at(now) == Age::Fresh => Some(Ok(held)),
            (Some(_), None) => None,
            (None, Some(failure)) => Some(Err(failure.error())),
            (None, None) => self.hopeless(ask, now).map(Err),
        }
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
        if let Some(credential) = kept.credential
            && kept.generation > self.generation()
        {
            self.publish(credential, kept.generation, kept.validity);
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
        let generation = match self.save(&issued.credential, validity, ask.wish.dead).await {
            Ok(Some(generation)) => generation,
            // Somebody put another one there meanwhile, by hand; that one is newer.
            Ok(None) => {
                self.look().await?;
                return self.current.load_full().ok_or_else(|| Error::new(ErrorKind::Held, "gone"));
            }
            Err(error) => {
                // It opens the far side all the same; losing it now would cost another login.
                tracing::warn!(name = self.keeping.name, %error, "a new credential is not stored");
                self.generation().max(ask.wish.dead) + 1
            }
        };
        let held = self.publish(issued.credential, generation, validity);
        if held.answers(ask, now) {
            Ok(held)
        } else {
            Err(Error::new(ErrorKind::Invalid, TOO_SHORT))
        }
    }

    /// Stores a credential under the next generation, unless there is one that this process does
    /// not know.
    async fn save(&self, credential: &C, validity: Validity, dead: u64) -> Result<Option<u64>> {
        let known = self.generation();
        let credential = serde_json::to_value(credential).map_err(|error| {
            Error::new(ErrorKind::NotUnderstood, "the credential has no stored form").because(error)
        })?;
        let put = move |kept: Option<Kept<serde_json::Value>>| {
            let stored = kept.as_ref().map_or(0, |kept| kept.generation);
            if stored > known && kept.is_some_and(|kept| kept.credential.is_some()) {
                return (Revise::Keep, None);
            }
            let generation = known.max(dead).max(stored) + 1;
            let credential = Some(credential);
            let kept = Kept { generation, validity, credential, failure: None };
            (Revise::Put(kept), Some(generation))
        };
        Ok(self.keeping.records.update(&self.keeping.name, put).await?)
    }

    /// Leaves the issuer in peace for a while; what is held stays good to its last second.
    pub(super) async fn rest(&mut self, ask: &Ask<C>, attempt: Attempt) -> Result<Arc<Held<C>>> {
        let now = self.now();
        let (error, rest) = match attempt {
            Attempt::Refused(error) => (error, self.keeping.rest.after_failure),
            Attempt::Failed(error) => (error, Duration::ZERO),
        };
        let failure = Failure::new(&error, now, rest);
        self.own_failure = Some(failure.clone());
        if failure.rests(now) {
            self.share(failure, now).await;
        }
        let held = self.current.load_full().filter(|held| held.answers(ask, now));
        held.ok_or(error)
    }

    async fn share(&mut self, failure: Failure, now: Timestamp) {
        self.failure = Some(failure.clone());
        let shared =
            self.keeping.records.update(&self.keeping.name, move |kept: Option<Kept<C>>| {
                let kept = kept.unwrap_or_else(|| Kept::nothing(now));
                (Revise::Put(Kept { failure: Some(failure), ..kept }), ())
            });
        if let Err(error) = shared.await {
            tracing::warn!(name = self.keeping.name, %error, "a failure is not stored");
        }
    }

    fn publish(&self, credential: C, generation: u64, validity: Validity) -> Arc<Held<C>> {
        let held = Arc::new(Held::new(credential, generation, validity));
        self.current.store(Some(Arc::clone(&held)));
        held
    }

    fn generation(&self) -> u64 {
        self.current.load_full().map_or(0, |held| held.generation)
    }

    fn now(&self) -> Timestamp {
        self.keeping.clock.now()
    }
}

const TOO_SHORT: &str = "not even a new one lasts that long";
