//! What a person can do about a failure: one sentence, naming only what this program can do.

use std::error::Error as StdError;

use anyhow::Error;
use hallpass_credential::{
    self as credential, ErrorKind,
    store::{StoreError, StoreErrorKind},
};
use hallpass_store::DirectoryError;
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    output::OutputClosed,
    problem::{About, Problem},
};

/// What helps against `error`.
pub(crate) fn of(error: &Error) -> String {
    if let Some(problem) = error.downcast_ref::<Problem>() {
        return problem.own_hint().unwrap_or(USAGE).to_owned();
    }
    let device = error.downcast_ref::<About>().map_or(ANY_DEVICE, About::device);
    error.chain().find_map(|link| of_link(link, device)).unwrap_or_else(|| LOOK_CLOSER.to_owned())
}

/// What helps against a failure of this kind with `device`, which is what the person calls it.
pub(crate) fn of_kind(kind: ErrorKind, device: &str) -> String {
    match kind {
        ErrorKind::Blocked => format!(
            "log in at {ENLIGHTEN} in a browser and see what the account needs, then run `hallpass login {device}`"
        ),
        ErrorKind::CloudUnreachable => format!(
            "check this machine's way to the internet; with a token from {ENTREZ} `hallpass login {device} --token-stdin` does without the cloud"
        ),
        ErrorKind::Forbidden => {
            "it takes a token of another role, such as installer; logging in again does not help"
                .to_owned()
        }
        ErrorKind::Held => {
            "wait a little: all of hallpass together asks a device only as often as it bears"
                .to_owned()
        }
        ErrorKind::IdentityChanged => format!(
            "nothing secret was sent to it; if the device was replaced or got a new certificate, look with `hallpass trust show {device}` and then run `hallpass trust accept {device}`"
        ),
        ErrorKind::Invalid => USAGE.to_owned(),
        ErrorKind::NeedsLogin => format!("run `hallpass login {device}`"),
        ErrorKind::NotADevice => {
            "check the address: an Enphase gateway shows its serial number at /info".to_owned()
        }
        ErrorKind::NotUnderstood => {
            "this may be firmware that hallpass does not know; run it again with -vv to see more"
                .to_owned()
        }
        ErrorKind::OneTimeCode => format!(
            "run `hallpass login {device}` at a terminal, where it asks for the code; or copy a token from {ENTREZ} in your browser and run `hallpass login {device} --token-stdin`"
        ),
        ErrorKind::Rejected => format!(
            "check the user name and the password (those of the cloud can be tried in a browser at {ENLIGHTEN}), then run `hallpass login {device}`"
        ),
        ErrorKind::Store(kind) => of_store(kind).to_owned(),
        ErrorKind::Unreachable => {
            "check that the device has power and is on this network, and that the address is right"
                .to_owned()
        }
        ErrorKind::Untrusted => format!(
            "say who vouches for it: `hallpass login {device} --pin sha256:HEX`, or `--trust-new`"
        ),
        _ => LOOK_CLOSER.to_owned(),
    }
}

/// A moment as the person's own clocks show it.
pub(crate) fn local(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn of_link(link: &(dyn StdError + 'static), device: &str) -> Option<String> {
    if let Some(error) = link.downcast_ref::<credential::Error>() {
        Some(of_credential(error, device))
    } else if let Some(error) = link.downcast_ref::<DirectoryError>() {
        of_directory(error)
    } else if let Some(error) = link.downcast_ref::<StoreError>() {
        Some(of_store(error.kind()).to_owned())
    } else {
        let full = "see whether the disk is full, or who reads the output";
        link.is::<OutputClosed>().then(|| full.to_owned())
    }
}

/// What helps against `error`, which is about `device`.
pub(crate) fn of_credential(error: &credential::Error, device: &str) -> String {
    let hint = of_kind(error.kind(), device);
    match error.retry_at() {
        Some(moment) => format!("try again from {} on; {hint}", local(moment)),
        None => hint,
    }
}

fn of_directory(error: &DirectoryError) -> Option<String> {
    match error {
        DirectoryError::NotEnrolled { .. } => {
            Some("`hallpass status` lists all devices".to_owned())
        }
        DirectoryError::NameTaken { .. } => {
            Some("choose another name with --name; `hallpass status` lists those in use".to_owned())
        }
        DirectoryError::Ambiguous { serial_numbers: [one, _], .. } => {
            Some(format!("use the serial number, as in `hallpass status {one}`"))
        }
        DirectoryError::OtherPin { name } => {
            Some(of_kind(ErrorKind::IdentityChanged, name.as_str()))
        }
        _ => None,
    }
}

fn of_store(kind: StoreErrorKind) -> &'static str {
    match kind {
        StoreErrorKind::Busy => "another process uses the state directory; try again in a moment",
        StoreErrorKind::Corrupt => {
            "it was left as it is: restore the state directory from a backup, or run `hallpass doctor --repair` and log in again"
        }
        StoreErrorKind::Newer => {
            "use the newer hallpass that wrote it, or another directory with --state-dir"
        }
        StoreErrorKind::NotWritable => {
            "see whether the disk of the state directory is full, failing or read-only, and whether the directory is this user's alone (mode 0700); or choose another with --state-dir"
        }
        StoreErrorKind::Sealed => {
            "point HALLPASS_KEY_FILE at the key that sealed it, unset it where hallpass has made that key, or choose another directory with --state-dir"
        }
        StoreErrorKind::NoKey => {
            "put the key file back, or point HALLPASS_KEY_FILE at it where `hallpass state rekey` has moved it; or else move the state directory away and run `hallpass state import`, or log in again"
        }
        _ => LOOK_CLOSER,
    }
}

/// Stands for the device where none is known.
const ANY_DEVICE: &str = "DEVICE";
pub(crate) const USAGE: &str =
    "`hallpass --help` lists the commands, `hallpass COMMAND --help` explains one";
const LOOK_CLOSER: &str = "run it again with -vv to see more";
const ENLIGHTEN: &str = "https://enlighten.enphaseenergy.com";
/// Where a person obtains a token in a browser.
pub(crate) const ENTREZ: &str = "https://entrez.enphaseenergy.com";

#[cfg(test)]
mod tests;
