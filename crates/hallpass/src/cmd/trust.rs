//! `hallpass trust`

use anyhow::Result;
use hallpass_credential::{Error, ErrorKind};
use hallpass_enphase::Sighting;
use hallpass_store::{Device, Suspension};
use hallpass_transport::KeyPin;
use serde::Serialize;

use crate::{
    args::TrustAction,
    context::Context,
    downgrade::or_downgrade,
    exit::Exit,
    hint::local,
    look::look_for,
    problem::{OrAbout, Problem},
    prompt,
    target::known,
    trust::Shown,
};

pub(super) async fn run(action: &TrustAction, context: &Context) -> Result<Exit> {
    match action {
        TrustAction::Show { device } => show(device, context).await.or_about("look at", device),
        TrustAction::Accept { device, pin, yes } => {
            let consent = Consent { pin: *pin, yes: *yes };
            accept(device, consent, context).await.or_about("trust", device)
        }
        TrustAction::Forget { device } => forget(device, context).await.or_about("forget", device),
    }
}

/// The document of `trust show --json`.
#[derive(Serialize)]
struct Document<'a> {
    device: &'a str,
    serial_number: &'a str,
    /// The key that is known; none where the serial number is all there is.
    pin: Option<String>,
    /// What it shows now; none where it cannot be reached.
    shows: Option<Showing>,
    suspension: Option<&'a Suspension>,
}

#[derive(Serialize)]
struct Showing {
    serial_number: String,
    key: Option<String>,
    is_known: bool,
}

async fn show(typed: &str, context: &Context) -> Result<Exit> {
    let device = known(&context.state.devices, typed).await?;
    let trusted = Shown::from(&device);
    let seen = see(&device, context).await;
    let shown = seen.as_ref().ok().map(Shown::from);
    let is_known = shown.as_ref().is_none_or(|shown| *shown == trusted);
    if context.output.is_json() {
        context.output.document(&Document {
            device: device.name().as_str(),
            serial_number: device.serial_number(),
            pin: trusted.key.map(|key| key.to_string()),
            shows: shown.map(|shown| Showing {
                serial_number: shown.serial_number,
                key: shown.key.map(|key| key.to_string()),
                is_known,
            }),
            suspension: device.suspension.as_ref(),
        })?;
    } else {
        tell(&device, &trusted, shown.as_ref(), context)?;
    }
    seen?;
    if is_known && device.suspension.is_none() {
        return Ok(Exit::Done);
    }
    let hint = format!("if you know why: `hallpass trust accept {}`", device.name());
    Err(Problem::new(Exit::IdentityChanged, "its identity has changed").hint(hint).into())
}

fn tell(device: &Device, trusted: &Shown, shown: Option<&Shown>, context: &Context) -> Result<()> {
    let output = &context.output;
    output.line(format_args!("{}, serial number {}", device.name(), device.serial_number()))?;
    output.line(format_args!("  known by    {}", trusted.words()))?;
    match shown {
        Some(shown) if shown == trusted => output.line("  shows now   the same")?,
        Some(shown) => {
            let Shown { serial_number, .. } = shown;
            output.line(format_args!(
                "  shows now   {} (serial number {serial_number})",
                shown.words()
            ))?;
        }
        None => {}
    }
    if let Some(Suspension { since, reason, .. }) = &device.suspension {
        output.line(format_args!("  suspended   since {}: {reason}", local(*since)))?;
    }
    Ok(())
}

/// What a person typed for a new identity.
#[derive(Clone, Copy)]
struct Consent {
    pin: Option<KeyPin>,
    yes: bool,
}

async fn accept(typed: &str, consent: Consent, context: &Context) -> Result<Exit> {
    let device = known(&context.state.devices, typed).await?;
    let shown = Shown::from(&see(&device, context).await?);
    if shown.serial_number != device.serial_number() {
        let text = format!("another gateway answers there: {}", shown.serial_number);
        let hint =
            format!("log in to it under a name of its own: `hallpass login {}`", device.address);
        return Err(Problem::new(Exit::IdentityChanged, text).hint(hint).into());
    }
    if shown != Shown::from(&device) {
        vouch(&device, &shown, consent, context).await?;
    }
    let (serial_number, accepted) = (device.serial_number(), shown.pin());
    let lifted = context.state.devices.update(serial_number, move |device| {
        device.pin = accepted;
        device.suspension = None;
        device.last_error = None;
    });
    lifted.await?;
    context.state.audit(context.clock.now(), serial_number, "accepted", shown.words()).await?;
    report(&device, &format!("is known by {} now", shown.words()), context)
}

/// A new identity takes a person, or a key that the person knows from elsewhere.
async fn vouch(device: &Device, shown: &Shown, consent: Consent, context: &Context) -> Result<()> {
    let words = shown.words();
    match (consent.pin, shown.key) {
        (Some(pin), Some(key)) if pin == key => return Ok(()),
        (Some(_), _) => {
            let text = format!("--pin is not what the gateway shows: {words}");
            return Err(Error::new(ErrorKind::IdentityChanged, text).into());
        }
        (None, _) if consent.yes => return Ok(()),
        (None, _) => {}
    }
    if !context.terminals.can_ask() {
        let text = format!("the gateway shows {words}, and there is no terminal to ask");
        let typed = match shown.key {
            Some(key) => format!("--pin {key}"),
            None => "--yes".to_owned(),
        };
        let hint = format!("if that is right: `hallpass trust accept {} {typed}`", device.name());
        return Err(Problem::new(Exit::IdentityChanged, text).hint(hint).into());
    }
    context
        .output
        .note(format_args!("was known by  {}\nshows now     {words}", Shown::from(device).words()));
    if prompt::confirm("Trust what it shows now?".to_owned()).await? {
        return Ok(());
    }
    Err(Problem::new(Exit::IdentityChanged, "not accepted").hint("nothing was changed").into())
}

async fn forget(typed: &str, context: &Context) -> Result<Exit> {
    let device = known(&context.state.devices, typed).await?;
    context.state.devices.forget(device.serial_number()).await?;
    let at = context.clock.now();
    context.state.audit(at, device.serial_number(), "forgotten", "its pin").await?;
    let again = format!("hallpass login {} --name {}", device.address, device.name());
    context.output.note(format_args!("The next contact is a first contact: {again}"));
    report(&device, "is forgotten, with what it was known by", context)
}

fn report(device: &Device, what: &str, context: &Context) -> Result<Exit> {
    let name = device.name();
    if context.output.is_json() {
        let document = serde_json::json!({ "device": name.as_str(), "outcome": what });
        context.output.document(&document)?;
    } else {
        context.output.line(format_args!("{name} {what}."))?;
    }
    Ok(Exit::Done)
}

async fn see(device: &Device, context: &Context) -> Result<Sighting, Error> {
    let looking = look_for(device, &context.network, context);
    match context.output.waiting("looking who answers", looking).await {
        Ok(sighting) => Ok(sighting),
        Err(error) => Err(or_downgrade(error, device, context).await),
    }
}
