//! Texts within texts: written with percent signs, escaped for JSON, or in base64.

use std::{ops::Range, sync::LazyLock};

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use regex::Regex;

use super::body::Body;

/// A text in a text.
pub(super) struct Layer {
    /// Where it is written.
    pub(super) place: Range<usize>,
    body: Body,
    writing: Writing,
}

#[derive(Clone, Copy)]
enum Writing {
    Percent,
    Escaped,
    Base64(&'static GeneralPurpose),
}

impl Layer {
    pub(super) fn text(&self) -> &str {
        self.body.text()
    }

    /// Whether it was meant to be one, and is not a word that happens to be base64, too.
    pub(super) fn is_text(&self) -> bool {
        !self.text().contains(|c: char| c.is_control() || c >= '\u{7f}')
    }

    /// `text`, written as this one was.
    pub(super) fn written(&self, text: &str) -> String {
        let bytes = self.body.bytes_of(text);
        match self.writing {
            Writing::Percent => percent_encode(&bytes, NON_ALPHANUMERIC).to_string(),
            Writing::Escaped => {
                let quoted = serde_json::Value::from(text).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            }
            Writing::Base64(engine) => engine.encode(bytes),
        }
    }
}

/// Every text that may be meant by a part of `text`.
pub(super) fn layers(text: &str) -> impl Iterator<Item = Layer> {
    let base64 = [(&*BASE64, &ENGINE), (&*BASE64_URL, &ENGINE_URL)];
    let base64 = base64.into_iter().flat_map(move |(runs, engine)| {
        runs.find_iter(text).flat_map(move |run| base64_in(run.range(), text, engine))
    });
    percent(text).chain(escaped(text)).chain(base64)
}

fn percent(text: &str) -> impl Iterator<Item = Layer> {
    PERCENT.find_iter(text).map(|run| {
        let bytes: Vec<u8> = percent_decode_str(run.as_str()).collect();
        Layer { place: run.range(), body: Body::of(&bytes), writing: Writing::Percent }
    })
}

fn escaped(text: &str) -> impl Iterator<Item = Layer> {
    ESCAPED.find_iter(text).filter_map(|run| {
        let said: String = serde_json::from_str(&format!("\"{}\"", run.as_str())).ok()?;
        let body = Body::of(said.as_bytes());
        Some(Layer { place: run.range(), body, writing: Writing::Escaped })
    })
}

/// What stands before it may be of the same letters, so each of the four beginnings is tried.
fn base64_in<'a>(
    run: Range<usize>,
    text: &'a str,
    engine: &'static GeneralPurpose,
) -> impl Iterator<Item = Layer> + 'a {
    (0..4).filter_map(move |skipped| {
        let start = run.start + skipped;
        let surplus = if (run.end - start) % 4 == 1 { 1 } else { 0 };
        let place = start..run.end - surplus;
        let bytes = engine.decode(&text[place.clone()]).ok()?;
        Some(Layer { place, body: Body::of(&bytes), writing: Writing::Base64(engine) })
    })
}

#[expect(clippy::expect_used, reason = "the patterns are constants, and tested")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of ours is one")
}

static PERCENT: LazyLock<Regex> =
    LazyLock::new(|| pattern("[A-Za-z0-9._~-]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9._~-]*)+"));
static ESCAPED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"[^\x00-\x1f"\\<>]*(?:\\(?:u[0-9A-Fa-f]{4}|/)[^\x00-\x1f"\\<>]*)+"#)
});
static BASE64: LazyLock<Regex> = LazyLock::new(|| pattern("[A-Za-z0-9+/]{10,}"));
static BASE64_URL: LazyLock<Regex> = LazyLock::new(|| pattern("[A-Za-z0-9_-]{10,}"));

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
static ENGINE: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
static ENGINE_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

#[cfg(test)]
mod tests;
