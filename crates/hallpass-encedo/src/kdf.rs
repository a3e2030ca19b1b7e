//! From a passphrase to the key that logs in.

use std::{fmt, str::FromStr};

use argon2::{Algorithm, Argon2, Params, Version};
use hallpass_credential::{Error, ErrorKind, Result, Secret};
use pbkdf2::pbkdf2_hmac;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Eid, PrivateKey, Words};

/// How a passphrase becomes a private key.
///
/// A device stores public keys only, so what counts is what the program did that enrolled the
/// person. Passphrases are taken as UTF-8, as they were typed: nothing is trimmed or normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kdf {
    /// PBKDF2-HMAC-SHA256 with [`ROUNDS`], salted with the text of the [`Eid`]: the vendor's
    /// Manager of today, all its SDKs and all other clients; masters by passphrase, too.
    Pbkdf2,
    /// Argon2d, version 0x13, ten passes over 8 MiB, salted with the decoded eid: the vendor's
    /// Manager of 2021 (`encedo.js`, by the defaults of `argon2-browser`).
    Argon2d,
    /// PBKDF2-HMAC-SHA256 with 2048 rounds, salted with the decoded eid: the vendor's test suite
    /// from August 2022 to October 2025.
    #[serde(rename = "pbkdf2-2022")]
    Pbkdf2Of2022,
    /// The passphrase is 24 words of a master, see [`Words`]. It has no salt.
    Mnemonic,
}

impl Kdf {
    /// Every derivation there is.
    pub const ALL: [Self; 4] = [Self::Pbkdf2, Self::Argon2d, Self::Pbkdf2Of2022, Self::Mnemonic];

    /// The order in which derivations are tried where none is known to be right. An order and no
    /// loop: each wrong one is a failed login, see [`Throttle`](crate::Throttle).
    pub const AUTO: [Self; 3] = [Self::Pbkdf2, Self::Argon2d, Self::Pbkdf2Of2022];

    /// Derives the key. [`Pbkdf2`](Self::Pbkdf2) takes about a tenth of a second of one core,
    /// [`Argon2d`](Self::Argon2d) as much and 8 MiB.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] where the eid is no base64 and an older derivation is salted with
    /// what is in it, or the words are none.
    pub fn derive(self, passphrase: &Secret, eid: &Eid) -> Result<PrivateKey> {
        match self {
            Self::Pbkdf2 => Ok(pbkdf2(passphrase, eid.as_str().as_bytes(), ROUNDS)),
            Self::Argon2d => argon2d(passphrase, &decoded(eid)?),
            Self::Pbkdf2Of2022 => Ok(pbkdf2(passphrase, &decoded(eid)?, ROUNDS_OF_2022)),
            Self::Mnemonic => Ok(Words::parse(passphrase)?.key()),
        }
    }

    /// What it is called on the command line and in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pbkdf2 => "pbkdf2",
            Self::Argon2d => "argon2d",
            Self::Pbkdf2Of2022 => "pbkdf2-2022",
            Self::Mnemonic => "mnemonic",
        }
    }
}

impl fmt::Display for Kdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kdf {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let known = Self::ALL.into_iter().find(|kdf| kdf.name() == name);
        known.ok_or_else(|| Error::new(ErrorKind::Invalid, "there is no such derivation"))
    }
}

fn pbkdf2(passphrase: &Secret, salt: &[u8], rounds: u32) -> PrivateKey {
    let mut key = Zeroizing::new([0; 32]);
    pbkdf2_hmac::<Sha256>(passphrase.expose().as_bytes(), salt, rounds, &mut *key);
    PrivateKey::from_bytes(&key)
}

fn argon2d(passphrase: &Secret, salt: &[u8]) -> Result<PrivateKey> {
    let mut key = Zeroizing::new([0; 32]);
    Params::new(ARGON2_KIBIBYTES, ARGON2_PASSES, ARGON2_LANES, Some(32))
        .map(|params| Argon2::new(Algorithm::Argon2d, Version::V0x13, params))
        .and_then(|argon2| {
            argon2.hash_password_into(passphrase.expose().as_bytes(), salt, &mut *key)
        })
        .map_err(|_| Error::new(ErrorKind::Invalid, "this eid is no salt for argon2d"))?;
    Ok(PrivateKey::from_bytes(&key))
}

fn decoded(eid: &Eid) -> Result<Vec<u8>> {
    let context = "the eid is no base64, so no older derivation can be salted with it";
    eid.decoded().ok_or_else(|| Error::new(ErrorKind::Invalid, context))
}

/// Never the device's choice: fewer would make what it gets easier to guess from.
pub const ROUNDS: u32 = 600_000;

const ROUNDS_OF_2022: u32 = 2048;

const ARGON2_KIBIBYTES: u32 = 8192;
const ARGON2_PASSES: u32 = 10;
const ARGON2_LANES: u32 = 1;
