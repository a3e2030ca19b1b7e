//! Entrez: a cloud session for a gateway's token.
//!
//! ```text
//! POST /tokens   {"session_id":..,"serial_num":..,"username":..}
//!   -> the token as bare text, or {"generation_time":..,"token":..,"expires_at":..}
//! ```

use std::time::Duration;

use bytes::Bytes;
use hallpass_credential::{Attempt, Error, ErrorKind, Result, Secret, later};
use hallpass_transport::Reply;
use http::{Method, Request, StatusCode, header::CONTENT_TYPE};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::{Clouds, cloud_error, enlighten::CloudSession, is_html, retry_at};

/// Asks for the token of the gateway `serial_number`. [`Attempt::Refused`] is a cloud session that
/// is not taken.
pub(crate) async fn ask_for_token(
    clouds: &Clouds,
    session: &CloudSession,
    username: &str,
    serial_number: &str,
    now: Timestamp,
) -> Result<Secret, Attempt> {
    let client = clouds.client(&clouds.entrez)?;
    let request = tokens_request(session, username, serial_number)?;
    match client.send(request).await {
        Ok(reply) => understand(&reply, now),
        Err(error) => Err(cloud_error(error).until(later(now, REST)).into()),
    }
}

fn tokens_request(
    session: &CloudSession,
    username: &str,
    serial_number: &str,
) -> Result<Request<Bytes>> {
    let session_id = session.id.expose();
    let body = json!({"session_id": session_id, "serial_num": serial_number, "username": username});
    Request::builder()
        .method(Method::POST)
        .uri("/tokens")
        .header(CONTENT_TYPE, "application/json")
        .body(Bytes::from(body.to_string()))
        .map_err(|error| Error::new(ErrorKind::Invalid, "no such token to ask for").because(error))
}

/// Both shapes are answered to the same request; the content type tells nothing.
fn understand(reply: &Reply, now: Timestamp) -> Result<Secret, Attempt> {
    match reply.status {
        StatusCode::OK => understand_ok(&reply.body)
            .ok_or_else(|| failed("the cloud gives something else than a token", now)),
        StatusCode::UNAUTHORIZED => {
            let context = "the cloud does not take its own session";
            Err(Attempt::Refused(Error::new(ErrorKind::CloudUnreachable, context)))
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            let context = "the cloud makes no tokens at the moment";
            let error = Error::new(ErrorKind::CloudUnreachable, context);
            Err(error.until(retry_at(reply, now)).into())
        }
        status => {
            Err(failed(&format!("the cloud makes no token: it answers {}", status.as_u16()), now))
        }
    }
}

fn understand_ok(body: &[u8]) -> Option<Secret> {
    #[derive(Deserialize)]
    struct TokenAnswer {
        token: String,
    }
    let text = std::str::from_utf8(body).ok()?.trim();
    if text.starts_with('{') {
        return serde_json::from_str(text).ok().map(|TokenAnswer { token }| token.into());
    }
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let is_token = !is_html(body) && bare.split('.').count() == 3;
    is_token.then(|| bare.into())
}

fn failed(context: &str, now: Timestamp) -> Attempt {
    let error = Error::new(ErrorKind::CloudUnreachable, context);
    Attempt::Failed(error.until(later(now, REST)))
}

/// How long Entrez is left in peace when it gave no token (C7: six times in the first hour; C9: at
/// most four times with one cloud session).
pub(crate) const REST: Duration = Duration::from_secs(10 * 60);

#[cfg(test)]
mod tests;
