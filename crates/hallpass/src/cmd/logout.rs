//! `hallpass logout`

use anyhow::Result;
use hallpass_enphase::{Account, Plan, forget_cloud, forget_login};
use hallpass_store::Device;
use serde::Serialize;

use crate::{args::Logout, context::Context, exit::Exit, problem::OrAbout, target::known};

pub(super) async fn run(typed: &Logout, context: &Context) -> Result<Exit> {
    logout(typed, context).await.or_about("log out of", &typed.device)
}

async fn logout(typed: &Logout, context: &Context) -> Result<Exit> {
    let device = known(&context.state.devices, &typed.device).await?;
    let serial_number = device.serial_number();
    let records = &context.state.records;
    forget_login(records, serial_number).await?;
    records.remove::<Account>(&Account::digest_name(serial_number)).await?;
    let forgotten = forget_account(context, &device).await?;
    if typed.forget {
        context.state.devices.forget(serial_number).await?;
        records.remove::<Plan>(serial_number).await?;
    } else {
        context.state.devices.update(serial_number, |device| device.account = None).await?;
    }
    let (event, detail) =
        if typed.forget { ("forgotten", "device and login") } else { ("logout", "") };
    context.state.audit(context.clock.now(), serial_number, event, detail).await?;
    tell(&device, typed.forget, forgotten, context)
}

/// Deletes the password and the sessions at the clouds, unless another device needs them.
async fn forget_account(context: &Context, device: &Device) -> Result<bool> {
    let Some(username) = &device.account else { return Ok(false) };
    let devices = context.state.devices.all().await?;
    let is_shared = devices.iter().any(|other| {
        other.account.as_ref() == Some(username) && other.serial_number() != device.serial_number()
    });
    if is_shared {
        return Ok(false);
    }
    let records = &context.state.records;
    records.remove::<Account>(&Account::cloud_name(username)).await?;
    forget_cloud(records, username).await?;
    Ok(true)
}

/// The document of `logout --json`.
#[derive(Serialize)]
struct Document<'a> {
    device: &'a str,
    device_forgotten: bool,
    password_forgotten: bool,
}

fn tell(
    device: &Device,
    device_forgotten: bool,
    password_forgotten: bool,
    context: &Context,
) -> Result<Exit> {
    let name = device.name();
    let output = &context.output;
    if output.is_json() {
        let device = name.as_str();
        output.document(&Document { device, device_forgotten, password_forgotten })?;
        return Ok(Exit::Done);
    }
    let whole = if device_forgotten { " and forgot the device" } else { "" };
    output.line(format_args!("Logged out of {name}{whole}."))?;
    if let Some(username) = device.account.as_ref().filter(|_| !password_forgotten) {
        output.note(format_args!("The account {username} is kept: another device needs it."));
    }
    output
        .note("Whoever copied the token can use it until it ends: gateways cannot take one back.");
    Ok(Exit::Done)
}
