//! `hallpass status`

mod text;

use anyhow::Result;
use futures_util::future::join_all;
use hallpass_credential::{
    Error, ErrorKind, Validity,
    budget::{Asker, History},
    peek,
};
use hallpass_enphase::{
    Account, Allowance, Network, Role, Session, Sighting, Token, Update, history_name, last_update,
    session_name, token_name,
};
use hallpass_store::{Device, Kind, LastError, Suspension};
use hallpass_transport as transport;
use jiff::Timestamp;
use serde::Serialize;

use super::token::Account as Claims;
use crate::{
    args::Status,
    context::Context,
    downgrade::or_downgrade,
    exit::Exit,
    hint,
    look::look_for,
    means::{stored_account, takes_tokens},
    neighbour::neighbour_or_suspended,
    problem::Problem,
    standing::{Facts, Standing},
    target::known,
    trust::{Shown, Vouching, judge},
    upgrade::{demand, first_key},
};

pub(super) async fn run(typed: &Status, context: &Context) -> Result<Exit> {
    let devices = match &typed.device {
        Some(device) => vec![known(&context.state.devices, device).await?],
        None => context.state.devices.all().await?,
    };
    let examining = join_all(devices.iter().map(|device| examine(device, context)));
    let examined = context.output.waiting("asking the devices", examining).await;
    let devices = examined.into_iter().collect::<Result<Vec<_>>>()?;
    let verdict = verdict(&devices);
    if context.output.is_json() {
        context.output.document(&Document { devices })?;
    } else if devices.is_empty() {
        context.output.note("No device is known yet. Add one: hallpass login HOST");
    } else {
        context.output.line(text::text(&devices, context.clock.now()))?;
    }
    verdict.map_or(Ok(Exit::Done), |problem| Err(problem.into()))
}

/// What is to be done about the worst device, unless all is well.
fn verdict(devices: &[State]) -> Option<Problem> {
    let worst = devices.iter().max_by_key(|device| device.standing.exit())?;
    let exit = worst.standing.exit();
    let kind = match exit {
        Exit::Done => return None,
        Exit::DeviceUnreachable => ErrorKind::Unreachable,
        Exit::IdentityChanged => ErrorKind::IdentityChanged,
        _ => ErrorKind::NeedsLogin,
    };
    let text = format!("{}: {}", worst.name, worst.standing.words());
    Some(Problem::new(exit, text).hint(hint::of_kind(kind, &worst.name)))
}

/// The document of `status --json`.
#[derive(Serialize)]
struct Document {
    devices: Vec<State>,
}

/// What is known of one device.
#[derive(Serialize)]
pub(super) struct State {
    name: String,
    kind: Kind,
    serial_number: String,
    address: String,
    firmware: Option<String>,
    pub(super) standing: Standing,
    /// That of the token; none before firmware 7.
    role: Option<Role>,
    pub(super) token: Option<TokenState>,
    session: Option<Validity>,
    account: Option<AccountState>,
    /// The key it is known by; none where the serial number is all there is.
    pin: Option<String>,
    pub(super) suspension: Option<Suspension>,
    last_seen: Option<Timestamp>,
    pub(super) last_error: Option<LastError>,
    gateway: Limits,
    /// What the last firmware changed, where that was noticed.
    last_update: Option<Update>,
}

#[derive(Serialize)]
pub(super) struct TokenState {
    #[serde(flatten)]
    pub(super) validity: Validity,
    /// From when on it is renewed; none without an end.
    renewal_from: Option<Timestamp>,
    /// Whether half of the time for that has gone by in vain.
    is_renewal_late: bool,
    /// Whether a known key has signed it.
    verified: bool,
}

#[derive(Serialize)]
struct AccountState {
    username: String,
    password_kept: bool,
    /// None before firmware 7, where no cloud is asked.
    budget: Option<Budget>,
    /// What the cloud said of the account at the last login, where that is known.
    #[serde(flatten)]
    claims: Option<Claims>,
}

/// What is left of the logins at the cloud.
#[derive(Serialize)]
struct Budget {
    logins_left_this_hour: usize,
    logins_left_today: usize,
    /// Why no program may log in now, and from when on one may.
    held_back: Option<HeldBack>,
}

#[derive(Serialize)]
struct HeldBack {
    #[serde(skip)]
    kind: ErrorKind,
    problem: String,
    until: Option<Timestamp>,
    /// Whether a person who logs in may skip it: a cool-down, never a ceiling.
    is_skippable: bool,
}

/// What the gateway itself may still be asked.
#[derive(Serialize)]
struct Limits {
    requests_left_this_minute: usize,
    /// From when on it may be shown a token again; none where it may be at once.
    next_token_check: Option<Timestamp>,
}

async fn examine(device: &Device, context: &Context) -> Result<State> {
    // A suspended one is not even connected to.
    let unreachable = match device.suspension {
        Some(_) => None,
        None => probe(device, context).await?.err(),
    };
    // The probe may have written down more than was known before it.
    let device = known(&context.state.devices, device.serial_number()).await?;
    State::of(device, unreachable.as_ref().map(Error::kind), context).await
}

impl State {
    /// What is known of `device`, and why it could not be asked who it is.
    pub(super) async fn of(
        device: Device,
        unreachable: Option<ErrorKind>,
        context: &Context,
    ) -> Result<Self> {
        let records = &context.state.records;
        let token = peek::<Token>(records, &token_name(device.serial_number())).await?;
        let session = peek::<Session>(records, &session_name(device.serial_number())).await?;
        let account = account(&device, context).await?;
        let now = context.clock.now();
        let limits = Allowance::of(records, device.serial_number(), context.rate, now).await?;
        let last_update = last_update(records, device.serial_number()).await?;
        let held_back = account.as_ref().and_then(|account| account.held_back());
        let facts = Facts {
            is_suspended: device.suspension.is_some(),
            unreachable,
            has_account: account.as_ref().is_some_and(|account| account.password_kept),
            takes_password: !takes_tokens(&device),
            token: token.as_ref().map(|held| held.validity),
            held_back: held_back.map(|held| held.kind),
        };
        Ok(Self {
            name: device.name().to_string(),
            kind: device.kind,
            serial_number: device.serial_number().to_owned(),
            address: device.address.clone(),
            firmware: device.firmware.clone(),
            standing: Standing::of(&facts, now),
            role: token.as_ref().map(|held| held.credential.role().clone()),
            token: token.map(|held| TokenState {
                validity: held.validity,
                renewal_from: held.validity.expires_at.map(|_| held.validity.fresh_until()),
                is_renewal_late: held.validity.is_renewal_late(now),
                verified: held.credential.is_verified(),
            }),
            session: session.map(|held| held.validity),
            account,
            pin: Shown::from(&device).key.map(|key| key.to_string()),
            suspension: device.suspension,
            last_seen: device.last_seen,
            last_error: device.last_error,
            gateway: Limits {
                requests_left_this_minute: limits.requests_left,
                next_token_check: limits.next_check,
            },
            last_update,
        })
    }
}

async fn account(device: &Device, context: &Context) -> Result<Option<AccountState>> {
    let Some(username) = device.account.clone() else { return Ok(None) };
    let records = &context.state.records;
    let stored = if takes_tokens(device) {
        stored_account(records, &username).await?
    } else {
        records.load(&Account::digest_name(device.serial_number())).await?
    };
    let password_kept = stored.is_some();
    if !takes_tokens(device) {
        return Ok(Some(AccountState { username, password_kept, budget: None, claims: None }));
    }
    let history: Option<History> = records.load(&history_name(&username)).await?;
    let budget = Budget::of(&history.unwrap_or_default(), stored.as_ref(), context.clock.now());
    let claims = Claims::find(context, &username).await?;
    Ok(Some(AccountState { username, password_kept, budget: Some(budget), claims }))
}

impl AccountState {
    /// Why no program may log in now.
    fn held_back(&self) -> Option<&HeldBack> {
        self.budget.as_ref()?.held_back.as_ref()
    }
}

impl Budget {
    fn of(history: &History, account: Option<&Account>, now: Timestamp) -> Self {
        let (logins_left_this_hour, logins_left_today) = history.left(now);
        let may = |asker| {
            account
                .map_or(Ok(()), |account| history.may_log_in(&account.password.mark(), asker, now))
        };
        let held_back = may(Asker::Program).err().map(|error| HeldBack {
            kind: error.kind(),
            problem: error.to_string(),
            until: error.retry_at(),
            is_skippable: may(Asker::Person).is_ok(),
        });
        Self { logins_left_this_hour, logins_left_today, held_back }
    }
}

/// Asks the device who it is, or tells why it cannot be asked. One that changed is suspended.
pub(super) async fn probe(device: &Device, context: &Context) -> Result<Result<Sighting, Error>> {
    let now = context.clock.now();
    let network = Network { limits: transport::Limits::BRIEF, ..context.network.clone() };
    let sighting = match look_for(device, &network, context).await {
        Ok(sighting) => sighting,
        Err(error) => return Ok(Err(or_downgrade(error, device, context).await)),
    };
    if let Some(error) = identity_error(&Shown::from(&sighting), device) {
        return Ok(Err(neighbour_or_suspended(sighting.key, error, device, context).await?));
    }
    if first_key(device, &sighting.info, sighting.key).is_some() {
        return Ok(Err(demand()));
    }
    let seen = context.state.devices.update(device.serial_number(), move |device| {
        device.last_seen = Some(now);
    });
    seen.await?;
    Ok(Ok(sighting))
}

fn identity_error(shown: &Shown, device: &Device) -> Option<Error> {
    if shown.serial_number != device.serial_number() {
        let text = format!("the gateway that answers is {}", shown.serial_number);
        return Some(Error::new(ErrorKind::IdentityChanged, text));
    }
    judge(shown, Some(&device.pin), Vouching::default()).err()?.downcast().ok()
}
