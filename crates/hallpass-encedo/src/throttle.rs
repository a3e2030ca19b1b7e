//! How often a HEM lets itself be guessed at.

use std::time::Duration;

use hallpass_credential::later;
use jiff::Timestamp;

/// The failed logins that a device still holds against everybody who asks it.
///
/// After three in a row each answer takes a second more, until none has failed for 15 s (the
/// vendor's acceptance tests, certified). Whoever tries one derivation after the other stays below.
#[derive(Debug, Clone, Default)]
pub struct Throttle {
    failures: u32,
    last: Option<Timestamp>,
}

impl Throttle {
    /// From when on the device may be shown a proof that may be wrong.
    pub fn free_from(&self, now: Timestamp) -> Timestamp {
        match self.last {
            Some(last) if self.failures >= MOST => now.max(later(last, FORGETS_AFTER)),
            _ => now,
        }
    }

    /// Takes note of a proof that the device did not take.
    pub fn note_failure(&mut self, now: Timestamp) {
        let is_forgotten = self.last.is_none_or(|last| later(last, FORGETS_AFTER) <= now);
        self.failures = if is_forgotten { 1 } else { self.failures.saturating_add(1) };
        self.last = Some(now);
    }

    /// Takes note of a proof that the device took.
    pub fn note_success(&mut self) {
        *self = Self::default();
    }
}

/// Wrong proofs in a row; one more would slow the device down for all.
const MOST: u32 = 2;

const FORGETS_AFTER: Duration = Duration::from_secs(15);
