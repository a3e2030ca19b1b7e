//! Base64 as devices write it and as they might.

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// The bytes of a text in the standard alphabet. Padding may lack, as the device itself allows it.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    PLAIN.decode(text).ok()
}

/// Exactly `N` bytes from a text in the standard alphabet.
pub(crate) fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}

/// Text in the standard alphabet with padding, which is all that devices write.
pub(crate) fn encode(bytes: &[u8]) -> String {
    PLAIN.encode(bytes)
}

/// The bytes of a text in the alphabet for URLs, as in tokens and logs.
pub(crate) fn decode_url(text: &str) -> Option<Vec<u8>> {
    URL.decode(text).ok()
}

/// Text in the alphabet for URLs, without padding.
pub(crate) fn encode_url(bytes: &[u8]) -> String {
    URL.encode(bytes)
}

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT.with_encode_padding(false));
