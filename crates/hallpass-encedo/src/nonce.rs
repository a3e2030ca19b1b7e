//! Numbers that are good once.

use std::fmt;

use jiff::Timestamp;

use crate::{encoding, text::is_visible};

/// The `jti` of a challenge, a token or a message: opaque text that comes back as it was.
///
/// A published vector has a `jti` that is no base64, so nothing may depend on what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Nonce(String);

impl Nonce {
    /// Takes a nonce as it came; none for an empty, overlong or unprintable one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        is_visible(text, LONGEST).then(|| Self(text.to_owned()))
    }

    /// The text as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// By the clock of its maker, when it was made: the first four of its 32 bytes, little-endian
    /// seconds (computed on four published nonces of old and new firmware). None where it is of
    /// another form.
    pub fn made_at(&self) -> Option<Timestamp> {
        let bytes: [u8; 32] = encoding::decode_array(&self.0)?;
        let seconds = bytes.first_chunk().copied().map(u32::from_le_bytes)?;
        Timestamp::from_second(seconds.into()).ok()
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// In characters; a real one has 44.
const LONGEST: usize = 256;
