//! One credential as this process knows it, and its place in the store.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Attempt, Held, Issued, Keeping, Reason,
    kept::{Failure, Kept, later},
    pass::Ask,
};
use crate::{Age, Error, ErrorKind, Result, Validity, store::Revise};

/// One credential as this process knows it, and its place in the store.
pub(super) struct Shelf<C> {
    pub(super) keeping: Keeping,
    pub(super) current: Arc<ArcSwapOption<Held<C>>>,
    pub(super) failure: Option<Failure>,
}

impl<C> Shelf<C>
where
    C: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    /// The answer that needs no issue: what is held, or why nothing new is asked for now.
    pub(super) fn answer(&self, ask: &Ask<C>) -> Option<Result<Arc<Held<C>>>> {
        let now = self.now();
        let held = self.current.load_full();
        let usable = held.filter(|held| held.answers(ask, now));
        let renewable = usable.as_ref().is_none_or(|held| held.validity.at(now) == Age::Aging);
        let resting = self.failure.as_ref().filter(|failure| failure.answers(ask, now));
        match (usable, resting) {
            (Some(held), Some(_)) => Some(Ok(held)),
            (Some(held), None) if !renewable => Some(Ok(held)),
            (None, Some(failure)) => Some(Err(failure.error())),
            (None, None) => self.refused_while_fresh(ask, now).map(Err),
            (Some(_), None) => None,
        }
    }

    /// A credential that was good a moment ago and is refused: no new one would do better.
    fn refused_while_fresh(&self, ask: &Ask<C>, now: Timestamp) -> Option<Error> {
        let held = self.current.load_full()?;
        let rested_at = later(held.validity.issued_at, self.keeping.rest.after_success);
        let fresh =
            held.generation == ask.dead && held.validity.issued_at <= now && now < rested_at;
        let context = "refused, although the login is fresh: this role does not reach that far";
        fresh.then(|| Error::new(ErrorKind::Forbidden, context).until(rested_at))
    }

    pub(super) fn reason(&self, ask: &Ask<C>) -> Reason {
        match self.current.load_full() {
            None => Reason::Missing,
            Some(held) if held.generation <= ask.dead => Reason::Refused(held.generation),
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
        let known = self.current.load_full().map_or(0, |held| held.generation);
        if let Some(credential) = kept.credential
            && kept.generation > known
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
        let known = self.current.load_full().map_or(0, |held| held.generation);
        let generation = known.max(ask.dead) + 1;
        let stored = serde_json::to_value(&issued.credential).map(|credential| Kept {
            generation,
            validity,
            credential: Some(credential),
            failure: None,
        });
        self.failure = None;
        let held = self.publish(issued.credential, generation, validity);
        let saved = match stored {
            Ok(kept) => self.save(kept).await,
            Err(error) => {
                Err(Error::new(ErrorKind::NotUnderstood, "no stored form").because(error))
            }
        };
        if let Err(error) = saved {
            // It opens the far side all the same; losing it now would cost another login.
            tracing::warn!(name = self.keeping.name, %error, "the new credential is not stored");
        }
        Ok(held)
    }

    async fn save(&self, kept: Kept<serde_json::Value>) -> Result<()> {
        let put = |_: Option<Kept<serde_json::Value>>| (Revise::Put(kept), ());
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
        self.failure = Some(failure.clone());
        let shared =
            self.keeping.records.update(&self.keeping.name, move |kept: Option<Kept<C>>| {
                let kept = kept.unwrap_or_else(|| Kept::nothing(now));
                (Revise::Put(Kept { failure: Some(failure), ..kept }), ())
            });
        if let Err(error) = shared.await {
            tracing::warn!(name = self.keeping.name, %error, "the failure is not stored");
        }
        let held = self.current.load_full().filter(|held| held.answers(ask, now));
        held.ok_or(error)
    }

    fn publish(&self, credential: C, generation: u64, validity: Validity) -> Arc<Held<C>> {
        let held = Arc::new(Held { credential, generation, validity });
        self.current.store(Some(Arc::clone(&held)));
        held
    }

    fn now(&self) -> Timestamp {
        self.keeping.clock.now()
    }
}
