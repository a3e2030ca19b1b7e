//! A standby generator: its state, its settings, and the empty answers where there is none.

use super::View;
use crate::json::{Json, json};

/// When it runs for exercise: minutes of the local day, and that day.
const START: i64 = 750;
const MINUTES: i64 = 30;
const DAY: &str = "Sun";

/// `/ivp/ensemble/generator`: there even without one.
pub(super) fn state(view: &View<'_>) -> Json {
    if !present(view) {
        return json!({
            "admin_state": "unknown", "oper_state": "open", "admin_mode": 0, "schedule": 0, "start_soc": 100, "stop_soc": -1,
            "exc_on": 0, "present": 0, "type": 1,
        });
    }
    let runs = exercises(view);
    let relay = if runs { "close" } else { "open" };
    json!({
        "admin_state": relay, "oper_state": relay, "admin_mode": 2, "schedule": 1, "start_soc": 100, "stop_soc": -1,
        "exc_on": i64::from(runs), "present": 1, "type": 1,
    })
}

/// Whether it runs just now: never for the house, which has the grid, but once a week to stay in health.
fn exercises(view: &View<'_>) -> bool {
    let local = view.local_time();
    let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
    let today = local.strftime("%a").to_string();
    today == DAY && (START..START + MINUTES).contains(&minute)
}

/// `/ivp/ss/gen_config`.
pub(super) fn config(view: &View<'_>) -> Json {
    if !present(view) {
        return json!({});
    }
    json!({
        "max_cont_gen_amps": 45.8,
        "min_gen_loading_perc": 5,
        "max_gen_efficiency_perc": 100,
        // In kW, whatever its name says.
        "name_plate_rating_wat": 11.0,
        "start_method": "Auto",
        "warm_up_mins": 1,
        "cool_down_mins": 2,
        "gen_type": "Standby",
        "model": "SIM-11 (11kW)",
        "manufacturer": "Example",
        "last_updated_by": "ITK",
        "generator_id": "",
        "charge_from_generator": true,
    })
}

/// `/ivp/ss/gen_schedule`.
pub(super) fn schedule(view: &View<'_>) -> Json {
    if !present(view) {
        return json!({});
    }
    let period = json!({
        "id": "normal_1", "start": 0.0, "duration": 1_440.0, "start_soc": 100.0, "stop_soc": -1.0, "setting": "AON",
    });
    let week = "Mon,Tue,Wed,Thu,Fri,Sat,Sun";
    let days = json!({"id": "all_days", "week_days": week, "periods": [period]});
    json!({
        "exercise_config": json!({"freq_in_weeks": 1, "start": START, "duration": MINUTES, "day": DAY}),
        "default_soc": json!({"start_soc": 25, "stop_soc": 75}),
        "schedule": json!({"default": [json!({"id": "always_on", "start": "1/1", "end": "12/31", "days": [days]})]}),
        "last_updated_by": "ITK",
    })
}

/// `/ivp/ss/gen_mode`.
pub(super) fn mode(view: &View<'_>) -> Json {
    json!({"gen_cmd": "auto", "last_updated_by": "ITK"}).when(present(view))
}

fn present(view: &View<'_>) -> bool {
    view.profile.equipment.controller.has_generator()
}
