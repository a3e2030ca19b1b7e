//! The one-time code of an account that has them switched on.
//!
//! ```text
//! POST /app-api/validate_login_otp   email=<base64>&otp=<base64>&xhrFields[withCredentials]=true
//!   -> as a login that succeeds, or {"isValid":false,"isBlocked":..}
//! POST /app-api/generate_mfa_login_otp   locale=en
//!   -> {"success":true,"isBlocked":false}, once in 30 s
//! ```
//! With the cookies of the login, some of which each answer changes. Source: barneyonline's
//! client, December 2025; Enphase has not published it.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hallpass_credential::{Clock, Error, ErrorKind, Result, Secret, budget::Outcome, later};
use hallpass_transport::{Client, Reply};
use http::{
    HeaderValue, Method, Request, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, COOKIE},
};
use jiff::Timestamp;
use url::form_urlencoded;

use super::{CloudSession, LoginAnswer};
use crate::cloud::{
    applicant::{CodeAnswer, CodeWanted, Person},
    cloud_error,
    gate::Refusal,
    is_html,
    jar::Jar,
};

/// A login that waits for its one-time code.
pub(super) struct Challenge<'a> {
    pub(super) client: &'a Client,
    pub(super) username: &'a str,
    pub(super) clock: &'a dyn Clock,
    pub(super) cookies: Jar,
    /// When the cloud sent the last code.
    pub(super) sent_at: Timestamp,
}

impl Challenge<'_> {
    /// Asks `person` for the code until the cloud takes it.
    ///
    /// Whatever else comes of it, no program may try again: it would only make the cloud send codes.
    pub(super) async fn meet(mut self, person: &dyn Person) -> Result<CloudSession, Refusal> {
        let mut why = CodeWanted::Sent;
        let mut left = TRIES;
        while left > 0 {
            why = match person.one_time_code(why).await {
                CodeAnswer::GiveUp => return Err(no_code("nobody gave the one-time code")),
                CodeAnswer::SendAgain => self.send_again().await?,
                CodeAnswer::Code(code) => {
                    if let Some(session) = self.validate(&code).await? {
                        return Ok(session);
                    }
                    left -= 1;
                    CodeWanted::Wrong { left }
                }
            };
        }
        Err(no_code("the one-time code was wrong each time"))
    }

    /// The session for a code; none where it is wrong.
    async fn validate(&mut self, code: &Secret) -> Result<Option<CloudSession>, Refusal> {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("email", &STANDARD.encode(self.username))
            .append_pair("otp", &STANDARD.encode(code.expose()))
            .append_pair("xhrFields[withCredentials]", "true")
            .finish();
        let reply = self.post("/app-api/validate_login_otp", body).await.map_err(lost)?;
        understand(&reply, self.clock.now())
    }

    /// Lets the cloud send another code, unless it would not yet.
    async fn send_again(&mut self) -> Result<CodeWanted, Refusal> {
        let (now, until) = (self.clock.now(), later(self.sent_at, SPACING));
        if now < until {
            return Ok(CodeWanted::TooSoon { until });
        }
        self.sent_at = now;
        let sent = self.post("/app-api/generate_mfa_login_otp", "locale=en".to_owned()).await;
        match sent.as_ref().map(answer) {
            Ok(Some(LoginAnswer { is_blocked: Some(true), .. })) => Err(Refusal::blocked()),
            Ok(Some(LoginAnswer { success: Some(true), .. })) => Ok(CodeWanted::SentAgain),
            _ => Ok(CodeWanted::NotSent),
        }
    }

    async fn post(&mut self, path: &str, body: String) -> Result<Reply> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(COOKIE, self.cookies.header()?);
        if let Some(token) = self.cookies.csrf_token()? {
            request = request.header("x-csrf-token", token);
        }
        let request = request.body(Bytes::from(body)).map_err(|error| {
            Error::new(ErrorKind::Invalid, "the one-time code cannot be sent").because(error)
        })?;
        let reply = self.client.send(request).await.map_err(cloud_error)?;
        self.cookies.take(&reply.headers);
        Ok(reply)
    }
}

fn understand(reply: &Reply, now: Timestamp) -> Result<Option<CloudSession>, Refusal> {
    match (reply.status, answer(reply)) {
        (_, Some(LoginAnswer { is_blocked: Some(true), .. })) => Err(Refusal::blocked()),
        (StatusCode::OK, _) if is_html(&reply.body) => Err(Refusal::login_wall()),
        (StatusCode::OK, Some(LoginAnswer { is_valid: Some(false), .. })) => Ok(None),
        (StatusCode::OK, Some(answer)) => match answer.session() {
            Some(session) => Ok(Some(session)),
            None => Err(waiting(Refusal::unusable(reply, now))),
        },
        (status, _) if WRONG.contains(&status) => Ok(None),
        _ => Err(waiting(Refusal::unusable(reply, now))),
    }
}

fn answer(reply: &Reply) -> Option<LoginAnswer> {
    serde_json::from_slice(&reply.body).ok()
}

fn no_code(context: &str) -> Refusal {
    Refusal::new(Outcome::OneTimeCode, ErrorKind::OneTimeCode, context)
}

fn lost(error: Error) -> Refusal {
    waiting(Refusal { error, ..no_code("") })
}

/// The login still waits for a code, whatever went wrong with this one.
fn waiting(refusal: Refusal) -> Refusal {
    Refusal { outcome: Outcome::OneTimeCode, ..refusal }
}

/// What a code that is wrong or too old is answered with, besides a 200 that says so.
const WRONG: [StatusCode; 4] = [
    StatusCode::BAD_REQUEST,
    StatusCode::NOT_FOUND,
    StatusCode::CONFLICT,
    StatusCode::UNPROCESSABLE_ENTITY,
];

/// How many codes a person may try for one login.
const TRIES: u8 = 3;

/// The cloud sends no code sooner after another.
const SPACING: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
