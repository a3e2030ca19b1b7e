//! `hallpass login`

use anyhow::Result;
use hallpass_credential::Held;
use hallpass_enphase::{Role, Routes, Token};
use hallpass_store::{Device, Kind, Pin};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    access::{Access, gateway},
    aftermath::settle,
    args::{self, Login},
    context::Context,
    exit::Exit,
    hint::local,
    means::{Means, Seeker, compare_roles, held_token, routes, store_account},
    meet::meet,
    naming::Naming,
    problem::OrAbout,
    secret_input::Brought,
    suspension::require_not_suspended,
    target::Target,
    trust::{Shown, Vouching},
};

pub(super) async fn run(typed: Login, context: &Context) -> Result<Exit> {
    let device = typed.device.clone();
    login(typed, context).await.or_about("log in to", device)
}

async fn login(typed: Login, context: &Context) -> Result<Exit> {
    let Login { device, name, kind: args::Kind::Enphase, no_store, with } = typed;
    let wanted = Wanted {
        brought: Brought::read(&with, context).await?,
        naming: name.map_or(Naming::Friendly, Naming::Typed),
        vouching: Vouching::from(&with),
        routes: routes(with.route, with.role),
        role: with.role,
        keep_password: !no_store,
    };
    let entered = wanted.log_in(context, &device).await?;
    if context.output.is_json() {
        context.output.document(&Document::new(&entered))?;
    } else {
        tell(&entered, context)?;
    }
    Ok(Exit::Done)
}

/// What a person wants of a login.
pub(super) struct Wanted {
    pub(super) brought: Brought,
    pub(super) naming: Naming,
    pub(super) vouching: Vouching,
    pub(super) routes: Option<Routes>,
    pub(super) role: Option<args::Role>,
    pub(super) keep_password: bool,
}

/// What a login came to.
pub(super) struct Entered {
    pub(super) access: Access,
    pub(super) token: Option<Held<Token>>,
    account: Option<String>,
    is_password_kept: bool,
}

impl Wanted {
    /// Meets the device, proves what was brought along, and keeps it. What the device is known by,
    /// and that a login was tried, is kept even when the login fails.
    pub(super) async fn log_in(self, context: &Context, typed: &str) -> Result<Entered> {
        let device = self.meet(context, typed).await?;
        let Self { brought, routes, role, keep_password, vouching, .. } = self;
        let means = Means::find(context, &device, brought, routes, Seeker::Login).await?;
        let Means { login, account, token, questions } = means;
        let access = Access { gateway: gateway(context, &device, login)?, device };
        match token {
            Some(token) => access.adopt(context, token).await?,
            None => {
                let logging_in = access.gateway.log_in();
                let logged_in = questions.attend(context, "logging in", logging_in).await?;
                settle(context, &access.device, logged_in).await?;
            }
        }
        let username = account.as_ref().map(|account| account.username.clone());
        let is_password_kept = keep_password && account.is_some();
        if let Some(account) = account.filter(|_| keep_password) {
            store_account(&context.state.records, &access.device, account).await?;
        }
        let trusts_first_key = vouching.trust_new && access.device.pin == Pin::SerialNumber;
        note(context, &access.device, username.clone(), trusts_first_key).await?;
        let token = held_token(context, &access.device).await?;
        if let Some(held) = &token {
            compare_roles(context, role, held.credential.role());
        }
        Ok(Entered { access, token, account: username, is_password_kept })
    }

    async fn meet(&self, context: &Context, typed: &str) -> Result<Device> {
        let (known, address) = match Target::find(&context.state.devices, typed).await? {
            Target::Known(device) => {
                require_not_suspended(&device)?;
                let address = device.address.clone();
                (Some(device), address)
            }
            Target::Address(address) => (None, address),
        };
        meet(context, &address, known.as_deref(), self.vouching, self.naming.clone()).await
    }
}

/// Writes down who logged in.
async fn note(
    context: &Context,
    device: &Device,
    username: Option<String>,
    trusts_first_key: bool,
) -> Result<()> {
    let now = context.clock.now();
    let detail = match &username {
        Some(username) => format!("as {username}"),
        None => "with a token".to_owned(),
    };
    let noted = context.state.devices.update(device.serial_number(), move |device| {
        if username.is_some() {
            device.account = username;
        }
        device.trusts_first_key |= trusts_first_key;
        device.last_seen = Some(now);
        device.last_error = None;
    });
    noted.await?;
    context.state.audit(now, device.serial_number(), "login", detail).await
}

fn tell(entered: &Entered, context: &Context) -> Result<()> {
    let Entered { access: Access { device, .. }, token, account, is_password_kept } = entered;
    let (name, serial_number) = (device.name(), device.serial_number());
    let firmware = device.firmware.as_deref().unwrap_or("unknown");
    let output = &context.output;
    output.line(format_args!(
        "Logged in to {name}: IQ Gateway {serial_number}, firmware {firmware}, at {}.",
        device.address
    ))?;
    output.note(format_args!("It is known by its {}.", known_by(device)));
    if let Some(Held { credential: token, .. }) = token {
        let end = local(token.expires_at());
        output
            .note(format_args!("The token has the role {} and is good until {end}.", token.role()));
    }
    output.note(match (account, is_password_kept) {
        (Some(user), true) => {
            format!("The password of {user} is kept, sealed: nobody needs to log in again.")
        }
        (Some(_), false) => {
            "The password is not kept: log in again when the token ends.".to_owned()
        }
        (None, _) => "No account is known: log in again when the token ends.".to_owned(),
    });
    output.note(format_args!("Now try: hallpass read {name}"));
    Ok(())
}

fn known_by(device: &Device) -> String {
    match Shown::from(device).key {
        Some(key) => format!("key {key}"),
        None => "serial number: it has no certificate".to_owned(),
    }
}

/// The document of `login --json`.
#[derive(Serialize)]
struct Document<'a> {
    device: Identity<'a>,
    role: Option<&'a Role>,
    expires_at: Option<Timestamp>,
    verified: Option<bool>,
    account: Option<&'a str>,
    password_kept: bool,
}

#[derive(Serialize)]
struct Identity<'a> {
    name: &'a str,
    kind: Kind,
    serial_number: &'a str,
    firmware: Option<&'a str>,
    address: &'a str,
    /// None for a device that is known by its serial number.
    pin: Option<String>,
}

impl<'a> Document<'a> {
    fn new(entered: &'a Entered) -> Self {
        let device = &entered.access.device;
        let token = entered.token.as_ref().map(|held| &held.credential);
        Self {
            device: Identity {
                name: device.name().as_str(),
                kind: device.kind,
                serial_number: device.serial_number(),
                firmware: device.firmware.as_deref(),
                address: &device.address,
                pin: Shown::from(device).key.map(|key| key.to_string()),
            },
            role: token.map(Token::role),
            expires_at: token.map(Token::expires_at),
            verified: token.map(Token::is_verified),
            account: entered.account.as_deref(),
            password_kept: entered.is_password_kept,
        }
    }
}
