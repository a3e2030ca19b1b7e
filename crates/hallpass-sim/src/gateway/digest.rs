//! HTTP digest as firmware below 7 does it: realm `enphaseenergy.com`, MD5, qop `auth`.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use md5::{Digest, Md5};

use super::access::Level;
use crate::{
    answer::Request,
    fault::DigestOddity,
    profile::{Generation, Profile},
};

const REALM: &str = "enphaseenergy.com";

/// The two users. What either may do on a device differs; here the installer may do more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum User {
    Envoy,
    Installer,
}

impl User {
    pub(super) fn level(self) -> Level {
        match self {
            Self::Envoy => Level::Owner,
            Self::Installer => Level::Installer,
        }
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "envoy" => Some(Self::Envoy),
            "installer" => Some(Self::Installer),
            _ => None,
        }
    }

    fn password(self, serial_number: &str) -> String {
        match self {
            Self::Envoy => last_six(serial_number).to_owned(),
            Self::Installer => computed_password("installer", serial_number),
        }
    }
}

fn last_six(serial_number: &str) -> &str {
    let start = serial_number.char_indices().rev().nth(5).map_or(0, |(start, _)| start);
    &serial_number[start..]
}

/// The password that a gateway of firmware below 7 is delivered with, for any user but `envoy`.
pub(crate) fn computed_password(user: &str, serial_number: &str) -> String {
    let digest = md5_hex(&format!("[e]{user}@{REALM}#{serial_number} EnPhAsE eNeRgY "));
    let count = |digit: char| digest.chars().filter(|&c| c == digit).count() as i32;
    let (mut zeros, mut ones) = (count('0'), count('1'));
    let mut password = String::new();
    for digit in digest.chars().rev().take(8) {
        if matches!(zeros, 3 | 6 | 9) {
            zeros -= 1;
        }
        zeros = zeros.clamp(0, 20);
        if matches!(ones, 9 | 15) {
            ones -= 1;
        }
        ones = ones.clamp(0, 26);
        password.push(match digit {
            '0' => shifted('f', zeros),
            '1' => shifted('@', ones),
            other => other,
        });
        match digit {
            '0' => zeros -= 1,
            '1' => ones -= 1,
            _ => {}
        }
    }
    password
}

fn shifted(from: char, by: i32) -> char {
    char::from_u32(from as u32 + by.unsigned_abs()).unwrap_or(from)
}

/// The nonces that were given out, and how often each was used.
#[derive(Debug, Default)]
pub(super) struct Nonces {
    issued: BTreeMap<String, Nonce>,
}

#[derive(Debug, Default)]
struct Nonce {
    counters: BTreeSet<String>,
    fresh: bool,
}

/// What a digest response is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    Right(User),
    /// Right, but the nonce is used up.
    Stale,
    Wrong,
}

/// Whether a challenge says that only the nonce was too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stale {
    Yes,
    No,
}

impl Nonces {
    /// A challenge with a new nonce: the epoch second on firmware 3, 20 bytes that begin with it later on.
    pub(super) fn challenge(
        &mut self,
        profile: &Profile,
        now: Timestamp,
        mut bytes: [u8; 20],
        oddity: Option<DigestOddity>,
        stale: Stale,
    ) -> String {
        let second = now.as_second() as u32;
        bytes[..4].copy_from_slice(&second.to_le_bytes());
        let single = oddity == Some(DigestOddity::NoncePerRequest);
        let nonce = match profile.generation {
            Generation::Three if !single => second.to_string(),
            _ => STANDARD.encode(bytes),
        };
        let fresh = oddity == Some(DigestOddity::Stale) && stale == Stale::No;
        self.issued.entry(nonce.clone()).or_insert(Nonce { counters: BTreeSet::new(), fresh });
        let qop = match oddity {
            Some(DigestOddity::NoQop) => "",
            Some(DigestOddity::AuthInt) => "qop=\"auth-int\", ",
            _ => "qop=\"auth\", ",
        };
        let algorithm =
            if oddity == Some(DigestOddity::Md5Sess) { ", algorithm=MD5-sess" } else { "" };
        let stale = if stale == Stale::Yes { ", stale=true" } else { "" };
        format!("Digest {qop}realm=\"{REALM}\", nonce=\"{nonce}\"{algorithm}{stale}")
    }

    /// Checks what a client made of a challenge.
    pub(super) fn judge(
        &mut self,
        sent: &str,
        request: &Request,
        serial_number: &str,
        oddity: Option<DigestOddity>,
    ) -> Judged {
        let response = Response { fields: fields(sent) };
        let Some(user) = User::named(response.field("username")) else { return Judged::Wrong };
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let Some(nonce) = self.issued.get_mut(response.field("nonce")) else {
            return Judged::Wrong;
        };
        let expected = response.expected(&user.password(serial_number), request, oddity);
        if response.field("uri") != target
            || expected.as_deref() != Some(response.field("response"))
        {
            return Judged::Wrong;
        }
        let counter_is_new = nonce.counters.insert(response.field("nc").to_owned());
        let used_up = match oddity {
            Some(DigestOddity::Stale) => std::mem::take(&mut nonce.fresh),
            Some(DigestOddity::NoncePerRequest) => nonce.counters.len() > 1 || !counter_is_new,
            Some(DigestOddity::NcReplay) => !counter_is_new,
            _ => false,
        };
        if used_up { Judged::Stale } else { Judged::Right(user) }
    }
}

/// What proves the password in an `Authorization: Digest` header.
pub(super) fn response(sent: &str) -> String {
    fields(sent).remove("response").unwrap_or_default()
}

/// The fields of an `Authorization: Digest` header.
struct Response {
    fields: BTreeMap<String, String>,
}

impl Response {
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// What `response` must be; `None` where the client did not do what the challenge asked for.
    fn expected(
        &self,
        password: &str,
        request: &Request,
        oddity: Option<DigestOddity>,
    ) -> Option<String> {
        let [username, nonce, cnonce, uri] =
            ["username", "nonce", "cnonce", "uri"].map(|name| self.field(name));
        let mut ha1 = md5_hex(&format!("{username}:{REALM}:{password}"));
        if oddity == Some(DigestOddity::Md5Sess) {
            ha1 = md5_hex(&format!("{ha1}:{nonce}:{cnonce}"));
        }
        let method = request.method();
        let (qop, ha2) = match oddity {
            Some(DigestOddity::NoQop) => {
                return Some(md5_hex(&format!(
                    "{ha1}:{nonce}:{}",
                    md5_hex(&format!("{method}:{uri}"))
                )));
            }
            Some(DigestOddity::AuthInt) => {
                ("auth-int", format!("{method}:{uri}:{}", md5_bytes(request.body())))
            }
            _ => ("auth", format!("{method}:{uri}")),
        };
        let nc = self.field("nc");
        let counted =
            nc.len() == 8 && nc.chars().all(|c| c.is_ascii_hexdigit()) && nc != "00000000";
        let asked = self.field("realm") == REALM && self.field("qop") == qop && !cnonce.is_empty();
        (counted && asked)
            .then(|| md5_hex(&format!("{ha1}:{nonce}:{nc}:{cnonce}:{qop}:{}", md5_hex(&ha2))))
    }
}

/// `key=value` and `key="value"`, separated by commas.
fn fields(mut text: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    while let Some((key, rest)) = text.split_once('=') {
        let (value, rest) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(',').unwrap_or((rest, "")),
        };
        fields.insert(key.trim_matches([',', ' ']).to_ascii_lowercase(), value.trim().to_owned());
        text = rest;
    }
    fields
}

fn md5_hex(text: &str) -> String {
    md5_bytes(text.as_bytes())
}

fn md5_bytes(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
