//! A gateway that had no certificate and has one now: a firmware with tokens has replaced an older
//! one (G6). docs/decisions/0011 says who may trust its first key.

use std::{error::Error as StdError, fmt};

use anyhow::{Error as AnyError, Result};
use hallpass_credential::{Error, ErrorKind};
use hallpass_enphase::Info;
use hallpass_store::{Device, Pin};
use hallpass_transport::KeyPin;

use crate::{
    changes::Change,
    context::Context,
    look::look,
    means::only_account,
    trust::{self, Shown},
};

/// The first key of a gateway is trusted from now on: what failed may be tried once more.
#[derive(Debug)]
pub(crate) struct Upgraded(pub(crate) Change);

/// Whether `error` may mean that `device` was upgraded: whoever answers plain http sends it
/// elsewhere, or says that it takes tokens.
pub(crate) fn is_sign(error: &Error, device: &Device) -> bool {
    let kinds = [ErrorKind::NotADevice, ErrorKind::NeedsLogin];
    device.pin == Pin::SerialNumber && kinds.contains(&error.kind())
}

/// What `error` means for `device`: where the same gateway answers over TLS with a firmware that
/// takes tokens, [`Upgraded`] or the demand that a person logs in to it. Nothing secret is sent.
pub(crate) async fn or_upgrade(error: Error, device: &Device, context: &Context) -> AnyError {
    if !is_sign(&error, device) {
        return error.into();
    }
    let Ok(sighting) = look(&device.address, &context.network, context).await else {
        return error.into();
    };
    let Some(key) = first_key(device, &sighting.info, sighting.key) else { return error.into() };
    match allowed_account(device, context).await {
        Ok(Some(username)) => match take_over(device, context, &sighting.info, key, username).await
        {
            Ok(()) => Upgraded(Change::FirstKey(key)).into(),
            Err(error) => error,
        },
        Ok(None) => demand().because(error).into(),
        Err(error) => error,
    }
}

/// The `key` of whoever says `info`, where it is the first one of `device`: of a firmware that takes
/// tokens. Below that there is none, whoever shows one: a digest user is never shown over TLS.
pub(crate) fn first_key(device: &Device, info: &Info, key: Option<KeyPin>) -> Option<KeyPin> {
    let is_it = info.serial_number == device.serial_number() && info.firmware.takes_tokens();
    key.filter(|_| is_it && trust::key(&device.pin).is_none())
}

/// That a person must look at the first key, and log in.
pub(crate) fn demand() -> Error {
    let context = "the gateway has a firmware with tokens and a certificate now, which nobody has vouched for";
    Error::new(ErrorKind::NeedsLogin, context)
}

/// The account to log in with, where a person has allowed both: to trust a key unseen, when they
/// logged in, and to log in, by an account that is kept.
async fn allowed_account(device: &Device, context: &Context) -> Result<Option<String>> {
    if !device.trusts_first_key {
        return Ok(None);
    }
    only_account(&context.state.records).await
}

async fn take_over(
    device: &Device,
    context: &Context,
    info: &Info,
    key: KeyPin,
    username: String,
) -> Result<()> {
    let (serial_number, now) = (device.serial_number(), context.clock.now());
    let pin = Shown { serial_number: serial_number.to_owned(), key: Some(key) }.pin();
    let (firmware, part_number) = (info.firmware.to_string(), info.part_number.clone());
    let taken = context.state.devices.update(serial_number, move |device| {
        // Whoever else was quicker has decided.
        if device.pin == Pin::SerialNumber {
            device.pin = pin;
            device.firmware = Some(firmware);
            device.part_number = part_number;
            // The user of the gateway itself is of no use any more.
            device.account = Some(username);
            device.last_seen = Some(now);
        }
    });
    taken.await?;
    Change::FirstKey(key).audit(context, device).await
}

impl fmt::Display for Upgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the gateway has a certificate now, which is trusted from now on; run it again")
    }
}

impl StdError for Upgraded {}

#[cfg(test)]
mod tests;
