//! Production, consumption and their difference.

use std::collections::BTreeMap;

use comfy_table::Table;
use hallpass_enphase::reading::{EnergyFlow, Phase, Readings};

use super::{
    frame::{add_row, group},
    text::{energy, power},
};

pub(super) type Phases = BTreeMap<Phase, EnergyFlow>;

/// What was read of production, consumption and their difference.
pub(super) fn flows(readings: &Readings) -> Vec<(&'static str, &EnergyFlow, Option<&Phases>)> {
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

pub(super) fn flow_table(title: &str, sum: &EnergyFlow, phases: Option<&Phases>) -> Table {
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
