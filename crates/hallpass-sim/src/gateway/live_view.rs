//! The live view: on for a quarter of an hour whenever it is asked for, and standing still otherwise.

use jiff::{SignedDuration, Timestamp};

use crate::world::Moment;

const LENGTH: SignedDuration = SignedDuration::from_mins(15);

/// Off until somebody switches it on.
#[derive(Default)]
pub(super) struct LiveView {
    until: Option<Timestamp>,
    shown: Option<Moment>,
}

impl LiveView {
    pub(super) fn switch(&mut self, on: bool, now: Timestamp) {
        self.until = on.then_some(now + LENGTH);
    }

    pub(super) fn is_on(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// What is shown at this moment: the moment itself, or what was shown last.
    pub(super) fn show(&mut self, moment: Moment) -> Moment {
        let shown = self.shown.take().filter(|_| !self.is_on(moment.at)).unwrap_or(moment);
        self.shown.insert(shown).clone()
    }
}
