use jiff::SignedDuration;

use crate::Snapshot;
use crate::reading::{WattHours, Watts};

/// The power above which no counter is believed.
///
/// Generous on purpose. The lies that gateways tell are megawatt-hours in a minute, which any limit
/// catches; a limit below what a site really makes or uses would hold its counters for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlantLimit(i64);

impl PlantLimit {
    /// The limit of one microinverter: the largest make two thirds of it.
    pub const INVERTER: Self = Self(1_000);

    /// A limit of `power`, at least 1 W.
    #[must_use]
    pub fn new(power: Watts) -> Self {
        Self(power.0.max(1))
    }

    /// The limit of a whole site, for all that is produced, used, imported, exported or stored: its
    /// mains, or the inverters where they can do more.
    ///
    /// A list of few inverters does not lower it, since lists are cut off.
    #[must_use]
    pub fn of_site(snapshot: &Snapshot) -> Self {
        let inverters = i64::try_from(snapshot.readings.inverters.len()).unwrap_or(i64::MAX);
        let mains = i64::from(snapshot.phase_count).saturating_mul(MAINS_PHASE);
        Self::new(Watts(mains.max(inverters.saturating_mul(Self::INVERTER.0))))
    }

    /// How long `energy` takes at this power; none where that is no sensible time.
    pub(super) fn time_for(self, energy: WattHours) -> Option<SignedDuration> {
        let micros = i128::from(energy.0) * MICROS_PER_HOUR / i128::from(self.0);
        i64::try_from(micros).ok().map(SignedDuration::from_micros)
    }
}

/// W on one phase: 200 A, the larger of the two sizes of CT that come with a gateway, at 240 V. With
/// split phase that is a service of 400 A, metered with two CTs in parallel. Source: manuals of
/// CT-200-SPLIT and CT-100-SPLIT-ROW.
const MAINS_PHASE: i64 = 48_000;

const MICROS_PER_HOUR: i128 = 3_600_000_000;
