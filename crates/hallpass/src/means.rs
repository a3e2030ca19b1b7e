//! With what to log in to a device: what was brought along, what is stored, what a person types.

use anyhow::Result;
use hallpass_credential::{
    Held,
    budget::Asker,
    peek,
    store::{Records, Revise},
};
use hallpass_enphase::{Account, Firmware, Login, Token, default_password, token_name};
use hallpass_store::{Device, Pin};

use crate::{
    args::Role,
    context::Context,
    exit::Exit,
    hint::ENTREZ,
    problem::Problem,
    prompt,
    secret_input::{Brought, Pasted, password_file},
};

/// The means to open a device.
pub(crate) struct Means {
    pub(crate) login: Login,
    /// The account among them, for whoever wants to keep it.
    pub(crate) account: Option<Account>,
    /// A token to be shown to the gateway and kept.
    pub(crate) token: Option<Token>,
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
        role: Option<Role>,
        seeker: Seeker,
    ) -> Result<Self> {
        if !takes_tokens(device) {
            return digest(context, device, brought).await;
        }
        let (brought, token) = match brought {
            Brought::Token(pasted) => (Brought::Nothing, Some(admit(context, device, &pasted)?)),
            other => (other, None),
        };
        let seeker = if token.is_some() { Seeker::OneShot } else { seeker };
        let account = account(context, device, brought, seeker).await?;
        warn_about_role(context, token.as_ref(), role);
        let by_person = seeker == Seeker::Login && context.terminals.can_ask();
        let login = Login::Token {
            account: account.clone(),
            clouds: context.clouds.clone(),
            asker: if by_person { Asker::Person } else { Asker::Program },
        };
        Ok(Self { login, account, token })
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

/// The account of a cloud that is stored, with its password.
pub(crate) async fn stored_account(records: &Records, username: &str) -> Result<Option<Account>> {
    Ok(records.load(&Account::cloud_name(username)).await?)
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

fn warn_about_role(context: &Context, token: Option<&Token>, wanted: Option<Role>) {
    let Some(wanted) = wanted else { return };
    let wanted = match wanted {
        Role::Owner => hallpass_enphase::Role::Owner,
        Role::Installer => hallpass_enphase::Role::Installer,
    };
    let given = token.map_or(&hallpass_enphase::Role::Owner, Token::role);
    if *given != wanted {
        context.output.warning(format_args!("the token's role is {given}, not {wanted}"));
    }
}

/// The account at the cloud, as far as one is needed or can be had.
async fn account(
    context: &Context,
    device: &Device,
    brought: Brought,
    seeker: Seeker,
) -> Result<Option<Account>> {
    let (username, password, is_named) = match brought {
        Brought::Password { username, password } => (username, Some(password), true),
        Brought::Username(username) => (Some(username), None, true),
        Brought::Nothing | Brought::Token(_) => (None, None, seeker == Seeker::Login),
    };
    let records = &context.state.records;
    if !is_named {
        return match &device.account {
            Some(username) => stored_account(records, username).await,
            None => Ok(None),
        };
    }
    let username = match username {
        Some(username) => username,
        None => username_of(context, device, password.is_none()).await?,
    };
    if let Some(password) = password {
        return Ok(Some(Account { username, password }));
    }
    let stored = stored_account(records, &username).await?;
    password_of(context, username, stored, seeker).await.map(Some)
}

/// Who logs in, where nobody said so: the device's own account; at a terminal the person says.
async fn username_of(context: &Context, device: &Device, may_ask: bool) -> Result<String> {
    let usual = match &device.account {
        Some(username) => Some(username.clone()),
        None => only_account(&context.state.records).await?,
    };
    if may_ask && context.terminals.can_ask() {
        return prompt::text("User name at Enphase:", usual).await;
    }
    device.account.clone().ok_or_else(|| {
        Problem::usage("the user name is missing, and there is no terminal to ask for it")
            .hint("give --username and --password-file or --password-stdin; or a token with --token-file")
            .into()
    })
}

/// The password from where there is one, the person first.
async fn password_of(
    context: &Context,
    username: String,
    stored: Option<Account>,
    seeker: Seeker,
) -> Result<Account> {
    let ask = context.terminals.can_ask() && (seeker == Seeker::Login || stored.is_none());
    if let Some(password) = password_file(context).await? {
        return Ok(Account { username, password });
    }
    match (ask, stored) {
        (true, stored) => {
            let stored_one = if stored.is_some() { " (empty: the stored one)" } else { "" };
            let password = prompt::password(format!("Password{stored_one}:")).await?;
            match stored {
                Some(stored) if password.is_empty() => Ok(stored),
                _ if password.is_empty() => Err(Problem::usage("the password is empty").into()),
                _ => Ok(Account { username, password }),
            }
        }
        (false, Some(stored)) => Ok(stored),
        (false, None) => Err(Problem::usage(format!("the password of {username} is missing"))
            .hint("give --password-file or --password-stdin")
            .into()),
    }
}

/// The account of the other gateways, where they have the same.
async fn only_account(records: &Records) -> Result<Option<String>> {
    let names = records.names::<Account>().await?;
    let prefix = Account::cloud_name("");
    let mut usernames = names.iter().filter_map(|name| name.strip_prefix(&prefix));
    let first = usernames.next().map(ToOwned::to_owned);
    Ok(first.filter(|_| usernames.next().is_none()))
}

/// The user of a gateway before firmware 7, whose password is computed unless there is another.
async fn digest(context: &Context, device: &Device, brought: Brought) -> Result<Means> {
    let serial_number = device.serial_number();
    let name = Account::digest_name(serial_number);
    let stored: Option<Account> = context.state.records.load(&name).await?;
    let account = match brought {
        Brought::Nothing => match stored {
            Some(stored) => stored,
            None => usual(USUAL_USER.to_owned(), serial_number)?,
        },
        Brought::Password { username, password } => {
            Account { username: username.unwrap_or_else(|| USUAL_USER.to_owned()), password }
        }
        Brought::Username(username) => match stored {
            Some(stored) if stored.username == username => stored,
            _ => usual(username, serial_number)?,
        },
        Brought::Token(_) => {
            let firmware = device.firmware.as_deref().unwrap_or("below 7");
            let text = format!("firmware {firmware} takes a user and a password, and no token");
            let hint = "leave the token out; the password of user `envoy` is computed";
            return Err(Problem::usage(text).hint(hint).into());
        }
    };
    let login = Login::Digest(account.clone());
    Ok(Means { login, account: Some(account), token: None })
}

fn usual(username: String, serial_number: &str) -> Result<Account> {
    let Some(password) = default_password(&username, serial_number) else {
        let text = format!("the password of {username} is missing");
        let hint = "give --password-file or --password-stdin; only those of `envoy` and `installer` can be computed";
        return Err(Problem::usage(text).hint(hint).into());
    };
    Ok(Account { username, password })
}

/// Reads what the owner may read.
const USUAL_USER: &str = "envoy";
