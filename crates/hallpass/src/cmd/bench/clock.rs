//! A clock that can be set.

use std::{
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use hallpass_credential::{Clock, FastClock};
use jiff::{SignedDuration, Timestamp};

/// The clock of a machine: runs as the world's does, until somebody sets it.
#[derive(Debug)]
pub(crate) struct LooseClock {
    clock: FastClock,
    set_by: AtomicI64,
}

impl LooseClock {
    pub(crate) fn starting_at(start: Timestamp) -> Self {
        Self { clock: FastClock::starting_at(start, 1), set_by: AtomicI64::new(0) }
    }

    /// Sets it by so many seconds.
    pub(crate) fn step(&self, seconds: i64) {
        self.set_by.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for LooseClock {
    fn now(&self) -> Timestamp {
        let seconds = self.set_by.load(Ordering::Relaxed);
        self.clock.now() + SignedDuration::from_secs(seconds)
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.clock.sleep(duration)
    }
}
