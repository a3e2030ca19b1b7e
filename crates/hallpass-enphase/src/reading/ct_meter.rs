//! What CT meters measure.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Amperes, Hertz, Missing, Phase, UnixTime, Volts, WattHours, Watts, exact, rounded};
use crate::wire::{Meter, MeterReading, Text};

/// A CT meter, or one phase of it. All sources are those of `/ivp/meters/readings`, for a phase its
/// `channels`, unless said otherwise.
///
/// CTs face the switchboard: what flows towards it counts as delivered.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CtMeter {
    /// The meter's or the channel's own number. Source: `eid`.
    pub eid: i64,
    /// When it was measured. Source: `timestamp`.
    pub timestamp: UnixTime,
    /// Solar energy, import from the grid, or discharge of the storage. Source: `actEnergyDlvd`.
    pub energy_delivered: WattHours,
    /// Export to the grid, or charge of the storage. Source: `actEnergyRcvd`.
    pub energy_received: WattHours,
    /// Source: `activePower`.
    pub active_power: Watts,
    /// From -1 to 1. Source: `pwrFactor`.
    pub power_factor: f64,
    /// Some firmware adds up the phases here. Source: `voltage`.
    pub voltage: Volts,
    /// Source: `current`.
    pub current: Amperes,
    /// Source: `freq`.
    pub frequency: Hertz,
    /// `enabled` or `disabled`. Source: `/ivp/meters`, `state`.
    pub state: Option<String>,
    /// Such as `net-consumption`. Source: `/ivp/meters`, `measurementType`.
    pub measurement_type: Option<String>,
    /// Such as `normal` or `check-wiring`. Source: `/ivp/meters`, `meteringStatus`.
    pub metering_status: Option<String>,
    /// Such as `production-imbalance`; none on older firmware. Source: `/ivp/meters`, `statusFlags`.
    pub status_flags: Option<Vec<String>>,
}

impl CtMeter {
    pub(crate) fn new(reading: &MeterReading, meter: &Meter) -> Result<Self, Missing> {
        Ok(Self {
            eid: rounded("eid", reading.eid)?,
            timestamp: rounded("timestamp", reading.timestamp)?,
            energy_delivered: rounded("actEnergyDlvd", reading.act_energy_dlvd)?,
            energy_received: rounded("actEnergyRcvd", reading.act_energy_rcvd)?,
            active_power: rounded("activePower", reading.active_power)?,
            power_factor: exact("pwrFactor", reading.pwr_factor)?,
            voltage: exact("voltage", reading.voltage)?,
            current: exact("current", reading.current)?,
            frequency: exact("freq", reading.freq)?,
            state: meter.state.value(),
            measurement_type: meter.measurement_type.value(),
            metering_status: meter.metering_status.value(),
            status_flags: meter
                .status_flags
                .as_ref()
                .map(|flags| flags.0.iter().filter_map(Text::value).collect()),
        })
    }

    /// Whether this phase stands still while the sum is all of the other phase, in both directions.
    fn is_lost_to(&self, sum: &Self, other: &Self) -> bool {
        let lost = |energy: fn(&Self) -> WattHours| {
            energy(self).0 == 0 && energy(other).0 != 0 && energy(other) == energy(sum)
        };
        lost(|meter| meter.energy_delivered) && lost(|meter| meter.energy_received)
    }
}

/// A CT meter and its phases; none is what was judged wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CtMeters {
    pub(crate) sum: Option<CtMeter>,
    pub(crate) phases: BTreeMap<Phase, Option<CtMeter>>,
}

impl CtMeters {
    /// Takes back the sum and the phase that a storage meter on split phase lost, and says whether
    /// there was one.
    pub(crate) fn drop_lost_phase(&mut self) -> bool {
        let Some(lost) = self.lost_phase() else { return false };
        self.phases.insert(lost, None);
        self.sum = None;
        true
    }

    fn lost_phase(&self) -> Option<Phase> {
        let sum = self.sum.as_ref()?;
        let first = self.phases.get(&Phase::L1)?.as_ref()?;
        let second = self.phases.get(&Phase::L2)?.as_ref()?;
        match (first.is_lost_to(sum, second), second.is_lost_to(sum, first)) {
            (true, false) => Some(Phase::L1),
            (false, true) => Some(Phase::L2),
            _ => None,
        }
    }
}
