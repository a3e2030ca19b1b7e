//! Events: what happens to gateways once, at a moment.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{addresses::Successor, arguments, fault::FaultError, span::Span};

/// What can happen. Each takes a `gateway` (a serial number) and otherwise happens to all of them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Event {
    /// Away, then 503, then there again without sessions.
    Reboot {
        #[serde(default = "minute")]
        down: Span,
        #[serde(default = "three_minutes")]
        starting: Span,
    },
    /// The firmware becomes another version (the next build unless given); tokens issued so far may die with it.
    Update {
        version: Option<String>,
        #[serde(default = "minute")]
        down: Span,
        #[serde(default)]
        revoke: bool,
        /// Paths that are no more, with commas between them.
        #[serde(default)]
        gone: String,
        /// Whether `/ivp/pdm/device_data` is there from then on.
        #[serde(default)]
        new: bool,
    },
    /// All sessions end.
    ExpireSession {},
    /// All tokens issued so far are refused from now on, and sessions end.
    ExpireToken {},
    /// A new key; whoever shows a credential to it before `trust-certificate` has leaked it.
    RotateCertificate {},
    /// The person has accepted the new certificate.
    TrustCertificate {},
    /// Open connections end.
    CutConnections {},
    /// To another address; what goes to the old one gets lost, or reaches an impostor. Open connections fall silent.
    DhcpMove {
        #[serde(default)]
        successor: Successor,
    },
    /// All gateways change places, each with the next one. Open connections fall silent.
    SwapAddresses {},
}

/// Their names, for messages.
const NAMES: &[&str] = &[
    "reboot",
    "update",
    "expire-session",
    "expire-token",
    "rotate-certificate",
    "trust-certificate",
    "cut-connections",
    "dhcp-move",
    "swap-addresses",
];

impl Event {
    /// The event of this name, and the serial number of the gateway that it is for.
    pub(crate) fn parse(
        name: &str,
        arguments: &Value,
    ) -> Result<(Self, Option<String>), FaultError> {
        if !NAMES.contains(&name) {
            let nearest = nearest(name, NAMES.iter().copied());
            return Err(FaultError::Unknown { kind: "event", name: name.to_owned(), nearest });
        }
        let mut arguments = arguments::object(name, arguments)?;
        let gateway = arguments.remove("gateway").map(|gateway| match gateway {
            Value::String(serial) => serial,
            other => other.to_string(),
        });
        let wrong = |problem: serde_json::Error| FaultError::Arguments {
            name: name.to_owned(),
            problem: problem.to_string(),
        };
        Ok((serde_json::from_value(json!({ name: arguments })).map_err(wrong)?, gateway))
    }
}

/// The three names most like this one.
pub(crate) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.sort_by(|one, two| {
        strsim::jaro_winkler(two, name).total_cmp(&strsim::jaro_winkler(one, name))
    });
    names.truncate(3);
    names.join(", ")
}

fn minute() -> Span {
    Span(std::time::Duration::from_secs(60))
}

fn three_minutes() -> Span {
    Span(std::time::Duration::from_secs(180))
}
