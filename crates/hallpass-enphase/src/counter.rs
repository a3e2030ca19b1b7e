//! Energy counters that do not lie.
//!
//! What a gateway says it has counted wraps around, is reset, reads zero after a start, and leaps by
//! megawatt-hours. [`Counters`] keeps, beside each raw value, a published one that never falls and
//! never rises by more than a plant can make. Whoever sums energy sums the published values.
//!
//! Everything here is pure and can be stored: a daemon that keeps its [`Counters`] goes on after a
//! restart as if it had been away from the gateway for that long.

mod energy;
mod guard;
mod limit;
mod quality;
mod rival;
mod track;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use guard::Guard;
pub use limit::PlantLimit;
pub use quality::{Counted, Quality};

use crate::Snapshot;
use crate::reading::UnixTime;
use energy::Energy;

/// The counters of one gateway, each by the path of its reading, such as
/// `system_production.watt_hours_lifetime` or `ctmeters.net-consumption.energy_received`.
///
/// Lifetime and daily counters are treated alike: a daily one is a counter that is reset each night,
/// whenever the gateway gets round to it. What is not here is no counter: the net consumption is a
/// balance (its two halves are the energies of its CT meter), and seven days are a window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counters(BTreeMap<String, Counter>);

impl Counters {
    /// Takes the energies of a snapshot into account, and gives what to publish for each.
    ///
    /// A counter that the snapshot lacks stays as it is, unless there are more than [`MOST`]: then
    /// those that it lacks are forgotten.
    pub fn observe(&mut self, snapshot: &Snapshot) -> BTreeMap<String, Counted> {
        let taken_at = snapshot.taken_at;
        let energies = energy::of(snapshot).into_iter().take(MOST);
        let published: BTreeMap<_, _> = energies
            .map(|energy| {
                let counter = self.0.entry(energy.path.clone()).or_default();
                let counted = counter.observe(&energy, taken_at);
                (energy.path, counted)
            })
            .collect();
        if self.0.len() > MOST {
            self.0.retain(|path, _| published.contains_key(path));
        }
        published
    }
}

/// A guard, and when its meter last measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Counter {
    guard: Guard,
    /// The meter's own time of its last reading. Only compared, since its clock may be wrong.
    stamp: Option<UnixTime>,
    /// When that reading was first seen, by the clock of the reader.
    fresh_at: Timestamp,
}

impl Counter {
    fn observe(&mut self, energy: &Energy, taken_at: Timestamp) -> Counted {
        if energy.stamp.is_some() && energy.stamp == self.stamp {
            let is_stale = taken_at.duration_since(self.fresh_at) >= STALE;
            let quality = if is_stale { Quality::Stale } else { Quality::Repeated };
            return Counted { raw: energy.raw, published: self.guard.published(), quality };
        }
        self.stamp = energy.stamp;
        self.fresh_at = taken_at;
        self.guard.observe(taken_at, energy.raw, energy.limit)
    }
}

/// How many counters are kept. The largest gateways have some 700: two for each of 300 inverters,
/// and those of the meters.
pub const MOST: usize = 2_048;

/// From what age on a reading is stale. Source: faults catalogue D7; inverters report each 5 to 15
/// minutes.
const STALE: SignedDuration = SignedDuration::from_mins(15);

#[cfg(test)]
mod tests;
