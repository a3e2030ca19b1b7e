//! Batteries of both kinds, and what they are set to do.

use comfy_table::Table;
use hallpass_enphase::reading::{BatteryPower, StorageSettings, Watts};
use jiff::tz::TimeZone;

use super::{
    frame::{facts, listing},
    text::{clock_time, energy, number_of, percent, power, yes_or_no},
};
use crate::report::Report;

/// Together first, then one by one.
pub(super) fn battery_tables(report: &Report<'_>, zone: &TimeZone) -> Vec<Table> {
    let tables = [
        together(report),
        iq_batteries(report, zone),
        ac_batteries_together(report),
        ac_batteries(report, zone),
        settings(report),
    ];
    tables.into_iter().flatten().collect()
}

fn together(report: &Report<'_>) -> Option<Table> {
    let all = report.readings.encharge_aggregate.as_ref()?;
    let powers = report.readings.encharge_power.iter().flatten();
    let discharging = powers.map(|(_, battery)| milliwatts(battery)).sum::<i64>();
    Some(facts(
        "Batteries, discharge +",
        [
            ("charge", Some(percent(all.state_of_charge))),
            ("power", Some(power(Watts(discharging / 1000)))),
            ("energy", Some(energy(all.available_energy))),
            ("capacity", Some(energy(all.max_available_capacity))),
            ("reserve", Some(percent(all.reserve_state_of_charge))),
        ],
    ))
}

fn iq_batteries(report: &Report<'_>, zone: &TimeZone) -> Option<Table> {
    let batteries = report.readings.encharge_inventory.as_ref().filter(|map| !map.is_empty())?;
    let powers = report.readings.encharge_power.as_ref();
    let power_of = |serial_number: &str| {
        let battery = powers?.get(serial_number)?;
        Some(power(Watts(milliwatts(battery) / 1000)))
    };
    let title = number_of(batteries.len(), "IQ battery", "IQ batteries");
    Some(listing(
        &title,
        batteries,
        &[
            ("charge", &|battery| Some(percent(battery.percent_full))),
            ("power", &|battery| power_of(&battery.serial_number)),
            ("capacity", &|battery| Some(energy(battery.encharge_capacity))),
            ("warmth", &|battery| Some(battery.temperature.to_string())),
            ("reported", &|battery| Some(clock_time(battery.last_report_date, report, zone))),
        ],
    ))
}

fn milliwatts(battery: &BatteryPower) -> i64 {
    battery.real_power_mw.0
}

fn ac_batteries_together(report: &Report<'_>) -> Option<Table> {
    let all = report.readings.acb_power.as_ref()?;
    Some(facts(
        "AC batteries, discharge +",
        [
            ("charge", Some(percent(all.state_of_charge))),
            ("power", Some(power(all.power))),
            ("energy", Some(energy(all.charge_wh))),
            ("number", Some(all.batteries.to_string())),
            ("state", Some(all.state.clone())),
        ],
    ))
}

fn ac_batteries(report: &Report<'_>, zone: &TimeZone) -> Option<Table> {
    let batteries = report.readings.acb_inventory.as_ref().filter(|map| !map.is_empty())?;
    let title = number_of(batteries.len(), "AC battery", "AC batteries");
    Some(listing(
        &title,
        batteries,
        &[
            ("charge", &|battery| Some(percent(battery.percent_full))),
            ("power", &|battery| battery.last_report_watts.map(power)),
            ("does", &|battery| Some(battery.charge_status.to_owned())),
            ("sleep", &|battery| Some(battery.sleep_state.replace('_', " "))),
            ("reported", &|battery| {
                battery.last_report_date.map(|date| clock_time(date, report, zone))
            }),
        ],
    ))
}

/// Gateways without batteries have settings for them all the same.
fn settings(report: &Report<'_>) -> Option<Table> {
    let readings = report.readings;
    let is_meant = readings.encharge_aggregate.is_some() || readings.acb_power.is_some();
    let StorageSettings { mode, reserved_soc, charge_from_grid, opt_schedules, .. } =
        readings.tariff.as_ref()?.storage_settings.as_ref().filter(|_| is_meant)?;
    Some(facts(
        "Storage settings",
        [
            ("mode", mode.clone()),
            ("reserve", Some(percent(*reserved_soc))),
            ("charged from grid", Some(yes_or_no(*charge_from_grid))),
            ("cloud chooses mode", opt_schedules.map(yes_or_no)),
        ],
    ))
}
