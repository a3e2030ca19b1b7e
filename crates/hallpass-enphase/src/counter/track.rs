//! One run of a counter.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::PlantLimit;
use crate::reading::WattHours;

/// The end of a run of readings that one counter may have given, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Track {
    /// The highest reading.
    pub(super) raw: WattHours,
    /// The time of the last one.
    pub(super) at: Timestamp,
    /// How long before `at` the making of the energy to come may have begun; negative is a counter
    /// that is ahead of what a plant at its limit makes.
    credit: SignedDuration,
}

/// One reading of a counter that rises by `limit` at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) at: Timestamp,
    pub(super) raw: WattHours,
    pub(super) limit: PlantLimit,
}

/// How a track goes on with one more sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) rise: WattHours,
    pub(super) track: Track,
}

impl Track {
    pub(super) fn new(sample: Sample) -> Self {
        Self { raw: sample.raw, at: sample.at, credit: SignedDuration::ZERO }
    }

    /// A track that begins where this one does not go on; it starts without credit, but owes what this
    /// one owes.
    pub(super) fn beside(&self, sample: Sample) -> Self {
        let credit = self.credit.saturating_add(sample.at.duration_since(self.at));
        Self { credit: credit.clamp(-DELAY, SignedDuration::ZERO), ..Self::new(sample) }
    }

    /// The step to the sample, if a plant can make it in that time. A counter that sags, as computed
    /// ones do, stays at its highest reading.
    pub(super) fn follow(&self, sample: Sample) -> Option<Step> {
        let raw = if self.sags_to(sample.raw) { self.raw } else { sample.raw };
        let rise = raw.0.checked_sub(self.raw.0).filter(|&rise| rise >= 0)?;
        self.step(Sample { raw, ..sample }, WattHours(rise))
    }

    /// The step to the sample by way of the largest 32-bit number of joules, which a sum of inverters
    /// passes once for each of them; or back, where firmware puts that right.
    ///
    /// Only little energy may lie between: what a plant makes in a long absence fits any reset.
    pub(super) fn follow_around(&self, sample: Sample) -> Option<Step> {
        let joules = (i128::from(sample.raw.0) - i128::from(self.raw.0)) * JOULES_PER_WATT_HOUR;
        // Both ends are rounded, so the rise may look like -1 Wh.
        let joules = joules + JOULES_PER_WATT_HOUR;
        let rise = joules.rem_euclid(WRAP) - JOULES_PER_WATT_HOUR;
        if joules.div_euclid(WRAP) == 0 || rise > WRAP / 16 {
            return None;
        }
        let rise = i64::try_from(rise.max(0) / JOULES_PER_WATT_HOUR).ok()?;
        self.step(sample, WattHours(rise))
    }

    fn sags_to(&self, raw: WattHours) -> bool {
        let fall = self.raw.0.saturating_sub(raw.0);
        fall > 0 && fall <= SAG.min(self.raw.0 / 10)
    }

    fn step(&self, sample: Sample, rise: WattHours) -> Option<Step> {
        let elapsed = sample.at.duration_since(self.at);
        let needed = sample.limit.time_for(rise)?;
        let left = self.credit.saturating_add(elapsed).saturating_sub(needed);
        if elapsed <= SignedDuration::ZERO || left < -DELAY {
            return None;
        }
        // A counter that stands still may be about to catch up; one that moves has.
        let most = if rise.0 == 0 { STALL } else { SignedDuration::ZERO };
        Some(Step { rise, track: Self { credit: left.min(most), ..Self::new(sample) } })
    }
}

/// How late energy is counted at most: inverters report each 5 to 15 minutes, not all at once.
/// Source: `reading::Inverter`.
const DELAY: SignedDuration = SignedDuration::from_mins(15);

/// For how long a counter may stand still and then count at once what was made meanwhile, as
/// inverters do that could not be heard, and readings of an endpoint that was away.
const STALL: SignedDuration = SignedDuration::from_hours(3);

/// Wh by which a counter may fall, if that is at most a tenth of it, without having been reset.
/// Consumption that is computed from net and production falls by 1 Wh now and then
/// (home-assistant/core 64292, 78038), a CT that sees the inverters' own use by some W all night.
const SAG: i64 = 100;

/// Where the lifetime counter of an inverter, or of a gateway without CTs, goes on from zero: at
/// 1,193,046 Wh. Source: pyenphase known issues, "1.19 MWh"; why: home-assistant.io 39644.
const WRAP: i128 = 1 << 32;

const JOULES_PER_WATT_HOUR: i128 = 3_600;
