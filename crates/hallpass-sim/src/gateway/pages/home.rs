//! `/home`: network, counts, the time of day.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::View;

pub(super) fn body(view: &View<'_>) -> Value {
    let place = view.moment.plant.place;
    let local =
        Timestamp::from_second(place.local_second(view.clock.as_second())).unwrap_or(view.clock);
    let (inverters, batteries) = (view.moment.plant.inverters, view.profile.batteries);
    json!({
        "software_build_epoch": 1_687_460_237,
        "is_nonvoy": false,
        "db_size": "16 MB",
        "db_percent_full": "  1.63",
        "timezone": place.zone_name(),
        "current_date": local.strftime("%m/%d/%Y").to_string(),
        "current_time": local.strftime("%H:%M").to_string(),
        "network": {
            "web_comm": true,
            "ever_reported_to_enlighten": true,
            "last_enlighten_report_time": view.clock.as_second() - 300,
            "primary_interface": "eth0",
            "interfaces": [
                {
                    "type": "ethernet", "interface": "eth0", "mac": "02:00:5E:00:53:01", "dhcp": true, "ip": "192.0.2.10",
                    "signal_strength": 1, "signal_strength_max": 1, "carrier": true,
                },
                {
                    "type": "wifi", "interface": "wlan0", "mac": "02:00:5E:00:53:02", "dhcp": true, "ip": null,
                    "signal_strength": 0, "signal_strength_max": 0, "carrier": false, "supported": true, "present": true,
                    "configured": false, "status": "connecting",
                },
            ],
        },
        "tariff": if view.profile.wiring.metered() { "single_rate" } else { "none" },
        "comm": {
            "num": inverters, "level": 5,
            "pcu": {"num": inverters, "level": 5},
            "acb": {"num": 0, "level": 0},
            "nsrb": {"num": 0, "level": 0},
            "esub": {"num": 0, "level": 0},
            "encharge": [{"num": batteries, "level": 5, "level_24g": 5, "level_subg": 5}],
        },
        "alerts": [],
        "update_status": "satisfied",
    })
}
