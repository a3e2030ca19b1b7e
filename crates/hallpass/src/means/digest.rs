//! The user of a gateway before firmware 7.

use anyhow::Result;
use hallpass_enphase::{Account, default_password};
use hallpass_store::Device;

use crate::{context::Context, problem::Problem, secret_input::Brought};

/// The user with its password, which is computed unless there is another.
pub(super) async fn user(context: &Context, device: &Device, brought: Brought) -> Result<Account> {
    let serial_number = device.serial_number();
    let name = Account::digest_name(serial_number);
    let stored: Option<Account> = context.state.records.load(&name).await?;
    match brought {
        Brought::Nothing => match stored {
            Some(stored) => Ok(stored),
            None => usual(USUAL_USER.to_owned(), serial_number),
        },
        Brought::Password { username, password } => {
            Ok(Account { username: username.unwrap_or_else(|| USUAL_USER.to_owned()), password })
        }
        Brought::Username(username) => match stored {
            Some(stored) if stored.username == username => Ok(stored),
            _ => usual(username, serial_number),
        },
        Brought::Token(_) => {
            let firmware = device.firmware.as_deref().unwrap_or("below 7");
            let text = format!("firmware {firmware} takes a user and a password, and no token");
            let hint = "leave the token out; the password of user `envoy` is computed";
            Err(Problem::usage(text).hint(hint).into())
        }
    }
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
