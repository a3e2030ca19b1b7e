//! A device whose identity changed: it is left alone until a person decides, or until it shows that
//! it is what it was.

use anyhow::{Error as AnyError, Result};
use hallpass_credential::{Error, ErrorKind};
use hallpass_store::{Device, LastError, Suspension};
use hallpass_transport::{self as transport, KeyPin};

use crate::{context::Context, hint};

/// Nothing is sent to a device that is suspended, not even a connection is made.
///
/// # Errors
/// [`ErrorKind::IdentityChanged`].
pub(crate) fn require_not_suspended(device: &Device) -> Result<(), Error> {
    let Some(suspension) = &device.suspension else { return Ok(()) };
    let since = hint::local(suspension.since);
    let text = format!("suspended since {since}: {}", suspension.reason);
    Err(Error::new(ErrorKind::IdentityChanged, text))
}

/// Leaves a device alone from now on, since it is not what it was.
pub(crate) async fn suspend(context: &Context, device: &Device, error: &Error) -> Result<()> {
    let at = context.clock.now();
    let presented = presented(error).map(|key| key.to_string());
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

/// Goes on with a device that has shown itself to be what it is known by.
pub(crate) async fn resume(context: &Context, device: &Device) -> Result<()> {
    let (serial_number, pin) = (device.serial_number(), device.pin.clone());
    let resumed = context.state.devices.update(serial_number, move |device| {
        if device.pin == pin {
            device.suspension = None;
            device.last_error = None;
        }
    });
    resumed.await?;
    let at = context.clock.now();
    context.state.audit(at, serial_number, "resumed", "it is what it was known by").await
}

/// The key that stands in the place of the known one, as far as the error tells.
pub(crate) fn presented(error: &Error) -> Option<KeyPin> {
    let error = AnyError::from(error.clone());
    error.chain().find_map(|link| match link.downcast_ref::<transport::Error>()?.kind() {
        transport::ErrorKind::Pin(key) => Some(key),
        _ => None,
    })
}
