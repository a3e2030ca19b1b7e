//! The first set-up of a HEM.

use hallpass_credential::{Error, ErrorKind, Result, Secret};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Bearer, Challenge, Eid, PrivateKey, PublicKey, challenge::Session, jws, speaker::Speaker,
    text::plain,
};

/// The challenge of a device that belongs to nobody yet: `GET /api/auth/init`.
///
/// It wants a clock that is set, whatever its configuration says: check in first. It has no
/// certificate yet, so this goes over HTTP, and the person should be alone with the device.
#[derive(Debug)]
pub struct NewDevice {
    challenge: Challenge,
    genuine: Option<String>,
}

impl NewDevice {
    /// Reads the challenge.
    ///
    /// # Errors
    /// Those of [`Challenge::read`].
    pub fn read(body: &[u8], received_at: Timestamp) -> Result<Self> {
        let challenge = Challenge::read(body, received_at)?;
        let said: GenuineSaid = Speaker::Device.read("the challenge", body)?;
        Ok(Self { challenge, genuine: said.genuine })
    }

    /// Who it is; the salt of the user's key.
    pub fn eid(&self) -> &Eid {
        self.challenge.eid()
    }

    /// Its word that it is genuine, for [`Attestation`](crate::Attestation).
    pub fn genuine(&self) -> Option<&str> {
        self.genuine.as_deref()
    }

    /// Signs the set-up with the master's key. The body of `POST /api/auth/init`.
    ///
    /// # Errors
    /// [`ErrorKind::NotUnderstood`] where anybody could have signed it.
    pub fn set_up(
        self,
        master: &PrivateKey,
        user: &PublicKey,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Secret> {
        let Session { key, text } = self.challenge.session();
        let masterkey = master.public().to_string();
        let claims = Claims {
            jti: self.challenge.nonce().as_str(),
            aud: text,
            exp: self.challenge.deadline().as_second(),
            iat: now.as_second(),
            iss: &masterkey,
            cfg: Configuration { masterkey: &masterkey, userkey: user.to_string(), settings },
        };
        let init = jws::sign(&claims, &master.shared_with(key)?);
        Ok(Secret::from(jws::json(&Body { init })))
    }
}

/// How a new device shall be. The defaults are those of the vendor's Manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Settings {
    user: String,
    email: String,
    /// What the device answers to.
    pub hostname: String,
    /// Its address with the length of the network's prefix.
    pub ip: String,
    /// How the storage is divided; 81 by the Manager, and no document says more.
    pub storage_mode: u32,
    /// The size of the first disk, in sectors.
    pub storage_disk0size: u64,
    /// Whether it answers names of the network.
    pub dnsd: bool,
    /// Whether it trusts no time but that of a check-in. Without internet it then lets nobody in
    /// after it lost power.
    pub trusted_ts: bool,
    /// Whether the vendor may command it at a check-in, up to wiping it.
    pub trusted_backend: bool,
    /// Whether anybody may search its keys.
    pub allow_keysearch: bool,
    /// Which web pages may talk to it.
    pub origin: String,
}

impl Settings {
    /// Of a user, whose address may be empty.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a name of none or more than 32 characters, and for control
    /// characters.
    pub fn of(user: &str, email: &str) -> Result<Self> {
        let is_odd = |text: &str| text.contains(char::is_control);
        let is_name = (1..=LONGEST_NAME).contains(&user.chars().count());
        if !is_name || is_odd(user) || is_odd(email) {
            let context = format!("a user's name has 1 to {LONGEST_NAME} characters");
            return Err(Error::new(ErrorKind::Invalid, context));
        }
        Ok(Self {
            user: user.to_owned(),
            email: email.to_owned(),
            hostname: "my.ence.do".to_owned(),
            ip: "192.168.7.1/24".to_owned(),
            storage_mode: 81,
            storage_disk0size: 8_388_608,
            dnsd: false,
            trusted_ts: true,
            trusted_backend: true,
            allow_keysearch: true,
            origin: "*".to_owned(),
        })
    }
}

/// A device that was set up: the answer to `POST /api/auth/init`.
#[derive(Debug)]
#[non_exhaustive]
pub struct SetUp {
    /// The number of this life of the device.
    pub instance: String,
    /// To configure it further with, as its user.
    pub bearer: Bearer,
    /// Whether it wants to be rebooted first.
    pub wants_reboot: bool,
}

impl SetUp {
    /// Reads the answer.
    ///
    /// # Errors
    /// Those of [`Bearer::read`].
    pub fn read(body: &[u8]) -> Result<Self> {
        let bearer = Bearer::read(body)?;
        let said: SetUpSaid = Speaker::Device.read("the end of the set-up", body)?;
        let wants_reboot = said.reboot_required.unwrap_or_default();
        Ok(Self { instance: plain(&said.instanceid), bearer, wants_reboot })
    }
}

/// In characters.
const LONGEST_NAME: usize = 32;

#[derive(Deserialize)]
struct GenuineSaid {
    genuine: Option<String>,
}

#[derive(Deserialize)]
struct SetUpSaid {
    instanceid: String,
    reboot_required: Option<bool>,
}

#[derive(Serialize)]
struct Body {
    init: String,
}

/// In the order of the vendor's Manager. Here `exp` is the challenge's.
#[derive(Serialize)]
struct Claims<'a> {
    jti: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    iss: &'a str,
    cfg: Configuration<'a>,
}

#[derive(Serialize)]
struct Configuration<'a> {
    masterkey: &'a str,
    userkey: String,
    #[serde(flatten)]
    settings: &'a Settings,
}
