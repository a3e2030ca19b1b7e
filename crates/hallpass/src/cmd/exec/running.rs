//! A command while it runs.

use std::{ffi::OsString, io, os::unix::process::ExitStatusExt, path::Path, process::ExitStatus};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use super::signals::Signals;
use crate::{exit::Exit, problem::Problem};

pub(super) struct Running(Child);

impl Running {
    /// Starts a command, which has our three streams and finds the token in `token_file`.
    ///
    /// # Errors
    /// A [`Problem`] with the exit code that shells have for it.
    pub(super) fn start(command: &[OsString], token_file: &Path) -> Result<Self> {
        let [program, arguments @ ..] = command else {
            return Err(Problem::usage("there is no command to run").into());
        };
        let started = Command::new(program).args(arguments).env(VARIABLE, token_file).spawn();
        started.map(Self).map_err(|error| {
            let problem = cannot_start(program, error.kind());
            anyhow::Error::from(error).context(problem)
        })
    }

    /// Waits for its end, and passes on the signals that come meanwhile.
    pub(super) async fn end(mut self, mut signals: Signals) -> Result<Exit> {
        loop {
            tokio::select! {
                ended = self.0.wait() => {
                    return ended.map(exit).context("the end of the command is not known");
                }
                signal = signals.next() => self.send(signal),
            }
        }
    }

    /// Its number is its own until somebody waited for its end, which is done in `end` alone.
    fn send(&self, signal: Signal) {
        let id = self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let sent = id.map(|id| kill_process(id, signal));
        tracing::debug!(?signal, ?sent, "passed on");
    }
}

fn exit(status: ExitStatus) -> Exit {
    let code = status.code().or_else(|| Some(BY_SIGNAL + status.signal()?));
    Exit::OfCommand(code.and_then(|code| code.try_into().ok()).unwrap_or(u8::MAX))
}

fn cannot_start(program: &OsString, kind: io::ErrorKind) -> Problem {
    let program = program.display();
    let text = format!("{program} cannot be started");
    if kind == io::ErrorKind::NotFound {
        let hint = "check the spelling; a program that is not in PATH needs its whole path";
        return Problem::new(Exit::OfCommand(NOT_FOUND), text).hint(hint);
    }
    let hint = format!("check that {program} is a program that this user may execute");
    Problem::new(Exit::OfCommand(NOT_EXECUTABLE), text).hint(hint)
}

/// Names the file with the token.
const VARIABLE: &str = "HALLPASS_TOKEN_FILE";

/// The exit codes of POSIX shells (XCU 2.8.2).
const NOT_EXECUTABLE: u8 = 126;
const NOT_FOUND: u8 = 127;
const BY_SIGNAL: i32 = 128;
