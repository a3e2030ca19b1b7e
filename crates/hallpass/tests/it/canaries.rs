//! The search for secrets, in every form in which one may slip out; and the proof that it finds.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

/// Looks for all forms of some secrets.
pub(crate) struct Scanner {
    /// In words, what each pattern is.
    found: Vec<String>,
    patterns: AhoCorasick,
}

impl Scanner {
    /// A search for `secrets`: what each is, and its text.
    pub(crate) fn new(secrets: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut forms = BTreeMap::new();
        for (what, secret) in secrets {
            for (part, text) in parts(&secret) {
                for (encoding, form) in encodings(text) {
                    // What is short is found by chance, the more so where it is encoded.
                    if form.len() >= if form == text { 6 } else { 8 } {
                        let words = format!("{part} of the {what}, {encoding}");
                        forms.entry(form).or_insert(words);
                    }
                }
            }
        }
        let (forms, found): (Vec<_>, Vec<_>) = forms.into_iter().unzip();
        let kind = Some(AhoCorasickKind::NoncontiguousNFA);
        let patterns = AhoCorasick::builder().kind(kind).build(forms).unwrap();
        Self { found, patterns }
    }

    /// The first secret in `bytes`, in words that do not give it away.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<&str> {
        self.patterns.find(bytes).map(|found| &*self.found[found.pattern().as_usize()])
    }

    /// None of these places, which have names, has any form of any of the secrets.
    pub(crate) fn assert_clean(&self, places: &[(String, Vec<u8>)]) {
        for (name, bytes) in places {
            assert_eq!(self.find(bytes), None, "found in {name}");
        }
    }
}

/// No form of `secret` stands in any of `places`.
pub(crate) fn assert_absent(secret: &str, places: &[(String, Vec<u8>)]) {
    Scanner::new([("secret".to_owned(), secret.to_owned())]).assert_clean(places);
}

/// What is worth hiding of a secret: all of it, each segment of a token, and either end, by which
/// people recognise it.
fn parts(secret: &str) -> Vec<(&'static str, &str)> {
    let mut parts = vec![("all", secret)];
    if let [header, claims, signature] = secret.split('.').collect::<Vec<_>>()[..] {
        parts.extend([
            ("the header", header),
            ("the claims", claims),
            ("the signature", signature),
        ]);
    }
    if secret.is_ascii() && secret.len() >= 2 * END {
        parts.extend([("the begin", &secret[..END]), ("the end", &secret[secret.len() - END..])]);
    }
    parts
}

fn encodings(text: &str) -> Vec<(&'static str, String)> {
    let bytes = text.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let percent = |keep: fn(u8) -> bool| -> String {
        let encoded = |&byte: &u8| match keep(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        };
        bytes.iter().map(encoded).collect()
    };
    let sparing = percent(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    let json = serde_json::to_string(text).unwrap();
    let ascii_json: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let mut encodings = vec![
        ("as it is", text.to_owned()),
        ("in hexadecimal", hex.clone()),
        ("in upper hexadecimal", hex.to_uppercase()),
        ("percent-encoded", sparing.clone()),
        ("percent-encoded as in forms", sparing.replace("%20", "+")),
        ("percent-encoded wholly", percent(|_| false)),
        ("escaped as JSON", json[1..json.len() - 1].to_owned()),
        ("escaped as JSON wholly", ascii_json),
    ];
    // Where it does not begin with a group of three bytes, the first group is its neighbours', too;
    // and so is the last.
    for skipped in 0..3.min(bytes.len()) {
        let whole = &bytes[skipped..];
        let whole = &whole[..whole.len() / 3 * 3];
        encodings.push(("in base64", STANDARD_NO_PAD.encode(whole)));
        encodings.push(("in base64 for URLs", URL_SAFE_NO_PAD.encode(whole)));
    }
    encodings
}

/// How many characters an end has.
const END: usize = 12;

const SECRET: &str = "corréct horse/battery+stäple?\"~ÿ";
const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJhdWQiOiIxMjIifQ.c2lnbmF0dXJlLW9mLWVudHJleg";

fn is_found(secret: &str, planted: &str) -> bool {
    let scanner = Scanner::new([("secret".to_owned(), secret.to_owned())]);
    scanner.find(planted.as_bytes()).is_some()
}

#[test]
fn a_planted_leak_is_found_in_every_encoding() {
    let bytes = SECRET.as_bytes();
    let percent = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let mut planted = vec![
        SECRET.to_owned(),
        bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
        bytes.iter().map(|byte| format!("%{byte:02X}")).collect(),
        percent(SECRET)
            .replace("%2D", "-")
            .replace("%2E", ".")
            .replace("%5F", "_")
            .replace("%7E", "~"),
        serde_json::to_string(SECRET).unwrap(),
        SECRET.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect(),
    ];
    for before in ["", "a", "ab"] {
        for after in ["", "y", "yz"] {
            let text = format!("{before}{SECRET}{after}");
            planted.push(STANDARD_NO_PAD.encode(&text));
            planted.push(base64::engine::general_purpose::STANDARD.encode(&text));
            planted.push(URL_SAFE_NO_PAD.encode(&text));
        }
    }
    for leak in planted {
        assert!(is_found(SECRET, &format!("2026-11-22 TRACE sent {leak}, 17 bytes")), "{leak}");
        let other = leak.get(..leak.len() / 3).unwrap_or_default();
        assert!(!is_found(SECRET, other), "a piece is not the whole: {other}");
    }
}

#[test]
fn a_planted_piece_of_a_token_is_found() {
    let segments: Vec<_> = TOKEN.split('.').collect();
    for leak in [segments[0], segments[1], segments[2], &TOKEN[..12], &TOKEN[TOKEN.len() - 12..]] {
        assert!(is_found(TOKEN, &format!("bearer {leak}...")), "{leak}");
        let hidden = STANDARD_NO_PAD.encode(format!("Bearer {leak}"));
        assert!(is_found(TOKEN, &hidden), "{leak} in {hidden}");
    }
    assert!(!is_found(TOKEN, "eyJhbGciOiJ and others"));
}
