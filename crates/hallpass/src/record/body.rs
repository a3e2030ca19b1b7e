//! The body of an answer as text, whatever bytes it has.

use serde::de::IgnoredAny;

/// UTF-8; or where it is none, with one character for each byte, so that no byte is lost.
pub(super) struct Body {
    text: String,
    is_utf8: bool,
}

impl Body {
    pub(super) fn of(bytes: &[u8]) -> Self {
        match str::from_utf8(bytes) {
            Ok(text) => Self { text: text.to_owned(), is_utf8: true },
            Err(_) => {
                Self { text: bytes.iter().copied().map(char::from).collect(), is_utf8: false }
            }
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is a JSON document. One that breaks off is none.
    pub(super) fn is_json(&self) -> bool {
        serde_json::from_str::<IgnoredAny>(&self.text).is_ok()
    }

    /// The bytes of `text`, which was made of this one.
    pub(super) fn bytes_of(&self, text: &str) -> Vec<u8> {
        if self.is_utf8 {
            return text.as_bytes().to_vec();
        }
        text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
    }
}
