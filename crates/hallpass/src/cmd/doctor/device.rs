//! The devices: as they are known, and as they answer.

use std::time::Duration;

use anyhow::Result;
use hallpass_credential::{Age, Error, ErrorKind};
use hallpass_enphase::Sighting;
use hallpass_store::Device;
use jiff::Timestamp;

use super::finding::Finding;
use crate::{
    cmd::status::{State, probe},
    context::Context,
    duration,
    hint::{self, local},
    output::chain,
    standing::Standing,
    target::known,
};

/// Looks at what is known of each device; where one is named, at that one alone, and asks it.
pub(super) async fn examine(named: Option<&str>, context: &Context) -> Result<Vec<Finding>> {
    let devices = &context.state.devices;
    if let Some(named) = named {
        return match known(devices, named).await {
            Ok(device) => ask(device, context).await,
            Err(error) => Ok(vec![Finding::failed(format!("device {named}"), &error)]),
        };
    }
    let mut findings = Vec::new();
    for device in devices.all().await? {
        findings.extend(record(device, None, context).await?);
    }
    if findings.is_empty() {
        findings.push(Finding::ok("devices", "none is known yet"));
    }
    Ok(findings)
}

/// Asks a device who it is, unless it is suspended, and looks at what is known of it.
async fn ask(device: Device, context: &Context) -> Result<Vec<Finding>> {
    if device.suspension.is_some() {
        return record(device, None, context).await;
    }
    let asked = context.output.waiting("asking the device", probe(&device, context)).await?;
    // The probe may have written down more than was known before it.
    let device = known(&context.state.devices, device.serial_number()).await?;
    let sighting = match asked {
        Ok(sighting) => sighting,
        Err(error) => return record(device, Some(error), context).await,
    };
    let mut findings = vec![answer(&device, &sighting)];
    findings.extend(clock(&device, &sighting, context.clock.now()));
    findings.extend(record(device, None, context).await?);
    Ok(findings)
}

/// What is known of a device, and why it could not be asked who it is.
async fn record(
    device: Device,
    unreachable: Option<Error>,
    context: &Context,
) -> Result<Vec<Finding>> {
    let (name, subject) = (device.name().to_string(), subject(&device));
    let now = context.clock.now();
    let state = State::of(device, unreachable.as_ref().map(Error::kind), context).await?;
    let reason = match (&state.suspension, unreachable) {
        (Some(suspension), _) => Some(suspension.reason.clone()),
        (None, error) => error.map(|error| chain(&error.into())),
    };
    let mut findings = vec![standing(state.standing, reason, &name, &subject)];
    if let Some(token) = &state.token
        && state.standing == Standing::LoggedIn
        && token.validity.at(now) == Age::Aging
    {
        let end = token.validity.expires_at.map(local).unwrap_or_default();
        let words = format!("its token ends {end}, and nobody can renew it");
        let advice = hint::of_kind(ErrorKind::NeedsLogin, &name);
        findings.push(Finding::warning(&subject, words, advice));
    }
    if let Some(error) = state.last_error.filter(|_| state.suspension.is_none()) {
        let words = format!("what went wrong last, {}: {}", local(error.at), error.problem);
        findings.push(Finding::warning(subject, words, error.hint));
    }
    Ok(findings)
}

fn standing(standing: Standing, reason: Option<String>, name: &str, subject: &str) -> Finding {
    let words = match reason {
        Some(reason) => format!("{}: {reason}", standing.words()),
        None => standing.words().to_owned(),
    };
    let advice = |kind| hint::of_kind(kind, name);
    match standing {
        Standing::LoggedIn | Standing::Renewing => Finding::ok(subject, words),
        Standing::LoggedOut => Finding::warning(subject, words, advice(ErrorKind::NeedsLogin)),
        Standing::NeedsLogin => Finding::problem(subject, words, advice(ErrorKind::NeedsLogin)),
        Standing::Unreachable => Finding::problem(subject, words, advice(ErrorKind::Unreachable)),
        Standing::Suspended => Finding::problem(subject, words, advice(ErrorKind::IdentityChanged)),
    }
}

fn answer(device: &Device, sighting: &Sighting) -> Finding {
    let known_by = if sighting.key.is_some() { "the pinned key" } else { "its serial number" };
    let firmware = &sighting.info.firmware;
    let words = format!("answers at {} with {known_by}, firmware {firmware}", device.address);
    Finding::ok(subject(device), words)
}

/// A gateway refuses tokens that were made in its future, and we one that ended in our past.
fn clock(device: &Device, sighting: &Sighting, now: Timestamp) -> Option<Finding> {
    let theirs = sighting.info.time?;
    let (side, difference) = match theirs.duration_until(now) {
        ahead if ahead.is_negative() => ("ahead of", ahead.unsigned_abs()),
        behind => ("behind", behind.unsigned_abs()),
    };
    let subject = subject(device);
    if difference < USUAL {
        return Some(Finding::ok(subject, "its clock and that of this machine agree"));
    }
    let apart = duration::display(difference);
    let words = format!("its clock is {apart} {side} that of this machine");
    Some(Finding::warning(subject, words, CLOCKS))
}

fn subject(device: &Device) -> String {
    format!("device {}", device.name())
}

/// Clocks that nobody sets run apart by seconds a day.
const USUAL: Duration = Duration::from_secs(5 * 60);

const CLOCKS: &str = "see which of the two is wrong; a gateway takes its time from the internet, and refuses tokens that were made in its future";
