//! What a gateway answered, and what is kept of it.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use hallpass_credential::Secret;
use hallpass_transport::Reply;
use http::{HeaderMap, header};
use serde::Serialize;

use super::{question::Question, redaction::Redaction};

/// The answer to one question.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) question: Question,
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    headers: HeaderMap,
    took: Duration,
}

/// What stands beside a body in its `_log.json`.
#[derive(Debug, Serialize)]
pub(super) struct Log {
    code: u16,
    headers: BTreeMap<String, String>,
    duration_seconds: f64,
}

impl Answer {
    /// `took` is how long the gateway took.
    pub(crate) fn new(question: Question, reply: Reply, took: Duration) -> Self {
        let Reply { status, headers, body, .. } = reply;
        Self { question, status: status.as_u16(), body, headers, took }
    }

    /// The sessions that came with it, each of which is open for ten minutes.
    pub(super) fn sessions(&self) -> impl Iterator<Item = Secret> + '_ {
        let cookies = self.headers.get_all(header::SET_COOKIE).iter();
        let values = cookies.filter_map(|cookie| cookie.to_str().ok()?.split_once('='));
        values.map(|(_, rest)| rest.split(';').next().unwrap_or_default().trim().into())
    }

    pub(super) fn log(&self, redaction: &Redaction) -> Log {
        let kept = KEPT.iter().filter(|name| self.headers.contains_key(**name));
        let headers = kept.map(|name| ((*name).to_owned(), self.header(name, redaction)));
        let duration_seconds = (self.took.as_secs_f64() * 1000.0).round() / 1000.0;
        Log { code: self.status, headers: headers.collect(), duration_seconds }
    }

    /// Its values as one, a character for each byte: gateways have sent garbage.
    fn header(&self, name: &str, redaction: &Redaction) -> String {
        let values = self.headers.get_all(name).iter();
        let values = values.map(|value| value.as_bytes().iter().copied().map(char::from).collect());
        let value = redaction.redact_text(&values.collect::<Vec<String>>().join(", "));
        if name == header::WWW_AUTHENTICATE.as_str() { without_nonce(&value) } else { value }
    }
}

/// A challenge with a nonce of the same shape that was never given out.
fn without_nonce(challenge: &str) -> String {
    let Some((before, rest)) = challenge.split_once(NONCE) else { return challenge.to_owned() };
    let (nonce, after) = rest.split_at(rest.find('"').unwrap_or(rest.len()));
    let covered = nonce.chars().map(|c| match c {
        '0'..='9' => '0',
        'a'..='z' => 'a',
        'A'..='Z' => 'A',
        other => other,
    });
    format!("{before}{NONCE}{}{after}", covered.collect::<String>())
}

const NONCE: &str = "nonce=\"";

/// The headers that tell one firmware from another, and nobody who it is.
const KEPT: &[&str] = &[
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expires",
    "pragma",
    "server",
    "strict-transport-security",
    "transfer-encoding",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
];

#[cfg(test)]
mod tests;
