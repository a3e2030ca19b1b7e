//! The guard of one counter.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rival::Rival;
use super::track::{Sample, Step, Track};
use super::{Counted, PlantLimit, Quality};
use crate::reading::WattHours;

/// One counter: what is published of it, and what the next reading is compared with.
///
/// As long as time does not go back, whatever is read:
/// - the published value never falls;
/// - between any two readings at which it rose, it rose by no more than a plant at its limit makes in
///   that time and 15 minutes;
/// - a reset costs what was made between the last reading before it and the first one after it. Only
///   one that is made up for before it is known, or is too small to be told from noise, costs its step.
///
/// When time does go back, the published value still does not.
///
/// ```
/// use hallpass_enphase::counter::{Guard, PlantLimit, Quality};
/// use hallpass_enphase::reading::WattHours;
///
/// let mut inverter = Guard::default();
/// let mut read = |at: &str, raw| {
///     let counted = inverter.observe(at.parse()?, WattHours(raw), PlantLimit::INVERTER);
///     Ok::<_, jiff::Error>((counted.published.0, counted.quality))
/// };
/// assert_eq!(read("2026-06-01T12:00Z", 1_193_000)?, (1_193_000, Quality::Good));
/// assert_eq!(read("2026-06-01T12:15Z", 30)?, (1_193_076, Quality::Wrapped));
/// assert_eq!(read("2026-06-01T12:30Z", 90_000)?, (1_193_076, Quality::Held));
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Guard {
    published: WattHours,
    /// The counter as it is believed to be; none before the first reading.
    believed: Option<Track>,
    /// What the last readings look like, where they do not go on from `believed`.
    rival: Option<Rival>,
}

/// What a sample goes on from.
#[derive(Clone, Copy)]
enum Origin {
    Believed,
    BelievedAround,
    Rival(Rival),
}

impl Guard {
    /// Takes one reading into account: `raw` was read at `at`, from a counter that rises by `limit`
    /// at most.
    pub fn observe(&mut self, at: Timestamp, raw: WattHours, limit: PlantLimit) -> Counted {
        let sample = Sample { at, raw, limit };
        let quality = match self.believed {
            None => self.begin(sample),
            Some(_) if self.last_at() == Some(at) => Quality::Repeated,
            Some(believed) => self.judge(believed, sample),
        };
        Counted { raw, published: self.published, quality }
    }

    /// The energy counted so far: the first raw value and all that was added since.
    #[must_use]
    pub fn published(&self) -> WattHours {
        self.published
    }

    fn begin(&mut self, sample: Sample) -> Quality {
        self.published = WattHours(sample.raw.0.max(0));
        self.believed = Some(Track::new(sample));
        Quality::Good
    }

    fn last_at(&self) -> Option<Timestamp> {
        self.rival.map(|rival| rival.track).or(self.believed).map(|track| track.at)
    }

    fn judge(&mut self, believed: Track, sample: Sample) -> Quality {
        match self.explain(believed, sample) {
            Some((Origin::Believed, step)) => {
                self.count(step.rise, step.track);
                if sample.raw.0 < step.track.raw.0 { Quality::Held } else { Quality::Good }
            }
            Some((Origin::BelievedAround, step)) => {
                self.count(step.rise, step.track);
                Quality::Wrapped
            }
            Some((Origin::Rival(rival), step)) => self.follow_rival(rival, step, believed),
            None => {
                self.rival = Some(Rival::new(believed.beside(sample)));
                doubt(sample.at, believed)
            }
        }
    }

    /// What led to a sample: of what it goes on from, that which needs less energy; else a wrap, which
    /// shows at the first reading after it or never.
    fn explain(&self, believed: Track, sample: Sample) -> Option<(Origin, Step)> {
        let straight = believed.follow(sample).map(|step| (Origin::Believed, step));
        let rival = self
            .rival
            .and_then(|rival| rival.track.follow(sample).map(|step| (Origin::Rival(rival), step)));
        let onward = [straight, rival].into_iter().flatten().min_by_key(|(_, step)| step.rise.0);
        let around = || believed.follow_around(sample).map(|step| (Origin::BelievedAround, step));
        onward.or_else(around)
    }

    fn count(&mut self, energy: WattHours, track: Track) {
        self.published = self.published + energy;
        self.believed = Some(track);
        self.rival = None;
    }

    /// A confirmed rival takes over only when it moves: one that stands still, such as the zeros of a
    /// gateway that is starting, has counted nothing, and what was believed may come back.
    fn follow_rival(&mut self, rival: Rival, step: Step, believed: Track) -> Quality {
        let was_confirmed = rival.is_confirmed();
        let rival = rival.with(step);
        self.rival = Some(rival);
        if !rival.is_confirmed() {
            return doubt(step.track.at, believed);
        }
        if step.rise.0 > 0 {
            self.count(rival.gain(), rival.track);
        }
        if was_confirmed { Quality::Good } else { Quality::Reset }
    }
}

fn doubt(at: Timestamp, believed: Track) -> Quality {
    if at < believed.at { Quality::Late } else { Quality::Held }
}

#[cfg(test)]
mod tests;
