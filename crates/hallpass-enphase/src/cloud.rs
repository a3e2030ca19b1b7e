//! Enphase's two clouds: Enlighten knows the account, Entrez makes the tokens.

pub(crate) mod access;
pub(crate) mod applicant;
pub(crate) mod enlighten;
pub(crate) mod entrez;
pub(crate) mod gate;
mod jar;
mod page;
pub(crate) mod portal;
pub(crate) mod route;

use std::{sync::Arc, time::Duration};

use hallpass_credential::{
    Error, ErrorKind, Result, budget::UNNAMED_PATIENCE, jwt::PublicKey, later,
};
use hallpass_transport::{self as transport, Client, Connector, Limits, Origin, Reply, Security};
use http::header::{DATE, RETRY_AFTER};
use jiff::{Timestamp, fmt::rfc2822};

/// Where the clouds are, and which keys their tokens are signed with.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "complete by nature: the program configures each")]
pub struct Clouds {
    /// Where an account logs in.
    pub enlighten: Origin,
    /// Where tokens are made.
    pub entrez: Origin,
    /// The keys that may have signed a token.
    pub keys: Vec<PublicKey>,
    /// What carries the bytes; a proxy may stand in between.
    pub connector: Arc<dyn Connector>,
    /// How long and how much is waited for.
    pub limits: Limits,
}

impl Clouds {
    /// Enphase's own clouds and key.
    ///
    /// # Errors
    /// None in practice: the addresses and the key are constants.
    pub fn public(connector: Arc<dyn Connector>) -> Result<Self> {
        let origin = |url: &str| url.parse().map_err(cloud_error);
        Ok(Self {
            enlighten: origin(ENLIGHTEN_URL)?,
            entrez: origin(ENTREZ_URL)?,
            keys: vec![PublicKey::from_pem(ENTREZ_KEY)?],
            connector,
            limits: Limits::CLOUD,
        })
    }

    /// A client of one of the clouds: with the public roots, or in the clear on this machine.
    /// There is no third way.
    pub(crate) fn client(&self, origin: &Origin) -> Result<Client> {
        let in_clear = origin.scheme == transport::Scheme::Http && origin.is_loopback();
        let security = if in_clear { Security::Clear } else { Security::Public };
        Client::new(origin.clone(), security, Arc::clone(&self.connector), self.limits)
            .map_err(cloud_error)
    }
}

/// Where accounts log in.
pub const ENLIGHTEN_URL: &str = "https://enlighten.enphaseenergy.com";

/// Where tokens are made.
pub const ENTREZ_URL: &str = "https://entrez.enphaseenergy.com";

/// The key of Entrez: P-256, SubjectPublicKeyInfo, base64. Source: Matthew1471's Enphase-API;
/// checked against a published, expired token of 2023.
pub const ENTREZ_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6PhAU3Mk4W7Ara5hCWPHDtv8LY0CtB\
    wEVj4k4Tu8KRBMOhbTcHHnxYJ3UKppIKyraB2GFUmOhGP9O2jmcb4UAw==";

/// What a failure of the transport means for a cloud.
fn cloud_error(error: transport::Error) -> Error {
    let context = match error.kind() {
        transport::ErrorKind::TimedOut => "the cloud does not answer in time",
        transport::ErrorKind::Tls => "the cloud's certificate is not trusted",
        transport::ErrorKind::Unreachable => "the cloud cannot be reached",
        _ => "the cloud gives no usable answer",
    };
    Error::new(ErrorKind::CloudUnreachable, context).because(error)
}

/// From when on the cloud may be asked again (RFC 9110 §10.2.3: seconds, or a date); no cloud's
/// word is taken for more than a day.
fn retry_at(reply: &Reply, now: Timestamp) -> Timestamp {
    let named = reply.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let named = named.and_then(|value| match value.trim().parse::<u32>() {
        Ok(seconds) => Some(later(now, Duration::from_secs(seconds.into()))),
        Err(_) => rfc2822::parse(value).ok().map(|date| date.timestamp()),
    });
    named.unwrap_or_else(|| later(now, UNNAMED_PATIENCE)).clamp(now, later(now, LONGEST_PATIENCE))
}

/// What a cloud's own clock shows (RFC 9110 §6.6.1).
fn date(reply: &Reply) -> Option<Timestamp> {
    let date = reply.headers.get(DATE)?.to_str().ok()?;
    rfc2822::parse(date).ok().map(|date| date.timestamp())
}

const LONGEST_PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// Whether a body is a web page.
fn is_html(body: &[u8]) -> bool {
    let text = body.trim_ascii_start();
    text.starts_with(b"<")
}

/// Whether a cloud wants fewer logins, however it answers.
fn says_too_many_sessions(reply: &Reply) -> bool {
    let start = &reply.body[..reply.body.len().min(PHRASE_WITHIN)];
    String::from_utf8_lossy(start).to_lowercase().contains("too many active sessions")
}

/// A phrase that counts stands at the start of a small answer.
const PHRASE_WITHIN: usize = 4096;

/// How long a session at a cloud is used: several gateways of one account need one login, and
/// tokens that are not to be had are asked for again with the same session (C9).
const SESSION_USE: Duration = Duration::from_secs(15 * 60);

#[cfg(test)]
mod tests;
