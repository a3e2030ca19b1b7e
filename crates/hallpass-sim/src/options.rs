//! What to simulate.

use std::{path::PathBuf, time::Duration};

use jiff::Timestamp;

use crate::{clock::wall_clock, ledger::Budget, world::Place};

/// Everything that can be chosen before a simulation begins.
#[derive(Debug, Clone)]
pub struct Options {
    /// The gateways, each with an own address and key; one account owns them all.
    pub gateways: Vec<GatewayOptions>,
    /// Decides the weather, the house, serial numbers and the account's password. The same seed is the same world.
    pub seed: u64,
    /// How many simulated seconds pass in one.
    pub speed: f64,
    /// When simulated time begins; the host's time of day unless set.
    pub start: Timestamp,
    /// Where the gateways stand.
    pub place: Place,
    /// The port of the first gateway, the next ones follow; the system chooses where there is none.
    pub port: Option<u16>,
    /// The account at the clouds.
    pub account: Account,
    /// Faults that hold from the start, as `NAME` or `NAME=ARGS` (see [`faults`](crate::faults())).
    pub faults: Vec<String>,
    /// What `verdict` judges by.
    pub budget: Budget,
}

impl Default for Options {
    /// One metered three-phase gateway of firmware 7.6.175, in real time.
    fn default() -> Self {
        Self {
            gateways: vec![GatewayOptions::firmware("7.6.175")],
            seed: 1,
            speed: 1.0,
            start: wall_clock(),
            place: Place::default(),
            port: None,
            account: Account::default(),
            faults: Vec::new(),
            budget: Budget::default(),
        }
    }
}

/// One gateway.
#[derive(Debug, Clone)]
pub struct GatewayOptions {
    /// Simulated or recorded.
    pub plays: Plays,
    /// Made up from the seed where it is not given. A recording brings its own.
    pub serial_number: Option<String>,
    /// How many inverters; as many as the firmware's profile has where it is not given.
    pub inverters: Option<usize>,
    /// What it shows in the TLS handshake, from firmware 7 on.
    pub certificate: CertificateChoice,
    /// Which TLS versions it speaks.
    pub tls: TlsVersions,
}

impl GatewayOptions {
    /// A simulated gateway of this firmware, with or without its letter.
    #[must_use]
    pub fn firmware(version: &str) -> Self {
        Self::of(Plays::Firmware(version.to_owned()))
    }

    /// A gateway that plays a directory of recorded answers, byte for byte.
    #[must_use]
    pub fn recording(directory: impl Into<PathBuf>) -> Self {
        Self::of(Plays::Recording(directory.into()))
    }

    fn of(plays: Plays) -> Self {
        Self {
            plays,
            serial_number: None,
            inverters: None,
            certificate: CertificateChoice::SelfSigned,
            tls: TlsVersions::Both,
        }
    }
}

/// Where a gateway's answers come from.
#[derive(Debug, Clone)]
pub enum Plays {
    /// A simulated one; behaves as the nearest known version at or below, shows exactly this one.
    Firmware(String),
    /// A directory of recorded answers.
    Recording(PathBuf),
}

/// The certificate of a gateway.
#[derive(Debug, Clone)]
pub enum CertificateChoice {
    /// Self-signed, P-256, in date, its own trust anchor.
    SelfSigned,
    /// The same, but out of date.
    Expired,
    /// The same, without any name in it.
    Nameless,
    /// Given as PEM: the way to an RSA key.
    Pem {
        /// The certificate, or a chain.
        certificate: String,
        /// Its private key, PKCS#8.
        key: String,
    },
}

/// TLS versions of a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVersions {
    /// 1.2 and 1.3.
    Both,
    /// 1.2 alone.
    Only12,
    /// 1.3 alone.
    Only13,
}

/// The one account at both clouds.
#[derive(Debug, Clone)]
pub struct Account {
    /// An e-mail address.
    pub username: String,
    /// Made up from the seed where it is not given.
    pub password: Option<String>,
    /// Which roles its tokens get.
    pub kind: AccountKind,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            username: "sim@hallpass.example".to_owned(),
            password: None,
            kind: AccountKind::SelfInstaller,
        }
    }
}

/// Which role the tokens of an account have, by the route that they came on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// An owner on every route.
    Owner,
    /// Installed the own plant: an owner through Enlighten, an installer through Entrez's form.
    SelfInstaller,
    /// An installer on every route.
    Installer,
}

/// Idle time after which a gateway forgets a session.
pub(crate) const SESSION_IDLE: Duration = Duration::from_secs(600);
