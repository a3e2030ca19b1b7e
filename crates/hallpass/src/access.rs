//! The way from what was typed to a gateway that answers.

use anyhow::Result;
use hallpass_credential::{self as credential, ErrorKind, peek};
use hallpass_enphase::{Gateway, Login, Role, Setup, Token, reading::Identity, token_name};
use hallpass_store::{Device, LastError};
use hallpass_transport::{Origin, Scheme};
use jiff::SignedDuration;

use crate::{
    args::With,
    context::Context,
    hint,
    means::{Means, Seeker, takes_tokens},
    meet::{Naming, meet, require_not_suspended, suspend},
    output::chain,
    problem::Problem,
    secret_input::Brought,
    target::Target,
    trust::{self, Shown, Vouching, judge},
};

/// A device, and a gateway that logs in to it when it is asked something.
pub(crate) struct Access {
    pub(crate) device: Device,
    pub(crate) gateway: Gateway,
}

impl Access {
    /// Opens what a one-shot command means by DEVICE.
    ///
    /// # Errors
    /// Those of [`meet`] for a device that is not known; [`ErrorKind::IdentityChanged`] for one
    /// that is suspended; those of [`Means::find`] and of a token that the gateway refuses.
    pub(crate) async fn open(context: &Context, typed: &str, with: &With) -> Result<Self> {
        let brought = Brought::read(with, context).await?;
        let vouching = Vouching::from(with);
        let device = match Target::find(&context.state.devices, typed).await? {
            Target::Known(device) => {
                require_not_suspended(&device)?;
                judge(&Shown::from(&device), Some(&device.pin), vouching)?;
                device
            }
            Target::Address(address) => {
                meet(context, &address, None, vouching, Naming::SerialNumber).await?
            }
        };
        require_login(&device, &brought, vouching)?;
        let means = Means::find(context, &device, brought, with.role, Seeker::OneShot).await?;
        let access = Self { gateway: gateway(context, &device, means.login)?, device };
        if let Some(token) = means.token {
            access.adopt(context, token).await?;
        }
        Ok(access)
    }

    /// Shows a token to the gateway and keeps it, unless it is the one that is kept already.
    pub(crate) async fn adopt(&self, context: &Context, token: Token) -> Result<()> {
        let kept = self.kept_token(context).await?;
        if kept.is_some_and(|kept| kept.claims() == token.claims()) {
            return Ok(());
        }
        let adopting = self.gateway.adopt_token(token);
        let adopted = context.output.waiting("showing the token to the gateway", adopting).await;
        self.settle(context, adopted).await
    }

    /// What the token of this device may do; none before firmware 7.
    pub(crate) async fn role(&self, context: &Context) -> Result<Option<Role>> {
        Ok(self.kept_token(context).await?.map(|token| token.role().clone()))
    }

    /// Writes down what came of talking to the device, for `status` to tell, and passes it on.
    pub(crate) async fn settle<T>(
        &self,
        context: &Context,
        outcome: Result<T, credential::Error>,
    ) -> Result<T> {
        let noted = match &outcome {
            Ok(_) => self.note_success(context).await,
            Err(error) if error.kind() == ErrorKind::IdentityChanged => {
                suspend(context, &self.device, error).await
            }
            Err(error) => self.note_failure(context, error).await,
        };
        if let Err(error) = noted {
            context.output.warning(format_args!("what came of it is not written down: {error:#}"));
        }
        Ok(outcome?)
    }

    /// Takes in what the device says of itself, such as a new firmware.
    pub(crate) async fn describe(&self, context: &Context, identity: &Identity) -> Result<()> {
        let firmware = Some(identity.firmware.to_string());
        if self.device.firmware == firmware {
            return Ok(());
        }
        let (part_number, is_metered) = (identity.part_number.clone(), identity.is_metered);
        let described = context.state.devices.update(self.device.serial_number(), move |device| {
            device.firmware = firmware;
            device.part_number = part_number;
            device.is_metered = Some(is_metered);
        });
        described.await?;
        Ok(())
    }

    async fn kept_token(&self, context: &Context) -> Result<Option<Token>> {
        if !takes_tokens(&self.device) {
            return Ok(None);
        }
        let name = token_name(self.device.serial_number());
        let held = peek::<Token>(&context.state.records, &name).await?;
        Ok(held.map(|held| held.credential))
    }

    async fn note_success(&self, context: &Context) -> Result<()> {
        let now = context.clock.now();
        let is_news = self.device.last_seen.is_none_or(|seen| seen.duration_until(now) > FRESH);
        if !is_news && self.device.last_error.is_none() {
            return Ok(());
        }
        let noted = context.state.devices.update(self.device.serial_number(), move |device| {
            device.last_seen = Some(now);
            device.last_error = None;
        });
        noted.await?;
        Ok(())
    }

    async fn note_failure(&self, context: &Context, error: &credential::Error) -> Result<()> {
        let at = context.clock.now();
        let hint = hint::of_credential(error, self.device.name().as_str());
        let last_error = LastError { at, problem: chain(&error.clone().into()), hint };
        let noted = context.state.devices.update(self.device.serial_number(), move |device| {
            device.last_error = Some(last_error);
        });
        noted.await?;
        Ok(())
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
    Err(credential::Error::new(ErrorKind::NeedsLogin, text).into())
}

/// How recently a device was seen need not be known better than this.
const FRESH: SignedDuration = SignedDuration::from_mins(1);
