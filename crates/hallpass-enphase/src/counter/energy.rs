//! Which readings are counters.

use std::collections::BTreeMap;

use super::PlantLimit;
use crate::Snapshot;
use crate::reading::{CtMeter, EnergyFlow, Inverter, Phase, Readings, UnixTime, WattHours};

/// A reading of a counter.
#[derive(Debug)]
pub(super) struct Energy {
    pub(super) path: String,
    pub(super) raw: WattHours,
    /// When it was measured, by the clock of its meter, where that is known.
    pub(super) stamp: Option<UnixTime>,
    pub(super) limit: PlantLimit,
}

/// The counters of a snapshot, those of the site first.
pub(super) fn of(snapshot: &Snapshot) -> Vec<Energy> {
    let readings = &snapshot.readings;
    let site = PlantLimit::of_site(snapshot);
    let mut energies = Vec::new();
    for (path, flow) in flows(readings) {
        energies.extend(of_flow(&path, flow, site));
    }
    for (path, meter) in meters(readings) {
        energies.extend(of_meter(&path, meter, site));
    }
    for (serial, inverter) in &readings.inverters {
        energies.extend(of_inverter(serial, inverter));
    }
    energies
}

fn flows(readings: &Readings) -> Vec<(String, &EnergyFlow)> {
    let production = &readings.system_production;
    let consumption = &readings.system_consumption;
    let sums = [("system_production", production), ("system_consumption", consumption)]
        .into_iter()
        .filter_map(|(path, sum)| Some((path.to_owned(), sum.as_ref()?)));
    let production = &readings.system_production_phases;
    let consumption = &readings.system_consumption_phases;
    let phases =
        [("system_production_phases", production), ("system_consumption_phases", consumption)]
            .into_iter()
            .flat_map(|(path, phases)| phases.iter().flat_map(|phases| by_phase(path, phases)));
    sums.chain(phases).collect()
}

fn meters(readings: &Readings) -> Vec<(String, &CtMeter)> {
    let sums = readings.ctmeters.iter().map(|(kind, meter)| (format!("ctmeters.{kind}"), meter));
    let phases = readings.ctmeters_phases.iter();
    let phases =
        phases.flat_map(|(kind, phases)| by_phase(&format!("ctmeters_phases.{kind}"), phases));
    sums.chain(phases).filter_map(|(path, meter)| Some((path, meter.as_ref()?))).collect()
}

fn by_phase<'a, T>(path: &str, phases: &'a BTreeMap<Phase, T>) -> Vec<(String, &'a T)> {
    phases.iter().map(|(phase, value)| (format!("{path}.{phase:?}"), value)).collect()
}

fn of_flow(path: &str, flow: &EnergyFlow, limit: PlantLimit) -> [Energy; 2] {
    [("watt_hours_lifetime", flow.watt_hours_lifetime), ("watt_hours_today", flow.watt_hours_today)]
        .map(|(field, raw)| Energy { path: format!("{path}.{field}"), raw, stamp: None, limit })
}

fn of_meter(path: &str, meter: &CtMeter, limit: PlantLimit) -> [Energy; 2] {
    let stamp = known(meter.timestamp);
    [("energy_delivered", meter.energy_delivered), ("energy_received", meter.energy_received)]
        .map(|(field, raw)| Energy { path: format!("{path}.{field}"), raw, stamp, limit })
}

fn of_inverter(serial: &str, inverter: &Inverter) -> impl Iterator<Item = Energy> {
    let stamp = known(inverter.last_report_date);
    let fields =
        [("lifetime_energy", inverter.lifetime_energy), ("energy_today", inverter.energy_today)];
    fields.into_iter().filter_map(move |(field, raw)| {
        let path = format!("inverters.{serial}.{field}");
        Some(Energy { path, raw: raw?, stamp, limit: PlantLimit::INVERTER })
    })
}

/// Some meters say 0 where they have no clock.
fn known(stamp: UnixTime) -> Option<UnixTime> {
    (stamp.0 > 0).then_some(stamp)
}
