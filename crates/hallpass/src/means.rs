//! With what to log in to a device: what was brought along, what is stored, what a person types.

mod account;
mod code;
mod digest;

use std::sync::Arc;

use anyhow::Result;
use hallpass_credential::{
    Error, Held, peek,
    store::{Records, Revise},
    why_not_renewed,
};
use hallpass_enphase::{
    Account, Applicant, Firmware, Login, Role as GivenRole, Route, Routes, Token, token_name,
};
use hallpass_store::{Device, Pin};

use self::code::Questions;
pub(crate) use account::{only_account, stored_account};

use crate::{
    args::{Role, Route as TypedRoute},
    context::Context,
    exit::Exit,
    hint::ENTREZ,
    problem::Problem,
    secret_input::{Brought, Pasted},
};

/// The means to open a device.
pub(crate) struct Means {
    pub(crate) login: Login,
    /// The account among them, for whoever wants to keep it.
    pub(crate) account: Option<Account>,
    /// A token to be shown to the gateway and kept.
    pub(crate) token: Option<Token>,
    /// What the login wants to know of the person at the terminal; never anything where there is
    /// none.
    pub(crate) questions: Questions,
}

/// Who looks for means, and so what they may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seeker {
    /// `login`: whatever it takes.
    Login,
    /// Any other command: what is there, and what its flags name.
    OneShot,
}

impl Means {
    /// The means for `device`.
    ///
    /// # Errors
    /// A usage [`Problem`] where something is missing and nobody can be asked;
    /// [`Rejected`](hallpass_credential::ErrorKind::Rejected) for a token that is none for it.
    pub(crate) async fn find(
        context: &Context,
        device: &Device,
        brought: Brought,
        routes: Option<Routes>,
        seeker: Seeker,
    ) -> Result<Self> {
        if !takes_tokens(device) {
            let user = digest::user(context, device, brought).await?;
            let login = Login::Digest(user.clone());
            let (_, questions) = code::way();
            return Ok(Self { login, account: Some(user), token: None, questions });
        }
        let (brought, token) = match brought {
            Brought::Token(pasted) => (Brought::Nothing, Some(admit(context, device, &pasted)?)),
            other => (other, None),
        };
        let seeker = if token.is_some() { Seeker::OneShot } else { seeker };
        let account = account::find(context, device, brought, seeker).await?;
        let (person, questions) = code::way();
        let by_person = seeker == Seeker::Login && context.terminals.can_ask();
        let applicant =
            if by_person { Applicant::Person(Arc::new(person)) } else { Applicant::Program };
        let clouds = context.clouds.clone();
        let login = Login::Token { account: account.clone(), clouds, applicant, routes };
        Ok(Self { login, account, token, questions })
    }
}

/// The routes that a person means: the one that was typed, or those that give the role; none where
/// nobody said.
pub(crate) fn routes(route: Option<TypedRoute>, role: Option<Role>) -> Option<Routes> {
    match route {
        Some(TypedRoute::Tokens) => Some(Routes::Only(Route::Tokens)),
        Some(TypedRoute::EntrezAuthToken) => Some(Routes::Only(Route::EntrezAuthToken)),
        Some(TypedRoute::EntrezForm) => Some(Routes::Only(Route::EntrezForm)),
        Some(TypedRoute::Paste) => None,
        None => role.map(|role| Routes::to(&role.into())),
    }
}

/// Whether a device wants tokens rather than a user of its own.
pub(crate) fn takes_tokens(device: &Device) -> bool {
    let firmware = device.firmware.as_deref().and_then(Firmware::parse);
    firmware.map_or(device.pin != Pin::SerialNumber, |firmware| firmware.takes_tokens())
}

/// The token that is kept for `device`, good or not; none before firmware 7.
pub(crate) async fn held_token(context: &Context, device: &Device) -> Result<Option<Held<Token>>> {
    if !takes_tokens(device) {
        return Ok(None);
    }
    Ok(peek(&context.state.records, &token_name(device.serial_number())).await?)
}

/// What stood against the renewal of the token of `device` when that was tried last; none where
/// nothing did.
pub(crate) async fn overdue_token(context: &Context, device: &Device) -> Result<Option<Error>> {
    let name = token_name(device.serial_number());
    Ok(why_not_renewed::<Token>(&context.state.records, &name).await?)
}

/// Keeps the account that opened `device`, sealed.
pub(crate) async fn store_account(
    records: &Records,
    device: &Device,
    account: Account,
) -> Result<()> {
    let name = if takes_tokens(device) {
        Account::cloud_name(&account.username)
    } else {
        Account::digest_name(device.serial_number())
    };
    Ok(records.update(&name, |_: Option<Account>| (Revise::Put(account), ())).await?)
}

/// Looks at a token before any gateway sees it.
fn admit(context: &Context, device: &Device, pasted: &Pasted) -> Result<Token> {
    let (keys, now) = (&context.clouds.keys, context.clock.now());
    let serial_number = device.serial_number();
    let token = Token::admit(pasted.text(), serial_number, keys, now).map_err(|error| {
        let hint = format!("copy a token for the gateway {serial_number} from {ENTREZ}");
        Problem::new(Exit::of_kind(error.kind()), error.to_string()).hint(hint)
    })?;
    if !token.is_verified() {
        context.output.warning(
            "no known key has signed this token; it is shown to the trusted gateway all the same",
        );
    }
    Ok(token)
}

/// Says so where a token has another role than the person wants.
pub(crate) fn compare_roles(context: &Context, wanted: Option<Role>, given: &GivenRole) {
    let Some(wanted) = wanted.map(GivenRole::from) else { return };
    if *given != wanted {
        context.output.warning(format_args!("the token has the role {given}, not {wanted}"));
    }
}

impl From<Role> for GivenRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Installer => Self::Installer,
        }
    }
}
