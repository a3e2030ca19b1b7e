use std::fmt;

use serde::Serialize;

use crate::reading::WattHours;

/// One reading of a counter, and what to make of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Counted {
    /// What the gateway says.
    pub raw: WattHours,
    /// The energy counted so far: the first raw value and all that was added since. Never falls.
    pub published: WattHours,
    /// How `published` came from `raw`.
    pub quality: Quality,
}

/// What a reading is to the counter that it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Quality {
    /// It goes on from where it was.
    Good,
    /// It fell, or rose by more than a plant can make: nothing is counted until it goes on from where
    /// it was, or is known to have been reset.
    Held,
    /// It went once around a 32-bit number, or was put right after it had: what is published goes on.
    Wrapped,
    /// It is known to have been reset: three readings at least 5 minutes apart go on from one another.
    /// The step is not counted, what it has counted since is.
    Reset,
    /// Its time was seen before; not counted again.
    Repeated,
    /// As [`Repeated`](Self::Repeated), and the meter has measured nothing new for 15 minutes.
    Stale,
    /// Its time is before that of the last one, by the clock of the reader; not counted, unless the
    /// clock stays there.
    Late,
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Good => "goes on from where it was",
            Self::Held => "is not believed yet: no plant makes such a step",
            Self::Wrapped => "went around its largest number and on",
            Self::Reset => "was reset and goes on from there",
            Self::Repeated => "was counted before",
            Self::Stale => "has not been measured anew for 15 minutes",
            Self::Late => "is older than what was counted",
        })
    }
}
