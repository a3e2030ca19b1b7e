//! The signals that are meant for a command and reach who runs it.

use std::{
    fs::{self, File},
    future::poll_fn,
    io,
    task::Poll,
};

use rustix::{
    process::{Signal, getpgrp},
    termios::tcgetpgrp,
};
use tokio::signal::unix::{self, SignalKind};

/// The signals that people and supervisors end or reload a program with.
pub(super) struct Signals(Vec<(Signal, unix::Signal)>);

impl Signals {
    /// Listens from now on: none of them ends this process any more.
    pub(super) fn listen() -> io::Result<Self> {
        let ignored = ignored()?;
        let is_ignored = |signal: &Signal| ignored >> (signal.as_raw() - 1) & 1 == 1;
        let heard = MEANT.into_iter().filter(|signal| !is_ignored(signal));
        let listen =
            |signal: Signal| Ok((signal, unix::signal(SignalKind::from_raw(signal.as_raw()))?));
        heard.map(listen).collect::<io::Result<_>>().map(Self)
    }

    /// Waits for the next one that the command has not got by itself.
    pub(super) async fn next(&mut self) -> Signal {
        loop {
            let signal = self.any().await;
            if !(KEYS.contains(&signal) && is_in_foreground()) {
                return signal;
            }
        }
    }

    async fn any(&mut self) -> Signal {
        poll_fn(|context| {
            for (signal, stream) in &mut self.0 {
                if stream.poll_recv(context).is_ready() {
                    return Poll::Ready(*signal);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// A set of bits: what our caller wants ignored, as nohup does. The command inherits that, unless
/// somebody listens (proc_pid_status(5)).
fn ignored() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let bits = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    Ok(bits.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or_default())
}

/// Whether a terminal sends its keys to our process group, and so to the command, too.
fn is_in_foreground() -> bool {
    let foreground = File::open("/dev/tty").ok().and_then(|terminal| tcgetpgrp(terminal).ok());
    foreground == Some(getpgrp())
}

const MEANT: [Signal; 4] = [Signal::INT, Signal::QUIT, Signal::TERM, Signal::HUP];

/// Those that a terminal sends for Ctrl-C and Ctrl-\.
const KEYS: [Signal; 2] = [Signal::INT, Signal::QUIT];
