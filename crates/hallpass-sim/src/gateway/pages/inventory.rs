//! `/inventory.json`: everything that talks over the power line, with numbers as text.

use super::{View, inverters, production, serial_number, whole};
use crate::{
    json::{Json, json},
    profile::Generation,
};

/// Of everything. (An AC battery that sleeps would say so here; these never do.)
const FINE: [&str; 1] = ["envoy.global.ok"];

pub(super) fn body(view: &View<'_>) -> Json {
    let plant = &view.moment.plant;
    let inverters: Vec<Json> = (0..plant.inverters).map(|index| inverter(view, index)).collect();
    let batteries: Vec<Json> =
        (0..plant.ac_batteries.count).map(|index| ac_battery(view, index)).collect();
    let gone = view.asks("deleted") && plant.ac_batteries.count > 0;
    let batteries = batteries.into_iter().chain(gone.then(|| decommissioned(view)));
    let mut groups = vec![
        json!({"type": "PCU", "devices": inverters}),
        json!({"type": "ACB", "devices": batteries.collect::<Json>()}),
        json!({"type": "NSRB", "devices": Json::EMPTY_LIST}),
    ];
    if !view.profile.before(Generation::Seven) {
        groups.push(json!({"type": "ESUB", "devices": Json::EMPTY_LIST}));
    }
    groups.into()
}

fn device(part_number: &str, serial_number: String, reported: String, admin_state: i64) -> Json {
    json!({
        "part_num": part_number,
        "installed": "1600000000",
        "serial_num": serial_number,
        "device_status": FINE,
        "last_rpt_date": reported,
        "admin_state": admin_state,
    })
}

fn image(kind: i64, channel: i64) -> Json {
    json!({
        "dev_type": kind,
        "created_date": "1600000000",
        "img_load_date": "1600000000",
        "img_pnum_running": "520-00082-r01-v04.30.32",
        "ptpn": "540-00169-r01-v04.30.12",
        "chaneid": channel,
        "device_control": [json!({"gficlearset": false})],
    })
}

fn inverter(view: &View<'_>, index: usize) -> Json {
    let report = view.moment.report(index);
    let (serial, reported) =
        (inverters::serial_number(view, index), report.at.as_second().to_string());
    let lit = report.watts > 0.0;
    Json::merged([
        device("800-01714-r02", serial, reported, 1),
        image(1, inverters::channel(index)),
        json!({"producing": lit, "communicating": true, "provisioned": true, "operating": lit}),
    ])
}

fn ac_battery(view: &View<'_>, index: usize) -> Json {
    let (moment, status) = (view.moment, production::charge_status(view.moment));
    let (serial, reported) =
        (inverters::ac_serial_number(view, index), moment.at.as_second().to_string());
    Json::merged([
        device("800-00930-r03", serial, reported, 1),
        image(11, inverters::ac_channel(index)),
        json!({
            "producing": status == "discharging",
            "communicating": true,
            "provisioned": true,
            "operating": true,
            "sleep_enabled": false,
            "percentFull": whole(moment.plant.ac_batteries.percent(moment.charges.ac)),
            "maxCellTemp": 22,
            "sleep_min_soc": 20,
            "sleep_max_soc": 30,
            "charge_status": status,
        }),
    ])
}

/// Listed with `deleted=1` alone: taken out, state 0.
fn decommissioned(view: &View<'_>) -> Json {
    let serial = serial_number(view, "1221", 99);
    Json::merged([
        device("800-00930-r03", serial, "1650000000".to_owned(), 0),
        image(11, inverters::ac_channel(99)),
        json!({"producing": false, "communicating": false, "provisioned": false, "operating": false}),
    ])
}
