//! The endpoints of a gateway that this crate asks: one table.

use std::{borrow::Cow, fmt, time::Duration};

use bytes::Bytes;
use http::{Request, Uri};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

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
    /// Batteries, system controller, collar, combiner: what storage hardware there is.
    EnsembleInventory,
    /// All batteries together.
    EnsembleAggregate,
    /// The power of each battery.
    EnsemblePower,
    /// How the relays of the system controller stand.
    DryContacts,
    /// What the relays of the system controller are set to do.
    DryContactSettings,
    /// All devices, of which the AC batteries count here.
    Inventory,
    /// Tariff and storage settings.
    Tariff,
    /// How the standby generator stands.
    Generator,
    /// What the standby generator is.
    GeneratorConfig,
    /// When the standby generator runs by itself.
    GeneratorSchedule,
    /// Whether the standby generator is on, off or automatic.
    GeneratorMode,
    /// The gateway's network; slow.
    Home,
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
    /// The first firmware that may answer. Older ones answer 404, or some HTML page with 200, and
    /// are not asked.
    pub since: &'static [u64],
    /// How often it is worth asking.
    pub pace: Pace,
    /// What it is for, in one line.
    pub about: &'static str,
}

/// How often what an endpoint says changes, and so how often it is asked by who polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pace {
    /// At each poll: it carries power.
    EachPoll,
    /// Not before this time has gone by.
    Every(Duration),
    /// Only when somebody wants to know.
    OnDemand,
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

impl Facts {
    /// What most endpoints are: a GET for any user and any role.
    const fn get(path: &'static str, format: Format, about: &'static str) -> Self {
        Self {
            method: "GET",
            path,
            format,
            digest: Access::Owner,
            token: Access::Owner,
            since: &[3],
            pace: Pace::EachPoll,
            about,
        }
    }

    const fn before_tokens(mut self, access: Access) -> Self {
        self.digest = access;
        self
    }

    const fn since(mut self, since: &'static [u64]) -> Self {
        self.since = since;
        self
    }

    const fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }
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
        Self::EnsembleInventory,
        Self::EnsembleAggregate,
        Self::EnsemblePower,
        Self::DryContacts,
        Self::DryContactSettings,
        Self::Inventory,
        Self::Tariff,
        Self::Generator,
        Self::GeneratorConfig,
        Self::GeneratorSchedule,
        Self::GeneratorMode,
        Self::Home,
    ];

    /// What is known about it.
    #[must_use]
    pub const fn facts(self) -> Facts {
        use Format::{Html, JsonArray, JsonObject, Xml};
        match self {
            Self::Info => {
                let about = "serial number, part number, firmware, metered or not, clock";
                let facts = Facts::get("/info", Xml, about).before_tokens(Access::Open);
                Facts { token: Access::Open, pace: Pace::Every(IDENTITY_HOLDS_FOR), ..facts }
            }
            Self::CheckJwt => {
                let about = "checks a token and starts a session (cookie `sessionId`)";
                let facts = Facts::get("/auth/check_jwt", Html, about).pace(Pace::OnDemand);
                facts.before_tokens(Access::Absent).since(&[7])
            }
            Self::Meters => {
                let about = "set-up of the CT meters: type, state, phases";
                Facts::get("/ivp/meters", JsonArray, about).since(&[3, 18]).pace(SLOW)
            }
            Self::MeterReadings => {
                let about = "energy, power, voltage, current, frequency of each CT meter and phase";
                Facts::get("/ivp/meters/readings", JsonArray, about).since(&[3, 18])
            }
            Self::ProductionDetails => {
                let about = "production, consumption and storage with phases; takes seconds";
                let facts = Facts::get("/production.json?details=1", JsonObject, about);
                facts.before_tokens(Access::Open).since(&[3, 18])
            }
            Self::Production => {
                let about = "the same without phases, slower still; before 3.9 a page for people";
                Facts::get("/production", JsonObject, about)
            }
            Self::ProductionV1 => {
                let about = "production alone";
                let facts = Facts::get("/api/v1/production", JsonObject, about);
                facts.before_tokens(Access::Open)
            }
            Self::DeviceData => {
                let about = "microinverters: DC and AC side, warmth, energy; at most 50 devices";
                let facts = Facts::get("/ivp/pdm/device_data", JsonObject, about).pace(SLOW);
                facts.before_tokens(Access::Absent).since(&[8, 2])
            }
            Self::Inverters => {
                let about = "last and highest power of each microinverter and AC battery";
                let facts = Facts::get("/api/v1/production/inverters", JsonArray, about);
                facts.since(&[3, 9]).pace(SLOW)
            }
            Self::EnsembleInventory => {
                let about = "batteries, system controller, collar, combiner";
                let facts = Facts::get("/ivp/ensemble/inventory", JsonArray, about);
                facts.since(&[5]).pace(SLOW)
            }
            Self::EnsembleAggregate => {
                let about = "energy, charge and reserve of all batteries together";
                Facts::get("/ivp/ensemble/secctrl", JsonObject, about).since(&[5])
            }
            Self::EnsemblePower => {
                let about = "power and charge of each battery, under a key `devices:`";
                Facts::get("/ivp/ensemble/power", JsonObject, about).since(&[5])
            }
            Self::DryContacts => {
                let about = "relays of the system controller: open or closed";
                Facts::get("/ivp/ensemble/dry_contacts", JsonObject, about).since(&[5])
            }
            Self::DryContactSettings => {
                let about = "what each relay does on the grid, off it, and with a generator";
                let facts = Facts::get("/ivp/ss/dry_contact_settings", JsonObject, about);
                facts.since(&[5]).pace(SLOW)
            }
            Self::Inventory => {
                let about = "all devices by kind; AC batteries with their sleep settings";
                let facts = Facts::get("/inventory.json?deleted=1", JsonArray, about);
                facts.since(&[4]).pace(SLOW)
            }
            Self::Tariff => {
                let about = "tariff, and the mode and reserve of the storage";
                Facts::get("/admin/lib/tariff", JsonObject, about).since(&[4]).pace(SLOW)
            }
            Self::Generator => {
                let about = "state of the standby generator";
                Facts::get("/ivp/ensemble/generator", JsonObject, about).since(&[5])
            }
            Self::GeneratorConfig => {
                let about = "make and limits of the standby generator";
                Facts::get("/ivp/ss/gen_config", JsonObject, about).since(&[5]).pace(SLOW)
            }
            Self::GeneratorSchedule => {
                let about = "exercise and charge limits of the standby generator";
                Facts::get("/ivp/ss/gen_schedule", JsonObject, about).since(&[5]).pace(SLOW)
            }
            Self::GeneratorMode => {
                let about = "standby generator on, off or automatic";
                Facts::get("/ivp/ss/gen_mode", JsonObject, about).since(&[5]).pace(SLOW)
            }
            Self::Home => {
                let about = "network interfaces and time zone; takes up to ten seconds";
                Facts::get("/home", JsonObject, about).since(&[4]).pace(Pace::OnDemand)
            }
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

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EachPoll => f.write_str("each poll"),
            Self::Every(time) => write!(f, "every {} min", time.as_secs() / 60),
            Self::OnDemand => f.write_str("on demand"),
        }
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

impl<'de> Deserialize<'de> for Endpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let path = Cow::<'de, str>::deserialize(deserializer)?;
        let known = Self::ALL.iter().find(|endpoint| endpoint.path() == path);
        known.copied().ok_or_else(|| de::Error::custom("no endpoint of a gateway"))
    }
}

/// What changes with the sun, with settings or by installers is reported every 5 to 15 minutes.
const SLOW: Pace = Pace::Every(Duration::from_secs(300));

/// How long what a gateway said of itself is believed, unless something is odd.
pub(crate) const IDENTITY_HOLDS_FOR: Duration = Duration::from_secs(3600);
