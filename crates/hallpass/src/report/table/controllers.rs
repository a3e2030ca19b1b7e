//! The system controller with its relays, the collar, the combiner and the generator.

use comfy_table::Table;
use hallpass_enphase::reading::DryContact;
use jiff::tz::TimeZone;

use super::{
    frame::{facts, listing},
    text::{clock_time, percent, yes_or_no},
};
use crate::report::Report;

pub(super) fn controller_tables(report: &Report<'_>, zone: &TimeZone) -> Vec<Table> {
    let tables = [
        enpower(report, zone),
        relays(report),
        collar(report, zone),
        combiner(report, zone),
        generator(report),
    ];
    tables.into_iter().flatten().collect()
}

fn enpower(report: &Report<'_>, zone: &TimeZone) -> Option<Table> {
    let controller = report.readings.enpower.as_ref()?;
    Some(facts(
        "System controller",
        [
            ("serial number", Some(controller.serial_number.clone())),
            ("grid mode", Some(controller.grid_mode.clone())),
            ("relay to the grid", Some(controller.mains_oper_state.clone())),
            ("warmth", Some(controller.temperature.to_string())),
            ("reported", Some(clock_time(controller.last_report_date, report, zone))),
        ],
    ))
}

fn relays(report: &Report<'_>) -> Option<Table> {
    let readings = report.readings;
    let status = |id: &str| Some(readings.dry_contact_status.get(id)?.status.clone());
    let named = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
    if readings.dry_contact_settings.is_empty() {
        let relays = &readings.dry_contact_status;
        let is = |relay: &DryContact| Some(relay.status.clone());
        return (!relays.is_empty()).then(|| listing("Relays", relays, &[("is", &is)]));
    }
    Some(listing(
        "Relays",
        &readings.dry_contact_settings,
        &[
            ("load", &|relay| named(&relay.load_name)),
            ("is", &|relay| status(&relay.id)),
            ("on grid", &|relay| Some(relay.grid_action.clone())),
            ("off grid", &|relay| Some(relay.micro_grid_action.clone())),
            ("generator", &|relay| Some(relay.generator_action.clone())),
        ],
    ))
}

fn collar(report: &Report<'_>, zone: &TimeZone) -> Option<Table> {
    let collar = report.readings.collar.as_ref()?;
    Some(facts(
        "Meter collar",
        [
            ("serial number", Some(collar.serial_number.clone())),
            ("grid", Some(collar.grid_state.clone())),
            ("switch to the grid", Some(collar.mid_state.clone())),
            ("warmth", Some(collar.temperature.to_string())),
            ("reported", Some(clock_time(collar.last_report_date, report, zone))),
        ],
    ))
}

fn combiner(report: &Report<'_>, zone: &TimeZone) -> Option<Table> {
    let combiner = report.readings.c6cc.as_ref()?;
    Some(facts(
        "Combiner",
        [
            ("serial number", Some(combiner.serial_number.clone())),
            ("communicates", Some(yes_or_no(combiner.communicating))),
            ("reported", Some(clock_time(combiner.last_report_date, report, zone))),
        ],
    ))
}

fn generator(report: &Report<'_>) -> Option<Table> {
    let readings = report.readings;
    let (state, config) = (readings.generator.as_ref(), readings.generator_config.as_ref());
    let schedule = readings.generator_schedule.as_ref();
    if state.is_none() && config.is_none() {
        return None;
    }
    Some(facts(
        "Generator",
        [
            ("relay", state.map(|state| state.oper_state.clone())),
            ("set to", readings.generator_mode.as_ref().map(|mode| mode.gen_cmd.clone())),
            ("maker", config.map(|config| config.manufacturer.clone())),
            ("rating", config.map(|config| format!("{} kW", config.name_plate_rating_wat))),
            ("starts at charge", schedule.map(|schedule| percent(schedule.default_start_soc))),
            ("stops at charge", schedule.map(|schedule| percent(schedule.default_stop_soc))),
        ],
    ))
}
