//! AC batteries ("ACB").

use serde::Serialize;

use super::{Celsius, Missing, Percent, UnixTime, WattHours, Watts, exact, needed, rounded};
use crate::wire::{InverterReport, Object, Storage};

/// All AC batteries together. Source: `/production.json?details=1`, first of `storage`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AcBatteriesPower {
    /// Positive while they discharge. Source: `wNow`.
    pub power: Watts,
    /// The energy in them. Source: `whNow`.
    pub charge_wh: WattHours,
    /// How full they are. Source: `percentFull`.
    pub state_of_charge: Percent,
    /// `charging`, `discharging`, `idle`, ... Source: `state`.
    pub state: String,
    /// How many there are. Source: `activeCount`.
    pub batteries: i64,
}

impl TryFrom<&Storage> for AcBatteriesPower {
    type Error = Missing;

    fn try_from(storage: &Storage) -> Result<Self, Missing> {
        Ok(Self {
            power: rounded("wNow", storage.w_now)?,
            charge_wh: rounded("whNow", storage.wh_now)?,
            state_of_charge: exact("percentFull", storage.percent_full)?,
            state: needed("state", storage.state.value())?,
            batteries: rounded("activeCount", storage.active_count)?,
        })
    }
}

/// Batteries of both kinds together, where there are AC batteries.
/// Source: `/ivp/ensemble/secctrl`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AllBatteriesAggregate {
    /// Source: `ENC_agg_avail_energy` and `ACB_agg_energy`, added.
    pub available_energy: WattHours,
    /// How full they are. Source: `agg_soc`.
    pub state_of_charge: Percent,
    /// What they hold when full. Source: `Max_energy`.
    pub max_available_capacity: WattHours,
}

impl TryFrom<Object<'_>> for AllBatteriesAggregate {
    type Error = Missing;

    fn try_from(all: Object<'_>) -> Result<Self, Missing> {
        let iq_batteries: WattHours = all.integer("ENC_agg_avail_energy")?;
        let ac_batteries: WattHours = all.integer("ACB_agg_energy")?;
        Ok(Self {
            available_energy: iq_batteries + ac_batteries,
            state_of_charge: all.decimal("agg_soc")?,
            max_available_capacity: all.integer("Max_energy")?,
        })
    }
}

/// An AC battery. Source: `/inventory.json?deleted=1`, group `ACB`, which the gateway renews every
/// 10 to 15 minutes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AcBattery {
    /// Opaque text. Source: `serial_num`.
    pub serial_num: String,
    /// Empty where it is not known. Source: `part_num`.
    pub part_num: String,
    /// Whether it is set to sleep. Source: `sleep_enabled`.
    pub sleep_enabled: bool,
    /// `charging`, `discharging`, `idle` or `unknown`. Source: `charge_status`.
    pub charge_status: &'static str,
    /// Flags of the gateway's. Source: `device_status`.
    pub device_status: Vec<String>,
    /// How full it is. Source: `percentFull`.
    pub percent_full: Percent,
    /// Of the warmest cell. Source: `maxCellTemp`.
    pub max_cell_temp: Option<Celsius>,
    /// Source: `communicating`.
    pub communicating: bool,
    /// Source: `operating`.
    pub operating: bool,
    /// Source: `producing`.
    pub producing: bool,
    /// Source: `sleep_min_soc`.
    pub sleep_min_soc: Option<Percent>,
    /// Source: `sleep_max_soc`.
    pub sleep_max_soc: Option<Percent>,
    /// `asleep`, `going_to_sleep`, `waking` or `awake`: what it is set to, and what it says.
    pub sleep_state: &'static str,
    /// Source: `/api/v1/production/inverters`, `lastReportDate`.
    pub last_report_date: Option<UnixTime>,
    /// Source: `/api/v1/production/inverters`, `lastReportWatts`.
    pub last_report_watts: Option<Watts>,
    /// Source: `/api/v1/production/inverters`, `maxReportWatts`.
    pub max_report_watts: Option<Watts>,
}

impl AcBattery {
    /// The battery of the inventory, with its entry among the inverters, where it has one.
    pub(crate) fn new(
        device: Object<'_>,
        report: Option<&InverterReport>,
    ) -> Result<Self, Missing> {
        let device_status = device.texts("device_status");
        let sleep_enabled = device.flag("sleep_enabled").unwrap_or_default();
        let sleeps = device_status.iter().any(|flag| flag == SLEEPS);
        let reported = |value: fn(&InverterReport) -> Option<i64>| report.and_then(value);
        Ok(Self {
            serial_num: device.text("serial_num")?,
            part_num: device.text("part_num").unwrap_or_default(),
            sleep_enabled,
            charge_status: charge_status(device),
            percent_full: device.decimal("percentFull").unwrap_or_default(),
            max_cell_temp: device.decimal("maxCellTemp").ok(),
            communicating: device.flag("communicating").unwrap_or_default(),
            operating: device.flag("operating").unwrap_or_default(),
            producing: device.flag("producing").unwrap_or_default(),
            sleep_min_soc: device.decimal("sleep_min_soc").ok(),
            sleep_max_soc: device.decimal("sleep_max_soc").ok(),
            sleep_state: sleep_state(sleep_enabled, sleeps),
            device_status,
            last_report_date: reported(|report| report.last_report_date.rounded()).map(UnixTime),
            last_report_watts: reported(|report| report.last_report_watts.rounded()).map(Watts),
            max_report_watts: reported(|report| report.max_report_watts.rounded()).map(Watts),
        })
    }
}

fn charge_status(device: Object<'_>) -> &'static str {
    let status = device.text("charge_status").unwrap_or_default().to_lowercase();
    let known = ["charging", "discharging", "idle"].into_iter().find(|known| *known == status);
    known.unwrap_or("unknown")
}

fn sleep_state(is_set_to_sleep: bool, sleeps: bool) -> &'static str {
    match (is_set_to_sleep, sleeps) {
        (true, true) => "asleep",
        (true, false) => "going_to_sleep",
        (false, true) => "waking",
        (false, false) => "awake",
    }
}

const SLEEPS: &str = "envoy.cond_flags.pcu_ctrl.sleep-mode";
