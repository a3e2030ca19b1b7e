//! The number of a key in a HEM.

use std::fmt;

use hallpass_credential::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

/// The id of a key (`kid`): 16 bytes, written as 32 lowercase hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId([u8; LENGTH]);

impl KeyId {
    /// Reads 32 hexadecimal digits of either case.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).ok().filter(|_| digits);
        match number {
            Some(number) if text.len() == 2 * LENGTH => Ok(Self(number.to_be_bytes())),
            _ => Err(Error::new(ErrorKind::Invalid, "a key's id has 32 hexadecimal digits")),
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl From<[u8; LENGTH]> for KeyId {
    fn from(bytes: [u8; LENGTH]) -> Self {
        Self(bytes)
    }
}

impl TryFrom<String> for KeyId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.to_string()
    }
}

const LENGTH: usize = 16;
