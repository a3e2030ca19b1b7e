//! HTTP digest (RFC 7616 with MD5, as gateways before firmware 7 speak it), and the passwords that those gateways have by themselves.

use std::fmt::Write;

use bytes::Bytes;
use hallpass_credential::{Error, ErrorKind, Result, Secret};
use http::{HeaderMap, HeaderValue, Request, header::WWW_AUTHENTICATE};
use md5::{Digest, Md5};

use crate::Account;

/// What a gateway asks to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    protection: Protection,
    session_hash: bool,
    /// Whether what was answered was right but for the nonce.
    is_stale: bool,
}

/// What an answer protects, by the `qop` that is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protection {
    /// No `qop` is: the older form (RFC 2069).
    Older,
    /// `auth`, which all gateways offer.
    Auth,
    /// `auth-int` alone: the body as well.
    AuthInt,
}

impl Protection {
    fn offered(qop: Option<&str>) -> Option<Self> {
        let Some(offers) = qop else { return Some(Self::Older) };
        let offers = |wanted| offers.split(',').any(|offer| offer.trim() == wanted);
        match (offers("auth"), offers("auth-int")) {
            (true, _) => Some(Self::Auth),
            (false, true) => Some(Self::AuthInt),
            (false, false) => None,
        }
    }

    /// As it is called; none in the older form.
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Older => None,
            Self::Auth => Some("auth"),
            Self::AuthInt => Some("auth-int"),
        }
    }
}

/// The answers to one challenge; each counts.
#[derive(Debug, Clone)]
pub(crate) struct Answers {
    challenge: Challenge,
    count: u32,
    /// Whether the gateway took an answer to it.
    taken: bool,
}

impl Challenge {
    /// The first challenge in `headers` that can be answered. Garbage, which firmware 3.9.36 has
    /// been seen to send, is none.
    pub(crate) fn find(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(WWW_AUTHENTICATE).iter();
        values.filter_map(|value| value.to_str().ok()).find_map(Self::parse)
    }

    fn parse(text: &str) -> Option<Self> {
        let (scheme, parameters) = text.trim().split_once(char::is_whitespace)?;
        if !scheme.eq_ignore_ascii_case("digest") {
            return None;
        }
        let parameters = parameters_of(parameters);
        let parameter = |name: &str| {
            let found = parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.clone())
        };
        let session_hash = match parameter("algorithm").as_deref() {
            None => false,
            Some(md5) if md5.eq_ignore_ascii_case("MD5") => false,
            Some(sess) if sess.eq_ignore_ascii_case("MD5-sess") => true,
            Some(_) => return None,
        };
        Some(Self {
            realm: parameter("realm")?,
            nonce: parameter("nonce")?,
            opaque: parameter("opaque"),
            protection: Protection::offered(parameter("qop").as_deref())?,
            session_hash,
            is_stale: parameter("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }

    /// Whether it comes because the nonce was too old, and not the password wrong.
    pub(crate) fn is_stale(&self) -> bool {
        self.is_stale
    }
}

impl Answers {
    pub(crate) fn to(challenge: Challenge) -> Self {
        Self { challenge, count: 0, taken: false }
    }

    /// The next `Authorization` for `request`, with its nonce count.
    pub(crate) fn next(
        &mut self,
        account: &Account,
        request: &Request<Bytes>,
        client_nonce: &str,
    ) -> Result<HeaderValue> {
        self.count += 1;
        let Challenge { realm, nonce, opaque, protection, session_hash, .. } = &self.challenge;
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let username = quoted(&account.username);
        let mut secret_hash =
            md5_hex(format!("{}:{realm}:{}", account.username, account.password.expose()));
        if *session_hash {
            secret_hash = md5_hex(format!("{secret_hash}:{nonce}:{client_nonce}"));
        }
        let mut asked = format!("{}:{path}", request.method());
        if *protection == Protection::AuthInt {
            asked = format!("{asked}:{}", md5_hex(request.body()));
        }
        let request_hash = md5_hex(asked);
        let count = format!("{:08x}", self.count);
        let response = md5_hex(match protection.name() {
            Some(qop) => {
                format!("{secret_hash}:{nonce}:{count}:{client_nonce}:{qop}:{request_hash}")
            }
            None => format!("{secret_hash}:{nonce}:{request_hash}"),
        });
        let mut header = format!(
            "Digest username=\"{username}\", realm=\"{}\", nonce=\"{}\", uri=\"{path}\", \
             response=\"{response}\"",
            quoted(realm),
            quoted(nonce),
        );
        if let Some(qop) = protection.name() {
            header.push_str(&format!(", qop={qop}, nc={count}"));
        }
        if *session_hash {
            header.push_str(", algorithm=MD5-sess");
        }
        if protection.name().is_some() || *session_hash {
            header.push_str(&format!(", cnonce=\"{client_nonce}\""));
        }
        if let Some(opaque) = opaque {
            header.push_str(&format!(", opaque=\"{}\"", quoted(opaque)));
        }
        let invalid = |_| Error::new(ErrorKind::Invalid, "the user name cannot stand in a header");
        let mut value = HeaderValue::from_str(&header).map_err(invalid)?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The gateway took an answer.
    pub(crate) fn take(&mut self) {
        self.taken = true;
    }

    pub(crate) fn was_taken(&self) -> bool {
        self.taken
    }

    /// Whether `challenge` is the one that was answered, so that another answer would not help.
    pub(crate) fn answered(&self, challenge: &Challenge) -> bool {
        self.challenge.nonce == challenge.nonce
    }
}

/// The password that a gateway before firmware 7 gives to a user by itself: user `envoy` has the
/// last six characters of the serial number, `installer` a computed one. Nobody else has one.
///
/// Source: reverse-engineered and published many times; vectors in the tests.
pub fn default_password(username: &str, serial_number: &str) -> Option<Secret> {
    match username {
        "envoy" => {
            let from = serial_number.char_indices().rev().nth(5).map_or(0, |(index, _)| index);
            Some(serial_number[from..].into())
        }
        "installer" => Some(computed_password(username, serial_number).into()),
        _ => None,
    }
}

fn computed_password(username: &str, serial_number: &str) -> String {
    let digits = md5_hex(format!("[e]{username}@{REALM}#{serial_number} EnPhAsE eNeRgY "));
    let count = |digit| digits.chars().filter(|other| *other == digit).count();
    let (mut zeros, mut ones) = (count('0'), count('1'));
    let mut password = String::new();
    for digit in digits.chars().rev().take(8) {
        if matches!(zeros, 3 | 6 | 9) {
            zeros -= 1;
        }
        if matches!(ones, 9 | 15) {
            ones -= 1;
        }
        (zeros, ones) = (zeros.min(20), ones.min(26));
        match digit {
            '0' => {
                password.push(letter(b'f', zeros));
                zeros = zeros.saturating_sub(1);
            }
            '1' => {
                password.push(letter(b'@', ones));
                ones = ones.saturating_sub(1);
            }
            other => password.push(other),
        }
    }
    password
}

/// The letter `steps` after `base`; steps are clamped to 26 before.
fn letter(base: u8, steps: usize) -> char {
    char::from(base.saturating_add(u8::try_from(steps).unwrap_or(u8::MAX)))
}

/// `name=value` pairs with commas between them, values quoted or not.
fn parameters_of(text: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let (value, after) = parameter_value(after.trim_start());
        parameters.push((name.trim_matches([' ', '\t', ',']).to_owned(), value));
        rest = after;
    }
    parameters
}

fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(',').unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((index, char)) = chars.next() {
        match char {
            '"' => return (value, &quoted[index + 1..]),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn md5_hex(text: impl AsRef<[u8]>) -> String {
    Md5::digest(text).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

const REALM: &str = "enphaseenergy.com";

#[cfg(test)]
mod tests;
