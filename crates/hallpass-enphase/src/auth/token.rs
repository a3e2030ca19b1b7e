//! The token of a gateway: an ES256 JWT that Entrez made for one serial number.

use std::{fmt, sync::Arc};

use hallpass_credential::{
    Attempt, Clock, Error, ErrorKind, Issue, Issued, Issuer, Reason, Result, Secret, Trust,
    jwt::{Jwt, PublicKey},
    later, sealed,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::session::Gatekeeper;
use crate::{
    cloud::{access::CloudAccess, entrez},
    gateway::identity::Identity,
};

/// A token that was looked at before any gateway sees it.
#[derive(Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Token {
    #[serde(with = "sealed")]
    text: Secret,
    claims: Claims,
    verified: bool,
}

/// What a token says (Entrez, as of 2023 to 2026).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The serial number of the gateway that it is for, or `un-commissioned`.
    pub aud: String,
    /// Who made it: `Entrez`.
    pub iss: String,
    /// What it may do.
    #[serde(rename = "enphaseUser")]
    pub enphase_user: Role,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it was made, in seconds since 1970.
    pub iat: Option<i64>,
    /// Its number. Gateways tie sessions to it.
    pub jti: Option<String>,
    /// The account that it was made for.
    pub username: Option<String>,
}

/// What a token may do. Owners read and set what is theirs, for a year; installers more, for 12 h.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// The owner of the plant.
    Owner,
    /// Who set it up.
    Installer,
    /// A role that we do not know, as it is called.
    #[serde(untagged)]
    Other(String),
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Owner => "owner",
            Self::Installer => "installer",
            Self::Other(name) => name,
        })
    }
}

impl Token {
    /// Looks at a token for the gateway `serial_number`. A signature by none of `keys` is no
    /// refusal, since Entrez may change its key; [`is_verified`](Self::is_verified) tells.
    ///
    /// # Errors
    /// [`ErrorKind::Rejected`] for what is no ES256 token of Entrez with sane times, or is another
    /// gateway's; [`ErrorKind::NeedsLogin`] for one that has expired.
    pub fn admit(
        text: &str,
        serial_number: &str,
        keys: &[PublicKey],
        now: Timestamp,
    ) -> Result<Self> {
        let rejected = |error: Error| Error::new(ErrorKind::Rejected, error.to_string());
        let jwt = Jwt::parse(text).map_err(rejected)?;
        let claims: Claims = jwt.claims().map_err(rejected)?;
        check(&claims, serial_number, now)?;
        Ok(Self { text: jwt.text().clone(), claims, verified: jwt.is_signed_by(keys) })
    }

    /// The same for a text that is wrapped already.
    pub(crate) fn admit_secret(
        text: &Secret,
        serial_number: &str,
        keys: &[PublicKey],
        now: Timestamp,
    ) -> Result<Self> {
        Self::admit(text.expose(), serial_number, keys, now)
    }

    /// What it says.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// What it may do.
    pub fn role(&self) -> &Role {
        &self.claims.enphase_user
    }

    /// Whether one of the known keys signed it.
    pub fn is_verified(&self) -> bool {
        self.verified
    }

    /// When it ends.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_second(self.claims.exp).unwrap_or(Timestamp::MIN)
    }

    /// The token itself, for the line that writes the request.
    pub fn text(&self) -> &Secret {
        &self.text
    }

    pub(crate) fn issued(self) -> Issued<Self> {
        let expires_at = Some(self.expires_at());
        Issued { credential: self, expires_at }
    }
}

fn check(claims: &Claims, serial_number: &str, now: Timestamp) -> Result<()> {
    let rejected = |context: String| Err(Error::new(ErrorKind::Rejected, context));
    if claims.iss != ISSUER {
        return rejected("the token was not made by Entrez".to_owned());
    }
    if claims.aud != serial_number && claims.aud != UNCOMMISSIONED {
        return rejected(format!("the token is for the gateway {}", claims.aud));
    }
    let time = |second| Timestamp::from_second(second).ok().filter(|time| *time < SANE_BEFORE);
    let Some(end) = time(claims.exp) else {
        return rejected("the token's end is no time in this century".to_owned());
    };
    if end <= now {
        let context = format!("the token expired at {end}");
        return Err(Error::new(ErrorKind::NeedsLogin, context));
    }
    let made = claims.iat.map_or(Some(now), time);
    if made.is_none_or(|made| now.duration_until(made) > CLOCK_DOUBT) {
        return rejected("the token is from the future; compare the clocks".to_owned());
    }
    Ok(())
}

/// Obtains tokens from the clouds, for a gateway whose account is known.
pub(crate) struct TokenIssuer {
    pub(crate) identity: Arc<Identity>,
    pub(crate) gatekeeper: Gatekeeper,
    /// Those that may have signed a token.
    pub(crate) keys: Vec<PublicKey>,
    /// None where the person gave a token and no account.
    pub(crate) cloud: Option<CloudAccess>,
    pub(crate) clock: Arc<dyn Clock>,
    /// What the cloud has made and the gateway could not be shown yet.
    pub(crate) unproven: Option<Token>,
}

impl Issuer for TokenIssuer {
    type Credential = Token;

    async fn issue(&mut self, why: Reason) -> Issue<Token> {
        let chronicle = self.identity.chronicle();
        if let Reason::Refused(generation) = why {
            chronicle.refused(generation).await?;
            chronicle.may_ask_cloud(why).await?;
        }
        let Some(cloud) = &self.cloud else { return Err(no_account(why).into()) };
        // A gateway that is away, or is another one, is no reason to ask the cloud, and what it says
        // of itself may be none either: that it has been away a moment ago (B5).
        self.identity.vouch().await?;
        chronicle.may_ask_cloud(why).await?;
        let token = match self.unproven.take().filter(|_| why != Reason::Wanted) {
            Some(token) => token,
            None => {
                let text = cloud.ask_for_token().await?;
                self.admit(&text).map_err(Attempt::Refused)?
            }
        };
        // The old token stays until the gateway has taken the new one (B6).
        match self.gatekeeper.prove(&token).await {
            Ok(session) => self.gatekeeper.hand_on(session),
            Err(Attempt::Refused(error)) => return Err(self.refused_new(error).await),
            // Neither a disk that is full nor a gateway that is gone costs a token (S3).
            Err(failed) => {
                self.unproven = Some(token);
                return Err(failed);
            }
        }
        chronicle.accepted_new().await;
        cloud.remember_routes().await;
        Ok(token.issued())
    }

    /// The gateway's own clock is a witness, too; it is asked when no other is heard (B6).
    async fn believes(&mut self, _now: Timestamp) -> bool {
        let chronicle = self.identity.chronicle();
        if matches!(chronicle.trust().await, Ok(Trust::Believed)) {
            return true;
        }
        self.identity.vouch().await.is_ok()
            && matches!(chronicle.trust().await, Ok(Trust::Believed))
    }
}

impl TokenIssuer {
    fn admit(&self, text: &Secret) -> Result<Token> {
        let (serial_number, now) = (self.identity.serial_number(), self.clock.now());
        Token::admit_secret(text, serial_number, &self.keys, now).map_err(|error| {
            let context = format!("the cloud made a token that cannot be used: {error}");
            let unusable = Error::new(ErrorKind::CloudUnreachable, context);
            unusable.until(later(now, entrez::REST)).because(error)
        })
    }

    /// The gateway refuses what the cloud has just made for it. Another one would do no better, until
    /// somebody has looked at what the error names (A5).
    async fn refused_new(&self, error: Error) -> Attempt {
        let compare = format!("compare its serial number with {}", self.identity.serial_number());
        let why = match self.identity.clock_lead() {
            Some(lead) if lead.abs() >= CLOCK_SKEW => wrong_clock(lead),
            Some(_) => format!("its clock agrees with ours; {compare}"),
            None => format!("compare its clock with ours; {compare}"),
        };
        let context =
            format!("the gateway refuses the token that the cloud has just made for it; {why}");
        let refused = Error::new(ErrorKind::NeedsLogin, context).because(error);
        match self.identity.chronicle().refused_new().await {
            Ok(Some(retry_at)) => Attempt::Refused(refused.until(retry_at)),
            Ok(None) => Attempt::Refused(refused),
            Err(error) => {
                tracing::warn!(%error, "that a new token was refused is not written down");
                Attempt::Refused(refused)
            }
        }
    }
}

fn wrong_clock(lead: SignedDuration) -> String {
    let hours = (lead.abs().as_secs() + 1800) / 3600;
    let way = if lead.is_negative() { "behind" } else { "ahead of" };
    let by = match hours {
        0 => format!("{} minutes", lead.abs().as_secs() / 60),
        1..48 => format!("{hours} hours"),
        _ => format!("{} days", (hours + 12) / 24),
    };
    format!("its clock is {by} {way} ours")
}

fn no_account(why: Reason) -> Error {
    let context = match why {
        Reason::Refused(_) => "the gateway refuses the token, and no account is known to renew it",
        Reason::Expired | Reason::Aging => {
            "the token does not last, and no account is known to renew it"
        }
        _ => "nobody has logged in to this gateway yet",
    };
    Error::new(ErrorKind::NeedsLogin, context)
}

/// Where the store keeps the token of a gateway.
pub fn token_name(serial_number: &str) -> String {
    format!("token/{serial_number}")
}

const ISSUER: &str = "Entrez";

/// The audience of a token for any gateway that is not yet set up.
const UNCOMMISSIONED: &str = "un-commissioned";

/// An end after this is no number of seconds (milliseconds have been seen in other tokens).
const SANE_BEFORE: Timestamp = Timestamp::constant(4_102_444_800, 0);

/// A gateway whose clock is further off may take a new token for one of the future.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// A token made later than this from now shows that a clock is wrong.
const CLOCK_DOUBT: SignedDuration = SignedDuration::from_hours(24);

#[cfg(test)]
mod tests;
