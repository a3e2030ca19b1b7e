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

mod kept;
mod pass;
mod shelf;

use std::{
    future::{Future, ready},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::mpsc;

use crate::{Clock, Guard, Line, Patience, Rate, Result, store::Records};
pub use kept::{adopt, forget, pardon, peek};
use pass::Ask;
pub use pass::{Attempt, Held, Pass};
use shelf::Shelf;

/// Where new credentials come from.
pub trait Issuer: Send + 'static {
    /// What it issues. Its stored form is sealed by the store.
    type Credential: Serialize + DeserializeOwned + Send + Sync + 'static;

    /// Obtains a new credential. The keeper never runs two of these at a time, in all processes.
    ///
    /// [`Attempt::Refused`] is the far side's own no, after which it is left in peace for a while;
    /// [`Attempt::Failed`] is anything else, a no from a floor below included.
    fn issue(&mut self, why: Reason) -> impl Future<Output = Issue<Self::Credential>> + Send;

    /// Whether the clock that shows `now` is believed when by it alone a credential is to be renewed
    /// or has ended (B6). Where it is not, the credential is used until it is refused.
    fn believes(&mut self, now: Timestamp) -> impl Future<Output = bool> + Send {
        let _ = now;
        ready(true)
    }
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
    /// Somebody wants a new one, however good it is.
    Wanted,
}

impl Reason {
    /// Whether nothing but the clock says so.
    fn hangs_on_clock(self) -> bool {
        matches!(self, Self::Aging | Self::Expired)
    }
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

/// How long an issuer is left in peace.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "complete by nature: callers build it")]
pub struct Rest {
    /// After it issued: a refusal within this time is about rights, and no new issue would help.
    pub after_success: Duration,
    /// After the far side refused it: everybody who asks within this time gets the same answer.
    pub after_failure: Duration,
    /// The most that this grows to, doubled for each failure in a row.
    pub longest: Duration,
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
        let rest = Rest { after_success: minute, after_failure: minute, longest: minute };
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
    let line = Arc::new(Line::new(
        keeping.records.clone(),
        Arc::clone(&keeping.clock),
        format!("keep/{}", keeping.name),
        Rate::UNLIMITED,
        keeping.patience,
    ));
    let shelf = Shelf::new(keeping, current);
    (pass, Keeper { issuer, line, shelf }.run(asked))
}

struct Keeper<I: Issuer> {
    issuer: I,
    line: Arc<Line>,
    shelf: Shelf<I::Credential>,
}

impl<I: Issuer> Keeper<I> {
    async fn run(mut self, mut asked: mpsc::UnboundedReceiver<Ask<I::Credential>>) {
        loop {
            let ask = tokio::select! {
                biased;
                ask = asked.recv() => ask,
                () = self.shelf.time_to_save() => {
                    self.shelf.save_again().await;
                    continue;
                }
            };
            let Some(ask) = ask else { return };
            let outcome = self.answer(&ask).await;
            // The caller may have gone; the credential is kept all the same.
            let _ = ask.reply.send(outcome);
        }
    }

    /// What fails costs nobody what this process holds: neither the store, nor another process that
    /// takes its time to renew it.
    async fn answer(&mut self, ask: &Ask<I::Credential>) -> Result<Arc<Held<I::Credential>>> {
        self.answer_or_issue(ask).await.or_else(|error| self.shelf.usable(ask).ok_or(error))
    }

    async fn answer_or_issue(
        &mut self,
        ask: &Ask<I::Credential>,
    ) -> Result<Arc<Held<I::Credential>>> {
        self.shelf.look().await?;
        if let Some(answer) = self.shelf.answer(ask) {
            return answer;
        }
        if let Some(held) = self.unless_believed(ask).await {
            return Ok(held);
        }
        let turn = self.line.enter().await?;
        let outcome = Self::answer_in_turn(&mut self.issuer, &turn, &mut self.shelf, ask).await;
        turn.leave_or_log().await;
        outcome
    }

    /// What is held, where only a clock that nobody believes says that it is not good any more.
    async fn unless_believed(
        &mut self,
        ask: &Ask<I::Credential>,
    ) -> Option<Arc<Held<I::Credential>>> {
        let held = self.shelf.not_refused(ask)?;
        let hangs_on_clock = self.shelf.reason(ask).hangs_on_clock();
        if !hangs_on_clock || self.issuer.believes(self.shelf.now()).await {
            return None;
        }
        tracing::debug!("the clock is in doubt; what is held is used until it is refused");
        Some(held)
    }

    /// What others left while this process stood in line, or else a new issue.
    async fn answer_in_turn(
        issuer: &mut I,
        turn: &Guard,
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

#[cfg(test)]
mod tests;
