use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::track::{Step, Track};
use crate::reading::WattHours;

/// What a counter may have been reset to: readings that go on from one another, and not from it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Rival {
    pub(super) track: Track,
    first: WattHours,
    /// Readings at least [`APART`] from one another, up to [`ENOUGH`].
    agreeing: u8,
    /// When the last of them was taken.
    agreed_at: Timestamp,
}

impl Rival {
    pub(super) fn new(track: Track) -> Self {
        Self { track, first: track.raw, agreeing: 1, agreed_at: track.at }
    }

    /// The same with one more reading.
    pub(super) fn with(self, step: Step) -> Self {
        let track = step.track;
        if track.at.duration_since(self.agreed_at) < APART {
            return Self { track, ..self };
        }
        let agreeing = self.agreeing.saturating_add(1).min(ENOUGH);
        Self { track, agreeing, agreed_at: track.at, ..self }
    }

    pub(super) fn is_confirmed(&self) -> bool {
        self.agreeing >= ENOUGH
    }

    /// The energy counted since the first of its readings.
    pub(super) fn gain(&self) -> WattHours {
        WattHours(self.track.raw.0.saturating_sub(self.first.0))
    }
}

/// How many readings confirm a reset, and how far apart. Source: faults catalogue, group Data.
const ENOUGH: u8 = 3;
const APART: SignedDuration = SignedDuration::from_mins(5);
