//! The clock of the simulated world. Everything that ages here (sessions, tokens, energies, budgets) asks it.

use std::{sync::Mutex, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::lock::lock;

/// Simulated time: it starts where it was told to, runs `speed` times as fast as tokio's clock, and can be moved
/// ahead. A test that pauses tokio's time therefore drives it too.
#[derive(Debug)]
pub(crate) struct Clock {
    start: Timestamp,
    began: Instant,
    speed: f64,
    advanced: Mutex<Duration>,
}

impl Clock {
    pub(crate) fn new(start: Timestamp, speed: f64) -> Self {
        Self { start, began: Instant::now(), speed, advanced: Mutex::default() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.start + signed(self.began.elapsed().mul_f64(self.speed) + *lock(&self.advanced))
    }

    /// Moves time ahead; nothing that waits is woken by it.
    pub(crate) fn advance(&self, by: Duration) {
        *lock(&self.advanced) += by;
    }

    /// How long so much simulated time takes, unless it is moved ahead.
    pub(crate) fn real(&self, simulated: Duration) -> Duration {
        simulated.div_f64(self.speed)
    }

    /// Waits for so much simulated time (advances do not count).
    pub(crate) async fn wait(&self, simulated: Duration) {
        tokio::time::sleep(self.real(simulated)).await;
    }
}

/// The host's time of day, where a simulation starts unless it is told otherwise: the only wall clock read of the crate.
pub(crate) fn wall_clock() -> Timestamp {
    #[expect(
        clippy::disallowed_methods,
        reason = "the start of simulated time; from there on `Clock` counts"
    )]
    Timestamp::now()
}

/// A duration that jiff can add to a timestamp, at most some 290,000 years.
pub(crate) fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
