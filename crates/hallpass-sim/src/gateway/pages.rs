//! What a simulated gateway has to say, page by page.

mod device_data;
mod dry_contacts;
mod ensemble;
mod generator;
mod home;
mod info;
mod inventory;
mod inverters;
mod livedata;
mod meters;
mod production;
mod secctrl;
mod tariff;

use super::dress::{HTML_NOT_FOUND, Page};
use crate::{
    answer::Request,
    json::{Json, json},
    profile::{Generation, Profile},
    request::query,
    world::Moment,
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// Who the gateway says it is.
pub(super) const INFO: &str = "/info";
/// What the app shows live.
pub(super) const LIVE_DATA: &str = "/ivp/livedata/status";
/// How it is switched on.
pub(super) const LIVE_STREAM: &str = "/ivp/livedata/stream";

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
    /// The live view is on.
    pub(super) streaming: bool,
    /// Total consumption is a copy of net consumption.
    pub(super) total_is_net: bool,
    pub(super) request: &'a Request,
}

impl View<'_> {
    /// Whether the query has this name with a 1.
    fn asks(&self, name: &str) -> bool {
        query(self.request, name).is_some_and(|value| value == "1")
    }

    /// The gateway's own time of day where it stands.
    fn local_time(&self) -> DateTime {
        let second = self.moment.plant.place.local_second(self.clock.as_second());
        let local = Timestamp::from_second(second).unwrap_or(self.clock);
        local.to_zoned(TimeZone::UTC).datetime()
    }
}

/// The page at this path, if this firmware has it.
pub(super) fn page(view: &View<'_>, path: &str) -> Option<Page> {
    let profile = view.profile;
    let (three, seven) = (profile.before(Generation::Four), !profile.before(Generation::Seven));
    let metered = profile.metered() && !three;
    Some(match path.trim_end_matches('/') {
        "/info" | "/info.xml" => info::page(view),
        "/home" | "/home.json" if !three => Page::ruby(&home::body(view)),
        "/production.json" if three => Page::ruby_text("text/html", HTML_NOT_FOUND.to_owned()),
        "/production.json" => {
            let lines = view.asks("details") || !profile.quirks.roles_split;
            Page::ruby(&production::report(view, lines))
        }
        "/production" if three => Page::ruby_text("text/html", production::html(view)),
        "/production" => Page::ruby(&production::report(view, false)),
        "/api/v1/production" => Page::api(&production::totals(view)),
        "/api/v1/production/inverters" => Page::api(&inverters::reports(view)),
        "/inventory" | "/inventory.json" => Page::ruby(&inventory::body(view)),
        "/ivp/meters" if metered => Page::daemon(&meters::setup(view)),
        "/ivp/meters/readings" if metered => Page::daemon(&meters::readings(view)),
        "/ivp/meters" if seven => Page::daemon(&Json::EMPTY_LIST),
        "/admin/lib/tariff" | "/admin/lib/tariff.json" if metered => tariff::page(view),
        ivp if seven => Page::daemon(&daemon(view, ivp)?),
        _ => return None,
    })
}

/// What the daemons of firmware 7 and later say at this path, whatever equipment there is.
fn daemon(view: &View<'_>, path: &str) -> Option<Json> {
    Some(match path {
        "/ivp/pdm/device_data" if view.profile.quirks.device_data => device_data::body(view),
        LIVE_DATA => livedata::status(view),
        "/ivp/ensemble/inventory" => ensemble::inventory(view),
        "/ivp/ensemble/secctrl" => secctrl::body(view),
        "/ivp/ensemble/power" => ensemble::power(view),
        "/ivp/ensemble/status" => ensemble::status(view),
        "/ivp/ensemble/dry_contacts" => dry_contacts::states(view),
        "/ivp/ss/dry_contact_settings" => dry_contacts::settings(view),
        "/ivp/ensemble/generator" => generator::state(view),
        "/ivp/ss/gen_config" => generator::config(view),
        "/ivp/ss/gen_schedule" => generator::schedule(view),
        "/ivp/ss/gen_mode" => generator::mode(view),
        "/ivp/ss/pel_settings" => json!({"PEL": false}),
        "/ivp/sc/pvlimit" => json!({"enable": false, "pv_limit_pct": 100}),
        _ => return None,
    })
}

/// The serial number of a device: the kind's digits, some that come from the gateway's own, and a number behind.
fn serial_number(view: &View<'_>, kind: &str, index: usize) -> String {
    let own: u64 =
        view.serial_number.bytes().fold(7, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_000);
    format!("{kind}{own:06}{index:02}")
}

/// Rounded as the gateway writes numbers: three decimals.
fn thousandths(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

fn whole(value: f64) -> i64 {
    value.round() as i64
}
