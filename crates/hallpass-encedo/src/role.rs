//! As whom a token speaks.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{KeyId, encoding, text::plain};

/// As whom a token speaks, read from its `sub`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// The user: may do everything.
    User,
    /// The master: configuration, self-test, log, reboot; no keys and no phones.
    Master,
    /// A paired phone, by the id of its key: like the user, but neither pairs nor configures.
    Phone(KeyId),
    /// A role that we do not know, as it is called.
    Other(String),
}

impl Role {
    /// Reads a `sub`: `U`, `M`, or the base64 of a key's id.
    pub(crate) fn of_subject(text: &str) -> Self {
        match text {
            "U" => Self::User,
            "M" => Self::Master,
            other => match encoding::decode_array::<16>(other) {
                Some(id) => Self::Phone(id.into()),
                None => Self::Other(plain(other)),
            },
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User => f.write_str("user"),
            Self::Master => f.write_str("master"),
            Self::Phone(id) => write!(f, "phone {id}"),
            Self::Other(name) => f.write_str(name),
        }
    }
}
