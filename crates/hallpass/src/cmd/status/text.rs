//! The standing of devices for people.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use hallpass_credential::Validity;
use jiff::Timestamp;

use super::{AccountState, State};
use crate::{duration, exit::Exit, hint::local};

/// A block for each device.
pub(super) fn text(devices: &[State], now: Timestamp) -> String {
    let blocks: Vec<_> = devices.iter().map(|device| block(device, now)).collect();
    blocks.join("\n\n")
}

fn block(device: &State, now: Timestamp) -> String {
    let color = if device.standing.exit() == Exit::Done { GOOD } else { BAD };
    let mut text =
        format!("{BOLD}{}{BOLD:#}  {color}{}{color:#}", device.name, device.standing.words());
    let mut row = |label: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n  {label:<12} {value}");
    };
    let firmware = device.firmware.as_deref().unwrap_or("unknown");
    row(
        "IQ Gateway",
        format!("{}, firmware {firmware}, at {}", device.serial_number, device.address),
    );
    let by_number = || "its serial number; it has no certificate".to_owned();
    row("known by", device.pin.clone().unwrap_or_else(by_number));
    if let Some(suspension) = &device.suspension {
        row("suspended", format!("since {}: {}", local(suspension.since), suspension.reason));
    }
    if let (Some(token), Some(role)) = (&device.token, &device.role) {
        let verified = if token.verified { "" } else { ", signature unverified" };
        row("token", format!("{role}, {}{verified}", lifetime(&token.validity, now)));
        if let Some(from) = token.renewal_from {
            let late = if token.is_renewal_late { "; half of the time for it is gone" } else { "" };
            row("renewal", format!("from {}{late}", local(from)));
        }
    }
    if let Some(session) = &device.session {
        row("session", format!("since {}", local(session.issued_at)));
    }
    if let Some(account) = &device.account {
        row("account", account_words(account));
        if let (Some(_), Some(budget)) = (&device.token, &account.budget) {
            let (hour, day) = (budget.logins_left_this_hour, budget.logins_left_today);
            row("logins left", format!("{hour} this hour, {day} today"));
        }
        if let Some(held) = account.held_back() {
            let until = held.until.map(|until| format!(", until {}", local(until)));
            row("held back", format!("{}{}", held.problem, until.unwrap_or_default()));
            if held.is_skippable {
                let name = &device.name;
                row("", format!("hint: you may try at once: hallpass login {name}"));
            }
        }
    }
    row("requests", requests(device));
    if let Some(update) = &device.last_update {
        row("updated", format!("{} ({})", update, local(update.at)));
    }
    if let Some(seen) = device.last_seen {
        row("last seen", local(seen));
    }
    if let Some(error) = &device.last_error {
        row("last error", format!("{} ({})", error.problem, local(error.at)));
        row("", format!("hint: {}", error.hint));
    }
    text
}

/// What the gateway may still be asked.
fn requests(device: &State) -> String {
    let left = format!("{} left this minute", device.gateway.requests_left_this_minute);
    match device.gateway.next_token_check {
        Some(next) => format!("{left}; the token may be shown again from {} on", local(next)),
        None => left,
    }
}

fn lifetime(validity: &Validity, now: Timestamp) -> String {
    let Some(end) = validity.expires_at else { return "without an end".to_owned() };
    match validity.remaining(now) {
        Some(left) if !left.is_zero() => {
            format!("until {} ({})", local(end), duration::display(left))
        }
        _ => format!("ended {}", local(end)),
    }
}

fn account_words(account: &AccountState) -> String {
    let kept = if account.password_kept { "kept, sealed" } else { "not kept" };
    let kind = match account.claims.as_ref().and_then(|claims| claims.is_consumer()) {
        Some(true) => ", a home owner's",
        Some(false) => ", not a home owner's",
        None => "",
    };
    format!("{}{kind}; the password is {kept}", account.username)
}

const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
