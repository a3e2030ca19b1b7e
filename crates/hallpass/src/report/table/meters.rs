//! CT meters, phases side by side.

use std::collections::BTreeMap;

use comfy_table::Table;
use hallpass_enphase::reading::{CtMeter, Phase};

use super::{
    frame::{add_row, group},
    text::{energy, power},
};

pub(super) fn meter_table(
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
