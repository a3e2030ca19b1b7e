//! When a credential is renewed ahead of its end (B6).

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Validity, later};

/// When one generation of a credential is to be renewed.
///
/// Drawn once and stored with it, so that neither restarts nor many processes draw until it is early,
/// and the tokens of many machines do not come due in the same second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// From when on it is tried.
    due: Timestamp,
    /// Whether it was said that it is late.
    is_told: bool,
}

impl Renewal {
    /// For a credential of this validity: `share`, of 0 to 1, of the time in which renewals begin.
    #[must_use]
    pub fn draw(validity: &Validity, share: f64) -> Self {
        let spread = validity.window() / SPREAD;
        let wait = spread.mul_f64(share.clamp(0.0, 1.0));
        Self { due: later(validity.fresh_until(), wait), is_told: false }
    }

    /// From when on it is tried.
    #[must_use]
    pub fn due(&self) -> Timestamp {
        self.due
    }

    /// The same after it was tried in vain at `now`, and whether it is to be told that it is late:
    /// once, when half of the window is gone.
    #[must_use]
    pub fn tried(self, validity: &Validity, now: Timestamp) -> (Self, bool) {
        let is_news = validity.is_renewal_late(now) && !self.is_told;
        (Self { is_told: self.is_told || is_news, ..self }, is_news)
    }
}

/// How long to wait after the `count`th failure in a row: `first`, doubled for each, at most
/// `longest`.
///
/// With ten minutes and four hours this is three tries in the first hour and ten a day (C7), none of
/// them more than four hours after the cloud is back (C8), and no more logins than B1 has.
#[must_use]
pub fn retry_after(count: u32, first: Duration, longest: Duration) -> Duration {
    let doubled = 2_u32.saturating_pow(count.saturating_sub(1));
    first.saturating_mul(doubled).min(longest.max(first))
}

/// Renewals begin in the first third of the window: there must be time left for a cloud that is down.
const SPREAD: u32 = 3;

#[cfg(test)]
mod tests;
