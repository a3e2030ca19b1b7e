//! Meeting a device: look who it is, judge, ask the person, and keep what it is known by.

use anyhow::{Context as _, Result};
use hallpass_credential::{self as credential, ErrorKind};
use hallpass_enphase::{Info, Sighting, look};
use hallpass_store::{Device, Kind, LastError, Name, Suspension};
use hallpass_transport as transport;

use crate::{
    context::Context,
    downgrade::or_downgrade,
    hint,
    problem::Problem,
    prompt,
    target::by_serial_number,
    trust::{Shown, Verdict, Vouching, judge, untrusted},
};

/// What to call a device that is met.
#[derive(Debug, Clone)]
pub(crate) enum Naming {
    /// As the person typed.
    Typed(Name),
    /// As it is called already, or else a name that is easy to remember.
    Friendly,
    /// As it is called already, or else its serial number.
    SerialNumber,
}

/// Looks at whatever answers at `address`, and enrols it when it may be trusted. Where `expected`
/// is given it must be that device. Nothing secret is sent.
///
/// # Errors
/// [`ErrorKind::IdentityChanged`], which also suspends the device; a [`Problem`] where nobody
/// vouches for a new one; those of [`look`].
pub(crate) async fn meet(
    context: &Context,
    address: &str,
    expected: Option<&Device>,
    vouching: Vouching,
    naming: Naming,
) -> Result<Device> {
    let looking = look(address, &context.network);
    let sighting = match context.output.waiting("looking who answers", looking).await {
        Ok(sighting) => sighting,
        Err(error) => return Err(expected_but(error, expected, context).await.into()),
    };
    let shown = Shown::from(&sighting);
    let known = by_serial_number(&context.state.records, &shown.serial_number).await?;
    if let Some(expected) = expected.filter(|device| device.serial_number() != shown.serial_number)
    {
        let text = format!("the gateway that answers is {}", shown.serial_number);
        let error = credential::Error::new(ErrorKind::IdentityChanged, text);
        suspend(context, expected, &error).await?;
        return Err(error.into());
    }
    if let Some(known) = &known {
        require_not_suspended(known)?;
    }
    let pin = known.as_ref().map(|device| &device.pin);
    match judge(&shown, pin, vouching) {
        Ok(Verdict::Trusted) => {}
        Ok(Verdict::AskPerson) => ask_person(context, &sighting, &shown, address).await?,
        Err(error) => {
            let changed = known.as_ref().filter(|known| known.pin != shown.pin());
            // Elsewhere than where the device is, anybody may pretend to be it.
            if let Some(changed) = changed.filter(|known| known.address == address)
                && let Some(error) = error.downcast_ref()
            {
                suspend(context, changed, error).await?;
            }
            return Err(error);
        }
    }
    keep(context, known, &sighting, &shown, address, naming).await
}

/// What a failure to see whoever answers means, where a certain device should.
async fn expected_but(
    error: credential::Error,
    expected: Option<&Device>,
    context: &Context,
) -> credential::Error {
    match expected {
        Some(device) => or_downgrade(error, device, context).await,
        None => error,
    }
}

/// A device whose identity changed is left alone until a person accepts it.
///
/// # Errors
/// [`ErrorKind::IdentityChanged`].
pub(crate) fn require_not_suspended(device: &Device) -> Result<(), credential::Error> {
    let Some(suspension) = &device.suspension else { return Ok(()) };
    let since = hint::local(suspension.since);
    let text = format!("suspended since {since}: {}", suspension.reason);
    Err(credential::Error::new(ErrorKind::IdentityChanged, text))
}

/// Leaves a device alone from now on, since it is not what it was.
pub(crate) async fn suspend(
    context: &Context,
    device: &Device,
    error: &credential::Error,
) -> Result<()> {
    let at = context.clock.now();
    let presented = presented(error);
    let suspension = Suspension { since: at, reason: error.to_string(), presented };
    let problem = error.to_string();
    let hint = hint::of_kind(ErrorKind::IdentityChanged, device.name().as_str());
    let serial_number = device.serial_number();
    let kept = context.state.devices.update(serial_number, move |device| {
        device.suspension.get_or_insert(suspension);
        device.last_error = Some(LastError { at, problem, hint });
    });
    kept.await?;
    context.state.audit(at, serial_number, "suspended", error.to_string()).await
}

/// The key that stands in the place of the known one, as far as the error tells.
fn presented(error: &credential::Error) -> Option<String> {
    let error = anyhow::Error::from(error.clone());
    error.chain().find_map(|link| match link.downcast_ref::<transport::Error>()?.kind() {
        transport::ErrorKind::Pin(key) => Some(key.to_string()),
        _ => None,
    })
}

async fn ask_person(
    context: &Context,
    sighting: &Sighting,
    shown: &Shown,
    address: &str,
) -> Result<()> {
    if !context.terminals.can_ask() {
        return Err(untrusted(shown, address).into());
    }
    let Info { serial_number, firmware, .. } = &sighting.info;
    context.output.note(format_args!(
        "{address} is an IQ Gateway with serial number {serial_number} and firmware {firmware}.\n\
         It has not been met before. It is known by its {}.",
        match shown.key {
            Some(key) => format!("key\n  {key}"),
            None => shown.words(),
        }
    ));
    if prompt::confirm("Trust it from now on?".to_owned()).await? {
        return Ok(());
    }
    Err(Problem::new(crate::exit::Exit::Failed, "the gateway is not trusted")
        .hint("nothing was sent to it, and nothing is kept of it")
        .into())
}

async fn keep(
    context: &Context,
    known: Option<Device>,
    sighting: &Sighting,
    shown: &Shown,
    address: &str,
    naming: Naming,
) -> Result<Device> {
    let now = context.clock.now();
    let name = name(context, known.as_ref(), &shown.serial_number, &naming).await?;
    let is_new = known.is_none();
    let mut device =
        Device::new(name, Kind::Enphase, &shown.serial_number, address, shown.pin(), now);
    if let Some(known) = known {
        device.account = known.account;
        device.last_error = known.last_error;
        if matches!(naming, Naming::SerialNumber) {
            device.address = known.address;
        }
    }
    device.last_seen = Some(now);
    describe(&mut device, &sighting.info);
    let mut kept = context.state.devices.enrol(device).await?;
    if is_new {
        let detail = format!("at {address}, known by its {}", shown.words());
        context.state.audit(now, &shown.serial_number, "enrolled", detail).await?;
    }
    // A one-shot command may reach a device elsewhere than where it usually is.
    kept.address = address.to_owned();
    Ok(kept)
}

fn describe(device: &mut Device, info: &Info) {
    device.firmware = Some(info.firmware.to_string());
    device.part_number = info.part_number.clone();
    device.is_metered = Some(info.is_metered);
}

async fn name(
    context: &Context,
    known: Option<&Device>,
    serial_number: &str,
    naming: &Naming,
) -> Result<Name> {
    let given = known.map(Device::name).filter(|name| name.as_str() != serial_number);
    match (naming, given) {
        (Naming::Typed(name), _) => Ok(name.clone()),
        (_, Some(given)) => Ok(given.clone()),
        (Naming::Friendly, None) => friendly_name(context, serial_number).await,
        (Naming::SerialNumber, None) => {
            serial_number.parse().context("the serial number is no name")
        }
    }
}

/// `gateway`; where another device has that name, `gateway-` and the end of the serial number.
async fn friendly_name(context: &Context, serial_number: &str) -> Result<Name> {
    let devices = context.state.devices.all().await?;
    let is_taken = |name: &Name| {
        devices
            .iter()
            .any(|device| device.name() == name && device.serial_number() != serial_number)
    };
    let from = serial_number.char_indices().rev().nth(3).map_or(0, |(index, _)| index);
    let names = [
        USUAL_NAME.to_owned(),
        format!("{USUAL_NAME}-{}", &serial_number[from..]),
        format!("{USUAL_NAME}-{serial_number}"),
    ];
    let free = names.iter().filter_map(|name| name.parse().ok()).find(|name| !is_taken(name));
    free.context("the serial number is no part of a name")
}

const USUAL_NAME: &str = "gateway";
