//! Secrets that reach a place where they must not.

use url::form_urlencoded;

use crate::{
    answer::Request,
    ledger::Leak,
    request::{Authorization, authorization, cookies},
    stage::Stage,
};

/// Anything that opens something, at a listener that has no business with it.
pub(crate) fn anything(stage: &Stage, place: &str, request: &Request) {
    authorizations(stage, place, request);
    for (_, value) in cookies(request) {
        note(stage, "cookie", place, value.len());
    }
    password(stage, place, request);
}

/// The account's password has no business at a gateway, whatever carries it.
pub(crate) fn password(stage: &Stage, place: &str, request: &Request) {
    let password = stage.account.password.as_str();
    let encoded: String = form_urlencoded::byte_serialize(password.as_bytes()).collect();
    let uri = request.uri().to_string();
    let headers = request.headers().values().map(http::HeaderValue::as_bytes);
    let mut places = headers.chain([request.body().as_ref(), uri.as_bytes()]);
    if places
        .any(|bytes| contains(bytes, password.as_bytes()) || contains(bytes, encoded.as_bytes()))
    {
        note(stage, "password", place, password.len());
    }
}

/// What opens gateways has no business at a cloud.
pub(crate) fn at_cloud(stage: &Stage, place: &str, request: &Request) {
    authorizations(stage, place, request);
    for (_, value) in cookies(request).filter(|(name, _)| name.eq_ignore_ascii_case("sessionId")) {
        note(stage, "cookie", place, value.len());
    }
}

pub(crate) fn note(stage: &Stage, what: &'static str, place: &str, bytes: usize) {
    stage.ledger.leak(Leak { at: stage.now(), what, place: place.to_owned(), bytes });
}

fn authorizations(stage: &Stage, place: &str, request: &Request) {
    match authorization(request) {
        Some(Authorization::Bearer(token)) => note(stage, "bearer", place, token.len()),
        Some(Authorization::Digest(response)) => note(stage, "digest", place, response.len()),
        Some(Authorization::Other(value)) => note(stage, "basic", place, value.len()),
        None => {}
    }
}

fn contains(bytes: &[u8], secret: &[u8]) -> bool {
    !secret.is_empty() && bytes.windows(secret.len()).any(|window| window == secret)
}
