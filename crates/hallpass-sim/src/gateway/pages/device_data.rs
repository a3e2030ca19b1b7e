//! `/ivp/pdm/device_data`: everything about each inverter, meter and AC battery, up to fifty devices.

use super::{View, inverters, meters, whole};
use crate::{
    json::{Json, json},
    profile::{Circuit, Transformer},
    world::{
        Report,
        energy::{Energies, sum},
    },
};

/// The first of each kind, the next ones are 256 apart. No recording has an AC battery.
const INVERTER: i64 = 553_648_384;
const AC_BATTERY: i64 = 570_425_600;
/// The list is cut here.
const LIMIT: usize = 50;
/// Meters are read each quarter of an hour here.
const QUARTER: i64 = 900;

pub(super) fn body(view: &View<'_>) -> Json {
    let plant = &view.moment.plant;
    let eid = |first: i64, index: usize| first + 256 * index as i64;
    let inverters = (0..plant.inverters).map(|index| (eid(INVERTER, index), inverter(view, index)));
    let batteries = (0..plant.ac_batteries.count)
        .map(|index| (eid(AC_BATTERY, index), ac_battery(view, index)));
    let meters =
        view.profile.transformers.iter().take(2).enumerate().map(|(index, transformer)| {
            (meters::eid(transformer.circuit), meter(view, index, transformer))
        });
    let listed: Vec<(i64, Json)> = inverters.chain(batteries).chain(meters).take(LIMIT).collect();
    let count = json!({"deviceCount": listed.len(), "deviceDataLimit": LIMIT});
    let devices = listed.into_iter().map(|(eid, device)| json!({}).with(&eid.to_string(), device));
    Json::merged(devices.chain([count]))
}

fn device(name: &str, serial: &str, gone: bool, channels: impl Into<Json>) -> Json {
    json!({"devName": name, "sn": serial, "active": true, "modGone": gone, "channels": channels.into()})
}

fn inverter(view: &View<'_>, index: usize) -> Json {
    let report = view.moment.report(index);
    let share = view.moment.plant.share(index);
    let eid = inverters::channel(index);
    let channel = json!({
        "chanEid": eid,
        "created": report.at.as_second(),
        "wattHours": json!({
            "today": whole(report.today),
            "yesterday": whole(share * sum(view.moment.yesterday.solar)),
            "week": whole(share * sum(view.moment.week.solar)),
        }),
        "watts": json!({"now": whole(report.watts), "nowUsed": 0, "max": inverters::most(index)}),
        "lastReading": last_reading(&report, eid),
        "lifetime": json!({"createdTime": 1_600_000_000, "duration": 60_000_000, "joulesProduced": whole(report.lifetime * 3_600.0)}),
    });
    device("pcu", &inverters::serial_number(view, index), false, [channel])
}

fn last_reading(report: &Report, channel: i64) -> Json {
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

fn ac_battery(view: &View<'_>, index: usize) -> Json {
    let channel = json!({
        "chanEid": inverters::ac_channel(index),
        "created": view.moment.at.as_second(),
        "wattHours": json!({"today": 0, "yesterday": 0, "week": 0}),
        "watts": json!({"now": inverters::ac_watts(view), "nowUsed": 0, "max": 0}),
        "lastReading": json!({}),
        "lifetime": json!({}),
    });
    device("acb", &inverters::ac_serial_number(view, index), false, [channel])
}

/// Meters call themselves gone, whether they are or not; the second one has the numbers of the total consumption.
fn meter(view: &View<'_>, index: usize, transformer: &Transformer) -> Json {
    let first = meters::channel_eid(transformer.circuit);
    let channel = if transformer.enabled {
        meter_channel(view, transformer.circuit)
    } else {
        unused_channel(first)
    };
    let serial = format!("{}EIM{}", view.serial_number, index + 1);
    let channels = [channel, unused_channel(first + 1), unused_channel(first + 2)];
    device("eim", &serial, true, channels)
}

fn unused_channel(eid: i64) -> Json {
    json!({
        "chanEid": eid,
        "created": 0,
        "wattHours": json!({"today": 0, "yesterday": 0, "week": 0}),
        "watts": json!({"now": 0, "nowUsed": 0, "max": 0}),
        "lastReading": json!({}),
        "lifetime": json!({}),
    })
}

fn meter_channel(view: &View<'_>, circuit: Circuit) -> Json {
    let moment = view.moment;
    let counted = |energies: &Energies| {
        whole(sum(match circuit {
            Circuit::Production => energies.solar,
            _ => energies.consumption,
        }))
    };
    let flow = meters::Flow::read(view, circuit);
    let (eid, end) =
        (meters::channel_eid(circuit), moment.at.as_second().div_euclid(QUARTER) * QUARTER);
    let (watts, lifetime) = (whole(sum(flow.watts)), counted(&moment.energies));
    json!({
        "chanEid": eid,
        "created": end,
        "wattHours": json!({
            "today": counted(&moment.today), "yesterday": counted(&moment.yesterday), "week": counted(&moment.week),
        }),
        "watts": json!({"now": watts, "nowUsed": 0, "max": 5_171}),
        "lastReading": json!({
            "eid": eid,
            "interval_type": 0,
            "endDate": end,
            "duration": QUARTER,
            "curr_w": watts,
            "wh_dlvd_cum": lifetime,
            "varh_lead_cum": 0,
            "varh_lag_cum": 0,
            "vah_cum": lifetime,
            "rms_mvolt": 240_500,
            "rms_mamp": whole(sum(flow.watts) / 240.5 * 1_000.0),
            "freq_mhz": 50_000,
            "wh_pos": whole(sum(flow.delivered)),
            "wh_neg": whole(sum(flow.received)),
        }),
        "lifetime": json!({
            "createdTime": 1_600_000_000, "duration": 60_000_000, "wh_dlvd_cum": lifetime, "varh_lead_cum": 0,
            "varh_lag_cum": 0, "vah_cum": lifetime,
        }),
    })
}
