//! What a person means by DEVICE.

use anyhow::Result;
use hallpass_credential::store::Records;
use hallpass_store::{Device, Directory};
use hallpass_transport::{Origin, Scheme};

use crate::{exit::Exit, problem::Problem};

/// A device by whatever it was called.
#[derive(Debug)]
pub(crate) enum Target {
    /// Its name, its serial number, or its address as it is kept.
    Known(Box<Device>),
    /// A host with an optional port, of which nothing is known under that address.
    Address(String),
}

impl Target {
    pub(crate) async fn find(devices: &Directory, typed: &str) -> Result<Self> {
        if let Some(device) = devices.find(typed).await? {
            return Ok(Self::Known(Box::new(device)));
        }
        if typed.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(unknown(typed).into());
        }
        match Origin::of(Scheme::Https, typed) {
            Ok(_) => Ok(Self::Address(typed.to_owned())),
            Err(_) => {
                let text = format!("`{typed}` is neither a known device nor HOST[:PORT]");
                let hint = "`hallpass status` lists the known devices";
                Err(Problem::usage(text).hint(hint).into())
            }
        }
    }
}

/// A device that must be known already.
///
/// # Errors
/// A [`Problem`] with the exit code for a missing login.
pub(crate) async fn known(devices: &Directory, typed: &str) -> Result<Device> {
    Ok(devices.find(typed).await?.ok_or_else(|| unknown(typed))?)
}

/// The device with this serial number and no other.
pub(crate) async fn by_serial_number(records: &Records, number: &str) -> Result<Option<Device>> {
    Ok(records.load(number).await?)
}

fn unknown(typed: &str) -> Problem {
    Problem::new(Exit::NeedsLogin, format!("no device is known as {typed}"))
        .hint("`hallpass status` lists the known devices, `hallpass login HOST` adds one")
}

#[cfg(test)]
mod tests;
