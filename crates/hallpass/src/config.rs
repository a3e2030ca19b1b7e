//! The configuration: what was written in the file and the environment, and what is meant by it.

use std::{
    fs,
    num::{NonZeroU16, NonZeroUsize},
    path::PathBuf,
};

use anyhow::{Context as _, Result};
use hallpass_credential::{Rate, jwt::PublicKey};
use hallpass_transport::{Origin, Scheme};
use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use toml::{Table, Value};

use crate::problem::Problem;
use keys::Keys;

mod keys;

/// What the person wants otherwise than usual.
#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    pub(crate) enlighten: Option<Origin>,
    pub(crate) entrez: Option<Origin>,
    /// Keys that may sign tokens, besides the one that is built in.
    pub(crate) entrez_keys: Vec<PublicKey>,
    pub(crate) rate: Option<Rate>,
    pub(crate) multicast: Multicast,
}

/// Where devices are listened for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Multicast {
    #[default]
    Networks,
    /// Within this machine alone, on this port.
    Loopback(u16),
    Nowhere,
}

impl Config {
    /// What `text`, read from `path`, and the variables `HALLPASS_SECTION__KEY` of `overlay` mean;
    /// a variable is stronger.
    ///
    /// # Errors
    /// A usage [`Problem`] for what cannot be meant.
    pub(crate) fn parse(text: &str, path: &str, overlay: &[(String, String)]) -> Result<Self> {
        let keys = Keys::of(&schema());
        keys.check_file(text, path)?;
        // Only the text knows the place of a wrong value.
        toml::from_str::<Written>(text).map_err(|error| wrong(path, &error))?;
        let mut table: Table = toml::from_str(text).map_err(|error| wrong(path, &error))?;
        for (variable, value) in overlay {
            let key = keys.of_variable(variable)?;
            let section = Table::from_iter([(key.name.clone(), key.value(value))]);
            let alone = Table::from_iter([(key.section.clone(), Value::Table(section.clone()))]);
            Written::deserialize(alone).map_err(|error| wrong(variable, &error))?;
            let place = table.entry(key.section).or_insert_with(|| Value::Table(Table::new()));
            if let Some(place) = place.as_table_mut() {
                place.extend(section);
            }
        }
        Written::deserialize(table).map_err(|error| wrong(path, &error))?.meant()
    }
}

/// The JSON schema of the file.
pub(crate) fn schema() -> Schema {
    schema_for!(Written)
}

/// The configuration of hallpass.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "hallpass configuration")]
struct Written {
    cloud: WrittenCloud,
    gateway: WrittenGateway,
    network: WrittenNetwork,
}

/// Enphase's clouds, where tokens come from.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
struct WrittenCloud {
    /// Where accounts log in, instead of https://enlighten.enphaseenergy.com. Plain http only on
    /// this machine.
    enlighten_url: Option<String>,
    /// Where tokens are made, instead of https://entrez.enphaseenergy.com. Plain http only on this
    /// machine.
    entrez_url: Option<String>,
    /// A PEM file with public keys (P-256) that may have signed a token, besides Enphase's own.
    entrez_key_file: Option<PathBuf>,
}

/// How gateways are treated.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
struct WrittenGateway {
    /// Requests to one gateway in any minute, by all of hallpass together. Unless set: 30, and 60
    /// for a person at a terminal. Gateways answer 503 when they are asked more often.
    requests_per_minute: Option<NonZeroUsize>,
    /// Requests to one gateway in any ten seconds. Unless set: 20, and 60 for a person at a
    /// terminal.
    burst: Option<NonZeroUsize>,
}

/// How devices are found.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
struct WrittenNetwork {
    /// Whether devices are listened for by mDNS: by `discover`, and where one is not at its address
    /// any more. True unless set.
    mdns: Option<bool>,
    /// A UDP port for mDNS instead of 5353, and within this machine alone: for simulated gateways.
    mdns_port: Option<NonZeroU16>,
}

impl Written {
    fn meant(self) -> Result<Config> {
        let Self { cloud, gateway, network } = self;
        let keys = cloud.entrez_key_file.as_ref().map(entrez_keys).transpose()?;
        Ok(Config {
            enlighten: cloud_url("cloud.enlighten_url", cloud.enlighten_url)?,
            entrez: cloud_url("cloud.entrez_url", cloud.entrez_url)?,
            entrez_keys: keys.unwrap_or_default(),
            rate: gateway.rate(),
            multicast: network.multicast(),
        })
    }
}

impl WrittenGateway {
    /// One of the two alone keeps the usual value of the other, or raises it to its own.
    fn rate(&self) -> Option<Rate> {
        let usual = Rate::UNATTENDED;
        let [per_minute, burst] =
            [self.requests_per_minute, self.burst].map(|set| set.map(NonZeroUsize::get));
        let set = per_minute.or(burst)?;
        let [usual_minute, usual_burst] = [usual.per_minute, usual.burst].map(|it| it.max(set));
        let per_minute = per_minute.unwrap_or(usual_minute);
        Some(Rate { per_minute, burst: burst.unwrap_or(usual_burst) })
    }
}

impl WrittenNetwork {
    fn multicast(&self) -> Multicast {
        match (self.mdns, self.mdns_port) {
            (Some(false), _) => Multicast::Nowhere,
            (_, Some(port)) => Multicast::Loopback(port.get()),
            (_, None) => Multicast::Networks,
        }
    }
}

/// A password goes there: in the clear only within this machine.
fn cloud_url(key: &str, text: Option<String>) -> Result<Option<Origin>> {
    let Some(text) = text else { return Ok(None) };
    let origin = text.parse::<Origin>().map_err(|_| {
        let expected = "https://HOST[:PORT], without a path, a user or a password";
        Problem::usage(format!("{key} is no address of a cloud"))
            .hint(format!("write {expected}, or leave it out for Enphase's own"))
    })?;
    if origin.scheme == Scheme::Http && !origin.is_loopback() {
        let context = format!("{key} is {origin}: plain http is for this machine only");
        return Err(Problem::usage(context).hint("write https").into());
    }
    Ok(Some(origin))
}

/// The keys of a PEM file, of which it may hold several one after the other.
fn entrez_keys(path: &PathBuf) -> Result<Vec<PublicKey>> {
    let unusable = || {
        Problem::usage(format!("cloud.entrez_key_file {} is unusable", path.display()))
            .hint("name a PEM file with public keys (P-256), or leave it out for Enphase's own")
    };
    let text = fs::read_to_string(path).with_context(unusable)?;
    let blocks = text.split_inclusive(PEM_END).filter(|block| !block.trim().is_empty());
    blocks.map(|block| PublicKey::from_pem(block.trim()).with_context(unusable)).collect()
}

const PEM_END: &str = "-----END PUBLIC KEY-----";

fn wrong(place: &str, error: &toml::de::Error) -> Problem {
    Problem::usage(format!("{place}: {}", error.to_string().trim_end()))
        .hint("`hallpass config-schema` prints all keys of the configuration and what they take")
}

#[cfg(test)]
mod tests;
