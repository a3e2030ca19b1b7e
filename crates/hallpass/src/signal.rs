//! How a person, a supervisor or a reader ends what would go on for ever.

use std::{
    future, io,
    os::fd::{AsFd, OwnedFd},
};

use tokio::{
    io::{Interest, unix::AsyncFd},
    signal::unix::{SignalKind, signal},
};

/// Waits for SIGINT (Ctrl-C) or SIGTERM.
pub(crate) async fn interrupted() -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Waits until nobody reads our standard output any more, so that who is silent for long notices
/// it too. Of a file or a terminal there is nothing to notice.
pub(crate) async fn reader_gone() {
    let Some(stdout) = io::stdout().as_fd().try_clone_to_owned().ok().and_then(watched) else {
        return future::pending().await;
    };
    while let Ok(mut ready) = stdout.ready(Interest::ERROR).await {
        if ready.ready().is_error() {
            return;
        }
        ready.clear_ready();
    }
    future::pending().await
}

#[expect(deprecated, reason = "sound where the descriptor is owned; what replaces it is unsafe")]
fn watched(descriptor: OwnedFd) -> Option<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(descriptor, Interest::ERROR).ok()
}
