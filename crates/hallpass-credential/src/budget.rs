//! The login budget of one cloud account (B1): a history of what was asked, and the one gate
//! that says whether the cloud may be asked again.
//!
//! The history is stored before each request is sent, and every process reads the same one, so
//! neither a crash nor a restart nor a second program makes the budget larger. A clock that is set
//! does not either: the history [follows it](History::settle).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Error, ErrorKind, Result,
    clock::{Seen, Trust, shifted},
    store::{Record, Space},
};

/// What a cloud account was asked lately.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    attempts: Vec<Attempt>,
    /// When it was looked at last, to be written.
    #[serde(default)]
    seen: Option<Seen>,
}

/// One login that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// When it was sent.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: Outcome,
    /// From when on the cloud said it may be asked again (`Retry-After`).
    pub retry_at: Option<Timestamp>,
    /// A fingerprint of the password, to notice a changed one.
    password_mark: String,
}

/// What became of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Sent, and nothing is known of it: the process ended, or is still waiting.
    Sent,
    /// Accepted.
    Accepted,
    /// User name or password refused.
    Rejected,
    /// Stopped before a one-time code.
    OneTimeCode,
    /// Account blocked, too many sessions, or the cloud's login page where JSON belongs.
    Blocked,
    /// The cloud did not answer, or not sensibly.
    Failed,
    /// It could not even be sent. Does not count as a login.
    NotSent,
}

/// Who wants to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// A person at a terminal who typed `login`: may skip a cool-down once a minute.
    Person,
    /// Everything else.
    Program,
}

impl History {
    /// Whether the account may be asked at `now`. Pure: [`begin`](Self::begin) writes it down.
    ///
    /// # Errors
    /// The kind of what went wrong before, with the time from which it may, also at a ceiling;
    /// [`ErrorKind::OneTimeCode`] without a time waits for a person.
    pub fn may_log_in(&self, password_mark: &str, asker: Asker, now: Timestamp) -> Result<()> {
        let settled = self.settled(now);
        settled.below_ceilings(now)?;
        let last = settled.attempts.iter().map(|attempt| attempt.at).max();
        let waited = last.is_none_or(|last| since(last, now) >= PERSON_SPACING);
        if asker == Asker::Person && waited {
            return Ok(());
        }
        settled.cool_down(password_mark, now)
    }

    /// Whether a login that was allowed may send one more request, in another form. Only the
    /// ceilings count for it.
    ///
    /// # Errors
    /// As [`may_log_in`](Self::may_log_in) at a ceiling.
    pub fn may_go_on(&self, now: Timestamp) -> Result<()> {
        self.settled(now).below_ceilings(now)
    }

    /// Follows a clock that was set since the last time, so that each attempt is as long ago as it
    /// was. To be called before anything is asked or written; true where it must be stored.
    ///
    /// What lies ahead of a clock that was set back by less than a day counts until it has caught up,
    /// so that putting it right makes the budget no larger.
    pub fn settle(&mut self, now: Timestamp, trust: Trust) -> bool {
        let next = Seen::at(now, trust);
        let last = self.attempts.last().map(|last| Seen::at(last.at, Trust::Believed));
        let seen = self.seen.replace(next).or(last);
        let by = seen.map_or(SignedDuration::ZERO, |seen| seen.leap(next));
        shift(&mut self.attempts, by);
        !by.is_zero()
    }

    /// The same for who only looks: a clock that was set ahead is not found out.
    fn settled(&self, now: Timestamp) -> Self {
        let mut settled = self.clone();
        settled.settle(now, Trust::Believed);
        settled
    }

    /// Writes a login down, to be stored before it is sent.
    pub fn begin(&mut self, password_mark: &str, now: Timestamp) {
        let seen = self.seen.unwrap_or(Seen::at(now, Trust::Believed));
        self.seen = Some(seen.going_on(now));
        let mut troubles = split_troubles(&mut self.attempts);
        self.attempts.retain(|attempt| since(attempt.at, now) < MEMORY);
        let (begin, mut index) = (troubles.len().saturating_sub(TROUBLES), 0);
        troubles.retain(|trouble| {
            index += 1;
            since(trouble.at, now) < MEMORY || (trouble.is_of_person() && index > begin)
        });
        self.attempts.append(&mut troubles);
        let password_mark = password_mark.to_owned();
        self.attempts.push(Attempt {
            at: now,
            outcome: Outcome::Sent,
            retry_at: None,
            password_mark,
        });
    }

    /// Writes down what became of the login that was begun at `begun`. Where the clock was set
    /// meanwhile, it is the last one of which nothing is known.
    pub fn end(&mut self, begun: Timestamp, outcome: Outcome, retry_at: Option<Timestamp>) {
        let is_it = |attempt: &Attempt| attempt.at == begun;
        let is_open = |attempt: &Attempt| attempt.outcome == Outcome::Sent;
        let attempts = &self.attempts;
        let index = attempts.iter().rposition(is_it).or_else(|| attempts.iter().rposition(is_open));
        if let Some(attempt) = index.and_then(|index| self.attempts.get_mut(index)) {
            attempt.outcome = outcome;
            attempt.retry_at = retry_at;
        }
    }

    /// What two histories of one account tell together, as where a backup is brought back: the
    /// budget is no larger than by either. Where both know an attempt, this one knows it better.
    ///
    /// Their clocks may not agree on what came first. So no login that one accepted lifts what was
    /// met since the last one in the other.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        let is_known = |known: &[Attempt], at| known.iter().any(|attempt| attempt.at == at);
        let mut brought = other.attempts;
        brought.retain(|attempt| !is_known(&self.attempts, attempt.at));
        if let (Some(own), Some(theirs)) = (self.seen, other.seen) {
            shift(&mut brought, own.align(theirs));
        }
        let troubles = [split_troubles(&mut brought), split_troubles(&mut self.attempts)].concat();
        self.attempts.append(&mut brought);
        self.attempts.sort_by_key(|attempt| attempt.at);
        self.attempts.extend(troubles);
        self.seen = self.seen.or(other.seen);
        self
    }

    /// What was asked lately, oldest first.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// How many more logins the ceilings leave: within the hour, within the day.
    pub fn left(&self, now: Timestamp) -> (usize, usize) {
        let settled = self.settled(now);
        (
            PER_HOUR.saturating_sub(settled.logins_within(HOUR, now).count()),
            PER_DAY.saturating_sub(settled.logins_within(DAY, now).count()),
        )
    }

    fn below_ceilings(&self, now: Timestamp) -> Result<()> {
        for (window, ceiling) in [(HOUR, PER_HOUR), (DAY, PER_DAY)] {
            let mut recent: Vec<_> = self.logins_within(window, now).collect();
            recent.sort_by_key(|login| login.at);
            if recent.len() >= ceiling {
                let oldest = recent.swap_remove(recent.len() - ceiling);
                let context = "the account was logged in to as often as we ever do";
                return Err(
                    Error::new(self.kind_of_ceiling(), context).until(shifted(oldest.at, window))
                );
            }
        }
        let rejected = self.logins_within(DAY, now).filter(|a| a.outcome == Outcome::Rejected);
        let mut rejected: Vec<_> = rejected.collect();
        rejected.sort_by_key(|login| login.at);
        match rejected.len().checked_sub(REJECTED_PER_DAY) {
            Some(first) => {
                Err(held_after(Outcome::Rejected).until(shifted(rejected[first].at, DAY)))
            }
            None => Ok(()),
        }
    }

    /// A ceiling is told as what led to it: the cloud, or logins that somebody must look after.
    fn kind_of_ceiling(&self) -> ErrorKind {
        match self.attempts.last().map(|attempt| attempt.outcome) {
            Some(Outcome::Failed | Outcome::NotSent | Outcome::Sent) => ErrorKind::CloudUnreachable,
            _ => ErrorKind::NeedsLogin,
        }
    }

    /// The longest of the rests that what happened since the last accepted login asks for.
    fn cool_down(&self, password_mark: &str, now: Timestamp) -> Result<()> {
        let since_accepted = self.attempts.iter().rev();
        let troubles: Vec<_> =
            since_accepted.take_while(|a| a.outcome != Outcome::Accepted).collect();
        let mut longest: Option<(Timestamp, Outcome)> = None;
        for (index, trouble) in troubles.iter().enumerate() {
            let before = &troubles[index..];
            let Some(until) = rested_at(trouble, before, password_mark) else { continue };
            if now < until && longest.is_none_or(|(end, _)| until > end) {
                longest = Some((until, trouble.outcome));
            }
        }
        match longest {
            None => Ok(()),
            Some((end, outcome)) if end == Timestamp::MAX => Err(held_after(outcome)),
            Some((until, outcome)) => Err(held_after(outcome).until(until)),
        }
    }

    fn logins_within(
        &self,
        window: SignedDuration,
        now: Timestamp,
    ) -> impl Iterator<Item = &Attempt> {
        let sent = |attempt: &&Attempt| attempt.outcome != Outcome::NotSent;
        self.attempts.iter().filter(sent).filter(move |attempt| since(attempt.at, now) < window)
    }
}

fn shift(attempts: &mut [Attempt], by: SignedDuration) {
    for attempt in attempts {
        attempt.at = shifted(attempt.at, by);
        attempt.retry_at = attempt.retry_at.map(|at| shifted(at, by));
    }
}

/// Takes off what was met since the last login that was accepted.
fn split_troubles(attempts: &mut Vec<Attempt>) -> Vec<Attempt> {
    let is_accepted = |attempt: &Attempt| attempt.outcome == Outcome::Accepted;
    let begin = attempts.iter().rposition(is_accepted).map_or(0, |last| last + 1);
    attempts.split_off(begin)
}

/// When the rest after `trouble` ends, `trouble` being the first of those up to and `before` it;
/// none where it asks for none. Another password lifts a rejection, and nothing else.
fn rested_at(trouble: &Attempt, before: &[&Attempt], password_mark: &str) -> Option<Timestamp> {
    let like_it = |attempt: &&&Attempt| {
        attempt.outcome == trouble.outcome && attempt.password_mark == trouble.password_mark
    };
    let count = before.iter().filter(like_it).count();
    let rest = match trouble.outcome {
        Outcome::Accepted => return None,
        Outcome::OneTimeCode => return Some(Timestamp::MAX),
        Outcome::Rejected if trouble.password_mark != password_mark => return None,
        Outcome::Rejected => REJECTED_RESTS[count.clamp(1, REJECTED_RESTS.len()) - 1],
        Outcome::Blocked => DAY,
        Outcome::Failed | Outcome::NotSent | Outcome::Sent => failure_rest(count),
    };
    Some(shifted(trouble.at, rest).max(trouble.retry_at.unwrap_or(trouble.at)))
}

impl Attempt {
    /// Whether it goes on in a row, or until a person comes, however long ago it was.
    fn is_of_person(&self) -> bool {
        matches!(self.outcome, Outcome::Rejected | Outcome::OneTimeCode)
    }
}

impl Record for History {
    const SPACE: Space = Space::History;
    const SCHEMA: u32 = 1;
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Ceilings of B1, from any cause.
const PER_HOUR: usize = 4;
const PER_DAY: usize = 10;
const REJECTED_PER_DAY: usize = 4;

/// Rests of B1 after the first, second, third and every later rejection in a row.
const REJECTED_RESTS: [SignedDuration; 4] =
    [SignedDuration::from_mins(5), HOUR, SignedDuration::from_hours(6), DAY];

/// A person may try again this soon.
const PERSON_SPACING: SignedDuration = SignedDuration::from_secs(60);

/// The longest rest and the longest ceiling look back this far, and a day beyond.
const MEMORY: SignedDuration = SignedDuration::from_hours(48);

/// So many logins that only a person can help are remembered beyond that, until one is accepted.
const TROUBLES: usize = 32;

/// One minute, doubled for each failure in a row, at most an hour (C7).
fn failure_rest(failures: usize) -> SignedDuration {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX).min(6);
    HOUR.min(SignedDuration::from_mins(1 << doublings))
}

fn held_after(outcome: Outcome) -> Error {
    let (kind, context) = match outcome {
        Outcome::Rejected => {
            (ErrorKind::Rejected, "the cloud refused this user name and password before")
        }
        Outcome::OneTimeCode => {
            (ErrorKind::OneTimeCode, "the cloud asked for a one-time code before")
        }
        Outcome::Blocked => (ErrorKind::Blocked, "the cloud blocked this account before"),
        Outcome::Accepted | Outcome::Failed | Outcome::NotSent | Outcome::Sent => {
            (ErrorKind::CloudUnreachable, "the cloud did not work a moment ago")
        }
    };
    Error::new(kind, context)
}

fn since(earlier: Timestamp, now: Timestamp) -> SignedDuration {
    earlier.duration_until(now)
}

/// How long a cloud that asks for patience without saying how much is left in peace.
pub const UNNAMED_PATIENCE: Duration = Duration::from_secs(15 * 60);

#[cfg(test)]
mod tests;
