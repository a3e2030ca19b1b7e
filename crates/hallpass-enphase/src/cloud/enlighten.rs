//! Enlighten: a user name and a password for a cloud session.
//!
//! ```text
//! POST /login/login.json   user[email]=..&user[password]=..
//!   -> {"session_id":..,"manager_token":..,"is_consumer":..}   any but the first may be missing
//! ```
//! Urlencoded, as most clients send it; a 4xx that is no clear no is answered once more as
//! multipart, since one client had to change to that in September 2025.

use std::{fmt, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use hallpass_credential::{
    Attempt, Clock, Error, ErrorKind, Issue, Issued, Issuer, Reason, Result, Secret,
    budget::{Asker, History, Outcome},
    later, sealed,
    store::{Records, Revise},
};
use hallpass_transport::{Client, Reply};
use http::{
    HeaderValue, Method, Request, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
};
use jiff::Timestamp;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::form_urlencoded;

use super::{Clouds, cloud_error, is_html, retry_at};
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
    pub(crate) account: Account,
    pub(crate) asker: Asker,
    pub(crate) records: Records,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Issuer for CloudIssuer {
    type Credential = CloudSession;

    async fn issue(&mut self, _why: Reason) -> Issue<CloudSession> {
        let client = self.clouds.client(&self.clouds.enlighten)?;
        let session = match self.log_in(&client, Form::Urlencoded).await? {
            Err(refusal) if refusal.wants_multipart => {
                tracing::debug!(error = %refusal.error, "the form is refused; now as multipart");
                self.log_in(&client, Form::Multipart).await?
            }
            answered => answered,
        };
        let expires_at = Some(later(self.clock.now(), SESSION_USE));
        match session {
            Ok(session) => Ok(Issued { credential: session, expires_at }),
            Err(refusal) => Err(Attempt::Failed(refusal.error)),
        }
    }
}

impl CloudIssuer {
    /// Sends one login. It is written down before it is sent, and what became of it afterwards.
    async fn log_in(&self, client: &Client, form: Form) -> Result<Result<CloudSession, Refusal>> {
        let request = match form {
            Form::Urlencoded => urlencoded(&self.account)?,
            Form::Multipart => multipart(&self.account)?,
        };
        let begun = self.begin(form).await?;
        let answered = match client.send(request).await {
            Ok(reply) => understand(&reply, self.clock.now()),
            Err(error) => Err(Refusal::transport(error)),
        };
        let (outcome, retry_at) = match &answered {
            Ok(_) => (Outcome::Accepted, None),
            Err(refusal) => (refusal.outcome, refusal.error.retry_at()),
        };
        self.end(begun, outcome, retry_at).await;
        Ok(answered)
    }

    /// Asks the gate, and writes the login down in the same transaction.
    async fn begin(&self, form: Form) -> Result<Timestamp> {
        let (now, asker, mark) = (self.clock.now(), self.asker, self.account.password.mark());
        let name = history_name(&self.account.username);
        let begun = self.records.update(&name, move |history: Option<History>| {
            let mut history = history.unwrap_or_default();
            let gate = match form {
                Form::Urlencoded => history.may_log_in(&mark, asker, now),
                Form::Multipart => history.may_go_on(now),
            };
            match gate {
                Ok(()) => {
                    history.begin(&mark, now);
                    (Revise::Put(history), Ok(now))
                }
                Err(held) => (Revise::Keep, Err(held)),
            }
        });
        begun.await?
    }

    /// Writes down what became of a login. That it was sent is written already; an accepted one is
    /// not given up because the rest cannot be written.
    async fn end(&self, begun: Timestamp, outcome: Outcome, retry_at: Option<Timestamp>) {
        let name = history_name(&self.account.username);
        let ended = self.records.update(&name, move |history: Option<History>| {
            let mut history = history.unwrap_or_default();
            history.end(begun, outcome, retry_at);
            (Revise::Put(history), ())
        });
        if let Err(error) = ended.await {
            tracing::warn!(%error, "what became of a login is not written down");
        }
    }
}

/// How a login is written. Clients send either; one had to change in September 2025.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Urlencoded,
    Multipart,
}

/// Where the store keeps the logins of an account.
pub fn history_name(username: &str) -> String {
    format!("account/{username}")
}

/// Why a login did not give a session.
#[derive(Debug)]
struct Refusal {
    outcome: Outcome,
    error: Error,
    wants_multipart: bool,
}

impl Refusal {
    fn new(outcome: Outcome, kind: ErrorKind, context: impl Into<String>) -> Self {
        Self { outcome, error: Error::new(kind, context), wants_multipart: false }
    }

    fn transport(error: hallpass_transport::Error) -> Self {
        let outcome = if error.was_sent() { Outcome::Failed } else { Outcome::NotSent };
        Self { outcome, error: cloud_error(error), wants_multipart: false }
    }

    fn until(self, retry_at: Timestamp) -> Self {
        Self { error: self.error.until(retry_at), ..self }
    }
}

/// What an answer to a login means. Sources: pyenphase, homebridge and the issues of both; the
/// shapes are those seen between 2023 and 2026.
fn understand(reply: &Reply, now: Timestamp) -> Result<CloudSession, Refusal> {
    if mentions(&reply.body, "too many active sessions") {
        let context = "the cloud says that the account has too many active sessions";
        return Err(Refusal::new(Outcome::Blocked, ErrorKind::Blocked, context));
    }
    match reply.status {
        StatusCode::OK => understand_ok(reply),
        StatusCode::UNAUTHORIZED => {
            let context = "the cloud refuses this user name and password";
            Err(Refusal::new(Outcome::Rejected, ErrorKind::Rejected, context))
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Err(unusable(reply.status).until(retry_at(reply, now)))
        }
        status => Err(Refusal { wants_multipart: status.is_client_error(), ..unusable(status) }),
    }
}

fn understand_ok(reply: &Reply) -> Result<CloudSession, Refusal> {
    if is_html(&reply.body) {
        let context = "the cloud shows its login page in place of an answer";
        return Err(Refusal::new(Outcome::Blocked, ErrorKind::Blocked, context));
    }
    if reply.body.trim_ascii().is_empty() {
        return session_cookie(reply).ok_or_else(|| unusable(reply.status));
    }
    let answer: LoginAnswer =
        serde_json::from_slice(&reply.body).map_err(|_| unusable(reply.status))?;
    match answer {
        LoginAnswer { is_blocked: Some(true), .. } | LoginAnswer { success: Some(false), .. } => {
            let context = "the cloud has blocked the account";
            Err(Refusal::new(Outcome::Blocked, ErrorKind::Blocked, context))
        }
        LoginAnswer { session_id: Some(id), manager_token, is_consumer, .. } if !id.is_empty() => {
            let manager_claims = manager_token.as_deref().and_then(unverified_claims);
            Ok(CloudSession { id: id.into(), is_consumer, manager_claims })
        }
        LoginAnswer { success: Some(true), .. } | LoginAnswer { requires_mfa: Some(true), .. } => {
            let context = "the cloud wants a one-time code, which only its owner has";
            Err(Refusal::new(Outcome::OneTimeCode, ErrorKind::OneTimeCode, context))
        }
        _ => Err(unusable(reply.status)),
    }
}

#[derive(Deserialize)]
struct LoginAnswer {
    session_id: Option<String>,
    manager_token: Option<String>,
    is_consumer: Option<bool>,
    success: Option<bool>,
    #[serde(rename = "isBlocked")]
    is_blocked: Option<bool>,
    requires_mfa: Option<bool>,
}

fn unusable(status: StatusCode) -> Refusal {
    let context = format!("the cloud's login does not work: it answers {}", status.as_u16());
    Refusal::new(Outcome::Failed, ErrorKind::CloudUnreachable, context)
}

fn mentions(body: &[u8], phrase: &str) -> bool {
    let start = &body[..body.len().min(PHRASE_WITHIN)];
    String::from_utf8_lossy(start).to_lowercase().contains(phrase)
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
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair(EMAIL_FIELD, &account.username)
        .append_pair(PASSWORD_FIELD, account.password.expose())
        .finish();
    login_request("application/x-www-form-urlencoded", body)
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
    login_request(&format!("multipart/form-data; boundary={boundary}"), body)
}

fn login_request(content_type: &str, body: String) -> Result<Request<Bytes>> {
    Request::builder()
        .method(Method::POST)
        .uri("/login/login.json")
        .header(CONTENT_TYPE, content_type)
        .header(ACCEPT, HeaderValue::from_static("application/json"))
        .body(Bytes::from(body))
        .map_err(|error| Error::new(ErrorKind::Invalid, "the login cannot be sent").because(error))
}

const EMAIL_FIELD: &str = "user[email]";
const PASSWORD_FIELD: &str = "user[password]";
const SESSION_COOKIE: &str = "_enlighten_4_session";

/// A phrase that counts stands at the start of a small answer.
const PHRASE_WITHIN: usize = 4096;

/// How long a cloud session is used: several gateways of one account need one login, and `/tokens`
/// that fails is asked again with the same session (C9).
const SESSION_USE: Duration = Duration::from_secs(15 * 60);

#[cfg(test)]
mod tests;
