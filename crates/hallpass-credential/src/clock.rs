//! Time as a value: what the hour is, and waiting.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::time::{self, Instant};

pub(crate) use vouched::Seen;
pub use vouched::{Trust, Vouched};

mod vouched;

/// The wall clock, and waiting by it.
///
/// Expiry is wall time and survives restarts, so it cannot be a monotonic instant.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Waits for `duration` of this clock.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The time that is `wait` after `start`, or the last there is.
pub fn later(start: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    start.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// The time that is `by` after `time`, or the first or last there is.
pub(crate) fn shifted(time: Timestamp, by: SignedDuration) -> Timestamp {
    let bound = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    time.checked_add(by).unwrap_or(bound)
}

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(time::sleep(duration))
    }
}

/// A clock that starts where it is told and runs `speed` times as fast as the runtime's timer.
///
/// The demonstration lives an hour a minute by it. Under tokio's paused time it is the test clock:
/// days pass in the moment in which everybody waits.
#[derive(Debug, Clone, Copy)]
pub struct FastClock {
    base: Timestamp,
    started: Instant,
    speed: u32,
}

impl FastClock {
    /// A clock that shows `base` now. A `speed` of 0 is taken as 1.
    pub fn starting_at(base: Timestamp, speed: u32) -> Self {
        Self { base, started: Instant::now(), speed: speed.max(1) }
    }
}

impl Clock for FastClock {
    fn now(&self) -> Timestamp {
        let elapsed = self.started.elapsed().saturating_mul(self.speed);
        SignedDuration::try_from(elapsed)
            .ok()
            .and_then(|elapsed| self.base.checked_add(elapsed).ok())
            .unwrap_or(Timestamp::MAX)
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(time::sleep(duration / self.speed))
    }
}

#[cfg(test)]
mod tests;
