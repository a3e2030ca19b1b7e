//! The web page of Entrez: a user name and a password for a session of its own.
//!
//! ```text
//! POST /login   username=..&password=..&authFlow=entrezSession
//!   -> 200, Set-Cookie: SESSION=.., the page that asks for which gateway, a form to /entrez_tokens
//!   -> 200, the login page with "Wrong username or password"
//! ```
//! Urlencoded. The page of the form and its hidden `_csrf` need not be fetched before: three clients
//! leave both out.

use bytes::Bytes;
use hallpass_credential::{
    Attempt, Error, ErrorKind, Issue, Issued, Issuer, Reason, Result, Secret, later, sealed,
};
use hallpass_transport::Reply;
use http::{Method, Request, StatusCode, header::CONTENT_TYPE};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::{
    Clouds, SESSION_USE,
    gate::{Gate, Refusal, Turn},
    says_too_many_sessions,
};
use crate::{Account, cookie::cookie};

/// What the web page of Entrez gives for a password.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PortalSession {
    #[serde(with = "sealed")]
    pub(super) id: Secret,
}

/// Logs an account in at the web page, within its budget.
pub(crate) struct PortalIssuer {
    pub(crate) clouds: Clouds,
    pub(crate) gate: Gate,
}

impl Issuer for PortalIssuer {
    type Credential = PortalSession;

    async fn issue(&mut self, _why: Reason) -> Issue<PortalSession> {
        let client = self.clouds.client(&self.clouds.entrez)?;
        let request = login_request(&self.gate.account)?;
        match self.gate.send(Turn::First, &client, request, understand).await?.1 {
            Ok(credential) => {
                let expires_at = Some(later(self.gate.clock.now(), SESSION_USE));
                Ok(Issued { credential, expires_at })
            }
            Err(refusal) => Err(Attempt::Failed(refusal.error)),
        }
    }
}

fn login_request(account: &Account) -> Result<Request<Bytes>> {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("username", &account.username)
        .append_pair("password", account.password.expose())
        .append_pair("authFlow", "entrezSession")
        .finish();
    Request::builder()
        .method(Method::POST)
        .uri("/login")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(body))
        .map_err(|error| Error::new(ErrorKind::Invalid, "the login cannot be sent").because(error))
}

/// The status is 200 either way; the page tells.
fn understand(reply: &Reply, now: Timestamp) -> Result<PortalSession, Refusal> {
    if says_too_many_sessions(reply) {
        return Err(Refusal::too_many_sessions());
    }
    if reply.status != StatusCode::OK {
        return Err(Refusal::unusable(reply, now));
    }
    let page = String::from_utf8_lossy(&reply.body);
    match cookie(&reply.headers, SESSION_COOKIE) {
        Some(id) if page.contains(TOKEN_FORM) => Ok(PortalSession { id }),
        _ if page.contains(WRONG_PASSWORD) => Err(Refusal::rejected()),
        _ if page.contains(LOGIN_PAGE) => Err(Refusal::login_wall()),
        _ => Err(Refusal::unusable(reply, now)),
    }
}

/// Where the store keeps the session of an account at the web page.
pub(crate) fn portal_name(username: &str) -> String {
    format!("portal/{username}")
}

pub(super) const SESSION_COOKIE: &str = "SESSION";

/// Where the form of the page behind the login leads.
const TOKEN_FORM: &str = "/entrez_tokens";
const WRONG_PASSWORD: &str = "Wrong username or password";

/// In the title of the login page.
pub(super) const LOGIN_PAGE: &str = "Enphase Authentication | Login page";

#[cfg(test)]
mod tests;
