//! What a gateway measured, in typed units.
//!
//! The names and the nesting under [`Readings`] are a contract: they are those that `hallpass read
//! --json` prints.

mod ac_battery;
mod battery;
mod change;
mod complaint;
mod controller;
mod ct_meter;
mod energy_flow;
mod family;
mod feature;
mod generator;
mod inverter;
mod network_interface;
mod phase;
mod tariff;
mod unit;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

pub use ac_battery::{AcBatteriesPower, AcBattery, AllBatteriesAggregate};
pub use battery::{BatteriesAggregate, Battery, BatteryPower};
pub use complaint::{Complaint, Problem, Stale};
pub use controller::{C6Combiner, Collar, DryContact, DryContactSettings, Enpower};
pub use ct_meter::CtMeter;
pub use energy_flow::EnergyFlow;
pub use family::Family;
pub use feature::Feature;
pub use generator::{Generator, GeneratorConfig, GeneratorMode, GeneratorSchedule};
pub use inverter::Inverter;
pub use network_interface::NetworkInterface;
pub use phase::Phase;
pub use tariff::{StorageSettings, Tariff};
pub use unit::{
    Amperes, Celsius, Fahrenheit, Hertz, MilliVoltAmperes, Milliwatts, Minutes, Percent, Seconds,
    UnixTime, Volts, WattHours, Watts,
};

pub(crate) use ct_meter::CtMeters;
pub(crate) use energy_flow::Flows;

use crate::wire::Number;
use crate::{Firmware, Info};
use unit::{CELSIUS, FAHRENHEIT};

/// All readings of one poll.
///
/// An endpoint that failed costs only what comes from it: the rest is here, and
/// [`complaints`](Self::complaints) says what is missing and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// Who was read.
    pub device: Identity,
    /// When, by the clock of the reader.
    pub taken_at: Timestamp,
    /// What the gateway can report.
    pub supported_features: BTreeSet<Feature>,
    /// Phases of the enabled CT meters, 1 without any. Source: `/ivp/meters`, highest `phaseCount`.
    pub phase_count: u8,
    /// `single`, `split` or `three`. Source: `/ivp/meters`, last `phaseMode`.
    pub phase_mode: Option<String>,
    /// Measurement types of the enabled CT meters, in the gateway's order. Source: `/ivp/meters`.
    pub ct_meter_list: Vec<String>,
    /// What was measured.
    pub readings: Readings,
    /// What could not be read, and why.
    pub complaints: Vec<Complaint>,
    /// Endpoints whose readings are older than `taken_at`.
    pub stale: Vec<Stale>,
}

impl Snapshot {
    /// The enabled CT meter that measures consumption: net, else total.
    #[must_use]
    pub fn consumption_meter_type(&self) -> Option<&str> {
        self.meter_of_type("net-consumption").or_else(|| self.meter_of_type("total-consumption"))
    }

    /// `production`, if such a CT meter is enabled.
    #[must_use]
    pub fn production_meter_type(&self) -> Option<&str> {
        self.meter_of_type("production")
    }

    /// `storage`, if such a CT meter is enabled.
    #[must_use]
    pub fn storage_meter_type(&self) -> Option<&str> {
        self.meter_of_type("storage")
    }

    /// The gateway in words: its phases and CT meters.
    #[must_use]
    pub fn model(&self) -> String {
        let mut words = vec!["Envoy".to_owned()];
        if self.phase_count > 1 || !self.ct_meter_list.is_empty() {
            let mode = self.phase_mode.as_deref().unwrap_or("unknown");
            words.push(format!("phases: {}, phase mode: {mode}", self.phase_count));
        }
        words.extend(self.ct_meter_list.iter().map(|kind| format!("{kind} CT")));
        words.join(", ")
    }

    fn meter_of_type(&self, kind: &str) -> Option<&str> {
        self.ct_meter_list.iter().map(String::as_str).find(|known| *known == kind)
    }
}

/// Who a gateway is, as far as a reading shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Identity {
    /// See [`Info::serial_number`].
    pub serial_number: String,
    /// See [`Info::part_number`].
    pub part_number: Option<String>,
    /// See [`Info::firmware`].
    pub firmware: Firmware,
    /// See [`Info::is_metered`].
    pub is_metered: bool,
}

impl From<&Info> for Identity {
    fn from(info: &Info) -> Self {
        Self {
            serial_number: info.serial_number.clone(),
            part_number: info.part_number.clone(),
            firmware: info.firmware.clone(),
            is_metered: info.is_metered,
        }
    }
}

/// What was measured. None or empty is what the gateway does not have or did not answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Readings {
    /// Solar production. Source: `/production.json?details=1`, or `/api/v1/production` without CTs.
    pub system_production: Option<EnergyFlow>,
    /// The same for each phase, where the gateway measures more than one.
    pub system_production_phases: Option<BTreeMap<Phase, EnergyFlow>>,
    /// What the house uses. Source: `/production.json?details=1`, `consumption`.
    pub system_consumption: Option<EnergyFlow>,
    /// The same for each phase.
    pub system_consumption_phases: Option<BTreeMap<Phase, EnergyFlow>>,
    /// What comes from the grid; negative while exporting. Source: as the consumption.
    pub system_net_consumption: Option<EnergyFlow>,
    /// The same for each phase.
    pub system_net_consumption_phases: Option<BTreeMap<Phase, EnergyFlow>>,
    /// CT meters by measurement type, such as `production`, `net-consumption`, `storage`; none is
    /// a meter whose reading was judged wrong. Source: `/ivp/meters/readings`.
    pub ctmeters: BTreeMap<String, Option<CtMeter>>,
    /// The same for each phase, where there is more than one.
    pub ctmeters_phases: BTreeMap<String, BTreeMap<Phase, Option<CtMeter>>>,
    /// `ctmeters` `production`, under its older name.
    pub ctmeter_production: Option<CtMeter>,
    /// `ctmeters_phases` `production`, under its older name.
    pub ctmeter_production_phases: Option<BTreeMap<Phase, Option<CtMeter>>>,
    /// `ctmeters` `net-consumption`, else `total-consumption`, under the older name.
    pub ctmeter_consumption: Option<CtMeter>,
    /// The phases of `ctmeter_consumption`.
    pub ctmeter_consumption_phases: Option<BTreeMap<Phase, Option<CtMeter>>>,
    /// `ctmeters` `storage`, under its older name.
    pub ctmeter_storage: Option<CtMeter>,
    /// `ctmeters_phases` `storage`, under its older name.
    pub ctmeter_storage_phases: Option<BTreeMap<Phase, Option<CtMeter>>>,
    /// Microinverters by serial number, AC batteries among them.
    /// Source: `/ivp/pdm/device_data`, or `/api/v1/production/inverters`.
    pub inverters: BTreeMap<String, Inverter>,
    /// IQ batteries by serial number; none where the gateway has no such system.
    pub encharge_inventory: Option<BTreeMap<String, Battery>>,
    /// What each of them does.
    pub encharge_power: Option<BTreeMap<String, BatteryPower>>,
    /// What they hold together.
    pub encharge_aggregate: Option<BatteriesAggregate>,
    /// AC batteries by serial number.
    pub acb_inventory: Option<BTreeMap<String, AcBattery>>,
    /// What they do together.
    pub acb_power: Option<AcBatteriesPower>,
    /// What batteries of both kinds hold, where there are AC batteries.
    pub battery_aggregate: Option<AllBatteriesAggregate>,
    /// The system controller.
    pub enpower: Option<Enpower>,
    /// Its relays by id.
    pub dry_contact_status: BTreeMap<String, DryContact>,
    /// What they are set to do, by id.
    pub dry_contact_settings: BTreeMap<String, DryContactSettings>,
    /// The meter collar.
    pub collar: Option<Collar>,
    /// The combiner's controller.
    pub c6cc: Option<C6Combiner>,
    /// The standby generator's state.
    pub generator: Option<Generator>,
    /// What it is.
    pub generator_config: Option<GeneratorConfig>,
    /// Whether it is on.
    pub generator_mode: Option<GeneratorMode>,
    /// When it runs by itself.
    pub generator_schedule: Option<GeneratorSchedule>,
    /// The tariff, and the settings of the storage.
    pub tariff: Option<Tariff>,
}

impl Readings {
    /// Whether nothing at all was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A wire value that a reading cannot do without, by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) &'static str);

fn needed<T>(key: &'static str, value: Option<T>) -> Result<T, Missing> {
    value.ok_or(Missing(key))
}

/// The number under `key`, in its unit.
fn exact<Unit: From<f64>>(key: &'static str, number: Number) -> Result<Unit, Missing> {
    needed(key, number.value()).map(Unit::from)
}

/// The number under `key`, in its unit, as an integer.
fn rounded<Unit: From<i64>>(key: &'static str, number: Number) -> Result<Unit, Missing> {
    needed(key, number.rounded()).map(Unit::from)
}
