//! The inverters: what each reported last, and the inventory.

use serde_json::{Value, json};

use super::{View, whole};
use crate::{profile::Generation, world::Plant};

/// The serial number of inverter `index`: the gateway's digits with a number behind.
pub(super) fn serial_number(view: &View<'_>, index: usize) -> String {
    let own: u64 =
        view.serial_number.bytes().fold(7, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_000);
    format!("4822{own:06}{index:02}")
}

/// `/api/v1/production/inverters`.
pub(super) fn reports(view: &View<'_>) -> Value {
    let each = |index: usize| {
        let report = view.moment.report(index);
        let mut body = json!({
            "serialNumber": serial_number(view, index),
            "lastReportDate": report.at.as_second(),
            "lastReportWatts": whole(report.watts),
            "maxReportWatts": whole(Plant::INVERTER_WATTS + (index % 5) as f64),
        });
        if view.profile.generation >= Generation::Four {
            body["devType"] = 1.into();
        }
        body
    };
    (0..view.moment.plant.inverters).map(each).collect()
}

/// `/inventory.json`: numbers as text.
pub(super) fn inventory(view: &View<'_>) -> Value {
    let device = |index: usize| {
        let report = view.moment.report(index);
        json!({
            "part_num": "800-01714-r02",
            "installed": "1600000000",
            "serial_num": serial_number(view, index),
            "device_status": ["envoy.global.ok"],
            "last_rpt_date": report.at.as_second().to_string(),
            "admin_state": 1,
            "dev_type": 1,
            "created_date": "1600000000",
            "img_load_date": "1600000000",
            "img_pnum_running": "520-00082-r01-v04.30.32",
            "ptpn": "540-00169-r01-v04.30.12",
            "chaneid": 1_627_390_225 + 256 * index as i64,
            "device_control": [{"gficlearset": false}],
            "producing": report.watts > 0.0,
            "communicating": true,
            "provisioned": true,
            "operating": report.watts > 0.0,
        })
    };
    let inverters: Vec<Value> = (0..view.moment.plant.inverters).map(device).collect();
    json!([
        {"type": "PCU", "devices": inverters},
        {"type": "ACB", "devices": []},
        {"type": "NSRB", "devices": []},
    ])
}
