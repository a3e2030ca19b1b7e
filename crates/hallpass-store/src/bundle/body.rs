//! Bytes of a record as base64, without a copy that stays in memory.

use base64::{Engine, display::Base64Display, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, Serializer, de::Error};
use zeroize::Zeroizing;

pub(super) fn serialize<S: Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Base64Display::new(body, &BASE64_STANDARD))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Zeroizing<Vec<u8>>, D::Error> {
    let text = Zeroizing::new(String::deserialize(deserializer)?);
    BASE64_STANDARD.decode(&*text).map(Zeroizing::new).map_err(D::Error::custom)
}
