//! What the world is, for whoever starts it: the line of `sim --json`.

use std::{collections::BTreeMap, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;

use crate::Sim;

/// All addresses, the account and the key. Serialises to the line of `sim --json`. `hem` joins with its issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Description {
    /// In the order of the options.
    pub gateways: Vec<GatewayDescription>,
    /// At both clouds.
    pub account: AccountDescription,
    /// Where they are.
    pub cloud: CloudDescription,
    /// Where it is.
    pub control: ControlDescription,
    /// What to export so that hallpass uses these clouds, and looks for gateways here alone.
    pub env: BTreeMap<String, String>,
}

/// One gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GatewayDescription {
    /// `127.0.0.1:PORT`.
    pub host: String,
    /// The same with its scheme: https from firmware 7 on.
    pub url: String,
    /// As in `/info`.
    pub serial_number: String,
    /// Without its letter.
    pub firmware: String,
    /// As in `/info`.
    pub part_number: String,
}

/// The account at the clouds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccountDescription {
    /// An e-mail address.
    pub username: String,
    /// No secret here: it opens nothing but this simulation.
    pub password: String,
}

/// The two clouds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CloudDescription {
    /// Base, without a trailing slash.
    pub enlighten_url: String,
    /// Base, without a trailing slash.
    pub entrez_url: String,
    /// The public key that tokens are signed under: SPKI, base64.
    pub entrez_key: String,
}

/// The control plane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ControlDescription {
    /// Base, without a trailing slash.
    pub url: String,
}

/// The addresses of all listeners, `HOST:PORT`, but for the port of mDNS, if there is one.
pub(crate) struct Places {
    pub(crate) gateways: Vec<String>,
    pub(crate) mdns_port: Option<u16>,
    pub(crate) enlighten: String,
    pub(crate) entrez: String,
    pub(crate) control: String,
}

impl Description {
    pub(crate) fn new(sim: &Sim, places: &Places, key_file: &Path) -> Self {
        let gateways = sim.inner.gateways.iter().zip(&places.gateways);
        let gateways = gateways.map(|(gateway, host)| GatewayDescription {
            host: host.clone(),
            url: format!("{}://{host}", if gateway.wants_tokens() { "https" } else { "http" }),
            serial_number: gateway.serial_number().to_owned(),
            firmware: gateway.firmware(),
            part_number: gateway.part_number(),
        });
        let (username, password) = sim.account();
        let cloud = CloudDescription {
            enlighten_url: format!("http://{}", places.enlighten),
            entrez_url: format!("http://{}", places.entrez),
            entrez_key: STANDARD.encode(sim.entrez_key()),
        };
        let env = [
            ("HALLPASS_CLOUD__ENLIGHTEN_URL", cloud.enlighten_url.clone()),
            ("HALLPASS_CLOUD__ENTREZ_URL", cloud.entrez_url.clone()),
            ("HALLPASS_CLOUD__ENTREZ_KEY_FILE", key_file.display().to_string()),
            match places.mdns_port {
                Some(port) => ("HALLPASS_NETWORK__MDNS_PORT", port.to_string()),
                None => ("HALLPASS_NETWORK__MDNS", "false".to_owned()),
            },
        ];
        Self {
            gateways: gateways.collect(),
            account: AccountDescription {
                username: username.to_owned(),
                password: password.to_owned(),
            },
            cloud,
            control: ControlDescription { url: format!("http://{}", places.control) },
            env: env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        }
    }
}
