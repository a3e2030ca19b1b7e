//! Microinverters.

use comfy_table::Table;
use jiff::tz::TimeZone;

use super::{
    frame::listing,
    text::{clock_time, energy, number_of, power},
};
use crate::report::Report;

pub(super) fn inverter_table(report: &Report<'_>, zone: &TimeZone) -> Option<Table> {
    let inverters = &report.readings.inverters;
    let title = number_of(inverters.len(), "inverter", "inverters");
    (!inverters.is_empty()).then(|| {
        listing(
            &title,
            inverters,
            &[
                ("power", &|inverter| Some(power(inverter.last_report_watts))),
                ("highest", &|inverter| Some(power(inverter.max_report_watts))),
                ("today", &|inverter| inverter.energy_today.map(energy)),
                ("panel", &|inverter| inverter.dc_voltage.map(|volts| format!("{:.1} V", volts.0))),
                ("grid", &|inverter| inverter.ac_voltage.map(|volts| format!("{:.1} V", volts.0))),
                ("warmth", &|inverter| inverter.temperature.map(|celsius| celsius.to_string())),
                ("reported", &|inverter| Some(clock_time(inverter.last_report_date, report, zone))),
            ],
        )
    })
}
