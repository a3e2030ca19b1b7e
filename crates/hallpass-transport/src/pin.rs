//! The fingerprint of a public key.

use std::{fmt, str::FromStr};

use der::{Decode, Reader, SliceReader, Tag, Tagged, asn1::AnyRef};
use sha2::{Digest, Sha256};

use crate::{Error, ErrorKind, Result};

/// SHA-256 of a certificate's SubjectPublicKeyInfo: who a device is, whatever its certificate says
/// of names and dates. Prints and parses as `sha256:` and 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyPin([u8; 32]);

impl KeyPin {
    /// The pin of a certificate's key.
    ///
    /// # Errors
    /// [`ErrorKind::Tls`] for what is no certificate.
    pub fn of_certificate(certificate: &[u8]) -> Result<Self> {
        Ok(Self(Sha256::digest(public_key(certificate)?).into()))
    }
}

impl FromStr for KeyPin {
    type Err = Error;

    /// Reads `sha256:HEX`; colons between the digits, as other tools print them, are fine.
    fn from_str(text: &str) -> Result<Self> {
        let invalid = || Error::new(ErrorKind::Invalid);
        let digits = text.strip_prefix("sha256:").ok_or_else(invalid)?.replace(':', "");
        if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(invalid());
        }
        let mut pin = [0; 32];
        for (byte, pair) in pin.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| invalid())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| invalid())?;
        }
        Ok(Self(pin))
    }
}

impl fmt::Display for KeyPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The SubjectPublicKeyInfo within a certificate (RFC 5280), of any version: gateways may carry
/// version 1, which certificate libraries refuse.
pub(crate) fn public_key(certificate: &[u8]) -> Result<&[u8]> {
    find_public_key(certificate).map_err(|source| Error::because(ErrorKind::Tls, source))
}

fn find_public_key(certificate: &[u8]) -> der::Result<&[u8]> {
    let certificate = AnyRef::from_der(certificate)?;
    let mut fields = SliceReader::new(certificate.value())?;
    let to_be_signed = AnyRef::decode(&mut fields)?;
    let mut fields = SliceReader::new(to_be_signed.value())?;
    if Tag::peek(&fields)?.is_context_specific() {
        AnyRef::decode(&mut fields)?;
    }
    for _before in ["serial number", "signature", "issuer", "validity", "subject"] {
        AnyRef::decode(&mut fields)?;
    }
    let key = fields.tlv_bytes()?;
    match AnyRef::from_der(key)?.tag() {
        Tag::Sequence => Ok(key),
        other => Err(other.unexpected_error(Some(Tag::Sequence)).into()),
    }
}

#[cfg(test)]
mod tests;
