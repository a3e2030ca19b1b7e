//! Readings as people like to see them: in groups, with units, phases side by side.

use std::collections::BTreeMap;

use anstyle::Style;
use comfy_table::{Cell, CellAlignment, ColumnConstraint, LineStyle, Table, TableStyle, Width};
use hallpass_enphase::reading::{
    CtMeter, EnergyFlow, Inverter, Phase, Readings, UnixTime, WattHours, Watts,
};
use jiff::tz::TimeZone;

use super::Report;

/// Everything that was read, and last what could not be.
pub(crate) fn table(report: &Report<'_>, zone: &TimeZone) -> String {
    let mut groups = groups(report, zone);
    let inverters = &report.readings.inverters;
    if !inverters.is_empty() {
        groups.push(inverter_table(inverters, report, zone).trim_fmt());
    }
    join(groups, report)
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

/// Power, with a sign where it is negative.
pub(super) fn power(watts: Watts) -> String {
    match watts.0.unsigned_abs() {
        0..10_000 => format!("{} W", watts.0),
        _ => format!("{:.2} kW", watts.0 as f64 / 1e3),
    }
}

fn groups(report: &Report<'_>, zone: &TimeZone) -> Vec<String> {
    let readings = report.readings;
    let flows = flows(readings).into_iter();
    let flows = flows.map(|(title, sum, phases)| flow_table(title, sum, phases).trim_fmt());
    let meters = readings.ctmeters.iter().filter_map(|(kind, meter)| {
        Some(meter_table(kind, meter.as_ref()?, readings.ctmeters_phases.get(kind)).trim_fmt())
    });
    [heading(report, zone)].into_iter().chain(flows).chain(meters).collect()
}

type Phases = BTreeMap<Phase, EnergyFlow>;

/// What was read of production, consumption and their difference.
fn flows(readings: &Readings) -> Vec<(&'static str, &EnergyFlow, Option<&Phases>)> {
    let flows = [
        ("Production", &readings.system_production, &readings.system_production_phases),
        ("Consumption", &readings.system_consumption, &readings.system_consumption_phases),
        (
            "Grid, import +",
            &readings.system_net_consumption,
            &readings.system_net_consumption_phases,
        ),
    ];
    let read = flows
        .into_iter()
        .filter_map(|(title, sum, phases)| sum.as_ref().map(|sum| (title, sum, phases.as_ref())));
    read.collect()
}

fn join(mut groups: Vec<String>, report: &Report<'_>) -> String {
    if !report.complaints.is_empty() {
        let lines = report.complaints.iter();
        let lines =
            lines.map(|complaint| format!("  {}: {}", complaint.endpoint, complaint.problem));
        let lines: Vec<_> = lines.collect();
        groups.push(format!("  {BOLD}Not read{BOLD:#}\n{}", lines.join("\n")));
    }
    groups.join("\n\n")
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

fn flow_table(title: &str, sum: &EnergyFlow, phases: Option<&Phases>) -> Table {
    let flows: Vec<_> =
        [sum].into_iter().chain(phases.into_iter().flat_map(BTreeMap::values)).collect();
    let mut table = group(title, phases.map(BTreeMap::keys).into_iter().flatten());
    let mut row = |label: &str, value: &dyn Fn(&EnergyFlow) -> String| {
        add_row(&mut table, label, flows.iter().map(|flow| value(flow)));
    };
    row("now", &|flow| power(flow.watts_now));
    row("today", &|flow| energy(flow.watt_hours_today));
    row("last 7 days", &|flow| energy(flow.watt_hours_last_7_days));
    row("lifetime", &|flow| energy(flow.watt_hours_lifetime));
    table
}

fn meter_table(
    kind: &str,
    sum: &CtMeter,
    phases: Option<&BTreeMap<Phase, Option<CtMeter>>>,
) -> Table {
    let phases =
        || phases.into_iter().flatten().filter_map(|(phase, meter)| Some((phase, meter.as_ref()?)));
    let meters: Vec<_> = [sum].into_iter().chain(phases().map(|(_, meter)| meter)).collect();
    let mut table = group(&format!("Meter {kind}"), phases().map(|(phase, _)| phase));
    let mut row = |label: &str, value: &dyn Fn(&CtMeter) -> String| {
        add_row(&mut table, label, meters.iter().map(|meter| value(meter)));
    };
    row("power", &|meter| power(meter.active_power));
    row("delivered", &|meter| energy(meter.energy_delivered));
    row("received", &|meter| energy(meter.energy_received));
    row("voltage", &|meter| format!("{:.1} V", meter.voltage.0));
    row("current", &|meter| format!("{:.2} A", meter.current.0));
    row("power factor", &|meter| format!("{:.2}", meter.power_factor));
    row("frequency", &|meter| format!("{:.2} Hz", meter.frequency.0));
    if let Some(status) = &sum.metering_status {
        add_row(&mut table, "status", [status.clone()].into_iter());
    }
    table
}

/// Columns that no inverter has a value for are left out.
fn inverter_table(
    inverters: &BTreeMap<String, Inverter>,
    report: &Report<'_>,
    zone: &TimeZone,
) -> Table {
    type Column<'a> = (&'a str, &'a dyn Fn(&Inverter) -> Option<String>);
    let columns: [Column<'_>; 7] = [
        ("power", &|inverter| Some(power(inverter.last_report_watts))),
        ("highest", &|inverter| Some(power(inverter.max_report_watts))),
        ("today", &|inverter| inverter.energy_today.map(energy)),
        ("panel", &|inverter| inverter.dc_voltage.map(|volts| format!("{:.1} V", volts.0))),
        ("grid", &|inverter| inverter.ac_voltage.map(|volts| format!("{:.1} V", volts.0))),
        ("warmth", &|inverter| inverter.temperature.map(|celsius| format!("{celsius}"))),
        ("reported", &|inverter| Some(clock_time(inverter.last_report_date, report, zone))),
    ];
    let columns = columns
        .into_iter()
        .filter(|(_, value)| inverters.values().any(|inverter| value(inverter).is_some()));
    let columns: Vec<_> = columns.collect();
    let title = format!("{} inverters", inverters.len());
    let mut table = titled(&title, WIDE, columns.iter().map(|(label, _)| (*label).to_owned()));
    for (serial_number, inverter) in inverters {
        let cells = columns.iter().map(|(_, value)| value(inverter).unwrap_or_default());
        add_row(&mut table, serial_number, cells);
    }
    table
}

fn group<'a>(title: &str, phases: impl Iterator<Item = &'a Phase>) -> Table {
    let phases: Vec<_> = phases.map(|phase| format!("{phase:?}")).collect();
    let total = if phases.is_empty() { "" } else { "total" };
    titled(title, WIDE, [total.to_owned()].into_iter().chain(phases))
}

fn titled(title: &str, label_width: u16, columns: impl Iterator<Item = String>) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).force_no_tty();
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    table.set_header([Cell::new(title)].into_iter().chain(columns.map(right)).collect::<Vec<_>>());
    let widths = table.column_iter().map(|column| if column.index == 0 { label_width } else { 12 });
    let widths: Vec<_> =
        widths.map(|width| ColumnConstraint::LowerBoundary(Width::Fixed(width))).collect();
    table.set_constraints(widths);
    table
}

fn add_row(table: &mut Table, label: &str, cells: impl Iterator<Item = String>) {
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    table.add_row([Cell::new(label)].into_iter().chain(cells.map(right)).collect::<Vec<_>>());
}

fn energy(energy: WattHours) -> String {
    match energy.0.unsigned_abs() {
        0..1_000 => format!("{} Wh", energy.0),
        1_000..10_000_000 => format!("{:.2} kWh", energy.0 as f64 / 1e3),
        _ => format!("{:.2} MWh", energy.0 as f64 / 1e6),
    }
}

/// The time of day, with the day where it is another one than the reading's.
fn clock_time(moment: UnixTime, report: &Report<'_>, zone: &TimeZone) -> String {
    let Some(moment) = moment.timestamp() else { return String::new() };
    let moment = moment.to_zoned(zone.clone());
    let today = report.taken_at.to_zoned(zone.clone()).date();
    let form = if moment.date() == today { "%H:%M:%S" } else { "%Y-%m-%d %H:%M" };
    moment.strftime(form).to_string()
}

/// The names of things, so that groups below each other are aligned.
const WIDE: u16 = 24;

/// With five columns of values it still fits 80 characters.
const NARROW: u16 = 16;

const BOLD: Style = Style::new().bold();

/// A line below the heads, and nothing else.
const STYLE: TableStyle =
    comfy_table::presets::NOTHING.header_separator(LineStyle::new('─', '─', '─', '─'));
