//! The account at Enphase's cloud.

use anyhow::Result;
use hallpass_credential::store::Records;
use hallpass_enphase::Account;
use hallpass_store::Device;

use super::Seeker;
use crate::{
    context::Context,
    problem::Problem,
    prompt,
    secret_input::{Brought, password_file},
};

/// The account, as far as one is needed or can be had.
pub(super) async fn find(
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
pub(crate) async fn only_account(records: &Records) -> Result<Option<String>> {
    let names = records.names::<Account>().await?;
    let prefix = Account::cloud_name("");
    let mut usernames = names.iter().filter_map(|name| name.strip_prefix(&prefix));
    let first = usernames.next().map(ToOwned::to_owned);
    Ok(first.filter(|_| usernames.next().is_none()))
}

/// The account that is stored, with its password.
pub(crate) async fn stored_account(records: &Records, username: &str) -> Result<Option<Account>> {
    Ok(records.load(&Account::cloud_name(username)).await?)
}
