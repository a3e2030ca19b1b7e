//! A line of a log.

use std::str;

use jiff::Timestamp;

use crate::{encoding, log::key::LineKey, text::plain};

/// Something that was done with a device, or happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its number in the file, from 0.
    pub number: u64,
    /// When it was, by the device's clock.
    pub at: Timestamp,
    /// What it was.
    pub event: Event,
    /// How it went: 0 for well.
    pub result: u64,
    /// Who did it (`U`, `M`), or the key of a file that begins.
    pub source: String,
    /// What else there is to say, by event.
    pub detail: String,
}

/// What happened. The numbers are those of the vendor's documents, which write them in decimal; a
/// log has them in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// A file begins; or, with another result, something about its key.
    Key,
    /// The device was switched on.
    Startup,
    /// It reboots.
    Reboot,
    /// It shuts down, or was locked.
    Shutdown,
    /// A self-test went well.
    SelfTest,
    /// The logs were listed.
    LogsListed,
    /// A log was read.
    LogRead,
    /// A token was used for what it is not for.
    ScopeRefused,
    /// Somebody logged in with a passphrase.
    Login,
    /// Somebody logged in by a phone.
    PhoneLogin,
    /// A phone was paired.
    Paired,
    /// The configuration was read or changed.
    Configuration,
    /// The clock was set.
    ClockSet,
    /// Something was done about keys: 20 to 26.
    Keys(u8),
    /// The device was set up.
    Initialised,
    /// Keys were used: 30 to 42.
    Crypto(u8),
    /// An event that is in no document.
    Other(u8),
}

impl From<u8> for Event {
    fn from(number: u8) -> Self {
        match number {
            0 => Self::Key,
            1 => Self::Startup,
            2 => Self::Reboot,
            3 => Self::Shutdown,
            7 => Self::SelfTest,
            9 => Self::LogsListed,
            11 => Self::LogRead,
            12 => Self::ScopeRefused,
            13 => Self::Login,
            14 => Self::PhoneLogin,
            15 => Self::Paired,
            18 => Self::Configuration,
            19 => Self::ClockSet,
            20..=26 => Self::Keys(number),
            29 => Self::Initialised,
            30..=42 => Self::Crypto(number),
            _ => Self::Other(number),
        }
    }
}

/// An entry and what vouches for it.
pub(super) struct Line<'a> {
    pub(super) entry: Entry,
    signed: &'a [u8],
    mac: Vec<u8>,
}

impl<'a> Line<'a> {
    /// Reads `number|time|event|result|source|detail|mac`, all numbers in hexadecimal.
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        let fields: Vec<&str> = str::from_utf8(text).ok()?.split('|').collect();
        let [number, at, event, result, source, detail, mac] = fields[..] else { return None };
        let hexadecimal = |field| u64::from_str_radix(field, 16).ok();
        let seconds = i64::try_from(hexadecimal(at)?).ok()?;
        let entry = Entry {
            number: hexadecimal(number)?,
            at: Timestamp::from_second(seconds).ok()?,
            event: u8::try_from(hexadecimal(event)?).ok()?.into(),
            result: hexadecimal(result)?,
            source: plain(source),
            detail: plain(detail),
        };
        let signed = &text[..text.len() - mac.len()];
        Some(Self { entry, signed, mac: encoding::decode_url(mac)? })
    }

    pub(super) fn is_signed_with(&self, key: &LineKey) -> bool {
        key.has_signed(self.signed, &self.mac)
    }
}
