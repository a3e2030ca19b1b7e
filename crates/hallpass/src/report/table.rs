//! Readings as people like to see them: in groups, with units, phases side by side.

mod batteries;
mod controllers;
mod flows;
mod frame;
mod inverters;
mod meters;
mod text;

use std::collections::BTreeMap;

use anstyle::Style;
use jiff::tz::TimeZone;

use super::Report;
use batteries::battery_tables;
use controllers::controller_tables;
use flows::{flow_table, flows};
use frame::{NARROW, add_row, titled};
use inverters::inverter_table;
use meters::meter_table;
use text::{clock, energy};

pub(crate) use text::power;

/// Everything that was read, and last what could not be.
pub(crate) fn table(report: &Report<'_>, zone: &TimeZone) -> String {
    let readings = report.readings;
    let flows = flows(readings).into_iter();
    let flows = flows.map(|(title, sum, phases)| flow_table(title, sum, phases));
    let meters = readings.ctmeters.iter().filter_map(|(kind, meter)| {
        Some(meter_table(kind, meter.as_ref()?, readings.ctmeters_phases.get(kind)))
    });
    let tables = flows
        .chain(meters)
        .chain(battery_tables(report, zone))
        .chain(controller_tables(report, zone))
        .chain(inverter_table(report, zone));
    let groups = [heading(report, zone)].into_iter();
    let groups = groups.chain(tables.map(|table| table.trim_fmt()));
    let groups: Vec<_> = groups.chain(troubles(report, zone)).collect();
    groups.join("\n\n")
}

/// The flows alone, small enough to be drawn over again on any screen.
pub(crate) fn summary(report: &Report<'_>, zone: &TimeZone) -> String {
    let flows = flows(report.readings);
    let phases = flows.iter().find_map(|(_, _, phases)| *phases).map(BTreeMap::keys);
    let phases: Vec<_> = phases.into_iter().flatten().copied().collect();
    let columns = phases.iter().map(|phase| format!("{phase:?}"));
    let columns = ["now".to_owned()].into_iter().chain(columns);
    let mut table = titled("", NARROW, columns.chain(["today".to_owned()]));
    for (title, sum, of_phases) in flows {
        let of_phase = |phase| of_phases.and_then(|flows| flows.get(phase));
        let by_phase = phases.iter().map(|phase| of_phase(phase).map(|flow| power(flow.watts_now)));
        let by_phase = by_phase.map(Option::unwrap_or_default);
        let today = [energy(sum.watt_hours_today)];
        let cells = [power(sum.watts_now)].into_iter().chain(by_phase).chain(today);
        add_row(&mut table, title, cells);
    }
    format!("{}\n\n{}", heading(report, zone), table.trim_fmt())
}

/// What could not be read, and what is old.
fn troubles(report: &Report<'_>, zone: &TimeZone) -> Option<String> {
    let complaints = report.complaints.iter();
    let complaints = complaints.map(|one| format!("  {}: {}", one.endpoint, one.problem));
    let stale = report.stale.iter().map(|one| {
        format!("  {}: the last values, of {}", one.endpoint, clock(one.since, report, zone))
    });
    let lines: Vec<_> = complaints.chain(stale).collect();
    (!lines.is_empty()).then(|| format!("  {BOLD}Not read{BOLD:#}\n{}", lines.join("\n")))
}

fn heading(report: &Report<'_>, zone: &TimeZone) -> String {
    let device = &report.device;
    let role = report.role.map(|role| format!("  {role}")).unwrap_or_default();
    let time = report.taken_at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    format!(
        "  {BOLD}{}{BOLD:#}  IQ Gateway {}  firmware {}{role}  {time}",
        device.name, device.serial_number, device.firmware
    )
}

const BOLD: Style = Style::new().bold();
