//! The four dry contacts of a system controller. A gateway without one lists them too.

use super::View;
use crate::{
    json::{Json, json},
    profile::Controller,
};

/// One contact: its name, whether it is closed, and what hangs on it.
struct Contact {
    id: &'static str,
    closed: bool,
    load: &'static str,
}

/// Two loads and two contacts in no use.
const CONTACTS: [Contact; 4] = [
    Contact { id: "NC1", closed: true, load: "Heat pump" },
    Contact { id: "NC2", closed: true, load: "Sauna" },
    Contact { id: "NO1", closed: false, load: "" },
    Contact { id: "NO2", closed: false, load: "" },
];

/// `/ivp/ensemble/dry_contacts`.
pub(super) fn states(view: &View<'_>) -> Json {
    let wired = view.profile.equipment.controller.is_enpower();
    let state = |contact: &Contact| {
        let status = if wired && contact.closed { "closed" } else { "open" };
        json!({"id": contact.id, "status": status})
    };
    json!({"dry_contacts": CONTACTS.iter().map(state).collect::<Json>()})
}

/// `/ivp/ss/dry_contact_settings`. Truths are text here.
pub(super) fn settings(view: &View<'_>) -> Json {
    let each = |(index, contact)| match view.profile.equipment.controller {
        Controller::None => unused(contact),
        Controller::Enpower | Controller::EnpowerWithGenerator => used(index, contact),
        Controller::Collar => used_by_collar(index, contact),
    };
    json!({"dry_contacts": CONTACTS.iter().enumerate().map(each).collect::<Json>()})
}

/// Without a controller there are fewer fields.
fn unused(contact: &Contact) -> Json {
    json!({
        "id": contact.id,
        "type": "NONE",
        "grid_action": "none",
        "micro_grid_action": "none",
        "gen_action": "none",
        "override": "false",
        "load_name": "",
        "mode": "manual",
        "soc_low": 30.0,
        "soc_high": 70.0,
        "pv_serial_nb": Json::EMPTY_LIST,
    })
}

fn used(index: usize, contact: &Contact) -> Json {
    let (kind, action, mode, overridden) = match contact.load {
        "" => ("NONE", "none", "manual", "false"),
        _ => ("LOAD", "apply", "soc", "true"),
    };
    json!({
        "id": contact.id,
        "type": kind,
        "grid_action": action,
        "micro_grid_action": if action == "apply" { "shed" } else { action },
        "gen_action": action,
        "essential_start_time": 32_400.0,
        "essential_end_time": 57_600.0,
        "priority": index as f64 + 1.0,
        "black_s_start": 5.0,
        "override": overridden,
        "manual_override": "true",
        "load_name": contact.load,
        "mode": mode,
        "soc_low": 30.0,
        "soc_high": 40.0,
        "pv_serial_nb": Json::EMPTY_LIST,
    })
}

fn used_by_collar(index: usize, contact: &Contact) -> Json {
    json!({
        "id": contact.id,
        "type": "NONE",
        "grid_action": "none",
        "micro_grid_action": "none",
        "gen_action": "none",
        "safe_state_action": "shed",
        "essential_start_time": 28_800.0,
        "essential_end_time": 64_800.0,
        "priority": index as f64 + 1.0,
        "black_s_start": 10_000.0,
        "black_start_retries": 10_000.0,
        "action_retries": 1.0,
        "override": "false",
        "manual_override": "false",
        "load_name": "",
        "mode": "manual",
        "soc_low": 30.0,
        "soc_high": 70.0,
        "pv_phase_select": Json::EMPTY_LIST,
        "pv_serial_nb": Json::EMPTY_LIST,
    })
}
