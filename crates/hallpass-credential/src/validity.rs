//! How long a credential is good for.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::later;

/// Renewal starts at the latest this long before the end (budget B6).
const WIDEST_WINDOW: Duration = Duration::from_secs(30 * 24 * 3600);

/// Renewing this ahead of its end would mean to renew it all the time.
const SHORT_LIFE: Duration = Duration::from_secs(3600);

/// From when to when a credential is good. Without an end it is good until it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends, if that is known.
    pub expires_at: Option<Timestamp>,
}

/// How a credential stands at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// Good, and not worth renewing.
    Fresh,
    /// Good, and time to renew it.
    Aging,
    /// No longer good.
    Expired,
}

impl Validity {
    /// How it stands at `now`.
    pub fn at(&self, now: Timestamp) -> Age {
        match self.expires_at {
            Some(end) if end <= now => Age::Expired,
            Some(_) if now > self.fresh_until() => Age::Aging,
            _ => Age::Fresh,
        }
    }

    /// Up to when it is not worth renewing.
    pub fn fresh_until(&self) -> Timestamp {
        let Some(end) = self.expires_at else { return Timestamp::MAX };
        end.checked_sub(self.window()).unwrap_or(Timestamp::MIN)
    }

    /// How long before the end renewal starts: 30 days, or a third of a shorter life. What lives
    /// less than an hour is used to its end, and issued anew when it is wanted again.
    pub fn window(&self) -> Duration {
        let life = self.life().unwrap_or_default();
        if life < SHORT_LIFE { Duration::ZERO } else { WIDEST_WINDOW.min(life / 3) }
    }

    /// Whether half of the window is gone: a credential that is still to be renewed may not be renewed
    /// in time, and somebody should know (B6).
    pub fn is_renewal_late(&self, now: Timestamp) -> bool {
        let half = self.window() / 2;
        !half.is_zero() && now >= later(self.fresh_until(), half)
    }

    /// How long it was good for when it was new; `None` for one without an end.
    pub fn life(&self) -> Option<Duration> {
        self.remaining(self.issued_at)
    }

    /// How much of it is left at `now`; `None` for one without an end.
    pub fn remaining(&self, now: Timestamp) -> Option<Duration> {
        let end = self.expires_at?;
        Some(now.duration_until(end).try_into().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
