//! `/admin/lib/tariff`.

use serde_json::{Value, json};

use super::View;

pub(super) fn body(view: &View<'_>) -> Value {
    let mut storage = json!({
        "mode": "self-consumption", "operation_mode_sub_type": "", "reserved_soc": 20.0, "very_low_soc": 5,
        "charge_from_grid": false, "date": "1688053811",
    });
    if view.profile.quirks.plain_tariff {
        storage["opt_schedules"] = false.into();
    }
    json!({
        "tariff": {
            "currency": {"code": "EUR"},
            "logger": "mylogger",
            "date": "1688053811",
            "storage_settings": storage,
            "single_rate": {"rate": 0.28, "sell": 0.07},
            "seasons": [],
            "seasons_sell": [],
        },
        "schedule": {
            "source": "Tariff", "date": "2023-06-29 15:50:12 UTC", "version": "00.00.02", "reserved_soc": 20.0,
            "operation_mode_sub_type": "", "very_low_soc": 5, "charge_from_grid": false, "battery_mode": "self-consumption",
            "override": false, "override_backup_soc": 30.0, "override_chg_dischg_rate": 0.0,
            "override_tou_mode": "StorageTouMode_DEFAULT_TOU_MODE",
        },
    })
}
