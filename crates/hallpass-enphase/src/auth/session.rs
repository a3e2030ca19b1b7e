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
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use hallpass_credential::{
    Attempt, Clock, Error, ErrorKind, Issue, Issued, Issuer, Pass, Reason, Result, Secret,
    budget::Refusals,
    later, sealed,
    store::{Record, Records, Revise, Space},
};
use hallpass_transport::Reply;
use http::{
    HeaderValue, Request, StatusCode,
    header::{AUTHORIZATION, COOKIE},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::token::Token;
use crate::{Endpoint, cookie::cookie, gateway::link::Link};

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
                let session = gatekeeper.show(&held.credential).await?;
                Ok(Issued { credential: session, expires_at: held.validity.expires_at })
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
    pub(crate) serial_number: String,
    pub(crate) link: Arc<Link>,
    pub(crate) records: Records,
    pub(crate) clock: Arc<dyn Clock>,
}

/// When `check_jwt` was asked last, by any process.
#[derive(Debug, Serialize, Deserialize)]
struct LastCheck {
    at: Timestamp,
}

impl Record for LastCheck {
    const SPACE: Space = Space::History;
    const SCHEMA: u32 = 1;
}

impl Gatekeeper {
    /// The session for `token`. [`Attempt::Refused`] is a token that `check_jwt` does not take.
    pub(crate) async fn show(&self, token: &Token) -> Result<Session, Attempt> {
        // An ordinary request with the bearer tells the same and sets the same cookie; `check_jwt`
        // is the dearer one, and asked for once a minute at most.
        let proof = if self.may_check().await? { Proof::CheckJwt } else { Proof::StandIn };
        let mut request = proof.endpoint().request();
        request.headers_mut().insert(AUTHORIZATION, bearer(token.text())?);
        let reply = self.link.send(request).await?;
        let session = understand(&reply, proof, token.text(), self.clock.now())?;
        self.forget_refusals().await;
        Ok(session)
    }

    /// Notes that the gateway refused token `generation`. The cloud is asked only when such refusals
    /// are definite (B5).
    pub(crate) async fn note_refusal(&self, generation: u64) -> Result<()> {
        let now = self.clock.now();
        let name = self.refusals_name();
        let noted = self.records.update(&name, move |refusals: Option<Refusals>| {
            let refusals = refusals.unwrap_or_default().and(generation, now);
            (Revise::Put(refusals), refusals)
        });
        noted.await?.are_definite()
    }

    /// A gateway that takes its token has not refused it for good.
    async fn forget_refusals(&self) {
        if let Err(error) = self.records.remove::<Refusals>(&self.refusals_name()).await {
            tracing::warn!(%error, "old refusals are not forgotten");
        }
    }

    /// Where the store keeps how often the gateway refused its token.
    fn refusals_name(&self) -> String {
        format!("token/{}", self.serial_number)
    }

    async fn may_check(&self) -> Result<bool> {
        let now = self.clock.now();
        let name = format!("check_jwt/{}", self.serial_number);
        let asked = self.records.update(&name, move |last: Option<LastCheck>| match last {
            Some(last) if (last.at..later(last.at, SPACING)).contains(&now) => {
                (Revise::Keep, false)
            }
            _ => (Revise::Put(LastCheck { at: now }), true),
        });
        Ok(asked.await?)
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
    let failure = |kind, context: String| Error::new(kind, context).until(later(now, SPACING));
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

/// `check_jwt` is asked once a minute at most (B4).
pub(crate) const SPACING: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
