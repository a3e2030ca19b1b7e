//! A session at a cloud for a gateway's token: three requests, and what their answers mean.
//!
//! ```text
//! POST entrez /tokens   {"session_id":..,"serial_num":..,"username":..}
//!   -> the token as bare text, or {"generation_time":..,"token":..,"expires_at":..}
//! GET enlighten /entrez-auth-token?serial_num=..   Cookie: _enlighten_4_session=..
//!   -> {"generation_time":..,"token":..,"expires_at":..}
//! POST entrez /entrez_tokens   serialNum=..   Cookie: SESSION=..
//!   -> a page with the token in <textarea id="JWTToken">, or a text there that starts with Error
//! ```

use std::time::Duration;

use bytes::Bytes;
use hallpass_credential::{Error, ErrorKind, Result, Secret, later};
use hallpass_transport::{Client, Reply};
use http::{
    HeaderValue, Method, Request, StatusCode,
    header::{CONTENT_TYPE, COOKIE, RETRY_AFTER},
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use url::form_urlencoded;

use super::{
    cloud_error,
    enlighten::{self, CloudSession},
    is_html,
    page::element_text,
    portal::{self, LOGIN_PAGE, PortalSession},
    retry_at,
};

/// Why there is no token on a route, and so what may help.
#[derive(Debug)]
pub(super) struct Miss {
    pub(super) cause: Cause,
    pub(super) error: Error,
}

/// What kind of help it takes to come by a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// There is no such route any more, or not for us.
    Moved,
    /// The session is not taken.
    Session,
    /// Too many requests.
    Busy,
    /// It does not work, or does not answer; it may in a moment.
    Down,
    /// An answer without a token, or none before the time that it names.
    NoToken,
}

impl Miss {
    /// None that names no time is worth another try at once.
    fn new(cause: Cause, context: impl Into<String>, now: Timestamp) -> Self {
        let error = Error::new(ErrorKind::CloudUnreachable, context);
        Self { cause, error: error.until(later(now, REST)) }
    }

    /// A session is not taken that was not there before.
    pub(super) fn of_new_session(now: Timestamp) -> Self {
        let context = "the cloud does not take its own session, though it is new";
        Self::new(Cause::Session, context, now)
    }
}

/// Asks for a token by one of the requests below.
pub(super) async fn ask(
    client: &Client,
    request: Request<Bytes>,
    now: Timestamp,
) -> Result<Secret, Miss> {
    match client.send(request).await {
        Ok(reply) => understand(&reply, now),
        Err(error) => {
            let error = cloud_error(error).until(later(now, REST));
            Err(Miss { cause: Cause::Down, error })
        }
    }
}

pub(super) fn by_tokens(
    session: &CloudSession,
    username: &str,
    serial_number: &str,
) -> Result<Request<Bytes>> {
    let session_id = session.id.expose();
    let body = json!({"session_id": session_id, "serial_num": serial_number, "username": username});
    let request = Request::builder()
        .method(Method::POST)
        .uri("/tokens")
        .header(CONTENT_TYPE, "application/json")
        .body(Bytes::from(body.to_string()));
    request.map_err(not_sendable)
}

pub(super) fn by_auth_token(session: &CloudSession, serial_number: &str) -> Result<Request<Bytes>> {
    let query = field("serial_num", serial_number);
    let request = Request::builder()
        .uri(format!("/entrez-auth-token?{query}"))
        .header(COOKIE, cookie(enlighten::SESSION_COOKIE, &session.id)?)
        .body(Bytes::new());
    request.map_err(not_sendable)
}

pub(super) fn by_form(session: &PortalSession, serial_number: &str) -> Result<Request<Bytes>> {
    let request = Request::builder()
        .method(Method::POST)
        .uri("/entrez_tokens")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(COOKIE, cookie(portal::SESSION_COOKIE, &session.id)?)
        .body(Bytes::from(field("serialNum", serial_number)));
    request.map_err(not_sendable)
}

fn field(name: &str, value: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
}

fn cookie(name: &str, value: &Secret) -> Result<HeaderValue> {
    let value = HeaderValue::from_str(&format!("{name}={}", value.expose()));
    let mut value = value.map_err(not_sendable)?;
    value.set_sensitive(true);
    Ok(value)
}

fn not_sendable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Invalid, "no such token can be asked for").because(error)
}

/// Every shape is answered to the same request; the content type tells nothing.
fn understand(reply: &Reply, now: Timestamp) -> Result<Secret, Miss> {
    let miss = |cause, context: &str| Err(Miss::new(cause, context, now));
    let busy = "the cloud makes no tokens at the moment";
    let patience = |cause| {
        let error = Error::new(ErrorKind::CloudUnreachable, busy).until(retry_at(reply, now));
        Err(Miss { cause, error })
    };
    let status = reply.status;
    if shows_login(&reply.body) {
        return miss(Cause::Session, "the cloud does not take its own session");
    }
    match status {
        StatusCode::OK => match token_in(&reply.body) {
            Some(token) => Ok(token),
            None => miss(Cause::NoToken, "the cloud gives something else than a token"),
        },
        StatusCode::UNAUTHORIZED => miss(Cause::Session, "the cloud does not take its own session"),
        StatusCode::TOO_MANY_REQUESTS => patience(Cause::Busy),
        StatusCode::SERVICE_UNAVAILABLE if reply.headers.contains_key(RETRY_AFTER) => {
            patience(Cause::NoToken)
        }
        StatusCode::SERVICE_UNAVAILABLE => patience(Cause::Down),
        _ => {
            let cause = match status {
                _ if is_gone(status) => Cause::Moved,
                _ if status.is_server_error() => Cause::Down,
                _ => Cause::NoToken,
            };
            miss(cause, &format!("the cloud makes no token: it answers {}", status.as_u16()))
        }
    }
}

/// Whether a status is about the route and not about this request of it (C10).
fn is_gone(status: StatusCode) -> bool {
    status.is_redirection()
        || [
            StatusCode::FORBIDDEN,
            StatusCode::NOT_FOUND,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::NOT_ACCEPTABLE,
            StatusCode::GONE,
        ]
        .contains(&status)
}

/// Whether the cloud wants a login, whatever the status.
fn shows_login(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    text.contains(LOGIN_PAGE) || text.contains("You need to sign in first")
}

fn token_in(body: &[u8]) -> Option<Secret> {
    #[derive(Deserialize)]
    struct TokenAnswer {
        token: String,
    }
    let text = std::str::from_utf8(body).ok()?.trim();
    if text.starts_with('{') {
        return serde_json::from_str(text).ok().map(|TokenAnswer { token }| token.into());
    }
    let text = if is_html(body) { element_text(text, "JWT")? } else { text };
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let is_token = !bare.starts_with("Error") && bare.split('.').count() == 3;
    is_token.then(|| bare.into())
}

/// How long the clouds are left in peace when they gave no token (C7: six times in the first hour;
/// C9: at most four times with one cloud session).
pub(crate) const REST: Duration = Duration::from_secs(10 * 60);

/// The same after failures in a row: so a token is renewed within six hours of the clouds' return
/// (C8), and the logins of a day last for the day (B1).
pub(crate) const LONGEST_REST: Duration = Duration::from_secs(4 * 3600);

#[cfg(test)]
mod tests;
