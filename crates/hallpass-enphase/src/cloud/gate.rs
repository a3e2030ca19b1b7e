//! The gate before the logins of an account, whichever page of the clouds they go to (B1).

use std::sync::Arc;

use bytes::Bytes;
use hallpass_credential::{
    Clock, Error, ErrorKind, Result, Vouched,
    budget::{Asker, History, Outcome},
    store::{Records, Revise},
};
use hallpass_transport::{Client, Reply};
use http::{Request, StatusCode};
use jiff::Timestamp;

use super::{applicant::Applicant, cloud_error, date, jar::Jar, retry_at};
use crate::Account;

/// Lets logins of one account through, within its budget.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    pub(crate) account: Account,
    pub(crate) applicant: Applicant,
    pub(crate) records: Records,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Which request of a login it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The first one.
    First,
    /// The same login written in another way: only the ceilings count.
    Again,
}

impl Gate {
    /// Sends one login. It is written down before it is sent, and what became of it afterwards.
    ///
    /// When it was begun is returned beside, for [`end`](Self::end) to say more of it later.
    ///
    /// # Errors
    /// Why it may not be sent. An answer that is no session is no error of the gate.
    pub(super) async fn send<T>(
        &self,
        turn: Turn,
        client: &Client,
        request: Request<Bytes>,
        understand: impl FnOnce(&Reply, Timestamp) -> Result<T, Refusal>,
    ) -> Result<(Timestamp, Result<T, Refusal>)> {
        let begun = self.begin(turn).await?;
        let answered = match client.send(request).await {
            Ok(reply) => {
                self.hear_clock(&reply).await;
                understand(&reply, self.clock.now())
            }
            Err(error) => Err(Refusal::transport(error)),
        };
        Ok((begun, self.end(begun, answered).await))
    }

    /// What the cloud's clock shows is worth as much as a gateway's (B6).
    async fn hear_clock(&self, reply: &Reply) {
        let Some(date) = date(reply) else { return };
        if let Err(error) = Vouched::hear(&self.records, date, self.clock.now()).await {
            tracing::warn!(%error, "that the clocks agree is not written down");
        }
    }

    /// Asks the budget, and writes the login down in the same transaction.
    async fn begin(&self, turn: Turn) -> Result<Timestamp> {
        let (now, asker) = (self.clock.now(), self.applicant.asker());
        let mark = self.account.password.mark();
        let name = history_name(&self.account.username);
        let trust = Vouched::look(&self.records, now).await?;
        let begun = self.records.update(&name, move |history: Option<History>| {
            let mut history = history.unwrap_or_default();
            let moved = history.settle(now, trust);
            let may = match turn {
                Turn::First => history.may_log_in(&mark, asker, now),
                Turn::Again => history.may_go_on(now),
            };
            match may {
                Ok(()) => {
                    history.begin(&mark, now);
                    (Revise::Put(history), Ok(now))
                }
                Err(held) if moved => (Revise::Put(history), Err(held)),
                Err(held) => (Revise::Keep, Err(held)),
            }
        });
        begun.await?
    }

    /// Writes down what became of a login, and adds to a definite no when a program will ask again.
    /// That it was sent is written already; an accepted one is not given up because the rest cannot be
    /// written.
    pub(super) async fn end<T>(
        &self,
        begun: Timestamp,
        answered: Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let (outcome, retry_at) = match &answered {
            Ok(_) => (Outcome::Accepted, None),
            Err(refusal) => (refusal.outcome, refusal.error.retry_at()),
        };
        let (name, mark) = (history_name(&self.account.username), self.account.password.mark());
        let (asker, now) = (self.applicant.asker(), self.clock.now());
        let ended = self.records.update(&name, move |history: Option<History>| {
            let mut history = history.unwrap_or_default();
            history.end(begun, outcome, retry_at);
            let next = history.may_log_in(&mark, Asker::Program, now);
            (Revise::Put(history), next.err().and_then(|held| held.retry_at()))
        });
        let next = ended.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "what became of a login is not written down");
            None
        });
        answered.map_err(|refusal| match (refusal.outcome, asker, next) {
            (Outcome::Rejected | Outcome::Blocked, Asker::Program, Some(next)) => {
                Refusal { error: refusal.error.until(next), ..refusal }
            }
            _ => refusal,
        })
    }
}

/// Where the store keeps the logins of an account.
pub fn history_name(username: &str) -> String {
    format!("account/{username}")
}

/// Why a login did not give a session.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) outcome: Outcome,
    pub(super) error: Error,
    /// What may help at once.
    pub(super) remedy: Remedy,
}

/// What may help at once after a login that was refused.
#[derive(Debug)]
pub(super) enum Remedy {
    Nothing,
    /// The same fields, written as multipart.
    Multipart,
    /// The same fields, sent to the form of the web page.
    Form,
    /// A one-time code, sent with these cookies.
    Code(Jar),
}

impl Refusal {
    pub(super) fn new(outcome: Outcome, kind: ErrorKind, context: impl Into<String>) -> Self {
        Self { outcome, error: Error::new(kind, context), remedy: Remedy::Nothing }
    }

    pub(super) fn rejected() -> Self {
        let context = "the cloud refuses this user name and password";
        Self::new(Outcome::Rejected, ErrorKind::Rejected, context)
    }

    pub(super) fn blocked() -> Self {
        let context = "the cloud has blocked the account";
        Self::new(Outcome::Blocked, ErrorKind::Blocked, context)
    }

    pub(super) fn too_many_sessions() -> Self {
        let context = "the cloud says that the account has too many active sessions";
        Self::new(Outcome::Blocked, ErrorKind::Blocked, context)
    }

    pub(super) fn login_wall() -> Self {
        let context = "the cloud shows its login page in place of an answer";
        Self::new(Outcome::Blocked, ErrorKind::Blocked, context)
    }

    /// An answer that says nothing about the account; when it may be asked again, where it says so.
    pub(super) fn unusable(reply: &Reply, now: Timestamp) -> Self {
        let status = reply.status;
        let context = format!("the cloud's login does not work: it answers {}", status.as_u16());
        let refusal = Self::new(Outcome::Failed, ErrorKind::CloudUnreachable, context);
        match status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Self { error: refusal.error.until(retry_at(reply, now)), ..refusal }
            }
            _ => refusal,
        }
    }

    fn transport(error: hallpass_transport::Error) -> Self {
        let outcome = if error.was_sent() { Outcome::Failed } else { Outcome::NotSent };
        Self { outcome, error: cloud_error(error), remedy: Remedy::Nothing }
    }
}
