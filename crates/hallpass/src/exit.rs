//! The exit code: decided here and nowhere else.

use std::process::ExitCode;

use anyhow::Error;
use hallpass_credential::{self as credential, ErrorKind, store::StoreError};
use hallpass_store::DirectoryError;
use http::StatusCode;

use crate::{output::OutputClosed, problem::Problem};

/// What a script is told about the outcome. The greater, the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    Done,
    Failed,
    Usage,
    NeedsLogin,
    DeviceUnreachable,
    CloudUnreachable,
    Forbidden,
    IdentityChanged,
    /// That of a command which `exec` ran, or could not run.
    OfCommand(u8),
}

impl Exit {
    /// By the program's own problem, or else by the outermost error that has an opinion.
    ///
    /// A reader of ours that went away, as `head` does, is no failure.
    pub(crate) fn of(error: &Error) -> Self {
        if let Some(problem) = error.downcast_ref::<Problem>() {
            return problem.exit();
        }
        let of_link = |link: &(dyn std::error::Error + 'static)| {
            if let Some(error) = link.downcast_ref::<credential::Error>() {
                Some(Self::of_kind(error.kind()))
            } else if let Some(error) = link.downcast_ref::<DirectoryError>() {
                Some(Self::of_directory(error))
            } else if link.is::<StoreError>() {
                Some(Self::Failed)
            } else {
                let closed = link.downcast_ref::<OutputClosed>()?;
                Some(if closed.is_broken_pipe() { Self::Done } else { Self::Failed })
            }
        };
        error.chain().find_map(of_link).unwrap_or(Self::Failed)
    }

    pub(crate) fn of_kind(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Blocked
            | ErrorKind::NeedsLogin
            | ErrorKind::OneTimeCode
            | ErrorKind::Rejected => Self::NeedsLogin,
            ErrorKind::CloudUnreachable => Self::CloudUnreachable,
            ErrorKind::Forbidden => Self::Forbidden,
            ErrorKind::IdentityChanged => Self::IdentityChanged,
            ErrorKind::Invalid => Self::Usage,
            ErrorKind::Unreachable => Self::DeviceUnreachable,
            _ => Self::Failed,
        }
    }

    /// By what a gateway answered to a request of the person's own.
    pub(crate) fn of_answer(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Self::Forbidden,
            _ if status.is_success() => Self::Done,
            _ => Self::Failed,
        }
    }

    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NeedsLogin => 3,
            Self::DeviceUnreachable => 4,
            Self::CloudUnreachable => 5,
            Self::Forbidden => 6,
            Self::IdentityChanged => 7,
            Self::OfCommand(code) => code,
        }
    }

    fn of_directory(error: &DirectoryError) -> Self {
        match error {
            DirectoryError::Ambiguous { .. } | DirectoryError::NameTaken { .. } => Self::Usage,
            DirectoryError::NotEnrolled { .. } => Self::NeedsLogin,
            DirectoryError::OtherPin { .. } => Self::IdentityChanged,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests;
