//! Batteries and what controls them, below `/ivp/ensemble`.

use super::{View, secctrl, serial_number, whole};
use crate::{
    json::{Json, json},
    profile::{Controller, Generation},
    world::energy::sum,
};

/// When all of it was put in.
const INSTALLED: i64 = 1_700_000_000;
/// A battery that gives or takes less than this is idle, W.
const IDLE: f64 = 5.0;

/// `/ivp/ensemble/inventory`: nothing at all without any equipment; a system controller brings a list of batteries with
/// it, which may be empty.
pub(super) fn inventory(view: &View<'_>) -> Json {
    let equipment = &view.profile.equipment;
    let batteries: Vec<Json> = (0..equipment.batteries).map(|n| battery(view, n)).collect();
    let mut groups = Vec::new();
    if equipment.batteries > 0 || equipment.controller != Controller::None {
        groups.push(json!({"type": "ENCHARGE", "devices": batteries}));
    }
    match equipment.controller {
        Controller::None => {}
        Controller::Enpower | Controller::EnpowerWithGenerator => {
            groups.push(json!({"type": "ENPOWER", "devices": [enpower(view)]}));
        }
        Controller::Collar => groups.extend([
            json!({"type": "COLLAR", "devices": [collar(view)]}),
            json!({"type": "C6 COMBINER CONTROLLER", "devices": [combiner(view)]}),
            json!({"type": "C6 RGM", "devices": [revenue_meter(view)]}),
        ]),
    }
    groups.into()
}

/// What every device begins with. Firmware 7 has the date before the serial number, and names the radio later on.
fn device(view: &View<'_>, part_number: &str, prefix: &str, index: usize) -> Json {
    let serial = json!({"serial_num": serial_number(view, prefix, index)});
    let installed = json!({"installed": INSTALLED});
    let order = if old(view) { [installed, serial] } else { [serial, installed] };
    let part = json!({"part_num": part_number});
    Json::merged([part].into_iter().chain(order))
}

fn old(view: &View<'_>) -> bool {
    view.profile.before(Generation::Eight)
}

/// What stands between identity and measurements.
fn condition(view: &View<'_>, state: i64, state_name: &str, image: &str) -> Json {
    json!({
        "device_status": ["envoy.global.ok", "prop.done"],
        "last_rpt_date": view.moment.at.as_second() - 30,
        "admin_state": state,
        "admin_state_str": state_name,
        "created_date": INSTALLED,
        "img_load_date": INSTALLED,
        "img_pnum_running": image,
    })
}

fn radio(view: &View<'_>) -> Json {
    json!({"zigbee_dongle_fw_version": "100B"}).when(old(view))
}

fn operating(view: &View<'_>) -> Json {
    json!({"operating": true}).when(old(view))
}

fn battery(view: &View<'_>, index: usize) -> Json {
    let collar = view.profile.equipment.controller == Controller::Collar;
    let (part, state, state_name, image, management) = if collar {
        ("836-01250-r00", 63, "ENCMN_MDE_ENCHARGE_READY", "4.5.35", "4.5.35")
    } else {
        ("836-01826-r76", 6, "ENCHG_STATE_READY", "3.0.6614_rel/31.13", "3.8.63")
    };
    let watts = battery_watts(view);
    let warmth = 17.0 + watts.abs() / 100.0;
    Json::merged([
        device(view, part, "4923", index),
        condition(view, state, state_name, image),
        radio(view),
        json!({"bmu_fw_version": management}),
        operating(view),
        json!({
            "communicating": true,
            "sleep_enabled": false,
            "percentFull": whole(battery_percent(view, index)),
            "temperature": whole(warmth),
            "maxCellTemp": whole(warmth + 1.0),
        }),
        json!({"reported_enc_grid_state": "grid-tied"}).when(view.profile.since >= (8, 2, 127)),
        json!({
            "comm_level_sub_ghz": 5,
            "comm_level_2_4_ghz": 5,
            "led_status": led(watts),
            "dc_switch_off": false,
            "encharge_rev": 3,
            "encharge_capacity": whole(view.moment.plant.batteries.each),
        }),
        json!({"phase": "ph-a", "der_index": 2}).when(!old(view)),
    ])
}

fn led(watts: f64) -> i64 {
    match watts {
        watts if watts < -IDLE => 12,
        watts if watts > IDLE => 13,
        _ => 14,
    }
}

fn enpower(view: &View<'_>) -> Json {
    Json::merged([
        device(view, "865-00378-r27", "4826", 99),
        condition(view, 24, "ENPWR_STATE_OPER_CLOSED", "3.0.5654_rel/31.13"),
        radio(view),
        operating(view),
        json!({
            "communicating": true,
            // The one temperature that comes in degrees Fahrenheit.
            "temperature": 76,
            "comm_level_sub_ghz": 5,
            "comm_level_2_4_ghz": 5,
            "mains_admin_state": "closed",
            "mains_oper_state": "closed",
            "Enpwr_grid_mode": "multimode-ongrid",
            "Enchg_grid_mode": "multimode-ongrid",
            "Enpwr_relay_state_bm": 975,
            "Enpwr_curr_state_id": 16,
        }),
    ])
}

fn collar(view: &View<'_>) -> Json {
    Json::merged([
        device(view, "865-00400-r22", "4825", 98),
        condition(view, 88, "ENCMN_MDE_ON_GRID", "3.0.6-D0"),
        json!({
            "communicating": true,
            "temperature": 41,
            "mid_state": "close",
            "grid_state": "on_grid",
            "control_error": 0,
            "collar_state": "Installed",
        }),
    ])
}

fn combiner(view: &View<'_>) -> Json {
    Json::merged([
        device(view, "800-02403-r08", "4825", 97),
        json!({
            "last_rpt_date": view.moment.at.as_second() - 20,
            "admin_state": 82,
            "admin_state_str": "ENCMN_C6_CC_READY",
            "created_date": INSTALLED,
            "img_load_date": INSTALLED,
            "fw_version": "0.1.20-D1",
            "dmir_version": "0.1.20-D1",
            "communicating": true,
        }),
    ])
}

fn revenue_meter(view: &View<'_>) -> Json {
    let versions = json!({"FW Version": "2.2.1-D4119", "Device State": 80});
    Json::merged([device(view, "800-02403-r08", "4825", 96), versions])
}

/// `/ivp/ensemble/power`. The key ends with a colon; positive discharges.
pub(super) fn power(view: &View<'_>) -> Json {
    let each = |index: usize| {
        let milliwatts = whole(battery_watts(view) * 1_000.0);
        json!({
            "serial_num": serial_number(view, "4923", index),
            "real_power_mw": milliwatts,
            "apparent_power_mva": milliwatts,
            "soc": whole(battery_percent(view, index)),
        })
    };
    json!({"devices:": (0..view.profile.equipment.batteries).map(each).collect::<Json>()})
}

/// W of one battery: all give and take the same.
fn battery_watts(view: &View<'_>) -> f64 {
    sum(view.moment.powers.battery) / view.moment.plant.batteries.count.max(1) as f64
}

/// The charge of one battery in percent: the first ones have a little less, the last ones a little more than the mean.
fn battery_percent(view: &View<'_>, index: usize) -> f64 {
    let bank = &view.moment.plant.batteries;
    let mean = bank.percent(view.moment.charges.iq);
    let place = index as f64 - (bank.count as f64 - 1.0) / 2.0;
    mean + place * mean.min(100.0 - mean) / 20.0
}

/// `/ivp/ensemble/status`: of the many things in it, those that others say too.
pub(super) fn status(view: &View<'_>) -> Json {
    json!({
        "inventory": json!({"serial_nums": json!({})}),
        "secctrl": secctrl::body(view),
        "relay": json!({"mains_admin_state": "closed", "mains_oper_state": "closed"}),
    })
}
