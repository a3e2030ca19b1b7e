//! What a token is for.

use std::fmt;

use hallpass_credential::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use crate::{KeyId, text::is_visible};

/// What a token of a HEM is for, such as `keymgmt:list`. A token has exactly one.
///
/// A device grants any text at login and looks at it only when the token is used.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(String);

impl Scope {
    /// Reads a scope.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for an empty one, one of more than 127 characters (the device would
    /// answer 400) and anything but visible ASCII.
    pub fn parse(text: &str) -> Result<Self> {
        if !is_visible(text, LONGEST) {
            let context = format!("a scope has 1 to {LONGEST} visible characters");
            return Err(Error::new(ErrorKind::Invalid, context));
        }
        Ok(Self(text.to_owned()))
    }

    /// To use one key: sign, encrypt, agree.
    pub fn using(key: &KeyId) -> Self {
        Self(format!("{USE}{key}"))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a token of this scope is enough where `wanted` is asked for: it must begin with it,
    /// and to use a key be exactly it.
    pub fn reaches(&self, wanted: &Self) -> bool {
        if wanted.0.starts_with(USE) { self == wanted } else { self.0.starts_with(&wanted.0) }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Scope {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.0
    }
}

const USE: &str = "keymgmt:use:";

/// In characters.
const LONGEST: usize = 127;
