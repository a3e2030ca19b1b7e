//! How a device stands, told by what is known of it.

use hallpass_credential::{Age, ErrorKind, Validity};
use jiff::Timestamp;
use serde::Serialize;

use crate::exit::Exit;

/// What a person is told about a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    LoggedIn,
    LoggedOut,
    NeedsLogin,
    Renewing,
    Suspended,
    Unreachable,
}

/// What decides how a device stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) is_suspended: bool,
    /// Why it could not be asked who it is.
    pub(crate) unreachable: Option<ErrorKind>,
    /// A password is stored, or the device has one that is computed.
    pub(crate) has_account: bool,
    /// Older than tokens: the password alone opens it.
    pub(crate) takes_password: bool,
    pub(crate) token: Option<Validity>,
    /// Why the cloud may not be asked at once.
    pub(crate) held_back: Option<ErrorKind>,
}

impl Standing {
    pub(crate) fn of(facts: &Facts, now: Timestamp) -> Self {
        match facts.unreachable {
            _ if facts.is_suspended => return Self::Suspended,
            Some(ErrorKind::IdentityChanged) => return Self::Suspended,
            Some(ErrorKind::NeedsLogin) => return Self::NeedsLogin,
            // Others were talking to it all the time.
            Some(ErrorKind::Held) => {}
            Some(_) => return Self::Unreachable,
            None => {}
        }
        if facts.takes_password {
            return if facts.has_account { Self::LoggedIn } else { Self::LoggedOut };
        }
        let Some(token) = facts.token else { return Self::LoggedOut };
        let can_renew = facts.has_account && !facts.needs_a_person();
        match (token.at(now), can_renew) {
            (Age::Fresh, _) | (Age::Aging, false) => Self::LoggedIn,
            (Age::Aging | Age::Expired, true) => Self::Renewing,
            (Age::Expired, false) => Self::NeedsLogin,
        }
    }

    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::LoggedIn | Self::Renewing => Exit::Done,
            Self::LoggedOut | Self::NeedsLogin => Exit::NeedsLogin,
            Self::Unreachable => Exit::DeviceUnreachable,
            Self::Suspended => Exit::IdentityChanged,
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::LoggedIn => "logged in",
            Self::LoggedOut => "logged out",
            Self::NeedsLogin => "needs login",
            Self::Renewing => "renewing",
            Self::Suspended => "suspended",
            Self::Unreachable => "unreachable",
        }
    }
}

impl Facts {
    fn needs_a_person(&self) -> bool {
        self.held_back.is_some_and(|kind| Exit::of_kind(kind) == Exit::NeedsLogin)
    }
}

#[cfg(test)]
mod tests;
