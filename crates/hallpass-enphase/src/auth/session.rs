//! A session with a gateway: what it hands out for a token, and takes beside it.
//!
//! ```text
//! GET /auth/check_jwt   Authorization: Bearer <token>
//!   -> 200, Set-Cookie: sessionId=..      ends after ten idle minutes, or with a reboot
//! ```
//! The session's text is opaque and its end is learnt by a refusal. The body is not relied on.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hallpass_credential::{
    Attempt, Clock, Error, ErrorKind, Issue, Issued, Issuer, Pass, Reason, Result, Secret, sealed,
    store::{Record, Records, Revise, Space},
};
use hallpass_transport::Reply;
use http::{
    HeaderValue, Request, StatusCode,
    header::{AUTHORIZATION, COOKIE, SET_COOKIE},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::token::Token;
use crate::{Endpoint, cloud::later, gateway::link::Link};

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
        let gatekeeper = &self.gatekeeper;
        let shown = self.token.call(|held| async move {
            let session = gatekeeper.show(&held.credential).await?;
            Ok(Issued { credential: session, expires_at: held.validity.expires_at })
        });
        shown.await.map_err(own_answer)
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
    /// The session for `token`. [`Attempt::Refused`] is a token that the gateway does not take.
    pub(crate) async fn show(&self, token: &Token) -> Result<Session, Attempt> {
        // An ordinary request with the bearer tells the same and sets the same cookie; `check_jwt`
        // is the dearer one, and asked for once a minute at most.
        let endpoint =
            if self.may_check().await? { Endpoint::CheckJwt } else { Endpoint::ProductionV1 };
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = http::Uri::from_static(endpoint.path());
        request.headers_mut().insert(AUTHORIZATION, bearer(token.text())?);
        let reply = self.link.send(request).await?;
        understand(&reply, token.text(), self.clock.now())
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

fn understand(reply: &Reply, token: &Secret, now: Timestamp) -> Result<Session, Attempt> {
    let status = reply.status.as_u16();
    let next = later(now, SPACING);
    match reply.status {
        StatusCode::OK => Ok(Session { bearer: token.clone(), cookie: session_cookie(reply) }),
        StatusCode::UNAUTHORIZED => {
            let error = Error::new(ErrorKind::NeedsLogin, "the gateway refuses the token");
            Err(Attempt::Refused(error.until(next)))
        }
        _ if reply.status.is_server_error() => {
            let context = format!("the gateway is not ready: it answers {status}");
            Err(Error::new(ErrorKind::Unreachable, context).until(next).into())
        }
        _ => {
            let context = format!("the gateway answers {status} where it should check the token");
            Err(Error::new(ErrorKind::NotUnderstood, context).until(next).into())
        }
    }
}

/// Whether the gateway itself said no, so that it is left in peace for a while (B4); what never
/// reached it, and what a floor below said, may be different at once.
fn own_answer(error: Error) -> Attempt {
    match error.kind() {
        ErrorKind::Forbidden => {
            let fresh =
                Error::new(ErrorKind::NeedsLogin, "the gateway refuses a token that is new");
            Attempt::Refused(fresh.because(error))
        }
        ErrorKind::NeedsLogin | ErrorKind::NotUnderstood => Attempt::Refused(error),
        ErrorKind::Unreachable if error.retry_at().is_some() => Attempt::Refused(error),
        _ => Attempt::Failed(error),
    }
}

/// The session's text, from whichever `Set-Cookie` names it. nginx takes cookie names in any case.
fn session_cookie(reply: &Reply) -> Option<Cookie> {
    let cookies = reply.headers.get_all(SET_COOKIE).iter();
    cookies.filter_map(|cookie| cookie.to_str().ok()).find_map(|cookie| {
        let (name, value) = cookie.split(';').next()?.split_once('=')?;
        let id = value.trim();
        let ours = name.trim().eq_ignore_ascii_case(COOKIE_NAME) && !id.is_empty();
        ours.then(|| Cookie(id.into()))
    })
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
