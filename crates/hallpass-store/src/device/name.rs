//! What a person calls a device.

use std::{error, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

const MAX_CHARS: usize = 64;

/// The name of a device: 1 to 64 characters, none of them a control character, the first no `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// The text of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        text.to_owned().try_into()
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        match text {
            _ if text.is_empty() => Err(NameError::Empty),
            _ if text.chars().count() > MAX_CHARS => Err(NameError::TooLong),
            _ if text.contains(char::is_control) => Err(NameError::ControlCharacter),
            _ if text.starts_with('-') => Err(NameError::LeadingDash),
            _ => Ok(Self(text)),
        }
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// It is empty.
    Empty,
    /// It has more than 64 characters.
    TooLong,
    /// It would garble a terminal or a log.
    ControlCharacter,
    /// It would be taken for an option.
    LeadingDash,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a device's name is empty"),
            Self::TooLong => write!(f, "a device's name has more than {MAX_CHARS} characters"),
            Self::ControlCharacter => f.write_str("a device's name has a control character"),
            Self::LeadingDash => f.write_str("a device's name starts with a dash"),
        }
    }
}

impl error::Error for NameError {}
