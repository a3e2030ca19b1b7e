//! Whether a device is the one that it should be, and who vouches for one that is new.

use anyhow::Result;
use hallpass_credential::{Error, ErrorKind};
use hallpass_enphase::Sighting;
use hallpass_store::{Device, Pin};
use hallpass_transport::KeyPin;

use crate::{args::With, exit::Exit, problem::Problem};

/// What a device shows of itself, or has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) serial_number: String,
    /// None where there is no TLS, which is before firmware 7.
    pub(crate) key: Option<KeyPin>,
}

impl Shown {
    /// What to know it by from now on.
    pub(crate) fn pin(&self) -> Pin {
        match self.key {
            Some(key) => Pin::PublicKey { sha256: hex(key) },
            None => Pin::SerialNumber,
        }
    }

    /// The same for a person.
    pub(crate) fn words(&self) -> String {
        match self.key {
            Some(key) => key.to_string(),
            None => format!("serial number {} alone, without a certificate", self.serial_number),
        }
    }
}

impl From<&Sighting> for Shown {
    fn from(sighting: &Sighting) -> Self {
        Self { serial_number: sighting.info.serial_number.clone(), key: sighting.key }
    }
}

impl From<&Device> for Shown {
    fn from(device: &Device) -> Self {
        Self { serial_number: device.serial_number().to_owned(), key: key(&device.pin) }
    }
}

/// The key of a pin, where it is one of a key.
pub(crate) fn key(pin: &Pin) -> Option<KeyPin> {
    match pin {
        Pin::PublicKey { sha256 } => format!("sha256:{sha256}").parse().ok(),
        _ => None,
    }
}

/// What a person typed to vouch for a device.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Vouching {
    pub(crate) pin: Option<KeyPin>,
    pub(crate) trust_new: bool,
}

impl From<&With> for Vouching {
    fn from(with: &With) -> Self {
        Self { pin: with.pin, trust_new: with.trust_new }
    }
}

/// What follows from what a device shows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Trusted,
    /// It is new, and nothing that was typed vouches for it.
    AskPerson,
}

/// Compares what a device shows with what is `known` of it and with what was typed.
///
/// # Errors
/// [`ErrorKind::IdentityChanged`]; a usage [`Problem`] for `--pin` without a certificate.
pub(crate) fn judge(shown: &Shown, known: Option<&Pin>, vouching: Vouching) -> Result<Verdict> {
    // A serial number alone vouches for no key.
    let known = known.filter(|known| key(known).is_some() || shown.key.is_none());
    if let Some(known) = known.filter(|known| **known != shown.pin()) {
        return Err(changed(shown, known).into());
    }
    match (vouching.pin, shown.key) {
        (Some(_), None) => {
            let text = "--pin: the gateway speaks plain http and has no key to compare";
            let hint = "leave --pin out; --trust-new takes its serial number for its identity";
            Err(Problem::usage(text).hint(hint).into())
        }
        (Some(typed), Some(key)) if typed != key => {
            let text = format!("the gateway has another key than --pin says: {key}");
            Err(Error::new(ErrorKind::IdentityChanged, text).into())
        }
        (Some(_), Some(_)) => Ok(Verdict::Trusted),
        (None, _) if known.is_some() || vouching.trust_new => Ok(Verdict::Trusted),
        (None, _) => Ok(Verdict::AskPerson),
    }
}

/// Nobody vouches for a device and nobody can be asked.
pub(crate) fn untrusted(shown: &Shown, address: &str) -> Problem {
    let known_by = shown.words();
    let text = format!(
        "nobody vouches for the gateway {} at {address}: it is known by its {}",
        shown.serial_number,
        if shown.key.is_some() { format!("key {known_by}") } else { known_by.clone() }
    );
    let hint = match shown.key {
        Some(key) => format!(
            "if that is the right key, run it again with `--pin {key}`; `--trust-new` trusts whoever answers"
        ),
        None => "if that is the right one, run it again with `--trust-new`".to_owned(),
    };
    Problem::new(Exit::Failed, text).hint(hint)
}

fn changed(shown: &Shown, known: &Pin) -> Error {
    let text = match (key(known), shown.key) {
        (Some(_), Some(key)) => format!("the gateway that answers has another key: {key}"),
        (Some(_), None) => "only plain http answers, where a certificate is known".to_owned(),
        (None, _) => format!("the gateway that answers is {}", shown.serial_number),
    };
    Error::new(ErrorKind::IdentityChanged, text)
}

fn hex(key: KeyPin) -> String {
    let text = key.to_string();
    text.strip_prefix("sha256:").unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests;
