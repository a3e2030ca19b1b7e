//! Enlighten: a user name and a password for a cloud session.
//!
//! ```text
//! POST /login/login.json   user[email]=..&user[password]=..
//!   -> {"session_id":..,"manager_token":..,"is_consumer":..}   any but the first may be missing
//! ```
//! Urlencoded, as most clients send it; a 4xx that is no clear no is answered once more as
//! multipart, since one client had to change to that in September 2025; after a 406 it is the form of
//! the web page, `POST /login/login`, which sets the session's cookie and leads on. An account may
//! want a one-time code besides.

mod code;

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use hallpass_credential::{
    Attempt, Error, ErrorKind, Issue, Issued, Issuer, Reason, Result, Secret, budget::Outcome,
    later, sealed,
};
use hallpass_transport::{Client, Reply};
use http::{
    HeaderValue, Method, Request, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, LOCATION},
};
use jiff::Timestamp;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::form_urlencoded;

use self::code::Challenge;
use super::{
    Clouds, SESSION_USE,
    applicant::Applicant,
    gate::{Gate, Refusal, Remedy, Turn},
    is_html,
    jar::Jar,
    says_too_many_sessions,
};
use crate::{Account, cookie::cookie};

/// What Enlighten gives for a password: enough to ask Entrez for tokens.
#[derive(Serialize, Deserialize)]
#[non_exhaustive]
pub struct CloudSession {
    #[serde(with = "sealed")]
    pub(crate) id: Secret,
    /// Whether the account is a home owner's; older accounts do not say.
    pub is_consumer: Option<bool>,
    /// The claims of the cloud's own token for its web pages: names and ids of the account. Not
    /// verifiable (HS256), and of no use for a gateway.
    pub manager_claims: Option<Value>,
}

impl fmt::Debug for CloudSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudSession")
            .field("is_consumer", &self.is_consumer)
            .finish_non_exhaustive()
    }
}

/// Logs an account in, within its budget.
pub(crate) struct CloudIssuer {
    pub(crate) clouds: Clouds,
    pub(crate) gate: Gate,
}

impl Issuer for CloudIssuer {
    type Credential = CloudSession;

    async fn issue(&mut self, _why: Reason) -> Issue<CloudSession> {
        let client = self.clouds.client(&self.clouds.enlighten)?;
        let request = urlencoded(&self.gate.account)?;
        let account = &self.gate.account;
        let session = match self.log_in(&client, Turn::First, request, understand).await? {
            Err(Refusal { remedy: Remedy::Multipart, error, .. }) => {
                tracing::debug!(%error, "the fields are refused; now as multipart");
                self.log_in(&client, Turn::Again, multipart(account)?, understand).await?
            }
            Err(Refusal { remedy: Remedy::Form, error, .. }) => {
                tracing::debug!(%error, "the request is refused; now as the web page's form");
                self.log_in(&client, Turn::Again, form(account)?, understand_form).await?
            }
            answered => answered,
        };
        let expires_at = Some(later(self.gate.clock.now(), SESSION_USE));
        match session {
            Ok(session) => Ok(Issued { credential: session, expires_at }),
            Err(refusal) => Err(Attempt::Failed(refusal.error)),
        }
    }
}

impl CloudIssuer {
    /// Sends one login, and the one-time code where the cloud wants one and a person has it. Before
    /// the person is asked it is written down that the login waits, lest a program sends another.
    async fn log_in(
        &self,
        client: &Client,
        turn: Turn,
        request: Request<Bytes>,
        understand: fn(&Reply, Timestamp) -> Result<CloudSession, Refusal>,
    ) -> Result<Result<CloudSession, Refusal>> {
        let (begun, answered) = self.gate.send(turn, client, request, understand).await?;
        let Gate { account, applicant: Applicant::Person(person), clock, .. } = &self.gate else {
            return Ok(answered);
        };
        let Err(Refusal { remedy: Remedy::Code(cookies), .. }) = answered else {
            return Ok(answered);
        };
        let (username, clock, sent_at) = (&account.username, &**clock, clock.now());
        let challenge = Challenge { client, username, clock, cookies, sent_at };
        let met = challenge.meet(&**person).await;
        Ok(self.gate.end(begun, met).await)
    }
}

/// What an answer to a login means. Sources: pyenphase, homebridge and the issues of both; the
/// shapes are those seen between 2023 and 2026.
fn understand(reply: &Reply, now: Timestamp) -> Result<CloudSession, Refusal> {
    if says_too_many_sessions(reply) {
        return Err(Refusal::too_many_sessions());
    }
    let unusable = Refusal::unusable(reply, now);
    match reply.status {
        StatusCode::OK => understand_ok(reply, unusable),
        StatusCode::UNAUTHORIZED => Err(Refusal::rejected()),
        StatusCode::NOT_ACCEPTABLE => Err(Refusal { remedy: Remedy::Form, ..unusable }),
        status if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
            Err(Refusal { remedy: Remedy::Multipart, ..unusable })
        }
        _ => Err(unusable),
    }
}

/// The form leads on with a session's cookie, or back to the login.
fn understand_form(reply: &Reply, now: Timestamp) -> Result<CloudSession, Refusal> {
    let leads_to = reply.headers.get(LOCATION).and_then(|place| place.to_str().ok());
    match leads_to.filter(|_| reply.status.is_redirection()) {
        Some(place) if place.contains("/login") => Err(Refusal::login_wall()),
        Some(_) => session_cookie(reply).ok_or_else(|| Refusal::unusable(reply, now)),
        None => understand(reply, now),
    }
}

fn understand_ok(reply: &Reply, unusable: Refusal) -> Result<CloudSession, Refusal> {
    if is_html(&reply.body) {
        return Err(Refusal::login_wall());
    }
    if reply.body.trim_ascii().is_empty() {
        return session_cookie(reply).ok_or(unusable);
    }
    let Ok(answer) = serde_json::from_slice::<LoginAnswer>(&reply.body) else {
        return Err(unusable);
    };
    if answer.is_blocked == Some(true) || answer.success == Some(false) {
        return Err(Refusal::blocked());
    }
    let wants_code = answer.success == Some(true) || answer.requires_mfa == Some(true);
    answer.session().ok_or_else(|| if wants_code { code_wanted(reply) } else { unusable })
}

fn code_wanted(reply: &Reply) -> Refusal {
    let mut cookies = Jar::default();
    cookies.take(&reply.headers);
    let context = "the cloud wants a one-time code, which only its owner has";
    let refusal = Refusal::new(Outcome::OneTimeCode, ErrorKind::OneTimeCode, context);
    Refusal { remedy: Remedy::Code(cookies), ..refusal }
}

/// What a login or a one-time code is answered with; any of it may be missing.
#[derive(Deserialize)]
struct LoginAnswer {
    session_id: Option<String>,
    manager_token: Option<String>,
    is_consumer: Option<bool>,
    success: Option<bool>,
    #[serde(rename = "isBlocked")]
    is_blocked: Option<bool>,
    requires_mfa: Option<bool>,
    #[serde(rename = "isValid")]
    is_valid: Option<bool>,
}

impl LoginAnswer {
    fn session(self) -> Option<CloudSession> {
        let id = self.session_id.filter(|id| !id.is_empty())?.into();
        let manager_claims = self.manager_token.as_deref().and_then(unverified_claims);
        Some(CloudSession { id, is_consumer: self.is_consumer, manager_claims })
    }
}

/// An answer without a body still sets the cookie that the body would have named.
fn session_cookie(reply: &Reply) -> Option<CloudSession> {
    let id = cookie(&reply.headers, SESSION_COOKIE)?;
    Some(CloudSession { id, is_consumer: None, manager_claims: None })
}

/// The claims of a token that is signed with a key we cannot have.
fn unverified_claims(token: &str) -> Option<Value> {
    let payload = token.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&payload).ok().map(without_session)
}

/// The claims name the session of the cloud, which is as good as a password while it lasts.
fn without_session(claims: Value) -> Value {
    match claims {
        Value::Object(members) => {
            let harmless = members.into_iter().filter(|(name, _)| name != "session_id");
            harmless.map(|(name, value)| (name, without_session(value))).collect()
        }
        other => other,
    }
}

fn urlencoded(account: &Account) -> Result<Request<Bytes>> {
    login_request(LOGIN, "application/x-www-form-urlencoded", fields(account))
}

fn form(account: &Account) -> Result<Request<Bytes>> {
    login_request(LOGIN_FORM, "application/x-www-form-urlencoded", fields(account))
}

fn fields(account: &Account) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair(EMAIL_FIELD, &account.username)
        .append_pair(PASSWORD_FIELD, account.password.expose())
        .finish()
}

fn multipart(account: &Account) -> Result<Request<Bytes>> {
    let boundary = format!("{:032x}", rand::rng().random::<u128>());
    let mut body = String::new();
    for (field, value) in
        [(EMAIL_FIELD, account.username.as_str()), (PASSWORD_FIELD, account.password.expose())]
    {
        let disposition = format!("Content-Disposition: form-data; name=\"{field}\"");
        body.push_str(&format!("--{boundary}\r\n{disposition}\r\n\r\n{value}\r\n"));
    }
    body.push_str(&format!("--{boundary}--\r\n"));
    login_request(LOGIN, &format!("multipart/form-data; boundary={boundary}"), body)
}

fn login_request(path: &str, content_type: &str, body: String) -> Result<Request<Bytes>> {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(CONTENT_TYPE, content_type)
        .header(ACCEPT, HeaderValue::from_static("application/json"))
        .body(Bytes::from(body))
        .map_err(|error| Error::new(ErrorKind::Invalid, "the login cannot be sent").because(error))
}

const LOGIN: &str = "/login/login.json";
const LOGIN_FORM: &str = "/login/login";
const EMAIL_FIELD: &str = "user[email]";
const PASSWORD_FIELD: &str = "user[password]";
pub(super) const SESSION_COOKIE: &str = "_enlighten_4_session";

#[cfg(test)]
mod tests;
