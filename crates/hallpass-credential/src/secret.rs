//! Text that must not be seen.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

/// A password, a token, a cookie: wiped when dropped, never printed, never serialised by accident.
///
/// [`expose`](Self::expose) is called where a request is written and nowhere else; the house rules
/// are checked for it.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `text` with all of the secret in it covered; none where there is none of it, or where the
    /// secret is so short that it is in anything. For who writes down what others have said.
    ///
    /// ```
    /// let secret = hallpass_credential::Secret::from("hunter2");
    /// assert_eq!(secret.cover("is hunter2 right?").unwrap(), "is xxxxxxx right?");
    /// assert!(secret.cover("is it right?").is_none());
    /// ```
    pub fn cover(&self, text: &str) -> Option<String> {
        let is_in = self.0.len() >= SHORTEST && text.contains(&**self.0);
        is_in.then(|| text.replace(&**self.0, &"x".repeat(self.0.chars().count())))
    }

    /// A fingerprint by which a changed secret is noticed; only for sealed records, since short
    /// secrets can be guessed from it.
    pub fn mark(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.0.as_bytes()))
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// The shortest secret that is looked for in what others have said.
const SHORTEST: usize = 6;

/// `#[serde(with = "sealed")]` on a [`Secret`] in a stored record, whose bytes the store seals.
///
/// `Secret` itself has no serde, so that a secret cannot slip into an output that is serialised.
pub mod sealed {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Secret;

    /// Writes the text for the store to seal.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    /// Reads the text that the store unsealed.
    ///
    /// # Errors
    /// Those of the deserializer.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::from)
    }
}

#[cfg(test)]
mod tests;
