//! A session with a gateway: what it hands out for a token, and takes beside it.
//!
//! ```text
//! GET /auth/check_jwt   Authorization: Bearer <token>
//!   -> 200, Set-Cookie: sessionId=..      ends after ten idle minutes, or with a reboot
//! ```
//! The session's text is opaque and its end is learnt by a refusal. The body is not relied on.

use std::{
    iter,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use hallpass_credential::{
    Attempt, Clock, Error, ErrorKind, Issue, Issued, Issuer, Pass, Reason, Result, Secret, WAITING,
    evidence::CHECK_SPACING, later, sealed,
};
use hallpass_transport::Reply;
use http::{
    HeaderValue, Request, StatusCode,
    header::{AUTHORIZATION, COOKIE},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::token::Token;
use crate::{Endpoint, cookie::cookie, gateway::identity::Identity};

/// What a request to a gateway is sent with: the session's cookie, and the token it was got for.
///
/// Both together, since gateways have been seen that take only the one or only the other.
#[derive(Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Session {
    #[serde(with = "sealed")]
    bearer: Secret,
    /// None from a gateway that sets no cookie; the token alone must do then.
    cookie: Option<Cookie>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Cookie(#[serde(with = "sealed")] Secret);

impl Session {
    /// What a copy of it would open the gateway with.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let cookie = self.cookie.as_ref().map(|Cookie(id)| id);
        iter::once(&self.bearer).chain(cookie)
    }

    /// Writes the credentials into a request.
    pub(crate) fn authorize(&self, request: &mut Request<Bytes>) -> Result<()> {
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, bearer(&self.bearer)?);
        if let Some(Cookie(id)) = &self.cookie {
            headers.insert(COOKIE, sensitive(&format!("{COOKIE_NAME}={}", id.expose()))?);
        }
        Ok(())
    }
}

/// Trades the token for a session.
pub(crate) struct SessionIssuer {
    pub(crate) gatekeeper: Gatekeeper,
    pub(crate) token: Pass<Token>,
}

impl Issuer for SessionIssuer {
    type Credential = Session;

    async fn issue(&mut self, _why: Reason) -> Issue<Session> {
        let (gatekeeper, shown) = (&self.gatekeeper, AtomicBool::new(false));
        let opened = self.token.call(|held| {
            shown.store(true, Ordering::Relaxed);
            async move {
                let session = gatekeeper.open(&held.credential).await?;
                // A token that is used beyond its end, by a clock in doubt, ends when it is refused.
                let now = gatekeeper.clock.now();
                let expires_at = held.validity.expires_at.filter(|end| *end > now);
                Ok(Issued { credential: session, expires_at })
            }
        });
        match opened.await {
            Ok(session) => Ok(session),
            Err(error) if shown.into_inner() => Err(answer_of_gateway(error)),
            Err(error) => Err(Attempt::Failed(error)),
        }
    }
}

/// What it means that a token was shown in vain: the gateway's own no, after which it is left in
/// peace for a while (B4), or what a floor below said when a new token was wanted.
fn answer_of_gateway(error: Error) -> Attempt {
    match error.kind() {
        ErrorKind::Forbidden => {
            let context = "the gateway refuses a token that is new";
            Attempt::Refused(Error::new(ErrorKind::NeedsLogin, context).because(error))
        }
        ErrorKind::NeedsLogin | ErrorKind::NotUnderstood => Attempt::Refused(error),
        // It answered, but is not ready; one that was not reached has no time to try again.
        ErrorKind::Unreachable if error.retry_at().is_some() => Attempt::Refused(error),
        _ => Attempt::Failed(error),
    }
}

/// Shows tokens to a gateway, within the budget for it.
#[derive(Debug, Clone)]
pub(crate) struct Gatekeeper {
    identity: Arc<Identity>,
    clock: Arc<dyn Clock>,
    /// The session that a token was proven with, for who asks for one next.
    opened: Arc<Mutex<Option<Opened>>>,
}

/// A session that nobody has used yet.
#[derive(Debug)]
struct Opened {
    session: Session,
    at: Timestamp,
}

impl Gatekeeper {
    pub(crate) fn new(identity: Arc<Identity>, clock: Arc<dyn Clock>) -> Self {
        Self { identity, clock, opened: Arc::default() }
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// A session for `token`: the one that it has just been proven with, or a new one.
    pub(crate) async fn open(&self, token: &Token) -> Result<Session, Attempt> {
        match self.take_opened(token) {
            Some(session) => Ok(session),
            None => self.show(token).await,
        }
    }

    /// Keeps a session for who asks next.
    pub(crate) fn hand_on(&self, session: Session) {
        *self.opened() = Some(Opened { session, at: self.clock.now() });
    }

    fn take_opened(&self, token: &Token) -> Option<Session> {
        let Opened { session, at } = self.opened().take()?;
        let is_young = (at..later(at, CHECK_SPACING)).contains(&self.clock.now());
        (is_young && session.bearer.expose() == token.text().expose()).then_some(session)
    }

    fn opened(&self) -> MutexGuard<'_, Option<Opened>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session for a token that was made a moment ago, of which a no must be definite, since
    /// another one is not asked for so soon (A5). What stands in for `check_jwt` may refuse it for a
    /// reason of its own: then `check_jwt` is waited for, for a minute at most.
    pub(crate) async fn prove(&self, token: &Token) -> Result<Session, Attempt> {
        let shown = self.show(token).await;
        if !matches!(&shown, Err(Attempt::Failed(error)) if error.kind() == ErrorKind::NeedsLogin) {
            return shown;
        }
        tracing::info!(target: WAITING, "waiting a minute: then the gateway may check the new token");
        self.clock.sleep(CHECK_SPACING).await;
        match self.show(token).await {
            Err(Attempt::Failed(error)) if error.kind() == ErrorKind::NeedsLogin => {
                Err(Attempt::Refused(error))
            }
            shown => shown,
        }
    }

    /// The session for `token`. [`Attempt::Refused`] is a token that `check_jwt` does not take.
    pub(crate) async fn show(&self, token: &Token) -> Result<Session, Attempt> {
        // An ordinary request with the bearer tells the same and sets the same cookie; `check_jwt`
        // is the dearer one, and asked for once a minute at most.
        let may_check = self.identity.chronicle().may_check().await;
        let proof = if may_check { Proof::CheckJwt } else { Proof::StandIn };
        let mut request = proof.endpoint().request();
        request.headers_mut().insert(AUTHORIZATION, bearer(token.text())?);
        let reply = self.identity.send(request).await?;
        let session = understand(&reply, proof, token.text(), self.clock.now())?;
        self.identity.chronicle().accepted().await;
        Ok(session)
    }
}

/// How a token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    CheckJwt,
    /// Any protected path. A no to it may be about the path, or about a bearer without a session.
    StandIn,
}

impl Proof {
    fn endpoint(self) -> Endpoint {
        match self {
            Self::CheckJwt => Endpoint::CheckJwt,
            Self::StandIn => Endpoint::ProductionV1,
        }
    }
}

fn understand(
    reply: &Reply,
    proof: Proof,
    token: &Secret,
    now: Timestamp,
) -> Result<Session, Attempt> {
    let status = reply.status.as_u16();
    let failure =
        |kind, context: String| Error::new(kind, context).until(later(now, CHECK_SPACING));
    match reply.status {
        StatusCode::OK => {
            let cookie = cookie(&reply.headers, COOKIE_NAME).map(Cookie);
            Ok(Session { bearer: token.clone(), cookie })
        }
        StatusCode::UNAUTHORIZED => {
            let error = failure(ErrorKind::NeedsLogin, "the gateway refuses the token".to_owned());
            match proof {
                Proof::CheckJwt => Err(Attempt::Refused(error)),
                Proof::StandIn => Err(Attempt::Failed(error)),
            }
        }
        _ if reply.status.is_server_error() => {
            let context = format!("the gateway is not ready: it answers {status}");
            Err(failure(ErrorKind::Unreachable, context).into())
        }
        _ => {
            let context = format!("the gateway answers {status} where it should check the token");
            Err(failure(ErrorKind::NotUnderstood, context).into())
        }
    }
}

fn bearer(token: &Secret) -> Result<HeaderValue> {
    sensitive(&format!("Bearer {}", token.expose()))
}

fn sensitive(text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Error::new(ErrorKind::Invalid, "the credential cannot stand in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Where the store keeps the session of a gateway.
pub fn session_name(serial_number: &str) -> String {
    format!("session/{serial_number}")
}

const COOKIE_NAME: &str = "sessionId";

#[cfg(test)]
mod tests;
