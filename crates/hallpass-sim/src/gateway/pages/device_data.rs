//! `/ivp/pdm/device_data`: everything about each inverter, up to fifty devices.

use serde_json::{Map, Value, json};

use super::{View, inverters::serial_number, whole};
use crate::world::{Plant, Report, energy::sum};

const DEVICE: i64 = 553_648_384;
const CHANNEL: i64 = 1_627_390_225;
/// The list is cut here.
const LIMIT: usize = 50;

pub(super) fn body(view: &View<'_>) -> Value {
    let count = view.moment.plant.inverters;
    let devices = (0..count.min(LIMIT))
        .map(|index| ((DEVICE + 256 * index as i64).to_string(), device(view, index)));
    let mut body: Map<String, Value> = devices.collect();
    body.insert("deviceCount".to_owned(), count.into());
    body.insert("deviceDataLimit".to_owned(), LIMIT.into());
    body.into()
}

fn device(view: &View<'_>, index: usize) -> Value {
    let report = view.moment.report(index);
    let share = view.moment.plant.share(index);
    let channel = CHANNEL + 256 * index as i64;
    json!({
        "devName": "pcu",
        "sn": serial_number(view, index),
        "active": true,
        "modGone": false,
        "channels": [{
            "chanEid": channel,
            "created": report.at.as_second(),
            "wattHours": {
                "today": whole(report.today),
                "yesterday": whole(share * sum(view.moment.yesterday.solar)),
                "week": whole(share * sum(view.moment.week.solar)),
            },
            "watts": {"now": whole(report.watts), "nowUsed": 0, "max": whole(Plant::INVERTER_WATTS + (index % 5) as f64)},
            "lastReading": last_reading(&report, channel),
            "lifetime": {"createdTime": 1_600_000_000, "duration": 60_000_000, "joulesProduced": whole(report.lifetime * 3_600.0)},
        }],
    })
}

fn last_reading(report: &Report, channel: i64) -> Value {
    json!({
        "eid": channel,
        "interval_type": 0,
        "endDate": report.at.as_second(),
        "duration": report.seconds,
        "flags": 0,
        "flags_hex": "0x0000000000000000",
        "joulesProduced": whole(report.joules),
        "acVoltageINmV": 240_500,
        "acFrequencyINmHz": 50_013,
        "dcVoltageINmV": 36_400,
        "dcCurrentINmA": whole(report.watts / 36.4 * 1_000.0),
        "channelTemp": whole(15.0 + report.watts / 12.0),
        "pwrConvErrSecs": 0,
        "pwrConvMaxErrCycles": 0,
        "joulesUsed": 0,
        "leadingVArs": 0,
        "laggingVArs": 12,
        "acCurrentInmA": whole(report.watts / 240.5 * 1_000.0),
        "l1NAcVoltageInmV": 0,
        "l2NAcVoltageInmV": 0,
        "l3NAcVoltageInmV": 0,
        "rssi": 110,
        "issi": 68,
    })
}
