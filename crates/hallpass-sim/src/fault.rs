//! Faults: each by its name, with arguments, on from when it is set until it is cleared.
//!
//! Names that ../shared calls stable are used as they are; their codes (`G1`, `C2`) work too. All faults take, besides
//! their own arguments, a scope: `path` (one path, or a beginning followed by `*`), `gateway` (a serial number), `for`
//! (a duration after which it is over) and `times` (so many requests, then it is over). Faults of the counters change
//! what a simulated gateway tells, never the world that it tells of, and nothing about a recording.

mod active;
mod table;

use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(crate) use self::active::{Faults, Scene, Since};
pub use self::table::{FaultInfo, faults};
use crate::{addresses::Successor, event::Event, network::Trouble, span::Span, tls::TlsQuirk};

/// What can be wrong. The table says in words what each one does.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Fault {
    // How a gateway meets requests.
    #[serde(rename = "nightly_2300")]
    Nightly2300 {
        #[serde(default = "seconds::<600>")]
        length: Span,
        #[serde(default)]
        how: Outage,
    },
    #[serde(rename = "reboot_503")]
    Reboot503 {
        #[serde(default = "seconds::<60>")]
        down: Span,
        #[serde(default = "seconds::<180>")]
        starting: Span,
    },
    PowercutSession {},
    FwUpdate {
        #[serde(default = "seconds::<1200>")]
        down: Span,
        version: Option<String>,
        #[serde(default = "two_paths")]
        gone: String,
    },
    #[serde(rename = "fw_5_to_7")]
    Fw5To7 {
        #[serde(default = "seconds::<1200>")]
        down: Span,
    },
    Slow {
        #[serde(default = "seconds::<44>")]
        by: Span,
    },
    RecordedDelays {},
    Overload {
        #[serde(default = "number::<2>")]
        connections: usize,
        #[serde(default = "number::<30>")]
        per_minute: usize,
    },
    KeepaliveReset {
        #[serde(default)]
        how: Closing,
    },
    Slowloris {
        #[serde(default = "seconds::<5>")]
        every: Span,
    },
    Html200 {},
    #[serde(rename = "gateway_504")]
    Gateway504 {
        #[serde(default = "number::<504>")]
        status: usize,
    },
    TruncatedBody {},
    EmptyBody {},
    EndlessBody {},
    WrongLength {},
    HalfChunk {},
    OddNumbers {
        #[serde(default)]
        kind: Odd,
    },
    ShapeChange {
        #[serde(default)]
        kind: Shape,
    },
    #[serde(rename = "one_endpoint_401")]
    OneEndpoint401 {},
    Canned {
        #[serde(default = "number::<200>")]
        status: usize,
        #[serde(default)]
        body: String,
    },
    Redirects {
        #[serde(default = "number::<301>")]
        status: usize,
        to: Option<String>,
    },
    NoSerial {},
    NotAGateway {},
    Hang {},
    Refused {},
    HttpsGone {},
    Impostor {},
    MidstreamSwap {},
    CertRotated {},
    DhcpMove {
        #[serde(default)]
        successor: Successor,
    },
    SwapAddresses {},
    FalseAdvert {},
    TlsQuirks {
        #[serde(default)]
        kind: TlsQuirk,
    },
    Lossy {
        #[serde(default)]
        kind: Trouble,
        #[serde(default = "number::<30>")]
        percent: usize,
        #[serde(default = "seconds::<5>")]
        by: Span,
    },
    // How a gateway judges credentials.
    IdleSession {
        #[serde(default = "seconds::<2>")]
        after: Span,
    },
    #[serde(rename = "burst_401")]
    Burst401 {},
    #[serde(rename = "late_401")]
    Late401 {
        #[serde(default = "seconds::<30>")]
        by: Span,
    },
    Revoked {},
    NewRefused {},
    BearerRefused {},
    SessionLimit {
        #[serde(default = "number::<4>")]
        sessions: usize,
        #[serde(default)]
        full: Full,
    },
    Digest {
        #[serde(default)]
        kind: DigestOddity,
    },
    GarbageChallenge {},
    ClockSkew {
        #[serde(default = "seconds::<172800>")]
        behind: Span,
    },
    // What a gateway counts, in Wh.
    Rollover {
        #[serde(default = "number::<1_190_000>")]
        at: usize,
        #[serde(default)]
        counter: Counter,
    },
    StepDown {
        #[serde(default = "number::<1_200_000>")]
        by: usize,
        #[serde(default)]
        counter: Counter,
    },
    ZerosAfterBoot {
        #[serde(default = "seconds::<60>")]
        down: Span,
        #[serde(default = "seconds::<180>")]
        length: Span,
    },
    Half {
        #[serde(default = "storage")]
        counter: Counter,
    },
    NetCopy {},
    Frozen {},
    Duplicate {
        #[serde(default = "seconds::<120>")]
        every: Span,
    },
    OutOfOrder {
        #[serde(default = "seconds::<60>")]
        by: Span,
    },
    HugeToday {
        #[serde(default = "number::<5_000_000>")]
        by: usize,
        #[serde(default)]
        counter: Counter,
    },
    ResetToNonzero {
        #[serde(default = "number::<1_234>")]
        to: usize,
        #[serde(default)]
        counter: Counter,
    },
    // How the clouds answer a login.
    WrongPassword {},
    Mfa {
        #[serde(default)]
        shape: MfaShape,
        #[serde(default = "code")]
        code: String,
    },
    Blocked {},
    TooManySessions {},
    RateLimited {
        retry_after: Option<RetryAfter>,
        #[serde(default)]
        form: RetryForm,
    },
    LoginWall {},
    Down {
        how: Option<Outage>,
        #[serde(default = "number::<503>")]
        status: usize,
    },
    CaptivePortal {
        #[serde(default)]
        kind: Portal,
    },
    SlowCloud {
        #[serde(default = "seconds::<60>")]
        by: Span,
    },
    EndpointMoved {
        #[serde(default = "number::<404>")]
        status: usize,
    },
    UserAgentRequired {},
    FormLoginOnly {},
    MultipartOnly {},
    EmptyLogin {},
    LeanLogin {},
    // What tokens the clouds give.
    #[serde(rename = "tokens_503")]
    Tokens503 {},
    TokensJson {},
    NotJwt {
        #[serde(default)]
        kind: NotJwt,
    },
    WrongAud {
        #[serde(default = "other_serial")]
        serial: String,
    },
    OddJwt {
        #[serde(default)]
        kind: OddJwt,
    },
    RoleDrop {
        #[serde(default = "owner")]
        role: String,
    },
    #[serde(rename = "installer_12h")]
    Installer12h {},
    ShortToken {
        #[serde(default = "seconds::<60>")]
        life: Span,
    },
}

/// How a server is away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outage {
    /// It takes the request and never answers.
    #[default]
    Hang,
    /// It closes at once.
    Refused,
}

/// How a peer ends a kept connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Closing {
    /// Without a word, when it is used again.
    #[default]
    Reset,
    /// With `Connection: close` after each answer.
    Close,
}

/// What happens to numbers (and other things) in JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Odd {
    #[default]
    Nan,
    Infinity,
    Huge,
    Text,
    Null,
    Duplicate,
    Bom,
    BadUtf8,
    Deep,
    NegativeZero,
    Blank,
}

/// How JSON differs from what it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shape {
    /// Nothing in it.
    #[default]
    Empty,
    /// A field that nobody knows, in every object.
    Unknown,
    /// The last entry is missing, as a meter that was taken out.
    Shorter,
    /// Every word that is a value is one that nobody knows.
    Words,
}

/// When a cloud wants to be asked again.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum RetryAfter {
    Seconds(u64),
    /// As it stands; a number of seconds, too.
    Text(String),
}

/// How a number of seconds is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RetryForm {
    #[default]
    Seconds,
    /// As the time when they are over.
    Date,
}

/// How the login page of somebody's network stands before a cloud.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Portal {
    /// In the place of every answer.
    #[default]
    Page,
    /// Every answer leads to it.
    Redirect,
    /// Whoever speaks TLS meets its own certificate; who does not, the page.
    Certificate,
}

/// What of a gateway's counting is wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Counter {
    #[default]
    Production,
    Consumption,
    /// Import and export.
    Net,
    /// Charge and discharge.
    Storage,
}

/// What a gateway does when all its sessions are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Full {
    /// `check_jwt` answers 503.
    #[default]
    Refuse,
    /// The session that was used least recently ends.
    Evict,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DigestOddity {
    /// The first answer to a nonce is refused with `stale=true` and a new one.
    #[default]
    Stale,
    /// Each nonce is good once.
    NoncePerRequest,
    /// A request counter that was used before is refused.
    NcReplay,
    /// The challenge names no qop.
    NoQop,
    /// The challenge asks for qop auth-int.
    AuthInt,
    /// The challenge asks for MD5-sess.
    Md5Sess,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MfaShape {
    /// `{"success":true,"isBlocked":false}` and the cookie `login_otp_nonce`.
    #[default]
    Success,
    /// `{"requires_mfa":true}`.
    RequiresMfa,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotJwt {
    /// Markup in which the token's place says `Error`.
    #[default]
    TextareaError,
    Json,
    Text,
    Empty,
    TwoSegments,
    Html,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OddJwt {
    #[default]
    None,
    Hs256,
    ExpMilliseconds,
    ExpMissing,
    IatFuture,
    Huge,
    WrongKey,
    Expired,
}

/// Why a fault or an event could not be set.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// There is none of this name.
    #[error("no {kind} is called {name:?}; the nearest are: {nearest}")]
    Unknown {
        /// `fault` or `event`.
        kind: &'static str,
        /// What was asked for.
        name: String,
        /// Names that are near it.
        nearest: String,
    },
    /// It takes no such arguments.
    #[error("{name}: {problem}")]
    Arguments {
        /// Of the fault or event.
        name: String,
        /// In words.
        problem: String,
    },
}

impl Fault {
    /// The fault of this name or code with its own arguments (an object).
    pub(crate) fn parse(
        info: &FaultInfo,
        arguments: &Map<String, Value>,
    ) -> Result<Self, FaultError> {
        let written = json!({ info.name: arguments });
        serde_json::from_value(written).map_err(|problem| FaultError::Arguments {
            name: info.name.to_owned(),
            problem: problem.to_string(),
        })
    }

    /// Whether it is about what a gateway counts, and when.
    pub(crate) fn is_of_data(&self) -> bool {
        matches!(
            self,
            Self::Rollover { .. }
                | Self::StepDown { .. }
                | Self::ZerosAfterBoot { .. }
                | Self::Half { .. }
                | Self::Frozen {}
                | Self::Duplicate { .. }
                | Self::OutOfOrder { .. }
                | Self::HugeToday { .. }
                | Self::ResetToNonzero { .. }
        )
    }

    /// What happens at once when some faults are set.
    pub(crate) fn event(&self) -> Option<Event> {
        Some(match self.clone() {
            Self::Reboot503 { down, starting } => Event::Reboot { down, starting },
            Self::ZerosAfterBoot { down, .. } => {
                Event::Reboot { down, starting: Span(std::time::Duration::ZERO) }
            }
            Self::PowercutSession {} => Event::ExpireSession {},
            Self::FwUpdate { down, version, gone } => {
                Event::Update { version, down, revoke: true, gone, new: true }
            }
            Self::Fw5To7 { down } => Event::Update {
                version: Some("7.6.175".to_owned()),
                down,
                revoke: false,
                gone: String::new(),
                new: false,
            },
            Self::Revoked {} | Self::Late401 { .. } => Event::ExpireToken {},
            Self::CertRotated {} => Event::RotateCertificate {},
            Self::DhcpMove { successor } => Event::DhcpMove { successor },
            Self::SwapAddresses {} => Event::SwapAddresses {},
            Self::Impostor {}
            | Self::HttpsGone {}
            | Self::TlsQuirks { .. }
            | Self::Lossy { .. } => Event::CutConnections {},
            _ => return None,
        })
    }
}

fn seconds<const N: u64>() -> Span {
    Span(std::time::Duration::from_secs(N))
}

fn number<const N: usize>() -> usize {
    N
}

/// Two that no reading of the plant's power hangs on.
fn two_paths() -> String {
    "/inventory.json,/ivp/ensemble/generator".to_owned()
}

fn storage() -> Counter {
    Counter::Storage
}

fn code() -> String {
    "123456".to_owned()
}

fn other_serial() -> String {
    "999999999999".to_owned()
}

fn owner() -> String {
    "owner".to_owned()
}

#[cfg(test)]
mod tests;
