//! The ways to a token at the clouds, and which of them are tried.

use std::fmt;

use hallpass_credential::store::{Record, Space};
use serde::{Deserialize, Serialize};

use super::entrez::Cause;
use crate::Role;

/// A way to a token at the clouds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Route {
    /// Log in at Enlighten, ask Entrez: an owner's token, for installers an installer's.
    Tokens,
    /// Log in at Enlighten, ask Enlighten: the same token.
    EntrezAuthToken,
    /// Log in at the web page of Entrez: for installers, and for owners who set their plant up
    /// themselves, an installer's token (12 h).
    EntrezForm,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tokens => "tokens",
            Self::EntrezAuthToken => "entrez-auth-token",
            Self::EntrezForm => "entrez-form",
        })
    }
}

impl Route {
    /// Whether it may help after `misses` of those before it. The form costs another login: it is
    /// for clouds that have no other way any more (C10). One that asks for patience gets it.
    pub(super) fn helps_after(self, misses: &[Cause]) -> bool {
        match self {
            Self::Tokens | Self::EntrezAuthToken => !misses.contains(&Cause::Busy),
            Self::EntrezForm => misses.iter().all(|cause| *cause == Cause::Moved),
        }
    }
}

/// Which routes are tried for the tokens of a gateway. Kept with the gateway once one has worked,
/// so that a renewal goes the way that a person has chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Routes {
    /// Each, in the order of [`Route`]; the form only where the others are gone.
    #[default]
    Any,
    /// Those that give an owner's token to an owner.
    OfOwners,
    /// One and no other.
    Only(Route),
}

impl Routes {
    /// Those that give tokens of `role` to an account that can have both.
    ///
    /// Source: reports of 2026 that one account gets `owner` from Enlighten's session and
    /// `installer` from the form.
    #[must_use]
    pub fn to(role: &Role) -> Self {
        match role {
            Role::Owner => Self::OfOwners,
            Role::Installer => Self::Only(Route::EntrezForm),
            Role::Other(_) => Self::Any,
        }
    }

    /// Where the store keeps those of a gateway.
    pub(crate) fn name(serial_number: &str) -> String {
        format!("routes/{serial_number}")
    }

    /// The first one to try.
    pub(super) fn first(self) -> Route {
        match self {
            Self::Any | Self::OfOwners => Route::Tokens,
            Self::Only(route) => route,
        }
    }

    /// Those to try after the first.
    pub(super) fn others(self) -> &'static [Route] {
        match self {
            Self::Any => &[Route::EntrezAuthToken, Route::EntrezForm],
            Self::OfOwners => &[Route::EntrezAuthToken],
            Self::Only(_) => &[],
        }
    }
}

impl Record for Routes {
    const SPACE: Space = Space::Credential;
    const SCHEMA: u32 = 1;
}

#[cfg(test)]
mod tests;
