//! A time in which nothing can be read, and what is told of it.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Error as AnyError;
use hallpass_credential::{Error, ErrorKind, later, store::StoreErrorKind};
use jiff::Timestamp;

use super::pace::is_near;
use crate::exit::Exit;

/// An outage is told when it begins, and again only when something else helps than was told
/// before: whatever a gateway does in the night, it fills no log.
#[derive(Debug)]
pub(super) struct Outage {
    since: Timestamp,
    told: BTreeSet<Helps>,
}

/// What helps against a failed poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Helps {
    Waiting,
    /// A person, in the way that this exit code stands for.
    Person(Exit),
}

impl Outage {
    pub(super) fn beginning(since: Timestamp) -> Self {
        Self { since, told: BTreeSet::new() }
    }

    /// Whether this is to be told; it counts as told then.
    pub(super) fn is_news(&mut self, helps: Helps) -> bool {
        self.told.insert(helps)
    }

    pub(super) fn lasted(&self, now: Timestamp) -> Duration {
        Duration::try_from(self.since.duration_until(now)).unwrap_or_default()
    }
}

/// What helps against `error`: a failure that names a near time is being worked on, and a device or
/// a store that does not answer will answer again.
pub(super) fn helps(error: &AnyError, now: Timestamp) -> Helps {
    match Exit::of(error) {
        _ if retry_at(error).is_some_and(|retry_at| is_near(retry_at, now)) => Helps::Waiting,
        Exit::Failed if is_unwritable(error) => Helps::Person(Exit::Failed),
        Exit::Failed | Exit::DeviceUnreachable => Helps::Waiting,
        Exit::NeedsLogin if is_settling(error, now) => Helps::Waiting,
        exit => Helps::Person(exit),
    }
}

/// Whether a refusal is not believed yet, as after an outage (B5).
fn is_settling(error: &AnyError, now: Timestamp) -> bool {
    let error = error.downcast_ref::<Error>().filter(|error| error.kind() == ErrorKind::NeedsLogin);
    let until = error.and_then(Error::retry_at);
    until.is_some_and(|until| now < until && until <= later(now, SETTLING))
}

/// Whether the disk is full or may not be written, for which somebody must make room (S3).
fn is_unwritable(error: &AnyError) -> bool {
    let kind = error.downcast_ref().map(Error::kind);
    kind == Some(ErrorKind::Store(StoreErrorKind::NotWritable))
}

/// From when on it may be worth trying again, where `error` tells.
pub(super) fn retry_at(error: &AnyError) -> Option<Timestamp> {
    error.downcast_ref().and_then(Error::retry_at)
}

/// The longest that a refusal is not believed after an outage, and a little more.
const SETTLING: Duration = Duration::from_secs(6 * 60);

#[cfg(test)]
mod tests;
