//! `/home`: network, counts, the time of day.

use super::View;
use crate::{
    json::{Json, json},
    profile::{Controller, Generation},
};

pub(super) fn body(view: &View<'_>) -> Json {
    let local = view.local_time();
    let early = view.profile.before(Generation::Seven);
    let database = json!({"is_nonvoy": false, "db_size": "16 MB", "db_percent_full": "  1.63"});
    let alerts = json!({"alerts": Json::EMPTY_LIST, "update_status": "satisfied"});
    let radio = json!({"wireless_connection": [
        json!({"signal_strength": 0, "signal_strength_max": 0, "type": "BLE", "connected": true}),
    ]});
    Json::merged([
        json!({"software_build_epoch": 1_687_460_237}),
        if early { database } else { json!({}) },
        json!({
            "timezone": view.moment.plant.place.zone_name(),
            "current_date": local.strftime("%m/%d/%Y").to_string(),
            "current_time": local.strftime("%H:%M").to_string(),
            "network": network(view),
            "tariff": if view.profile.metered() { "single_rate" } else { "none" },
            "comm": devices(view),
        }),
        if early { alerts } else { radio },
    ])
}

fn network(view: &View<'_>) -> Json {
    let cable = json!({
        "type": "ethernet", "interface": "eth0", "mac": "02:00:5E:00:53:01", "dhcp": true, "ip": "192.0.2.10",
        "signal_strength": 1, "signal_strength_max": 1, "carrier": true,
    });
    let air = json!({
        "signal_strength": 0, "signal_strength_max": 0, "type": "wifi", "interface": "wlan0",
        "mac": "02:00:5E:00:53:02", "dhcp": true, "ip": Json::Null, "carrier": false, "supported": true, "present": true,
        "configured": false, "status": "connecting",
    });
    json!({
        "web_comm": true,
        "ever_reported_to_enlighten": true,
        "last_enlighten_report_time": view.clock.as_second() - 300,
        "primary_interface": "eth0",
        "interfaces": [cable, air],
    })
}

/// How many devices of each kind there are, and how well they are heard.
fn devices(view: &View<'_>) -> Json {
    let equipment = &view.profile.equipment;
    let inverters = view.moment.plant.inverters;
    let controllers = usize::from(equipment.controller != Controller::None);
    let heard = |count: usize| if count > 0 { 5 } else { 0 };
    let kind = |count: usize| json!({"num": count, "level": heard(count)});
    let batteries = heard(equipment.batteries);
    json!({
        "num": inverters + equipment.ac_batteries,
        "level": 5,
        "pcu": kind(inverters),
        "acb": kind(equipment.ac_batteries),
        "nsrb": kind(0),
        "esub": kind(controllers),
        "encharge": [
            json!({"num": equipment.batteries, "level": batteries, "level_24g": batteries, "level_subg": batteries}),
        ],
    })
}
