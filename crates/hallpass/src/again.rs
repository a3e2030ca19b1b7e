//! A second try of a command, where it helps at once or shortly.

use std::future::Future;

use anyhow::{Error as AnyError, Result};
use hallpass_credential::{Error, ErrorKind, later};
use jiff::Timestamp;

use crate::{context::Context, output::chain, upgrade::Upgraded};

/// Runs `work`, which is about `device`, and once more: where it met a gateway that was upgraded; or
/// where a person at a terminal can bear to wait until it may be worth it. They see what for, and
/// Ctrl-C ends it.
///
/// What was sent and may have been carried out names no such time, so nothing of it is repeated.
pub(crate) async fn once_more<T, F>(
    context: &Context,
    device: &str,
    work: impl Fn() -> F,
) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    // Boxed, since it is large: unoptimised, it is moved from frame to frame of the stack.
    let error = match Box::pin(work()).await {
        Ok(done) => return Ok(done),
        Err(error) => error,
    };
    if let Some(Upgraded(change)) = error.downcast_ref() {
        context.output.warning(change.words(device));
    } else if let Some(moment) = bearable(&error, context) {
        context.output.count_down(&chain(&error), &*context.clock, moment).await;
    } else {
        return Err(error);
    }
    Box::pin(work()).await
}

/// From when on it may be worth trying again, where that is near and somebody sees what is waited
/// for.
fn bearable(error: &AnyError, context: &Context) -> Option<Timestamp> {
    if !context.terminals.by_hand() || !context.terminals.stderr {
        return None;
    }
    let error: &Error = error.downcast_ref()?;
    let kinds = [
        ErrorKind::CloudUnreachable,
        ErrorKind::Held,
        ErrorKind::NeedsLogin,
        ErrorKind::Unreachable,
    ];
    let end = later(context.clock.now(), context.patience.0);
    error.retry_at().filter(|moment| kinds.contains(&error.kind()) && *moment <= end)
}
