//! Which HEM it is.

use std::fmt;

use hallpass_credential::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use crate::{encoding, key::PublicKey, text::is_visible};

/// The identity of a HEM, until it is wiped: the public half of an X25519 key, as text.
///
/// The text is the salt of the derivation (see [`Kdf`](crate::Kdf)), so it is kept as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Eid(String);

impl Eid {
    /// Reads an identity as a device tells it or a person types it.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for an empty or overlong text, and for anything but visible ASCII: it
    /// is shown, and stands in names of records.
    pub fn parse(text: &str) -> Result<Self> {
        if !is_visible(text, LONGEST) {
            return Err(Error::new(ErrorKind::Invalid, "the identity of the HEM is no eid"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that the device must own to be what it says.
    ///
    /// # Errors
    /// [`ErrorKind::NotUnderstood`] where it is no key, so nothing can prove it.
    pub fn key(&self) -> Result<PublicKey> {
        PublicKey::parse(&self.0)
    }

    /// The bytes behind the text: the salt of the older derivations.
    pub(crate) fn decoded(&self) -> Option<Vec<u8>> {
        encoding::decode(&self.0)
    }
}

impl fmt::Display for Eid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Eid {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl From<Eid> for String {
    fn from(eid: Eid) -> Self {
        eid.0
    }
}

/// In characters; a real one has 44.
const LONGEST: usize = 128;
