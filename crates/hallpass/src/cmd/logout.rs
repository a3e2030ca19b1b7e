//! `hallpass logout`

use anyhow::Result;
use hallpass_enphase::{Account, Plan, Token, forget_cloud, forget_login};
use hallpass_store::Device;
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    args::Logout, context::Context, exit::Exit, hint::local, means::held_token, problem::OrAbout,
    target::known,
};

pub(super) async fn run(typed: &Logout, context: &Context) -> Result<Exit> {
    logout(typed, context).await.or_about("log out of", &typed.device)
}

async fn logout(typed: &Logout, context: &Context) -> Result<Exit> {
    let device = known(&context.state.devices, &typed.device).await?;
    let serial_number = device.serial_number();
    let records = &context.state.records;
    // An expired or damaged one is deleted all the same.
    let token = held_token(context, &device).await.ok().flatten();
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
    let forgotten = Forgotten { device: typed.forget, password: forgotten };
    tell(&device, forgotten, token.map(|held| held.credential), context)
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

/// What is forgotten besides token and session.
struct Forgotten {
    device: bool,
    password: bool,
}

/// The document of `logout --json`.
#[derive(Serialize)]
struct Document<'a> {
    device: &'a str,
    device_forgotten: bool,
    password_forgotten: bool,
    /// Until when the deleted token opens the device for whoever has a copy; none without a token.
    token_good_until: Option<Timestamp>,
}

fn tell(
    device: &Device,
    forgotten: Forgotten,
    token: Option<Token>,
    context: &Context,
) -> Result<Exit> {
    let name = device.name();
    let output = &context.output;
    let token = token.filter(|token| token.expires_at() > context.clock.now());
    if output.is_json() {
        output.document(&Document {
            device: name.as_str(),
            device_forgotten: forgotten.device,
            password_forgotten: forgotten.password,
            token_good_until: token.map(|token| token.expires_at()),
        })?;
        return Ok(Exit::Done);
    }
    let whole = if forgotten.device { " and forgot the device" } else { "" };
    output.line(format_args!("Logged out of {name}{whole}."))?;
    if let Some(username) = device.account.as_ref().filter(|_| !forgotten.password) {
        output.note(format_args!("The account {username} is kept: another device needs it."));
    }
    if let Some(token) = token {
        output.note(format_args!(
            "Whoever copied the token ({}) can use it until {}: nobody can take one back.",
            token.role(),
            local(token.expires_at())
        ));
    }
    Ok(Exit::Done)
}
