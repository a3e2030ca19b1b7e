//! What a simulated gateway has to say, page by page.

mod device_data;
mod ensemble;
mod home;
mod info;
mod inverters;
mod meters;
mod production;
mod tariff;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::dress::{HTML_NOT_FOUND, Page};
use crate::{
    profile::{Generation, Profile},
    world::Moment,
};

/// The path by which an installer stops and starts production.
pub(super) const POWER: &str = "/ivp/mod/603980032/mode/power";

/// What pages are made from.
pub(super) struct View<'a> {
    pub(super) profile: &'a Profile,
    /// As in `/info`, with its letter.
    pub(super) software: String,
    pub(super) moment: &'a Moment,
    pub(super) serial_number: &'a str,
    /// The gateway's own time.
    pub(super) clock: Timestamp,
    /// Just booted, the counters not read yet.
    pub(super) starting: bool,
    /// Asked with `details=1`.
    pub(super) details: bool,
}

/// The page at this path, if this firmware has it.
pub(super) fn page(view: &View<'_>, path: &str) -> Option<Page> {
    let profile = view.profile;
    let (three, seven) = (profile.before(Generation::Four), !profile.before(Generation::Seven));
    let metered = profile.wiring.metered() && !three;
    Some(match path.trim_end_matches('/') {
        "/info" | "/info.xml" => info::page(view),
        "/home" | "/home.json" if !three => Page::ruby(&home::body(view)),
        "/production.json" if three => Page::ruby_text("text/html", HTML_NOT_FOUND.to_owned()),
        "/production.json" => {
            Page::ruby(&production::report(view, view.details || !profile.quirks.roles_split))
        }
        "/production" if three => Page::ruby_text("text/html", production::html(view)),
        "/production" => Page::ruby(&production::report(view, false)),
        "/api/v1/production" => Page::api(&production::totals(view)),
        "/api/v1/production/inverters" => Page::api(&inverters::reports(view)),
        "/inventory" | "/inventory.json" => Page::ruby(&inverters::inventory(view)),
        "/ivp/meters" if metered => Page::daemon(&meters::setup(view)),
        "/ivp/meters/readings" if metered => Page::daemon(&meters::readings(view)),
        "/ivp/meters" if seven => Page::daemon(&json!([])),
        "/ivp/pdm/device_data" if profile.quirks.device_data => {
            Page::daemon(&device_data::body(view))
        }
        "/admin/lib/tariff" if profile.quirks.plain_tariff => {
            Page::plain(tariff::body(view).to_string())
        }
        "/admin/lib/tariff" if metered => Page::ruby(&tariff::body(view)),
        "/ivp/ss/pel_settings" if seven => Page::daemon(&json!({"PEL": false})),
        "/ivp/sc/pvlimit" if seven => Page::daemon(&json!({"enable": false, "pv_limit_pct": 100})),
        "/ivp/ss/gen_config" | "/ivp/ss/gen_schedule" if seven => Page::daemon(&json!({})),
        ensemble if seven => Page::daemon(&ensemble::body(view, ensemble)?),
        _ => return None,
    })
}

/// Rounded as the gateway writes numbers: three decimals.
fn thousandths(value: f64) -> Value {
    ((value * 1_000.0).round() / 1_000.0).into()
}

fn whole(value: f64) -> Value {
    (value.round() as i64).into()
}
