//! The owner of one credential, and the handles to it: the only concurrency of this crate.
//!
//! One task owns a credential and answers asks one by one, so those that queue behind an issue
//! share its outcome, good or bad, and a caller that goes away cannot cut it short. Between
//! processes the same holds through the store: whoever issues stands in a [`Line`] for it, and
//! looks at what the others left before it asks anybody.
//!
//! Keepers stack: a session's issuer asks the pass of the token, the token's issuer asks the pass
//! of the cloud session. An issuer holds passes of the floors below it only, so nothing waits for
//! itself.

use std::{future::Future, sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::sync::{mpsc, oneshot};

use crate::{
    Age, Clock, Error, ErrorKind, Guard, Line, Patience, Rate, Result, Validity,
    store::{Record, Records, Revise, Space},
};

/// Where new credentials come from.
pub trait Issuer: Send + 'static {
    /// What it issues. Its stored form is sealed by the store.
    type Credential: Serialize + DeserializeOwned + Send + Sync + 'static;

    /// Obtains a new credential. The keeper never runs two of these at a time, in all processes.
    ///
    /// [`Attempt::Refused`] is the far side's own no, after which it is left in peace for a while;
    /// [`Attempt::Failed`] is anything else, a no from a floor below included.
    fn issue(&mut self, why: Reason) -> impl Future<Output = Issue<Self::Credential>> + Send;
}

/// What came of asking an issuer.
pub type Issue<C> = Result<Issued<C>, Attempt>;

/// Why a new credential is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It is still good, but not for long.
    Aging,
    /// It is no longer good.
    Expired,
    /// There is none.
    Missing,
    /// The far side refused this generation of it.
    Refused(u64),
}

/// A new credential.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "complete by nature: issuers build it")]
pub struct Issued<C> {
    /// What opens the far side.
    pub credential: C,
    /// When it ends; `None` where only a refusal tells.
    pub expires_at: Option<Timestamp>,
}

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
}

/// How long an issuer is left in peace.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "complete by nature: callers build it")]
pub struct Rest {
    /// After it issued: a refusal within this time is about rights, and no new issue would help.
    pub after_success: Duration,
    /// After the far side refused it: everybody who asks within this time gets the same answer.
    pub after_failure: Duration,
}

/// What a keeper works with.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Keeping {
    /// Where the credential survives.
    pub records: Records,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Under which name.
    pub name: String,
    /// How long the issuer is left in peace.
    pub rest: Rest,
    /// How long another process that is issuing may be waited for.
    pub patience: Patience,
}

impl Keeping {
    /// A keeper of the credential called `name`, with a minute's rest and half a minute's patience.
    pub fn new(records: Records, clock: Arc<dyn Clock>, name: impl Into<String>) -> Self {
        let minute = Duration::from_secs(60);
        let rest = Rest { after_success: minute, after_failure: minute };
        let patience = Patience(Duration::from_secs(30));
        Self { records, clock, name: name.into(), rest, patience }
    }

    /// The same with another rest.
    #[must_use]
    pub fn resting(self, rest: Rest) -> Self {
        Self { rest, ..self }
    }
}

/// Sets a keeper up. Nothing is loaded or issued before the first ask.
///
/// The caller spawns the returned future; it ends when the last [`Pass`] is dropped.
pub fn keep<I: Issuer>(
    issuer: I,
    keeping: Keeping,
) -> (Pass<I::Credential>, impl Future<Output = ()> + Send) {
    let (asks, asked) = mpsc::unbounded_channel();
    let current = Arc::new(ArcSwapOption::empty());
    let pass = Pass { asks, current: Arc::clone(&current), clock: Arc::clone(&keeping.clock) };
    let line = Line::new(
        keeping.records.clone(),
        Arc::clone(&keeping.clock),
        format!("keep/{}", keeping.name),
        Rate::UNLIMITED,
        keeping.patience,
    );
    let shelf = Shelf { keeping, current, failure: None };
    (pass, Keeper { issuer, line, shelf }.run(asked))
}

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

/// A cheap handle to a kept credential.
#[derive(Debug)]
pub struct Pass<C> {
    asks: mpsc::UnboundedSender<Ask<C>>,
    current: Arc<ArcSwapOption<Held<C>>>,
    clock: Arc<dyn Clock>,
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
    /// Those of [`get`](Self::get).
    pub async fn good_for(&self, life: Duration) -> Result<Arc<Held<C>>> {
        match self.current(life) {
            Some(held) => Ok(held),
            None => self.ask(0, life).await,
        }
    }

    /// The hot path: what is known and needs no renewal. No lock, no allocation.
    fn current(&self, life: Duration) -> Option<Arc<Held<C>>> {
        let now = self.clock.now();
        let held = self.current.load();
        let held = held.as_ref()?;
        let good = held.validity.at(now) == Age::Fresh && held.lasts(life, now);
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
        match attempt(self.ask(dead, Duration::ZERO).await?).await {
            Ok(value) => Ok(value),
            Err(Attempt::Failed(error)) => Err(error),
            Err(Attempt::Refused(error)) => {
                Err(Error::new(ErrorKind::Forbidden, error.to_string()).because(error))
            }
        }
    }

    async fn ask(&self, dead: u64, life: Duration) -> Result<Arc<Held<C>>> {
        let stopped = || Error::new(ErrorKind::Held, "the keeper of the credential has stopped");
        let (reply, answer) = oneshot::channel();
        let at = self.clock.now();
        self.asks.send(Ask { dead, life, at, reply }).map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl<C> Held<C> {
    fn lasts(&self, life: Duration, now: Timestamp) -> bool {
        self.validity.remaining(now).is_none_or(|remaining| remaining > life)
    }

    fn answers(&self, ask: &Ask<C>, now: Timestamp) -> bool {
        self.generation > ask.dead && self.lasts(ask.life, now)
    }
}

struct Ask<C> {
    /// The newest generation that the far side refused.
    dead: u64,
    life: Duration,
    at: Timestamp,
    reply: oneshot::Sender<Result<Arc<Held<C>>>>,
}

/// A credential as the store keeps it for every process.
#[derive(Serialize, Deserialize)]
struct Kept<C> {
    generation: u64,
    validity: Validity,
    credential: Option<C>,
    /// The last issue failed; shared by all processes until its rest is over.
    failure: Option<Failure>,
}

impl<C> Kept<C> {
    fn nothing(now: Timestamp) -> Self {
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
struct Failure {
    kind: ErrorKind,
    context: String,
    retry_at: Option<Timestamp>,
    at: Timestamp,
    rested_at: Timestamp,
}

impl Failure {
    fn new(error: &Error, at: Timestamp, rest: Duration) -> Self {
        let (kind, context) = (error.kind(), error.to_string());
        Self { kind, context, retry_at: error.retry_at(), at, rested_at: later(at, rest) }
    }

    /// It answers those who asked before it happened, and all who ask while the issuer rests.
    fn answers<C>(&self, ask: &Ask<C>, now: Timestamp) -> bool {
        (ask.at < self.at && self.at <= now) || (self.at..self.rested_at).contains(&now)
    }

    fn error(&self) -> Error {
        let error = Error::new(self.kind, self.context.clone());
        match self.retry_at {
            Some(retry_at) => error.until(retry_at),
            None => error,
        }
    }
}

struct Keeper<I: Issuer> {
    issuer: I,
    line: Line,
    shelf: Shelf<I::Credential>,
}

impl<I: Issuer> Keeper<I> {
    async fn run(mut self, mut asked: mpsc::UnboundedReceiver<Ask<I::Credential>>) {
        while let Some(ask) = asked.recv().await {
            let outcome = self.answer(&ask).await;
            // The caller may have gone; the credential is kept all the same.
            let _ = ask.reply.send(outcome);
        }
    }

    async fn answer(&mut self, ask: &Ask<I::Credential>) -> Result<Arc<Held<I::Credential>>> {
        self.shelf.look().await?;
        if let Some(answer) = self.shelf.answer(ask) {
            return answer;
        }
        let turn = self.line.enter().await?;
        let outcome = Self::answer_in_turn(&mut self.issuer, &turn, &mut self.shelf, ask).await;
        turn.leave().await?;
        outcome
    }

    /// What others left while this process stood in line, or else a new issue.
    async fn answer_in_turn(
        issuer: &mut I,
        turn: &Guard<'_>,
        shelf: &mut Shelf<I::Credential>,
        ask: &Ask<I::Credential>,
    ) -> Result<Arc<Held<I::Credential>>> {
        shelf.look().await?;
        if let Some(answer) = shelf.answer(ask) {
            return answer;
        }
        match turn.request(issuer.issue(shelf.reason(ask))).await? {
            Ok(issued) => shelf.put(ask, issued).await,
            Err(attempt) => shelf.rest(ask, attempt).await,
        }
    }
}

/// One credential as this process knows it, and its place in the store.
struct Shelf<C> {
    keeping: Keeping,
    current: Arc<ArcSwapOption<Held<C>>>,
    failure: Option<Failure>,
}

impl<C> Shelf<C>
where
    C: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    /// The answer that needs no issue: what is held, or why nothing new is asked for now.
    fn answer(&self, ask: &Ask<C>) -> Option<Result<Arc<Held<C>>>> {
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

    fn reason(&self, ask: &Ask<C>) -> Reason {
        match self.current.load_full() {
            None => Reason::Missing,
            Some(held) if held.generation <= ask.dead => Reason::Refused(held.generation),
            Some(held) if held.validity.at(self.now()) == Age::Expired => Reason::Expired,
            Some(_) => Reason::Aging,
        }
    }

    /// Takes over what other processes left in the store.
    async fn look(&mut self) -> Result<()> {
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
    async fn put(&mut self, ask: &Ask<C>, issued: Issued<C>) -> Result<Arc<Held<C>>> {
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
    async fn rest(&mut self, ask: &Ask<C>, attempt: Attempt) -> Result<Arc<Held<C>>> {
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

fn later(start: Timestamp, rest: Duration) -> Timestamp {
    let rest = SignedDuration::try_from(rest).unwrap_or(SignedDuration::MAX);
    start.checked_add(rest).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
