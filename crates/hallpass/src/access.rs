//! The way from what was typed to a gateway that answers.

use anyhow::Result;
use hallpass_credential::{Error, ErrorKind};
use hallpass_enphase::{Account, Gateway, Login, Setup, Token};
use hallpass_store::Device;
use hallpass_transport::{Origin, Scheme};

use crate::{
    aftermath::settle,
    args::With,
    context::Context,
    means::{Means, Seeker, compare_roles, held_token, routes, takes_tokens},
    meet::meet,
    naming::Naming,
    problem::Problem,
    secret_input::Brought,
    suspension::require_not_suspended,
    target::Target,
    trust::{self, Shown, Vouching, judge},
};

/// A device, and a gateway that logs in to it when it is asked something.
pub(crate) struct Access {
    pub(crate) device: Device,
    pub(crate) gateway: Gateway,
}

impl Access {
    /// Opens what a command means by DEVICE.
    ///
    /// # Errors
    /// Those of [`meet`] for a device that is not known; [`ErrorKind::IdentityChanged`] for one
    /// that is suspended; those of [`Means::find`] and of a token that the gateway refuses.
    pub(crate) async fn open(context: &Context, typed: &str, with: &With) -> Result<Self> {
        Ok(Self::open_with_account(context, typed, with).await?.0)
    }

    /// The same, and the account that it logs in with.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub(crate) async fn open_with_account(
        context: &Context,
        typed: &str,
        with: &With,
    ) -> Result<(Self, Option<Account>)> {
        let brought = Brought::read(with, context).await?;
        let vouching = Vouching::from(with);
        let device = match Target::find(&context.state.devices, typed).await? {
            Target::Known(device) => {
                require_not_suspended(&device)?;
                judge(&Shown::from(&*device), Some(&device.pin), vouching)?;
                *device
            }
            Target::Address(address) => {
                meet(context, &address, None, vouching, Naming::SerialNumber).await?
            }
        };
        require_login(&device, &brought, vouching)?;
        let routes = routes(with.route, with.role);
        let means = Means::find(context, &device, brought, routes, Seeker::OneShot).await?;
        let access = Self { gateway: gateway(context, &device, means.login)?, device };
        if let Some(token) = means.token {
            compare_roles(context, with.role, token.role());
            access.adopt(context, token).await?;
        }
        Ok((access, means.account))
    }

    /// Shows a token to the gateway and keeps it, unless it is the one that is kept already.
    pub(crate) async fn adopt(&self, context: &Context, token: Token) -> Result<()> {
        let kept = held_token(context, &self.device).await?;
        if kept.is_some_and(|kept| kept.credential.claims() == token.claims()) {
            return Ok(());
        }
        let adopting = self.gateway.adopt_token(token);
        let adopted = context.output.waiting("showing the token to the gateway", adopting).await;
        settle(context, &self.device, adopted).await
    }
}

/// A gateway that logs in to `device` by `login` when it is asked something.
pub(crate) fn gateway(context: &Context, device: &Device, login: Login) -> Result<Gateway> {
    let key = trust::key(&device.pin);
    let scheme = if key.is_some() { Scheme::Https } else { Scheme::Http };
    let address = &device.address;
    let origin = Origin::of(scheme, address)
        .map_err(|_| Problem::usage(format!("`{address}` is no HOST[:PORT]")))?;
    let (gateway, keeping) = Gateway::new(Setup {
        origin,
        serial_number: device.serial_number().to_owned(),
        key,
        login,
        network: context.network.clone(),
        records: context.state.records.clone(),
        clock: context.clock.clone(),
        rate: context.rate,
        patience: context.patience,
        between_turns: context.between_turns,
    })?;
    tokio::spawn(keeping);
    Ok(gateway)
}

/// The password of an old gateway can be computed; all the same it is not logged in to before a
/// person has said so.
fn require_login(device: &Device, brought: &Brought, vouching: Vouching) -> Result<()> {
    let is_asked_for = !matches!(brought, Brought::Nothing) || vouching.trust_new;
    if takes_tokens(device) || device.account.is_some() || is_asked_for {
        return Ok(());
    }
    let text = "nobody has logged in to this gateway yet";
    Err(Error::new(ErrorKind::NeedsLogin, text).into())
}
