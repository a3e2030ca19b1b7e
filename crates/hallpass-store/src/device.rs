//! What is kept of an enrolled device.

use std::fmt;

use hallpass_credential::store::{Record, Space};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use name::{Name, NameError};

mod name;

/// An enrolled device: who it is, where it is, and what was last heard of it.
///
/// Its secrets are records of their own ([`Space::Credential`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Device {
    pub(crate) name: Name,
    serial_number: String,
    /// What family it belongs to.
    pub kind: Kind,
    /// `HOST[:PORT]`, as the person gave it.
    pub address: String,
    /// What proves its identity.
    pub pin: Pin,
    /// The part number that it last reported.
    pub part_number: Option<String>,
    /// The firmware that it last reported.
    pub firmware: Option<String>,
    /// Whether it has current transformers that measure production or consumption.
    pub is_metered: Option<bool>,
    /// Whether a person has said, when it had no key, to trust whoever answers: then its first key, too.
    #[serde(default)]
    pub trusts_first_key: bool,
    /// Who logs in: the user name at the cloud, or that of a digest login.
    pub account: Option<String>,
    /// Set while nothing is sent to it, since its identity changed.
    pub suspension: Option<Suspension>,
    /// The last thing that went wrong.
    pub last_error: Option<LastError>,
    /// When it last answered as itself.
    pub last_seen: Option<Timestamp>,
    /// When it was first enrolled.
    pub enrolled_at: Timestamp,
}

impl Device {
    /// A device as it is enrolled, of which nothing has been heard yet.
    ///
    /// `serial_number` is opaque text (the eid of a HEM), `address` is `HOST[:PORT]`.
    pub fn new(
        name: Name,
        kind: Kind,
        serial_number: impl Into<String>,
        address: impl Into<String>,
        pin: Pin,
        enrolled_at: Timestamp,
    ) -> Self {
        Self {
            name,
            serial_number: serial_number.into(),
            kind,
            address: address.into(),
            pin,
            part_number: None,
            firmware: None,
            is_metered: None,
            trusts_first_key: false,
            account: None,
            suspension: None,
            last_error: None,
            last_seen: None,
            enrolled_at,
        }
    }

    /// What the person calls it; changed by [`Directory::rename`](crate::Directory::rename).
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Its serial number, or the eid of a HEM: opaque text, and the name of its record.
    pub fn serial_number(&self) -> &str {
        &self.serial_number
    }
}

impl Record for Device {
    const SPACE: Space = Space::Device;
    const SCHEMA: u32 = 1;
}

/// The families of devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// The Enphase IQ Gateway.
    Enphase,
    /// The Encedo HEM.
    Encedo,
}

impl Kind {
    /// The word for it on the command line and in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enphase => "enphase",
            Self::Encedo => "encedo",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a device must present again to be taken for itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Pin {
    /// The public key of its certificate.
    PublicKey {
        /// SHA-256 of the key's SPKI, 64 lower-case hexadecimal digits.
        sha256: String,
    },
    /// Its serial number alone: all that a gateway below firmware 7 has.
    SerialNumber,
}

/// Why nothing is sent to a device until a person looked at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// When its identity was first found changed.
    pub since: Timestamp,
    /// What changed, one clause.
    pub reason: String,
    /// What it presented instead: a fingerprint or a serial number.
    pub presented: Option<String>,
}

/// The last thing that went wrong with a device, without a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastError {
    /// When.
    pub at: Timestamp,
    /// What, one clause.
    pub problem: String,
    /// What the person can do.
    pub hint: String,
}

#[cfg(test)]
mod tests;
