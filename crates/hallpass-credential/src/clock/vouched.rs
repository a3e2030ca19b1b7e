//! Whether this machine's clock may be believed (B6).
//!
//! A clock that is years ahead would give up tokens that are good. So what hangs on a token's end
//! alone is decided by this clock only where something else agrees with it within a day: the device,
//! the cloud, or the hour that the store was sure of last.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::shifted;
use crate::{
    Result,
    store::{Record, Records, Revise, Space},
};

/// The last time at which this machine's clock was believed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vouched {
    at: Option<Timestamp>,
}

/// What this machine's clock is worth at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "complete by nature")]
pub enum Trust {
    /// Something agrees with it.
    Believed,
    /// Nothing does.
    Doubted,
}

impl Vouched {
    /// With the word of another clock, heard when this one showed `now`.
    #[must_use]
    pub fn and(self, witness: Timestamp, now: Timestamp) -> Self {
        if agree(witness, now) { self.going_on(now) } else { self }
    }

    /// With the time that has passed, which counts while it is believed. Saved once an hour.
    #[must_use]
    pub fn going_on(self, now: Timestamp) -> Self {
        match self.at {
            Some(at) if (at..shifted(at, HOUR)).contains(&now) => self,
            _ => Self { at: Some(now) },
        }
    }

    /// What the clock is worth that shows `now`.
    #[must_use]
    pub fn trust(self, now: Timestamp) -> Trust {
        match self.at {
            Some(at) if agree(at, now) => Trust::Believed,
            _ => Trust::Doubted,
        }
    }

    /// What the clock is worth that shows `now`, as far as the store knows.
    ///
    /// # Errors
    /// [`ErrorKind::Store`](crate::ErrorKind::Store).
    pub async fn look(records: &Records, now: Timestamp) -> Result<Trust> {
        let vouched: Self = records.load(NAME).await?.unwrap_or_default();
        let trust = vouched.trust(now);
        if trust == Trust::Believed {
            vouched.save(vouched.going_on(now), records).await?;
        }
        Ok(trust)
    }

    /// Hears what another clock says, when this one shows `now`.
    ///
    /// # Errors
    /// [`ErrorKind::Store`](crate::ErrorKind::Store).
    pub async fn hear(records: &Records, witness: Timestamp, now: Timestamp) -> Result<()> {
        let vouched: Self = records.load(NAME).await?.unwrap_or_default();
        vouched.save(vouched.and(witness, now), records).await
    }

    async fn save(self, next: Self, records: &Records) -> Result<()> {
        if next != self {
            records.update(NAME, move |_: Option<Self>| (Revise::Put(next), ())).await?;
        }
        Ok(())
    }
}

impl Record for Vouched {
    const SPACE: Space = Space::History;
    const SCHEMA: u32 = 1;
}

/// When a record was looked at last, by which clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Seen {
    at: Timestamp,
    trust: Trust,
}

impl Seen {
    /// At `now`, by a clock of this worth.
    pub(crate) fn at(now: Timestamp, trust: Trust) -> Self {
        Self { at: now, trust }
    }

    /// The same by the same clock at another time.
    pub(crate) fn going_on(self, now: Timestamp) -> Self {
        Self { at: now, ..self }
    }

    /// How far the times of the record must follow a clock that shows `next` now.
    ///
    /// Where it was set back, or has gone on by more than a day that nothing vouches for, no time
    /// has passed that can be relied on: what was a minute ago is a minute ago still. So a step of
    /// the clock neither ends a rest nor makes one last for years; nor does the step by which a
    /// wrong clock is put right. A step ahead of less than a day looks like a machine that slept, and
    /// is taken for it.
    pub(crate) fn step(self, next: Self) -> SignedDuration {
        if self.passed(next) < -RACE { self.passed(next) } else { self.leap(next) }
    }

    /// The same for what must never seem longer ago than it is: where the clock was set back by less
    /// than a day, nothing moves until it has caught up, as it does when it is put right again.
    pub(crate) fn leap(self, next: Self) -> SignedDuration {
        let passed = self.passed(next);
        let is_vouched = self.trust == Trust::Believed && next.trust == Trust::Believed;
        let is_leap = passed < -DOUBT || (!is_vouched && passed > DOUBT);
        if is_leap { passed } else { SignedDuration::ZERO }
    }

    /// How far the times of a record that was kept elsewhere must be moved to stand beside those of
    /// this: nothing where both clocks were believed, else so that they were looked at together.
    pub(crate) fn align(self, other: Self) -> SignedDuration {
        match (self.trust, other.trust) {
            (Trust::Believed, Trust::Believed) => SignedDuration::ZERO,
            _ => other.passed(self),
        }
    }

    fn passed(self, next: Self) -> SignedDuration {
        self.at.duration_until(next.at)
    }
}

fn agree(one: Timestamp, other: Timestamp) -> bool {
    one.duration_until(other).abs() <= DOUBT
}

/// Clocks that are further apart do not agree (B6).
const DOUBT: SignedDuration = SignedDuration::from_hours(24);

/// What was believed is saved this seldom.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Processes that look at the clock at the same time are no further apart.
const RACE: SignedDuration = SignedDuration::from_secs(1);

const NAME: &str = "clock";

#[cfg(test)]
mod tests;
