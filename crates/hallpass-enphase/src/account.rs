//! What a person logs in with.

use hallpass_credential::{
    Secret, sealed,
    store::{Record, Space},
};
use serde::{Deserialize, Serialize};

/// A user name and a password: of the Enphase cloud, or of a gateway before firmware 7.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "complete by nature")]
pub struct Account {
    /// The e-mail address at the cloud; `envoy` or `installer` on a gateway.
    pub username: String,
    /// Its password.
    #[serde(with = "sealed")]
    pub password: Secret,
}

impl Account {
    /// Where the store keeps the account of a cloud.
    pub fn cloud_name(username: &str) -> String {
        format!("account/{username}")
    }

    /// Where the store keeps the user of a gateway before firmware 7.
    pub fn digest_name(serial_number: &str) -> String {
        format!("digest/{serial_number}")
    }
}

impl Record for Account {
    const SPACE: Space = Space::Credential;
    const SCHEMA: u32 = 1;
}
