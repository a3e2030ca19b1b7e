//! The token that a HEM gives out.

use std::{fmt, time::Duration};

use hallpass_credential::{Error, ErrorKind, Result, Secret, sealed};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Drift, Role, Scope, Wish, jws::Jws, speaker::Speaker};

/// A token for one scope, until it ends or the device reboots.
///
/// Only the device can verify it, with a secret of this boot; we read it to know what it is for
/// and when it ends. It cannot be revoked or renewed: logging out is forgetting it.
#[derive(Serialize, Deserialize)]
pub struct Bearer {
    #[serde(with = "sealed")]
    text: Secret,
    scope: Scope,
    role: Role,
    issued_at: Timestamp,
    expires_at: Timestamp,
    remark: Option<String>,
}

impl Bearer {
    /// Reads the answer to `POST /api/auth/token` or `POST /api/auth/ext/token`.
    ///
    /// # Errors
    /// [`ErrorKind::NotADevice`] for a web page, [`ErrorKind::NotUnderstood`] for all else that is
    /// no token, or none for a time to come after it was made.
    pub fn read(body: &[u8]) -> Result<Self> {
        let said: Said = Speaker::Device.read("the answer to the login", body)?;
        Self::parse(said.token)
    }

    fn parse(text: String) -> Result<Self> {
        let text = Secret::from(text);
        let claims: Claims = Jws::parse(Speaker::Device, WHAT, text.expose())?.claims(WHAT)?;
        let time = |second| Timestamp::from_second(second).map_err(|_| odd("has no time"));
        let (issued_at, expires_at) = (time(claims.iat)?, time(claims.exp)?);
        if expires_at <= issued_at {
            return Err(odd("ends before it begins"));
        }
        let scope = Scope::parse(&claims.scope).map_err(|_| odd("has no scope"))?;
        let role = Role::of_subject(&claims.sub);
        Ok(Self { text, scope, role, issued_at, expires_at, remark: claims.ctx })
    }

    /// The same, if it is for what was asked.
    ///
    /// # Errors
    /// [`ErrorKind::NotUnderstood`] for another scope.
    pub fn admit(self, wish: &Wish) -> Result<Self> {
        if self.scope == *wish.scope() {
            return Ok(self);
        }
        Err(odd(&format!("is for {}, and {} was asked for", self.scope, wish.scope())))
    }

    /// The token itself, for the line that writes the request.
    pub fn text(&self) -> &Secret {
        &self.text
    }

    /// What it is for.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// As whom it speaks.
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// What was remarked when it was asked for, where the device repeats that.
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }

    /// When it ends, by the device's clock.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// How long it lives.
    pub fn life(&self) -> Duration {
        self.issued_at.duration_until(self.expires_at).try_into().unwrap_or_default()
    }

    /// Up to when it is worth using, by our clock: a minute less than it lives, for what is under
    /// way and for the error of `drift`. The device alone decides, and by its own clock.
    pub fn usable_until(&self, drift: Drift) -> Timestamp {
        let end = drift.ours(self.expires_at);
        end.checked_sub(MARGIN).unwrap_or(Timestamp::MIN)
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Bearer");
        shown.field("scope", &self.scope).field("role", &self.role);
        shown.field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

const WHAT: &str = "the token";

/// Budget H7: renewed at most a minute early.
const MARGIN: Duration = Duration::from_secs(60);

fn odd(what: &str) -> Error {
    Error::new(ErrorKind::NotUnderstood, format!("{WHAT} {what}"))
}

#[derive(Deserialize)]
struct Said {
    token: String,
}

/// Order and `typ` vary between firmwares.
#[derive(Deserialize)]
struct Claims {
    scope: String,
    sub: String,
    iat: i64,
    exp: i64,
    ctx: Option<String>,
}
