//! Values with their units, short enough for a column.

use hallpass_enphase::reading::{Percent, UnixTime, WattHours, Watts};
use jiff::{Timestamp, tz::TimeZone};

use crate::report::Report;

/// Power, with a sign where it is negative.
pub(crate) fn power(watts: Watts) -> String {
    match watts.0.unsigned_abs() {
        0..10_000 => format!("{} W", watts.0),
        _ => format!("{:.2} kW", watts.0 as f64 / 1e3),
    }
}

/// Energy.
pub(super) fn energy(energy: WattHours) -> String {
    match energy.0.unsigned_abs() {
        0..1_000 => format!("{} Wh", energy.0),
        1_000..10_000_000 => format!("{:.2} kWh", energy.0 as f64 / 1e3),
        _ => format!("{:.2} MWh", energy.0 as f64 / 1e6),
    }
}

/// The time of day by the gateway's clock; nothing where it is out of range.
pub(super) fn clock_time(moment: UnixTime, report: &Report<'_>, zone: &TimeZone) -> String {
    moment.timestamp().map(|moment| clock(moment, report, zone)).unwrap_or_default()
}

/// The time of day, with the day where it is another one than the reading's.
pub(super) fn clock(moment: Timestamp, report: &Report<'_>, zone: &TimeZone) -> String {
    let moment = moment.to_zoned(zone.clone());
    let today = report.taken_at.to_zoned(zone.clone()).date();
    let form = if moment.date() == today { "%H:%M:%S" } else { "%Y-%m-%d %H:%M" };
    moment.strftime(form).to_string()
}

/// A part of a whole, without the decimals that it does not have.
pub(super) fn percent(percent: Percent) -> String {
    format!("{} %", percent.0)
}

pub(super) fn yes_or_no(flag: bool) -> String {
    if flag { "yes" } else { "no" }.to_owned()
}

/// So many of a kind.
pub(super) fn number_of(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
