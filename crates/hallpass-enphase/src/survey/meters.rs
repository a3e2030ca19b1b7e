//! CT meters: `/ivp/meters` and `/ivp/meters/readings`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::walk::{Ask, Found, Walk};
use crate::Endpoint;
use crate::reading::{CtMeter, CtMeters, Feature, Phase, Problem, Readings};
use crate::wire::{List, Maybe, Meter, MeterReading, ProductionReport};

type MeterList = List<Maybe<Meter>>;
type ReadingList = List<Maybe<MeterReading>>;

/// The CT meters that were enabled when the gateway was probed.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Meters {
    enabled: Vec<EnabledMeter>,
    phase_count: u8,
    phase_mode: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct EnabledMeter {
    eid: i64,
    measurement_type: String,
}

impl Meters {
    pub(super) fn probe(walk: &mut Walk<'_>) -> Result<Self, Ask> {
        Ok(match walk.look(&walk.answers.meters)? {
            Found::Yes(meters) => {
                complain_of_stateless(walk, meters);
                meters.into()
            }
            Found::No => Self::default(),
            Found::Unknown => Self { phase_count: guess_phases(walk)?, ..Self::default() },
        })
    }

    pub(super) fn endpoints(&self) -> impl Iterator<Item = Endpoint> {
        let both = [Endpoint::Meters, Endpoint::MeterReadings];
        both.into_iter().filter(|_| self.has_any())
    }

    /// Whether CT meters were set up anew. That none is left is not believed, see [`Walk::need`].
    pub(super) fn doubt_if_changed(&self, walk: &mut Walk<'_>) {
        let present = walk.glance(&walk.answers.meters).map(Self::from).unwrap_or_default();
        if self.has_any() && present.has_any() && present != *self {
            walk.doubt();
        }
    }

    pub(super) fn read(&self, walk: &mut Walk<'_>, readings: &mut Readings) {
        if self.enabled.is_empty() {
            return;
        }
        let meters = walk.need(&walk.answers.meters);
        let measured = walk.need(&walk.answers.meter_readings);
        let (Some(meters), Some(measured)) = (meters, measured) else { return };
        for reading in measured.objects() {
            if let Some((kind, meter)) = self.find(reading, meters) {
                self.read_one(walk, kind, reading, meter, readings);
            }
        }
        self.complain_of_missing(walk, meters, measured);
        alias(readings);
    }

    fn complain_of_missing(&self, walk: &mut Walk<'_>, meters: &MeterList, measured: &ReadingList) {
        for EnabledMeter { eid, measurement_type: what } in &self.enabled {
            let missing = |key| Problem::Missing { what: what.clone(), key };
            if !meters.objects().any(|meter| meter.eid.rounded() == Some(*eid)) {
                walk.complain(Endpoint::Meters, missing("eid"));
            } else if !measured.objects().any(|reading| reading.eid.rounded() == Some(*eid)) {
                walk.complain(Endpoint::MeterReadings, missing("eid"));
            }
        }
    }

    /// The type and set-up of the meter of a reading. A reading without a meter is that of a CT
    /// that is not installed (seen on 8.3.5025); disabled meters are listed too.
    fn find<'w>(&self, reading: &MeterReading, meters: &'w MeterList) -> Option<(&str, &'w Meter)> {
        let eid = reading.eid.rounded()?;
        let enabled = self.enabled.iter().find(|meter| meter.eid == eid)?;
        let meter = meters.objects().find(|meter| meter.eid.rounded() == Some(eid))?;
        Some((&enabled.measurement_type, meter))
    }

    fn read_one(
        &self,
        walk: &mut Walk<'_>,
        kind: &str,
        reading: &MeterReading,
        meter: &Meter,
        readings: &mut Readings,
    ) {
        let endpoint = Endpoint::MeterReadings;
        let sum = walk.whole(endpoint, kind, CtMeter::new(reading, meter));
        if sum.is_none() {
            return;
        }
        let phases = self.read_phases(walk, kind, reading, meter);
        let mut value = CtMeters { sum, phases };
        if self.may_lose_phase(walk, kind) && value.drop_lost_phase() {
            walk.complain(endpoint, Problem::StorageRepeatsPhase);
        }
        readings.ctmeters.insert(kind.to_owned(), value.sum);
        if !value.phases.is_empty() {
            readings.ctmeters_phases.insert(kind.to_owned(), value.phases);
        }
    }

    /// A phase for each channel, from the first on; gateways list three, whatever is wired.
    fn read_phases(
        &self,
        walk: &mut Walk<'_>,
        kind: &str,
        reading: &MeterReading,
        meter: &Meter,
    ) -> BTreeMap<Phase, Option<CtMeter>> {
        let mut phases = BTreeMap::new();
        for (&phase, channel) in self.phases().iter().zip(&reading.channels.0) {
            let Some(channel) = &channel.0 else { continue };
            let what = format_args!("{kind} {phase:?}");
            let read = walk.whole(Endpoint::MeterReadings, what, CtMeter::new(channel, meter));
            phases.extend(read.map(|read| (phase, Some(read))));
        }
        phases
    }

    fn may_lose_phase(&self, walk: &Walk<'_>, kind: &str) -> bool {
        walk.info.firmware.loses_storage_channel()
            && kind == "storage"
            && self.phase_mode.as_deref() == Some("split")
            && self.phase_count == 2
    }

    pub(super) fn has(&self, measurement_type: &str) -> bool {
        self.enabled.iter().any(|meter| meter.measurement_type == measurement_type)
    }

    pub(super) fn has_any(&self) -> bool {
        !self.enabled.is_empty()
    }

    /// The phases to read one by one: none where there is only one.
    pub(super) fn phases(&self) -> &'static [Phase] {
        match self.phase_count {
            0 | 1 => &[],
            2 => &Phase::ALL[..2],
            _ => &Phase::ALL,
        }
    }

    pub(super) fn phase_count(&self) -> u8 {
        self.phase_count.max(1)
    }

    pub(super) fn phase_mode(&self) -> Option<String> {
        self.phase_mode.clone()
    }

    pub(super) fn measurement_types(&self) -> Vec<String> {
        self.enabled.iter().map(|meter| meter.measurement_type.clone()).collect()
    }

    pub(super) fn features(&self) -> impl Iterator<Item = Feature> {
        let phases = match self.phases().len() {
            0 | 1 => None,
            2 => Some(Feature::DualPhase),
            _ => Some(Feature::ThreePhase),
        };
        self.has_any().then_some(Feature::CtMeters).into_iter().chain(phases)
    }
}

impl From<&MeterList> for Meters {
    fn from(meters: &MeterList) -> Self {
        let mut found = Self::default();
        for meter in meters.objects().filter(|meter| meter.state.is("enabled")) {
            let (Some(eid), Some(measurement_type)) =
                (meter.eid.rounded(), meter.measurement_type.value())
            else {
                continue;
            };
            let phases = meter.phase_count.rounded().and_then(|count| u8::try_from(count).ok());
            found.phase_count = found.phase_count.max(phases.unwrap_or_default());
            found.phase_mode = meter.phase_mode.value();
            found.enabled.push(EnabledMeter { eid, measurement_type });
        }
        found
    }
}

/// Whether such a meter is enabled nobody knows.
fn complain_of_stateless(walk: &mut Walk<'_>, meters: &MeterList) {
    for meter in meters.objects().filter(|meter| meter.state.is_missing()) {
        let what = format!("meter {}", meter.eid.rounded().unwrap_or_default());
        walk.complain(Endpoint::Meters, Problem::Missing { what, key: "state" });
        walk.doubt();
    }
}

/// The phases that the production report tells something of, where the meters do not say.
fn guess_phases(walk: &mut Walk<'_>) -> Result<u8, Ask> {
    let report = walk.look(&walk.answers.production_details)?.ok();
    let phases = report.map(ProductionReport::active_phases).unwrap_or_default();
    Ok(phases.try_into().unwrap_or(u8::MAX))
}

/// Gives the meters of a house their older names.
fn alias(readings: &mut Readings) {
    let (meters, phases) = (&readings.ctmeters, &readings.ctmeters_phases);
    let consumption = if meters.contains_key("net-consumption") {
        "net-consumption"
    } else {
        "total-consumption"
    };
    let meter = |kind: &str| meters.get(kind).cloned().flatten();
    readings.ctmeter_production = meter("production");
    readings.ctmeter_production_phases = phases.get("production").cloned();
    readings.ctmeter_consumption = meter(consumption);
    readings.ctmeter_consumption_phases = phases.get(consumption).cloned();
    readings.ctmeter_storage = meter("storage");
    readings.ctmeter_storage_phases = phases.get("storage").cloned();
}
