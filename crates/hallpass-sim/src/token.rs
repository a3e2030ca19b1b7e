//! Tokens as Entrez signs them, and every wrong one a test may want.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
        UnparsedPublicKey,
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{SimError, clock::signed};

/// How long an owner's token lives.
pub(crate) const OWNER_LIFE: Duration = Duration::from_secs(365 * 86_400);
/// How long an installer's token lives, and one for a gateway that is not commissioned yet.
pub(crate) const INSTALLER_LIFE: Duration = Duration::from_secs(12 * 3_600);
/// The audience of a token for a gateway that is not commissioned yet.
pub(crate) const UNCOMMISSIONED: &str = "un-commissioned";

/// The DER that stands before the point in the SPKI of a P-256 key.
const SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The signing key of the simulated Entrez. Gateways hold its public half.
pub(crate) struct Authority {
    own: EcdsaKeyPair,
    stranger: EcdsaKeyPair,
    random: SystemRandom,
}

/// What a gateway reads from a token that the authority signed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Claims {
    pub(crate) aud: String,
    #[serde(rename = "enphaseUser")]
    pub(crate) role: String,
    pub(crate) exp: i64,
    #[serde(default)]
    pub(crate) iat: i64,
    pub(crate) jti: String,
}

impl Claims {
    /// Tokens are numbered in the order of their making; the number is the end of their id.
    pub(crate) fn number(&self) -> u64 {
        self.jti
            .rsplit('-')
            .next()
            .and_then(|number| u64::from_str_radix(number, 16).ok())
            .unwrap_or(0)
    }
}

impl Authority {
    pub(crate) fn new() -> Result<Self, SimError> {
        let random = SystemRandom::new();
        Ok(Self { own: key_pair(&random)?, stranger: key_pair(&random)?, random })
    }

    /// The public key as SPKI.
    pub(crate) fn spki(&self) -> Vec<u8> {
        [&SPKI_PREFIX, self.own.public_key().as_ref()].concat()
    }

    /// The claims of a token that this authority signed; validity in time is the gateway's to judge.
    pub(crate) fn verify(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        if header["alg"] != "ES256" {
            return None;
        }
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.own.public_key().as_ref());
        key.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    fn sign(&self, signed: &str, signing: Signing) -> Vec<u8> {
        let pair = match signing {
            Signing::Nobody => return Vec::new(),
            Signing::Shared => {
                let key =
                    ring::hmac::Key::new(ring::hmac::HMAC_SHA256, self.own.public_key().as_ref());
                return ring::hmac::sign(&key, signed.as_bytes()).as_ref().to_vec();
            }
            Signing::Entrez => &self.own,
            Signing::Stranger => &self.stranger,
        };
        pair.sign(&self.random, signed.as_bytes())
            .map_or_else(|_| Vec::new(), |signature| signature.as_ref().to_vec())
    }
}

fn key_pair(random: &SystemRandom) -> Result<EcdsaKeyPair, SimError> {
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, random).map_err(|_| SimError::Key)?;
    EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), random).map_err(|_| SimError::Key)
}

/// Who signs a token, and so which `alg` it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signing {
    /// The key that gateways and clients of this simulation trust; ES256.
    Entrez,
    /// Another key; ES256.
    Stranger,
    /// Nobody; `alg` none, an empty signature.
    Nobody,
    /// HS256 with the public key as the shared secret, the classic confusion.
    Shared,
}

/// How the expiry is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// As it should be: seconds since 1970.
    Seconds,
    /// In milliseconds, by mistake.
    Milliseconds,
    /// There is none.
    Missing,
}

/// A token to be: a good owner's token unless something is changed.
///
/// ```
/// # fn main() -> Result<(), hallpass_sim::SimError> {
/// let sim = hallpass_sim::Sim::new(hallpass_sim::Options::default())?;
/// let expired = sim.token(0).role("installer").issued_ago(std::time::Duration::from_secs(86_400)).mint();
/// assert_eq!(expired.split('.').count(), 3);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a token is made by `mint`"]
pub struct TokenBuilder<'a> {
    authority: &'a Authority,
    id: String,
    role: String,
    audience: String,
    username: String,
    issued: Timestamp,
    life: Option<Duration>,
    signing: Signing,
    expiry: Expiry,
    padding: usize,
}

impl<'a> TokenBuilder<'a> {
    pub(crate) fn new(
        authority: &'a Authority,
        audience: &str,
        username: &str,
        id: String,
        issued: Timestamp,
    ) -> Self {
        Self {
            authority,
            id,
            role: "owner".to_owned(),
            audience: audience.to_owned(),
            username: username.to_owned(),
            issued,
            life: None,
            signing: Signing::Entrez,
            expiry: Expiry::Seconds,
            padding: 0,
        }
    }

    /// The `enphaseUser` claim: `owner`, `installer`, or anything else.
    pub fn role(mut self, role: &str) -> Self {
        role.clone_into(&mut self.role);
        self
    }

    /// The `aud` claim, a serial number.
    pub fn audience(mut self, audience: &str) -> Self {
        audience.clone_into(&mut self.audience);
        self
    }

    /// How long it lives from its issue on; a year for owners, 12 hours for everybody else, unless said otherwise.
    pub fn life(mut self, life: Duration) -> Self {
        self.life = Some(life);
        self
    }

    /// Issued in the past.
    pub fn issued_ago(mut self, ago: Duration) -> Self {
        self.issued -= signed(ago);
        self
    }

    /// Issued in the future, as by a cloud whose clock is ahead.
    pub fn issued_ahead(mut self, ahead: Duration) -> Self {
        self.issued += signed(ahead);
        self
    }

    /// Who signs it.
    pub fn signing(mut self, signing: Signing) -> Self {
        self.signing = signing;
        self
    }

    /// How the expiry is written.
    pub fn expiry(mut self, expiry: Expiry) -> Self {
        self.expiry = expiry;
        self
    }

    /// Makes it longer by a claim of so many bytes.
    pub fn padding(mut self, bytes: usize) -> Self {
        self.padding = bytes;
        self
    }

    /// When it will expire.
    pub(crate) fn expires(&self) -> Timestamp {
        let owner = self.role == "owner" && self.audience != UNCOMMISSIONED;
        self.issued + signed(self.life.unwrap_or(if owner { OWNER_LIFE } else { INSTALLER_LIFE }))
    }

    /// The token as text.
    #[must_use]
    pub fn mint(self) -> String {
        let algorithm = match self.signing {
            Signing::Entrez | Signing::Stranger => "ES256",
            Signing::Nobody => "none",
            Signing::Shared => "HS256",
        };
        let header =
            json!({"kid": "5e1f51ed-0000-4d0d-bcb4-244f98ee156b", "typ": "JWT", "alg": algorithm});
        let mut claims = json!({
            "aud": self.audience, "iss": "Entrez", "enphaseUser": self.role, "iat": self.issued.as_second(),
            "jti": self.id, "username": self.username,
        });
        match self.expiry {
            Expiry::Seconds => claims["exp"] = self.expires().as_second().into(),
            Expiry::Milliseconds => claims["exp"] = self.expires().as_millisecond().into(),
            Expiry::Missing => {}
        }
        if self.padding > 0 {
            claims["padding"] = "x".repeat(self.padding).into();
        }
        let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encoded(&header), encoded(&claims));
        let signature = URL_SAFE_NO_PAD.encode(self.authority.sign(&signed, self.signing));
        format!("{signed}.{signature}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builder(authority: &Authority) -> TokenBuilder<'_> {
        TokenBuilder::new(
            authority,
            "122012345678",
            "a@b.example",
            "id".to_owned(),
            Timestamp::from_second(1_000_000).unwrap(),
        )
    }

    #[test]
    fn an_owner_has_a_year_and_an_installer_twelve_hours() {
        let authority = Authority::new().unwrap();
        let life = |token: String| authority.verify(&token).map(|claims| claims.exp - claims.iat);
        assert_eq!(life(builder(&authority).mint()), Some(31_536_000));
        assert_eq!(life(builder(&authority).role("installer").mint()), Some(43_200));
        assert_eq!(life(builder(&authority).audience(UNCOMMISSIONED).mint()), Some(43_200));
        assert_eq!(life(builder(&authority).life(Duration::from_secs(60)).mint()), Some(60));
    }

    #[test]
    fn only_the_authority_is_believed() {
        let authority = Authority::new().unwrap();
        for signing in [Signing::Stranger, Signing::Nobody, Signing::Shared] {
            assert!(
                authority.verify(&builder(&authority).signing(signing).mint()).is_none(),
                "{signing:?}"
            );
        }
        assert!(authority.verify("a.b.c").is_none());
        assert!(authority.verify("").is_none());
    }

    #[test]
    fn the_public_key_is_an_spki_of_91_bytes() {
        let spki = Authority::new().unwrap().spki();
        assert_eq!((spki.len(), spki[26]), (91, 0x04));
    }
}
