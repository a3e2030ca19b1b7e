//! Questions to a person at a terminal.

use anyhow::{Context as _, Result};
use hallpass_credential::Secret;
use inquire::{Confirm, InquireError, Password, PasswordDisplayMode, Text, validator::Validation};
use tokio::task;
use zeroize::Zeroizing;

use crate::{
    exit::Exit,
    mask::{MASKED, is_mask},
    problem::Problem,
};

/// A yes or no; no unless the person says yes.
pub(crate) async fn confirm(question: String) -> Result<bool> {
    ask(move || Confirm::new(&question).with_default(false).prompt()).await
}

/// A line of text; where the person gives none, `usual`.
pub(crate) async fn text(question: &'static str, usual: Option<String>) -> Result<String> {
    ask(move || {
        let text = Text::new(question);
        match &usual {
            Some(usual) => text.with_default(usual).prompt(),
            None => text.prompt(),
        }
    })
    .await
}

/// A password, which does not show; it may be empty.
pub(crate) async fn password(question: String) -> Result<Secret> {
    ask(move || hidden(&question)).await.map(Secret::from)
}

/// A token, which does not show.
pub(crate) async fn token(question: &'static str) -> Result<Zeroizing<String>> {
    ask(move || hidden(question)).await.map(Zeroizing::new)
}

/// A passphrase, which does not show.
pub(crate) async fn passphrase(question: &'static str) -> Result<Zeroizing<String>> {
    ask(move || hidden(question)).await.map(Zeroizing::new)
}

/// A one-time code, which does not show, without the spaces that it is often shown with; none where
/// the person breaks off.
pub(crate) async fn code(question: &'static str) -> Result<Option<Secret>> {
    let typed = ask(move || match hidden(question) {
        Err(InquireError::OperationCanceled | InquireError::OperationInterrupted) => Ok(None),
        typed => typed.map(|typed| Some(Zeroizing::new(typed))),
    });
    let without_spaces = |typed: Zeroizing<String>| typed.split_whitespace().collect::<String>();
    Ok(typed.await?.map(without_spaces).map(Secret::from))
}

/// A mask is asked for again.
fn hidden(question: &str) -> Result<String, InquireError> {
    let password = Password::new(question).without_confirmation().with_validator(|text: &str| {
        Ok(if is_mask(text) { Validation::Invalid(MASKED.into()) } else { Validation::Valid })
    });
    password.with_display_mode(PasswordDisplayMode::Hidden).prompt()
}

async fn ask<T: Send + 'static>(
    question: impl FnOnce() -> Result<T, InquireError> + Send + 'static,
) -> Result<T> {
    let answer = task::spawn_blocking(question).await.context("the question was not asked")?;
    answer.map_err(|error| match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => {
            Problem::new(Exit::Failed, "cancelled").hint("nothing secret was sent").into()
        }
        other => anyhow::Error::from(other).context("the terminal cannot be asked"),
    })
}
