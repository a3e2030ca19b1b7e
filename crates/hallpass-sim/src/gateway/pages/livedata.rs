//! `/ivp/livedata/status`: what the app shows live. No recording has it; the documents do.

use super::{View, dry_contacts, whole};
use crate::{
    json::{Json, json},
    profile::{Generation, Wiring},
    world::{Bank, energy::sum},
};

pub(super) fn status(view: &View<'_>) -> Json {
    let eight = !view.profile.before(Generation::Eight);
    let stream = if view.streaming { "enabled" } else { "disabled" };
    let connection = json!({
        "mqtt_state": "not_connected", "prov_state": "configured", "auth_state": "ok", "sc_stream": stream,
        "sc_debug": "disabled",
    });
    let counters =
        json!({"main_CfgLoad": 1, "main_CfgChanged": 1, "main_taskUpdate": 4, "rest_Status": 7});
    Json::merged([
        json!({
            "connection": connection,
            "meters": meters(view),
            "tasks": json!({"task_id": 19_021_003, "timestamp": view.moment.at.as_second() - 60}),
            "counters": counters,
        }),
        dry_contacts::states(view).when(eight),
        json!({"info": STANDING}).when(eight && !view.streaming),
    ])
}

const STANDING: &str = "Last available status data shown. Live stream not enabled. Enable using /ivp/livedata/stream/ API";

fn meters(view: &View<'_>) -> Json {
    let (moment, profile) = (view.moment, view.profile);
    let (plant, charges) = (&moment.plant, &moment.charges);
    let (iq, ac) = (&plant.batteries, &plant.ac_batteries);
    let capacity = (iq.capacity() + ac.capacity()).max(1.0);
    let powers = &moment.powers;
    let storage = std::array::from_fn(|phase| powers.battery[phase] + powers.ac_battery[phase]);
    let grid = std::array::from_fn(|phase| powers.net(phase));
    json!({
        "last_update": moment.at.as_second(),
        "soc": whole(100.0 * (charges.iq + charges.ac) / capacity),
        "main_relay_state": 1,
        "gen_relay_state": if profile.equipment.controller.has_generator() { 0 } else { 5 },
        "backup_bat_mode": 1,
        "backup_soc": whole(100.0 * Bank::RESERVE),
        "is_split_phase": i64::from(profile.wiring == Wiring::Split),
        "phase_count": profile.wiring.phases(),
        "enc_agg_soc": whole(iq.percent(charges.iq)),
        "enc_agg_energy": whole(charges.iq),
        "acb_agg_soc": whole(ac.percent(charges.ac)),
        "acb_agg_energy": whole(charges.ac),
        "pv": flow(powers.solar),
        "storage": flow(storage),
        "grid": flow(grid),
        "load": flow(powers.load),
        "generator": flow([0.0; 3]),
    })
}

/// mW and mVA. Storage is positive when it discharges, the grid when it gives.
fn flow(watts: [f64; 3]) -> Json {
    let milli = |watts: f64| whole(watts * 1_000.0);
    let [a, b, c] = watts;
    json!({
        "agg_p_mw": milli(sum(watts)),
        "agg_s_mva": milli(sum(watts)),
        "agg_p_ph_a_mw": milli(a),
        "agg_p_ph_b_mw": milli(b),
        "agg_p_ph_c_mw": milli(c),
        "agg_s_ph_a_mva": milli(a),
        "agg_s_ph_b_mva": milli(b),
        "agg_s_ph_c_mva": milli(c),
    })
}
