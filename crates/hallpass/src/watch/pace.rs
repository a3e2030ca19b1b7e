//! When to poll next.

use std::time::Duration;

use hallpass_credential::later;
use jiff::Timestamp;

/// The steps of a watch, as a pure function of what the polls gave.
///
/// While all is well polls are due on a grid; who is late skips what was missed. While nothing can
/// be read they are a minute apart, whatever was asked for: more would be unkind to a gateway that
/// is down (B3), less would find it late (B7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    every: Duration,
    due: Timestamp,
}

/// What a poll gave, as far as it matters for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Readings; more often than each `bearable` would be too much.
    Read { bearable: Duration },
    /// Nothing; and perhaps since when it may be worth trying again.
    Failed { retry_at: Option<Timestamp> },
}

impl Pace {
    /// A poll `every` so often, the first one at `now`.
    pub(crate) fn starting(every: Duration, now: Timestamp) -> Self {
        Self { every, due: now }
    }

    /// When to poll.
    pub(crate) fn due(self) -> Timestamp {
        self.due
    }

    /// The pace after the poll that was due, which ended at `now`. The next one is due later than
    /// `now`, but never later than by the interval.
    #[must_use]
    pub(crate) fn after(self, outcome: Outcome, now: Timestamp) -> Self {
        let due = match outcome {
            Outcome::Read { bearable } => later(now, self.rest(self.every.max(bearable), now)),
            Outcome::Failed { retry_at: Some(retry_at) } if is_near(retry_at, now) => {
                retry_at.max(later(now, LEAST))
            }
            Outcome::Failed { .. } => {
                later(self.due, MINUTE).clamp(later(now, BREATH), later(now, MINUTE))
            }
        };
        Self { due, ..self }
    }

    /// How long from `now` to the next line of the grid. A clock that was set back begins a new one.
    fn rest(self, interval: Duration, now: Timestamp) -> Duration {
        let late = Duration::try_from(self.due.duration_until(now)).unwrap_or_default();
        let beyond = late.as_nanos() % interval.as_nanos().max(1);
        interval - Duration::from_nanos_u128(beyond)
    }
}

/// A time that is named and near is kept to. One that is far is not waited for: until then a person
/// may have mended what is wrong.
pub(crate) fn is_near(retry_at: Timestamp, now: Timestamp) -> bool {
    now < retry_at && retry_at <= later(now, MINUTE)
}

/// The shortest interval.
pub(crate) const LEAST: Duration = Duration::from_secs(10);

const MINUTE: Duration = Duration::from_secs(60);

/// After a failed poll, however long it took: with the 45 s that an answer is waited for, a minute.
const BREATH: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests;
