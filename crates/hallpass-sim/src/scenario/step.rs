//! What happens in a scenario, and when.

use std::{fmt, time::Duration};

use jiff::SignedDuration;
use serde_json::Value;

use super::{Expectation, moment};

/// Something that happens at a time.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// When, after the beginning.
    pub at: Duration,
    /// The number of its line.
    pub line: usize,
    /// What.
    pub action: Action,
}

/// What happens.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// A fault is put on.
    Fault {
        /// By name or code.
        name: String,
        /// An object.
        arguments: Value,
    },
    /// A fault is taken off.
    Clear {
        /// By name or code.
        name: String,
    },
    /// Something happens to the gateways.
    Event {
        /// By name.
        name: String,
        /// An object.
        arguments: Value,
    },
    /// Something that only the client's side can do.
    Client(ClientStep),
    /// Something must have come of it.
    Expect(Expectation),
    /// What has been counted is remembered, for expectations `since` now.
    Mark,
}

/// What only the client's side can do: the program, its machine, or the person in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientStep {
    /// The person logs in with the account's password.
    LogsIn,
    /// The person logs in with a password that is not the account's.
    LogsInWrongly,
    /// The person logs in with a token from elsewhere, good for a year, and gives no password.
    PastesToken,
    /// The account is known from another gateway of it.
    KnowsAccount,
    /// The watch begins.
    Starts,
    /// The watch ends.
    Stops,
    /// The watch is killed and begins again at once.
    Restarts,
    /// The machine is suspended for so long.
    Sleeps(Duration),
    /// The machine's clock is set by so much.
    ClockSteps(SignedDuration),
    /// The person accepts the key that the gateway shows.
    AcceptsKey,
    /// Another process of the client reads, once.
    ReadsOnce,
    /// Nothing can be written to the machine's disk any more.
    DiskFull,
    /// The disk can be written to again.
    DiskHasRoom,
}

impl ClientStep {
    /// Those that take no argument, by the words for them.
    pub(super) const PHRASES: [(&str, Self); 11] = [
        ("logs in", Self::LogsIn),
        ("logs in with a wrong password", Self::LogsInWrongly),
        ("pastes a token", Self::PastesToken),
        ("knows the account", Self::KnowsAccount),
        ("starts", Self::Starts),
        ("stops", Self::Stops),
        ("restarts", Self::Restarts),
        ("accepts the new key", Self::AcceptsKey),
        ("reads once", Self::ReadsOnce),
        ("disk is full", Self::DiskFull),
        ("disk has room", Self::DiskHasRoom),
    ];
    pub(super) const SLEEPS: &str = "sleeps";
    pub(super) const CLOCK_STEPS: &str = "clock steps by";
}

impl fmt::Display for ClientStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sleeps(length) => write!(f, "{} {}", Self::SLEEPS, moment::display(*length)),
            Self::ClockSteps(by) => {
                let sign = if by.is_negative() { '-' } else { '+' };
                write!(f, "{} {sign}{}", Self::CLOCK_STEPS, moment::display(by.unsigned_abs()))
            }
            plain => {
                let phrase = Self::PHRASES.iter().find(|(_, step)| step == plain);
                f.write_str(phrase.map_or("", |(words, _)| words))
            }
        }
    }
}

impl fmt::Display for Step {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {} {}", moment::display(self.at), self.action)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault { name, arguments } => write!(f, "fault {name}{}", Arguments(arguments)),
            Self::Clear { name } => write!(f, "clear {name}"),
            Self::Event { name, arguments } => write!(f, "event {name}{}", Arguments(arguments)),
            Self::Client(step) => write!(f, "client {step}"),
            Self::Expect(expectation) => write!(f, "expect {expectation}"),
            Self::Mark => f.write_str("counting begins"),
        }
    }
}

struct Arguments<'a>(&'a Value);

impl fmt::Display for Arguments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.0.as_object().into_iter().flatten() {
            match value {
                Value::String(text) => write!(f, " {name}={text}")?,
                other => write!(f, " {name}={other}")?,
            }
        }
        Ok(())
    }
}
