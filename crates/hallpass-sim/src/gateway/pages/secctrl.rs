//! `/ivp/ensemble/secctrl`: what all batteries hold together, all zero without any. Each version has something to add.

use super::{View, whole};
use crate::{
    json::{Json, json},
    profile::Controller,
    world::Bank,
};

pub(super) fn body(view: &View<'_>) -> Json {
    let since = view.profile.since;
    let (eight, late) = (since >= (8, 1, 41), since >= (8, 2, 127));
    let recovery =
        json!({"soc_rec_enabled": false, "soc_recovery_entry": 0, "soc_recovery_exit": 10});
    let collar = view.profile.equipment.controller == Controller::Collar;
    Json::merged([
        biases(),
        off_grid_control().when(since >= (8, 3, 0)),
        sums(view),
        json!({"VLS_Limit": 10}).when(eight),
        json!({"Recovery_threshold_soc": 13}).when(eight && !late),
        recovery.when(late),
        json!({"Commission_in_progress": false}).when(eight),
        json!({"ESS_in_progress": false}).when(late),
        json!({"ESS_R3_To_R4_in_progress": false}).when(collar),
    ])
}

fn biases() -> Json {
    json!({
        "shutdown": false,
        "freq_bias_hz": 0.0,
        "voltage_bias_v": 0.0,
        "freq_bias_hz_q8": 0,
        "voltage_bias_v_q5": 0,
        "freq_bias_hz_phaseb": 0.0,
        "voltage_bias_v_phaseb": 0.0,
        "freq_bias_hz_q8_phaseb": 0,
        "voltage_bias_v_q5_phaseb": 0,
        "freq_bias_hz_phasec": 0.0,
        "voltage_bias_v_phasec": 0.0,
        "freq_bias_hz_q8_phasec": 0,
        "voltage_bias_v_q5_phasec": 0,
    })
}

fn off_grid_control() -> Json {
    json!({"offgrid_secctrl": json!({
        "F": 0.0, "V": 0.0, "Vd_neg": 0.0, "Vq_neg": 0.0, "Vd_zero": 0.0, "Vq_zero": 0.0, "is_active": false,
        "is_system_balanced": true,
    })})
}

fn sums(view: &View<'_>) -> Json {
    let (plant, charges) = (&view.moment.plant, &view.moment.charges);
    let (iq, ac) = (&plant.batteries, &plant.ac_batteries);
    let capacity = iq.capacity() + ac.capacity();
    let together = if capacity > 0.0 { 100.0 * (charges.iq + charges.ac) / capacity } else { 0.0 };
    let reserve = whole(100.0 * Bank::RESERVE);
    let health = json!({"ENC_agg_soh": if iq.count > 0 { 100 } else { 0 }});
    Json::merged([
        json!({
            "configured_backup_soc": reserve,
            "adjusted_backup_soc": reserve,
            "agg_soc": whole(together),
            "Max_energy": whole(capacity),
            "ENC_agg_soc": whole(iq.percent(charges.iq)),
        }),
        // 7.3.517 is the one that does not tell how healthy they are.
        health.when(view.profile.since != (7, 3, 517)),
        json!({
            "ENC_agg_backup_energy": whole(iq.reserve()),
            "ENC_agg_avail_energy": whole(charges.iq),
            "Enc_commissioned_capacity": whole(iq.capacity()),
            "Enc_max_available_capacity": whole(iq.capacity()),
            "ACB_agg_soc": whole(ac.percent(charges.ac)),
            "ACB_agg_energy": whole(charges.ac),
        }),
    ])
}
