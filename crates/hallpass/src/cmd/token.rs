//! `hallpass token`

use std::time::Duration;

use anyhow::Result;
use hallpass_credential::{Held, peek};
use hallpass_enphase::{Claims, CloudSession, Role, Token, cloud_name};
use hallpass_store::Device;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    access::Access,
    aftermath::settle,
    again::once_more,
    args::Token as Typed,
    context::Context,
    duration,
    exit::Exit,
    hand_out::hand_out,
    means::takes_tokens,
    problem::{OrAbout, Problem},
};

pub(super) async fn run(typed: &Typed, context: &Context) -> Result<Exit> {
    let giving = once_more(context, &typed.device, || token(typed, context));
    giving.await.or_about("give a token for", &typed.device)
}

async fn token(typed: &Typed, context: &Context) -> Result<Exit> {
    let Access { device, gateway } = Access::open(context, &typed.device, &typed.with).await?;
    require_tokens(&device)?;
    let asking = gateway.token(typed.min_life);
    let held = context.output.waiting("obtaining a token", asking).await;
    let held = settle(context, &device, held).await?;
    require_life(&held, typed.min_life, context)?;
    let output = &context.output;
    if typed.claims {
        output.line(serde_json::to_string_pretty(&About::new(context, &held).await?)?)?;
    } else if typed.header {
        output.line(format_args!("Authorization: Bearer {}", hand_out(&held.credential)))?;
    } else if output.is_json() {
        output.document(&Given::new(&held.credential))?;
    } else {
        output.line(hand_out(&held.credential))?;
    }
    Ok(Exit::Done)
}

/// No cloud makes tokens that last for ever.
fn require_life(held: &Held<Token>, wanted: Duration, context: &Context) -> Result<()> {
    let left = held.validity.remaining(context.clock.now());
    match left.filter(|left| *left < wanted) {
        None => Ok(()),
        Some(left) => {
            let text = format!("a new token lasts {}", duration::display(left));
            let problem = Problem::new(Exit::Failed, text);
            Err(problem.hint("ask for less with --min-life").into())
        }
    }
}

/// Refuses a device that is opened by a user of its own.
pub(super) fn require_tokens(device: &Device) -> Result<()> {
    if takes_tokens(device) {
        return Ok(());
    }
    let firmware = device.firmware.as_deref().unwrap_or_default();
    let hint = "`hallpass read` and `hallpass get` log in to it with its own user";
    let text = format!("its firmware {firmware} is older than tokens");
    Err(Problem::new(Exit::Failed, text).hint(hint).into())
}

/// The document of `token --json`.
#[derive(Serialize)]
struct Given<'a> {
    token: &'a str,
    role: &'a Role,
    expires_at: Timestamp,
}

impl<'a> Given<'a> {
    fn new(token: &'a Token) -> Self {
        Self { token: hand_out(token), role: token.role(), expires_at: token.expires_at() }
    }
}

/// The document of `token --claims`.
#[derive(Serialize)]
struct About<'a> {
    role: &'a Role,
    expires_at: Timestamp,
    /// Whether a known key has signed it.
    verified: bool,
    claims: &'a Claims,
    /// What the cloud said of the account when the token was made, where that is known.
    account: Option<Account>,
}

/// What a cloud session says of its account.
#[derive(Serialize)]
pub(super) struct Account {
    is_consumer: Option<bool>,
    manager_claims: Option<Value>,
}

impl<'a> About<'a> {
    async fn new(context: &Context, held: &'a Held<Token>) -> Result<Self> {
        let token = &held.credential;
        let username = token.claims().username.as_deref();
        let account = match username {
            Some(username) => Account::find(context, username).await?,
            None => None,
        };
        Ok(Self {
            role: token.role(),
            expires_at: token.expires_at(),
            verified: token.is_verified(),
            claims: token.claims(),
            account,
        })
    }
}

impl Account {
    /// Whether it is a home owner's.
    pub(super) fn is_consumer(&self) -> Option<bool> {
        self.is_consumer
    }

    /// What the stored session of this account says.
    pub(super) async fn find(context: &Context, username: &str) -> Result<Option<Self>> {
        let held = peek::<CloudSession>(&context.state.records, &cloud_name(username)).await?;
        Ok(held.map(|held| Self {
            is_consumer: held.credential.is_consumer,
            manager_claims: held.credential.manager_claims,
        }))
    }
}
