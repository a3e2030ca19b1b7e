//! How wrong a device's clock is.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How much the clock of a device is ahead of ours; negative where it is behind.
///
/// A HEM forgets the time when it loses power, and one was seen to run 8 % fast: after half a day
/// every login ends before it begins, by its clock, and is refused like a wrong passphrase.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drift(SignedDuration);

impl Drift {
    /// What a device that shows `theirs` is ahead, at `ours`.
    pub fn between(theirs: Timestamp, ours: Timestamp) -> Self {
        Self(theirs.duration_since(ours))
    }

    /// How much the device is ahead.
    pub fn ahead(self) -> SignedDuration {
        self.0
    }

    /// Whether it may be why a proof was refused. A wrong passphrase on a device whose clock is
    /// right is no reason to bother a cloud.
    pub fn explains_refusal(self) -> bool {
        self.0.unsigned_abs() > TOLERANCE
    }

    /// Whether it may be why the broker does not take a letter of the device: it takes none from the
    /// future, and none that is old.
    pub fn explains_brokers_refusal(self) -> bool {
        self.0 > AHEAD_FOR_BROKER || self.0 < BEHIND_FOR_BROKER
    }

    /// The moment at which the device's clock shows `theirs`, by ours.
    pub fn ours(self, theirs: Timestamp) -> Timestamp {
        let bound = if self.0.is_negative() { Timestamp::MAX } else { Timestamp::MIN };
        theirs.checked_sub(self.0).unwrap_or(bound)
    }
}

/// More than the length of a challenge's life cannot be told from slow answers.
const TOLERANCE: Duration = Duration::from_secs(60);

/// The broker refuses what is ahead of its clock even slightly (vendor's protocol text).
const AHEAD_FOR_BROKER: SignedDuration = SignedDuration::from_secs(2);

const BEHIND_FOR_BROKER: SignedDuration = SignedDuration::from_secs(-15);
