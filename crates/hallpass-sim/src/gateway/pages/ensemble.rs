//! Batteries and their system controller.

use serde_json::{Value, json};

use super::{View, whole};
use crate::world::energy::sum;

const CONTACTS: [&str; 4] = ["NC1", "NC2", "NO1", "NO2"];

/// The page at this path below `/ivp`, if it is one of the ensemble's.
pub(super) fn body(view: &View<'_>, path: &str) -> Option<Value> {
    Some(match path {
        "/ivp/ensemble/inventory" if view.profile.has_batteries() => inventory(view),
        "/ivp/ensemble/inventory" => json!([]),
        "/ivp/ensemble/secctrl" => secctrl(view),
        // The key ends with a colon.
        "/ivp/ensemble/power" => {
            json!({"devices:": (0..view.profile.batteries).map(|n| power(view, n)).collect::<Value>()})
        }
        "/ivp/ensemble/status" => {
            json!({"inventory": {"serial_nums": {}}, "counters": {}, "secctrl": secctrl(view)})
        }
        "/ivp/ensemble/dry_contacts" => {
            json!({"dry_contacts": CONTACTS.map(|id| json!({"id": id, "status": "open"}))})
        }
        "/ivp/ss/dry_contact_settings" => json!({"dry_contacts": CONTACTS.map(contact_settings)}),
        "/ivp/ensemble/generator" => json!({
            "admin_state": "unknown", "oper_state": "open", "admin_mode": 0, "schedule": 0, "start_soc": 100, "stop_soc": -1,
            "exc_on": 0, "present": 0, "type": 1,
        }),
        _ => return None,
    })
}

/// Charge in percent.
fn state_of_charge(view: &View<'_>) -> f64 {
    let capacity = view.moment.plant.capacity();
    if capacity > 0.0 { 100.0 * view.moment.charge / capacity } else { 0.0 }
}

fn battery_serial(view: &View<'_>, index: usize) -> String {
    format!("{}{:02}", view.serial_number, index + 1)
}

fn inventory(view: &View<'_>) -> Value {
    let now = view.moment.at.as_second();
    let battery = |index: usize| {
        json!({
            "part_num": "836-01826-r76",
            "serial_num": battery_serial(view, index),
            "installed": 1_700_000_000,
            "device_status": ["envoy.global.ok", "prop.done"],
            "last_rpt_date": now - 30,
            "admin_state": 6,
            "admin_state_str": "ENCHG_STATE_READY",
            "created_date": 1_700_000_000,
            "img_load_date": 1_700_000_000,
            "img_pnum_running": "3.0.6614_rel/31.13",
            "bmu_fw_version": "3.8.63",
            "communicating": true,
            "sleep_enabled": false,
            "percentFull": whole(state_of_charge(view)),
            "temperature": 18,
            "maxCellTemp": 19,
            "reported_enc_grid_state": "grid-tied",
            "comm_level_sub_ghz": 5,
            "comm_level_2_4_ghz": 5,
            "led_status": 12,
            "dc_switch_off": false,
            "encharge_rev": 3,
            "encharge_capacity": 5_000,
            "phase": "ph-a",
            "der_index": 2,
        })
    };
    let batteries: Vec<Value> = (0..view.profile.batteries).map(battery).collect();
    json!([{"type": "ENCHARGE", "devices": batteries}, {"type": "ENPOWER", "devices": [enpower(view)]}])
}

fn enpower(view: &View<'_>) -> Value {
    json!({
        "part_num": "860-01801-r70",
        "serial_num": format!("{}99", view.serial_number),
        "installed": 1_700_000_000,
        "device_status": ["envoy.global.ok", "prop.done"],
        "last_rpt_date": view.moment.at.as_second() - 20,
        "admin_state": 24,
        "admin_state_str": "ENPWR_STATE_OPER_CLOSED",
        "created_date": 1_700_000_000,
        "img_load_date": 1_700_000_000,
        "img_pnum_running": "2.7.6360_rel/31.33",
        "communicating": true,
        "temperature": 76,
        "comm_level_sub_ghz": 5,
        "comm_level_2_4_ghz": 5,
        "mains_admin_state": "closed",
        "mains_oper_state": "closed",
        "Enpwr_grid_mode": "multimode-ongrid",
        "Enchg_grid_mode": "multimode-ongrid",
        "Enpwr_relay_state_bm": 975,
        "Enpwr_curr_state_id": 16,
    })
}

fn power(view: &View<'_>, index: usize) -> Value {
    let milliwatts =
        whole(sum(view.moment.powers.battery) / view.profile.batteries as f64 * 1_000.0);
    json!({
        "serial_num": battery_serial(view, index),
        "real_power_mw": milliwatts,
        "apparent_power_mva": milliwatts,
        "soc": whole(state_of_charge(view)),
    })
}

fn secctrl(view: &View<'_>) -> Value {
    let (soc, capacity) = (whole(state_of_charge(view)), whole(view.moment.plant.capacity()));
    json!({
        "shutdown": false,
        "freq_bias_hz": 0.0,
        "voltage_bias_v": 0.0,
        "configured_backup_soc": 20,
        "adjusted_backup_soc": 20,
        "agg_soc": soc,
        "Max_energy": capacity,
        "ENC_agg_soc": soc,
        "ENC_agg_soh": 100,
        "ENC_agg_backup_energy": whole(view.moment.plant.capacity() * 0.2),
        "ENC_agg_avail_energy": whole(view.moment.charge),
        "Enc_commissioned_capacity": capacity,
        "Enc_max_available_capacity": capacity,
        "ACB_agg_soc": 0,
        "ACB_agg_energy": 0,
        "VLS_Limit": 10,
        "soc_rec_enabled": false,
        "soc_recovery_entry": 2,
        "soc_recovery_exit": 10,
        "Commission_in_progress": false,
        "ESS_in_progress": false,
    })
}

/// Truths are text here.
fn contact_settings(id: &str) -> Value {
    json!({
        "id": id, "type": "NONE", "grid_action": "none", "micro_grid_action": "none", "gen_action": "none",
        "essential_start_time": 32_400.0, "essential_end_time": 57_600.0, "priority": 1.0, "black_s_start": 5.0,
        "override": "false", "manual_override": "true", "load_name": "", "mode": "manual", "soc_low": 30.0, "soc_high": 40.0,
        "pv_serial_nb": [],
    })
}
