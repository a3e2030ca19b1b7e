//! The endpoints of a gateway that this crate asks: one table.

use std::fmt;

use bytes::Bytes;
use http::{Request, Uri};
use serde::{Serialize, Serializer};

/// Something a gateway can be asked for.
///
/// The facts about each stand in [`Endpoint::facts`]; documentation is generated from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// Who the gateway is.
    Info,
    /// Whether the gateway takes a token; starts a session.
    CheckJwt,
    /// How the CT meters are set up.
    Meters,
    /// What the CT meters measure.
    MeterReadings,
    /// The production report with its phases.
    ProductionDetails,
    /// The production report without phases.
    Production,
    /// The production alone.
    ProductionV1,
    /// The microinverters with voltages, currents and temperatures.
    DeviceData,
    /// The microinverters.
    Inverters,
}

/// What is known about an [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// The HTTP method.
    pub method: &'static str,
    /// Path and query, from the root of the gateway.
    pub path: &'static str,
    /// What the body is.
    pub format: Format,
    /// Who may ask on firmware below 7, where digest users log in.
    pub digest: Access,
    /// Who may ask from firmware 7 on, where tokens do.
    pub token: Access,
    /// The first firmware that answers in `format`. Older ones answer 404, or an HTML page with 200.
    pub since: &'static [u64],
    /// What it is for, in one line.
    pub about: &'static str,
}

/// What the body of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// An XML document.
    Xml,
    /// A JSON array.
    JsonArray,
    /// A JSON object.
    JsonObject,
    /// A page whose status counts and whose text does not.
    Html,
}

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Access {
    /// Anybody.
    Open,
    /// The owner: user `envoy`, or a token of any role.
    Owner,
    /// Nobody: the firmware has no such endpoint.
    Absent,
}

impl Endpoint {
    /// Every endpoint, in the order of the table.
    pub const ALL: &[Self] = &[
        Self::Info,
        Self::CheckJwt,
        Self::Meters,
        Self::MeterReadings,
        Self::ProductionDetails,
        Self::Production,
        Self::ProductionV1,
        Self::DeviceData,
        Self::Inverters,
    ];

    /// What is known about it.
    #[must_use]
    pub const fn facts(self) -> Facts {
        match self {
            Self::Info => Facts {
                method: "GET",
                path: "/info",
                format: Format::Xml,
                digest: Access::Open,
                token: Access::Open,
                since: &[3],
                about: "serial number, part number, firmware, metered or not, clock",
            },
            Self::CheckJwt => Facts {
                method: "GET",
                path: "/auth/check_jwt",
                format: Format::Html,
                digest: Access::Absent,
                token: Access::Owner,
                since: &[7],
                about: "checks a token and starts a session (cookie `sessionId`)",
            },
            Self::Meters => Facts {
                method: "GET",
                path: "/ivp/meters",
                format: Format::JsonArray,
                digest: Access::Owner,
                token: Access::Owner,
                since: &[4],
                about: "set-up of the CT meters: type, state, phases",
            },
            Self::MeterReadings => Facts {
                method: "GET",
                path: "/ivp/meters/readings",
                format: Format::JsonArray,
                digest: Access::Owner,
                token: Access::Owner,
                since: &[4],
                about: "energy, power, voltage, current and frequency of each CT meter and phase",
            },
            Self::ProductionDetails => Facts {
                method: "GET",
                path: "/production.json?details=1",
                format: Format::JsonObject,
                digest: Access::Open,
                token: Access::Owner,
                since: &[4],
                about: "production, consumption and storage with phases; takes the gateway seconds",
            },
            Self::Production => Facts {
                method: "GET",
                path: "/production",
                format: Format::JsonObject,
                digest: Access::Owner,
                token: Access::Owner,
                since: &[4],
                about: "the same without phases; slower still",
            },
            Self::ProductionV1 => Facts {
                method: "GET",
                path: "/api/v1/production",
                format: Format::JsonObject,
                digest: Access::Open,
                token: Access::Owner,
                since: &[3],
                about: "production alone",
            },
            Self::DeviceData => Facts {
                method: "GET",
                path: "/ivp/pdm/device_data",
                format: Format::JsonObject,
                digest: Access::Absent,
                token: Access::Owner,
                since: &[8, 2],
                about: "microinverters with DC and AC side, temperature and energy; at most 50 devices",
            },
            Self::Inverters => Facts {
                method: "GET",
                path: "/api/v1/production/inverters",
                format: Format::JsonArray,
                digest: Access::Owner,
                token: Access::Owner,
                since: &[3, 9],
                about: "last and highest power of each microinverter",
            },
        }
    }

    /// Path and query, from the root of the gateway.
    #[must_use]
    pub const fn path(self) -> &'static str {
        self.facts().path
    }
}

impl Endpoint {
    /// The request for it, without anything that opens the gateway.
    pub(crate) fn request(self) -> Request<Bytes> {
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = Uri::from_static(self.path());
        request
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path())
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Xml => "XML",
            Self::JsonArray => "JSON array",
            Self::JsonObject => "JSON object",
            Self::Html => "HTML",
        })
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "anybody",
            Self::Owner => "the owner",
            Self::Absent => "nobody",
        })
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.path())
    }
}
