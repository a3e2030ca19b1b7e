//! What could not be read, and why.

use std::fmt;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::Endpoint;

/// An endpoint that did not give what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Complaint {
    /// Which; as text its path.
    pub endpoint: Endpoint,
    /// What is wrong; as text one clause.
    pub problem: Problem,
}

/// An endpoint whose readings are those of an earlier poll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stale {
    /// Which; as text its path.
    pub endpoint: Endpoint,
    /// When its readings were taken.
    pub since: Timestamp,
}

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The gateway says that it has no such thing: 404, an error object, nothing at all.
    Absent,
    /// 401 or 403: not for the role that asked.
    Refused(u16),
    /// Any other status outside 2xx.
    Status(u16),
    /// No answer; the clause says why.
    Unanswered(String),
    /// An HTML page where JSON belongs.
    Html,
    /// JSON that breaks off.
    Truncated,
    /// No JSON, or nested too deep; the clause says where.
    Malformed(String),
    /// JSON that holds nothing of what was asked for.
    Unfamiliar,
    /// A part that is missing, or no number: `what` cannot be read without `key`.
    Missing {
        /// The meter, inverter or sum.
        what: String,
        /// The JSON key.
        key: &'static str,
    },
    /// All counters are zero on firmware that answers so for minutes after its start.
    AllZero,
    /// None of the endpoints that tell the production does.
    NoProduction,
    /// The sum of the storage CT repeats one phase (firmware 8.3.6000 and later).
    StorageRepeatsPhase,
    /// The list of devices has reached the gateway's limit and may be cut off.
    CutOff,
}

impl Problem {
    /// Whether it is how this gateway is, rather than a sign that it is in trouble or was started
    /// anew.
    pub(crate) fn is_lasting(&self) -> bool {
        matches!(
            self,
            Self::Refused(_)
                | Self::Unfamiliar
                | Self::Missing { .. }
                | Self::NoProduction
                | Self::StorageRepeatsPhase
                | Self::CutOff
        )
    }

    /// Whether the gateway merely does not have it.
    pub(crate) fn is_absence(&self) -> bool {
        *self == Self::Absent
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => write!(f, "is not there"),
            Self::Refused(status) => write!(f, "refused with status {status}"),
            Self::Status(status) => write!(f, "answered with status {status}"),
            Self::Unanswered(why) => f.write_str(why),
            Self::Html => write!(f, "answered with an HTML page"),
            Self::Truncated => write!(f, "the answer breaks off"),
            Self::Malformed(why) => write!(f, "the answer is no readable JSON: {why}"),
            Self::Unfamiliar => write!(f, "the answer holds nothing known"),
            Self::Missing { what, key } => write!(f, "{what} has no usable {key}"),
            Self::AllZero => write!(f, "all counters are zero, as after a start of the gateway"),
            Self::NoProduction => write!(f, "no endpoint tells the production"),
            Self::StorageRepeatsPhase => {
                write!(f, "the sum of the storage meter repeats one phase")
            }
            Self::CutOff => write!(f, "the list of devices may be cut off"),
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
