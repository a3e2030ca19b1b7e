//! A reading in one line, for where nothing can be drawn over again.

use hallpass_enphase::reading::EnergyFlow;
use jiff::tz::TimeZone;

use super::{Report, table::power};

/// Time and powers, as far as they were read.
pub(crate) fn line(report: &Report<'_>, zone: &TimeZone) -> String {
    let time = report.taken_at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string();
    let readings = report.readings;
    let flows = [
        ("production", &readings.system_production),
        ("consumption", &readings.system_consumption),
        ("grid", &readings.system_net_consumption),
    ];
    let flow = |(name, flow): (&str, &Option<EnergyFlow>)| {
        flow.as_ref().map(|flow| format!("{name} {}", power(flow.watts_now)))
    };
    let flows: Vec<_> = flows.into_iter().filter_map(flow).collect();
    format!(
        "{time}  {}",
        if flows.is_empty() { "nothing measured".to_owned() } else { flows.join("  ") }
    )
}
