//! Meeting a device: look who it is, judge, ask the person, and keep what it is known by.

use anyhow::Result;
use hallpass_credential::{Error, ErrorKind};
use hallpass_enphase::{Info, Sighting};
use hallpass_store::{Device, Kind};

use crate::{
    context::Context,
    downgrade::or_downgrade,
    exit::Exit,
    look::{look, look_for},
    naming::Naming,
    neighbour::neighbour_or_suspended,
    problem::Problem,
    prompt,
    suspension::{require_not_suspended, suspend},
    target::by_serial_number,
    trust::{Shown, Verdict, Vouching, judge, untrusted},
};

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
    let sighting = see(context, address, expected).await?;
    let shown = Shown::from(&sighting);
    let known = by_serial_number(&context.state.records, &shown.serial_number).await?;
    if let Some(known) = &known {
        require_not_suspended(known)?;
    }
    // What is expected may have been found elsewhere.
    let found = known.as_ref().filter(|_| expected.is_some());
    let address = &found.map_or_else(|| address.to_owned(), |known| known.address.clone());
    match judge(&shown, known.as_ref().map(|device| &device.pin), vouching) {
        Ok(Verdict::Trusted) => {}
        Ok(Verdict::AskPerson) => ask_person(context, &sighting, &shown, address).await?,
        Err(error) => {
            // Elsewhere than where the device is, anybody may pretend to be it.
            let here = known.filter(|known| known.address == *address && known.pin != shown.pin());
            if let (Some(changed), Some(error)) = (here, error.downcast_ref()) {
                suspend(context, &changed, error).await?;
            }
            return Err(error);
        }
    }
    keep(context, known, &sighting, &shown, address, naming).await
}

/// Whoever answers; it must have the serial number of `expected`.
async fn see(context: &Context, address: &str, expected: Option<&Device>) -> Result<Sighting> {
    let network = &context.network;
    let Some(expected) = expected else {
        let looking = look(address, network, context);
        let sighting = context.output.waiting(LOOKING, looking).await;
        return sighting.map_err(|error| perhaps_mistyped(error, address));
    };
    match context.output.waiting(LOOKING, look_for(expected, network, context)).await {
        Ok(sighting) if sighting.info.serial_number == expected.serial_number() => Ok(sighting),
        Ok(Sighting { info, key, .. }) => {
            let text = format!("the gateway that answers is {}", info.serial_number);
            let error = Error::new(ErrorKind::IdentityChanged, text);
            Err(neighbour_or_suspended(key, error, expected, context).await?.into())
        }
        Err(error) => Err(or_downgrade(error, expected, context).await.into()),
    }
}

/// A word without dots is more often a mistyped name than a host that is away.
fn perhaps_mistyped(error: Error, address: &str) -> anyhow::Error {
    if error.kind() != ErrorKind::Unreachable || address.contains(['.', ':']) {
        return error.into();
    }
    let text = format!("no device is known as {address}, and no host of that name answers");
    let problem = Problem::new(Exit::DeviceUnreachable, text);
    problem.hint("`hallpass status` lists the known devices").into()
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
    Err(Problem::new(Exit::Failed, "the gateway is not trusted")
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
    let devices = &context.state.devices;
    let name = naming.name(devices, known.as_ref(), &shown.serial_number).await?;
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
    let mut kept = devices.enrol(device).await?;
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

const LOOKING: &str = "looking who answers";
