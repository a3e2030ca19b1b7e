//! Inverters: `/ivp/pdm/device_data` or `/api/v1/production/inverters`.

use serde::{Deserialize, Serialize};

use super::walk::{Ask, Walk};
use crate::Endpoint;
use crate::reading::{Feature, Inverter, Missing, Problem, Readings};
use crate::wire::{DeviceData, Text};

/// Where the inverters come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) enum Inverters {
    /// `/ivp/pdm/device_data`.
    Detailed,
    /// `/api/v1/production/inverters`.
    Plain,
    /// Nowhere.
    #[default]
    Absent,
}

impl Inverters {
    pub(super) fn probe(walk: &mut Walk<'_>) -> Result<Self, Ask> {
        if walk.look(&walk.answers.device_data)?.ok().is_some_and(tells_all) {
            return Ok(Self::Detailed);
        }
        let plain = walk.look(&walk.answers.inverters)?.ok();
        Ok(if plain.is_some() { Self::Plain } else { Self::Absent })
    }

    pub(super) fn endpoints(self) -> Option<Endpoint> {
        match self {
            Self::Detailed => Some(Endpoint::DeviceData),
            Self::Plain => Some(Endpoint::Inverters),
            Self::Absent => None,
        }
    }

    /// Whether the list has come to its limit since.
    pub(super) fn doubt_if_changed(self, walk: &mut Walk<'_>) {
        let data = walk.glance(&walk.answers.device_data);
        if self == Self::Detailed && data.is_some_and(|data| !data.is_complete()) {
            walk.doubt();
        }
    }

    pub(super) fn read(self, walk: &mut Walk<'_>, readings: &mut Readings) {
        match self {
            Self::Detailed => {
                let Some(data) = walk.need(&walk.answers.device_data) else { return };
                if !data.is_complete() {
                    walk.complain(Endpoint::DeviceData, Problem::CutOff);
                }
                let inverters = data.inverters().map(|device| (&device.sn, device.try_into()));
                keep(inverters, Endpoint::DeviceData, walk, readings);
            }
            Self::Plain => {
                let Some(list) = walk.need(&walk.answers.inverters) else { return };
                let inverters =
                    list.objects().map(|report| (&report.serial_number, report.try_into()));
                keep(inverters, Endpoint::Inverters, walk, readings);
            }
            Self::Absent => {}
        }
    }

    pub(super) fn features(self) -> impl Iterator<Item = Feature> {
        let features: &[Feature] = match self {
            Self::Detailed => &[Feature::DetailedInverters, Feature::Inverters],
            Self::Plain => &[Feature::Inverters],
            Self::Absent => &[],
        };
        features.iter().copied()
    }
}

/// Whether the list can stand for all inverters: not cut off, and each of them readable.
fn tells_all(data: &DeviceData) -> bool {
    data.is_complete()
        && data.inverters().next().is_some()
        && data.inverters().all(|device| Inverter::try_from(device).is_ok())
}

fn keep<'w>(
    inverters: impl Iterator<Item = (&'w Text, Result<Inverter, Missing>)>,
    endpoint: Endpoint,
    walk: &mut Walk<'_>,
    readings: &mut Readings,
) {
    for (serial_number, inverter) in inverters {
        if let Some(inverter) =
            walk.whole(endpoint, format_args!("inverter {serial_number}"), inverter)
        {
            readings.inverters.insert(inverter.serial_number.clone(), inverter);
        }
    }
}
