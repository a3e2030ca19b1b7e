//! `/admin/lib/tariff`: prices, and how the batteries are to be used. Firmware 4 knows no batteries.

use super::{Page, View};
use crate::{
    json::{Json, json},
    {profile::Generation, world::Bank},
};

const CHANGED: &str = "1688053811";
const CHANGED_AT: &str = "2023-06-29 15:50:12 UTC";
const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

pub(super) fn page(view: &View<'_>) -> Page {
    if view.profile.before(Generation::Seven) {
        return Page::ruby(&body_of_four());
    }
    let body = json!({"tariff": tariff(view), "schedule": schedule(view)});
    if view.profile.quirks.plain_tariff { Page::dense(&body) } else { Page::ruby(&body) }
}

fn body_of_four() -> Json {
    json!({
        "tariff": prices_alone(),
        "schedule": json!({"source": "Tariff", "date": CHANGED_AT, "version": "00.00.01"}),
    })
}

fn prices_alone() -> Json {
    let tier = |id: &str, limit: i64, rate: f64| json!({"id": id, "limit": limit, "rate": rate});
    let tiers = [tier("tier_1", 600, 0.21), tier("tier_2", -1, 0.18)];
    let season =
        json!({"id": "season_1", "start": "1/1", "days": Json::EMPTY_LIST, "tiers": tiers});
    json!({"currency": json!({"code": "USD"}), "single_rate": json!({"rate": 0.21}), "seasons": [season]})
}

fn tariff(view: &View<'_>) -> Json {
    let reserve = 100.0 * Bank::RESERVE;
    let storage = Json::merged([
        json!({
            "mode": mode(view), "operation_mode_sub_type": "", "reserved_soc": reserve, "very_low_soc": 5,
            "charge_from_grid": false, "date": CHANGED,
        }),
        optimized(view),
    ]);
    json!({
        "currency": json!({"code": "EUR"}),
        "logger": "mylogger",
        "date": CHANGED,
        "storage_settings": storage,
        "single_rate": json!({"rate": 0.28, "sell": 0.07}),
        "seasons": [season(view)],
        "seasons_sell": Json::EMPTY_LIST,
    })
}

/// 7.3.517 still calls saving by its old name.
fn mode(view: &View<'_>) -> &'static str {
    if view.profile.since == (7, 3, 517) { "savings-mode" } else { "self-consumption" }
}

/// What the cloud may change by itself is told from 8.2.4264 on.
fn optimized(view: &View<'_>) -> Json {
    json!({"opt_schedules": false}).when(view.profile.quirks.plain_tariff)
}

/// One price by day, another by night, all year long.
fn season(view: &View<'_>) -> Json {
    let later = view.profile.since >= (8, 2, 127);
    let period = |id: &str, start: i64, rate: f64| json!({"id": id, "start": start, "rate": rate});
    let days = Json::merged([
        json!({
            "id": "all_days", "days": "Mon,Tue,Wed,Thu,Fri,Sat,Sun", "must_charge_start": 0, "must_charge_duration": 0,
            "must_charge_mode": "CG",
        }),
        json!({"peak_rule": "DL"}).when(later),
        json!({
            "enable_discharge_to_grid": false,
            "periods": [period("period_1", 420, 0.28), period("filler", 1_380, 0.19)],
        }),
    ]);
    json!({"id": "all_year_long", "start": "1/1", "days": [days], "tiers": Json::EMPTY_LIST})
}

fn schedule(view: &View<'_>) -> Json {
    let reserve = 100.0 * Bank::RESERVE;
    let overrides = json!({
        "override": false,
        "override_backup_soc": 30.0,
        "override_chg_dischg_rate": 0.0,
        "override_tou_mode": "StorageTouMode_DEFAULT_TOU_MODE",
    });
    if view.profile.since < (8, 2, 127) {
        let settings = json!({
            "source": "Tariff", "date": CHANGED_AT, "version": "00.00.02", "reserved_soc": reserve,
            "operation_mode_sub_type": "", "very_low_soc": 5, "charge_from_grid": false, "battery_mode": "self-consumption",
            "schedule": weeks(),
        });
        return Json::merged([settings, overrides]);
    }
    let settings = json!({
        "filename": "Tariff", "source": "Tariff", "date": CHANGED_AT, "version": "00.00.02", "reserved_soc": reserve,
        "very_low_soc": 5, "charge_from_grid": false, "batt_mode": "self-consumption", "battery_mode": "self-consumption",
        "operation_mode_sub_type": "",
    });
    Json::merged([settings, optimized(view), overrides, json!({"schedule": weeks()})])
}

/// What the batteries do each day: nothing is forbidden, and nothing is ordered.
fn weeks() -> Json {
    let all_day = |day: &str, setting: &str| {
        let hours = json!({"start": 0, "duration": 1_440, "setting": setting});
        json!({}).with(day, [hours])
    };
    let disabled: Json = DAYS.iter().map(|day| all_day(day, "ID")).collect();
    let year = DAYS.iter().map(|day| all_day(day, "ZN"));
    let year = Json::merged([json!({"start": "1/1", "end": "1/1"})].into_iter().chain(year));
    json!({"Disable": disabled, "tariff": [year]})
}
