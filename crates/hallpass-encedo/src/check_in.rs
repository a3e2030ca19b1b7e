//! Setting a HEM's clock: from the device to its broker and back. We carry the letters.

use hallpass_credential::Result;
use jiff::Timestamp;
use serde::Deserialize;

use crate::{PublicKey, jws::Jws, speaker::Speaker, text::plain};

/// The device's letter: the answer to `GET /api/system/checkin`.
///
/// It tells the broker which device it is and what runs on it, under a key that we do not have. It
/// is handed on as it came: `POST {broker}/checkin`.
#[derive(Debug)]
pub struct Check {
    body: Vec<u8>,
    claims: CheckClaims,
}

impl Check {
    /// Reads the letter, as far as it can be read.
    ///
    /// # Errors
    /// [`ErrorKind::NotADevice`](crate::ErrorKind::NotADevice) for a web page,
    /// [`ErrorKind::NotUnderstood`](crate::ErrorKind::NotUnderstood) for all else that is none.
    pub fn read(body: &[u8]) -> Result<Self> {
        let what = "the check-in of the HEM";
        let said: CheckSaid = Speaker::Device.read(what, body)?;
        let claims: CheckClaims = Jws::parse(Speaker::Device, what, &said.check)?.claims(what)?;
        for key in [&claims.iss, &claims.aud] {
            PublicKey::parse(key)?;
        }
        Ok(Self { body: body.to_owned(), claims })
    }

    /// The body to hand on.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// The broker's letter, handed on as it came: `POST /api/system/checkin`.
///
/// The device alone can tell whether it is genuine. By it the vendor may also command it, where
/// `trusted_backend` is on.
#[derive(Debug)]
pub struct Checked {
    body: Vec<u8>,
    claims: CheckedClaims,
    told: Timestamp,
}

impl Checked {
    /// Reads the letter that answers `check`.
    ///
    /// # Errors
    /// [`ErrorKind::CloudUnreachable`](crate::ErrorKind::CloudUnreachable) for what is no answer to
    /// it, and for one that is longer than a device takes.
    pub fn read(body: &[u8], check: &Check) -> Result<Self> {
        let odd = |how: &str| Speaker::Broker.nonsense(format!("{CHECKED} {how}"));
        if body.len() > LONGEST_BODY {
            return Err(odd("is longer than a HEM takes"));
        }
        let said: CheckedSaid = Speaker::Broker.read(CHECKED, body)?;
        let jws = Jws::parse(Speaker::Broker, CHECKED, &said.checked)?;
        let claims: CheckedClaims = jws.claims(CHECKED)?;
        let is_answer = claims.jti == check.claims.jti
            && claims.iss == check.claims.aud
            && claims.aud == check.claims.iss;
        if !is_answer {
            return Err(odd("answers another one"));
        }
        let told = Timestamp::from_second(claims.iat).map_err(|_| odd("tells no time"))?;
        Ok(Self { body: body.to_owned(), claims, told })
    }

    /// The body to hand on.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The time that the device will be told.
    pub fn time(&self) -> Timestamp {
        self.told
    }

    /// What the device is commanded to do, where that can be read.
    pub fn order(&self) -> Option<Order> {
        self.claims.status.as_deref().and_then(Order::of)
    }

    /// A new certificate for the device. Firmware 1.2.2 takes it and never uses it; writing it into
    /// the configuration and rebooting helps (seen on 1.2.2).
    pub fn certificate(&self) -> Option<&str> {
        self.claims.newcrt.as_deref()
    }
}

/// What the device made of it: the answer to `POST /api/system/checkin`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckedIn {
    /// `OK`, or what else it says of itself.
    pub status: String,
    /// What became of a new certificate, `OK` or `ERROR`.
    pub certificate: Option<String>,
    /// What it was told of newer firmware.
    pub firmware: Option<String>,
    /// What it was told of a newer Manager.
    pub manager: Option<String>,
}

impl CheckedIn {
    /// Reads the answer.
    ///
    /// # Errors
    /// Those of [`Check::read`].
    pub fn read(body: &[u8]) -> Result<Self> {
        let said: CheckedInSaid = Speaker::Device.read("the end of the check-in", body)?;
        Ok(Self {
            status: plain(&said.status),
            certificate: said.newcrt.as_deref().map(plain),
            firmware: said.newfws.as_deref().map(plain),
            manager: said.newuis.as_deref().map(plain),
        })
    }

    /// What the device was commanded to do, if that is its status.
    pub fn order(&self) -> Option<Order> {
        Order::of(&self.status)
    }
}

/// What the vendor can command a device to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Order {
    /// Forget the user's key.
    Lock,
    /// Reboot.
    Reboot,
    /// Stop serving the web.
    Stop,
    /// Install firmware.
    Upgrade,
    /// Forget everything.
    Wipe,
}

impl Order {
    fn of(status: &str) -> Option<Self> {
        Some(match status {
            "L" => Self::Lock,
            "R" => Self::Reboot,
            "B" => Self::Stop,
            "U" => Self::Upgrade,
            "W" => Self::Wipe,
            _ => return None,
        })
    }
}

const CHECKED: &str = "the broker's answer to the check-in";

/// The longest body that a device takes, in bytes; a longer one costs the connection.
pub const LONGEST_BODY: usize = 7300;

#[derive(Deserialize)]
struct CheckSaid {
    check: String,
}

#[derive(Deserialize)]
struct CheckedSaid {
    checked: String,
}

#[derive(Deserialize)]
struct CheckedInSaid {
    status: String,
    newcrt: Option<String>,
    newfws: Option<String>,
    newuis: Option<String>,
}

/// Besides these it names the chip and what runs on it, by hash.
#[derive(Debug, Deserialize)]
struct CheckClaims {
    jti: String,
    iss: String,
    aud: String,
}

#[derive(Debug, Deserialize)]
struct CheckedClaims {
    jti: String,
    iss: String,
    aud: String,
    iat: i64,
    status: Option<String>,
    newcrt: Option<String>,
}
