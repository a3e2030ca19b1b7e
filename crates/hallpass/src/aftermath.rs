//! What is written down after talking to a device, for `status` to tell.

use anyhow::Result;
use hallpass_credential::{Error, ErrorKind};
use hallpass_enphase::reading::Identity;
use hallpass_store::{Device, LastError};
use jiff::SignedDuration;

use crate::{
    context::Context, downgrade::or_downgrade, hint, output::chain, suspension::suspend,
    upgrade::or_upgrade,
};

/// Writes down what came of talking to `device`, and passes it on.
pub(crate) async fn settle<T>(
    context: &Context,
    device: &Device,
    outcome: Result<T, Error>,
) -> Result<T> {
    let noted = match &outcome {
        Ok(_) => note_success(context, device).await,
        Err(error) => note_failure(context, device, error).await,
    };
    if let Err(error) = noted {
        context.output.warning(format_args!("what came of it is not written down: {error:#}"));
    }
    match outcome {
        Ok(value) => Ok(value),
        Err(error) => {
            let looking = async {
                let error = or_downgrade(error, device, context).await;
                or_upgrade(error, device, context).await
            };
            Err(context.output.waiting("looking who answers in its place", looking).await)
        }
    }
}

/// Takes in what the device says of itself, such as a new firmware.
pub(crate) async fn describe(
    context: &Context,
    device: &Device,
    identity: &Identity,
) -> Result<()> {
    let firmware = Some(identity.firmware.to_string());
    if device.firmware == firmware {
        return Ok(());
    }
    let (part_number, is_metered) = (identity.part_number.clone(), identity.is_metered);
    let described = context.state.devices.update(device.serial_number(), move |device| {
        device.firmware = firmware;
        device.part_number = part_number;
        device.is_metered = Some(is_metered);
    });
    described.await?;
    Ok(())
}

async fn note_success(context: &Context, device: &Device) -> Result<()> {
    let now = context.clock.now();
    let is_news = device.last_seen.is_none_or(|seen| seen.duration_until(now) > FRESH);
    if !is_news && device.last_error.is_none() {
        return Ok(());
    }
    let noted = context.state.devices.update(device.serial_number(), move |device| {
        device.last_seen = Some(now);
        device.last_error = None;
    });
    noted.await?;
    Ok(())
}

async fn note_failure(context: &Context, device: &Device, error: &Error) -> Result<()> {
    match error.kind() {
        // These say nothing about the device.
        ErrorKind::Held | ErrorKind::Invalid | ErrorKind::Store(_) => return Ok(()),
        ErrorKind::IdentityChanged => return suspend(context, device, error).await,
        _ => {}
    }
    let at = context.clock.now();
    let hint = hint::of_credential(error, device.name().as_str());
    let last_error = LastError { at, problem: chain(&error.clone().into()), hint };
    let noted = context.state.devices.update(device.serial_number(), move |device| {
        device.last_error = Some(last_error);
    });
    noted.await?;
    Ok(())
}

/// When a device was last seen need not be known better than this; it spares writes to the disk.
const FRESH: SignedDuration = SignedDuration::from_mins(1);
