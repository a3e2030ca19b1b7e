//! Where a HEM was made.

use std::str;

use der::Decode;
use hallpass_credential::{Error, ErrorKind, Result};
use jiff::Timestamp;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde::Deserialize;
use x509_cert::{Certificate, ext::pkix::SubjectKeyIdentifier};

use crate::{encoding, speaker::Speaker, text::plain};

/// A device's word that it is genuine: a time, signed with the key of its factory certificate.
///
/// It can be repeated by others until it is old, so it is worth something over a connection that is
/// pinned. Who signed the certificate is told and not checked: the vendor's root is not published.
/// The documents call the word opaque; its form was found on their sample, which verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attestation {
    /// The device's number (`genuine_id` of its configuration).
    pub device: String,
    /// Who signed the certificate, as the certificate says: `Encedo Custody CA`.
    pub issuer: String,
    /// Which key it is, in hexadecimal digits.
    pub key: String,
    /// When the word was given, by the device's clock.
    pub given_at: Timestamp,
    /// When the certificate ends. Devices outlive theirs.
    pub certificate_until: Timestamp,
}

impl Attestation {
    /// Reads the answer to `GET /api/system/config/attestation` of a device that tells its
    /// certificate.
    ///
    /// # Errors
    /// Those of [`verify`](Self::verify); [`ErrorKind::NotADevice`] for a web page.
    pub fn read(body: &[u8]) -> Result<Self> {
        let said: Said = Speaker::Device.read(WHAT, body)?;
        let certificate = said.crt.ok_or_else(|| odd("comes without a certificate"))?;
        Self::verify(&said.genuine, &certificate)
    }

    /// Verifies a word by the certificate that comes with it, base64 of DER.
    ///
    /// # Errors
    /// [`ErrorKind::IdentityChanged`] where another key has signed, or has signed something else;
    /// [`ErrorKind::NotUnderstood`] for what is no attestation.
    pub fn verify(genuine: &str, certificate: &str) -> Result<Self> {
        let word = Word::parse(genuine).ok_or_else(|| odd("is not of the form it should be"))?;
        let certificate = encoding::decode(certificate)
            .and_then(|der| Certificate::from_der(&der).ok())
            .ok_or_else(|| odd("has no certificate that can be read"))?;
        if !word.is_signed_by(&certificate) {
            let context = "the HEM's certificate did not sign that it is genuine";
            return Err(Error::new(ErrorKind::IdentityChanged, context));
        }
        Self::of(&word, &certificate).ok_or_else(|| odd("has a certificate that names no device"))
    }

    fn of(word: &Word, certificate: &Certificate) -> Option<Self> {
        let part = certificate.tbs_certificate();
        let name = part.subject().common_name().ok()??;
        let issuer = part.issuer().common_name().ok()??;
        let end = part.validity().not_after.to_unix_duration().as_secs();
        Some(Self {
            device: plain(name.value().strip_prefix('#')?),
            issuer: plain(&issuer.value()),
            key: word.key.iter().map(|byte| format!("{byte:02x}")).collect(),
            given_at: word.given_at,
            certificate_until: Timestamp::from_second(i64::try_from(end).ok()?).ok()?,
        })
    }
}

/// `key.time.signature`, each in base64.
struct Word {
    key: Vec<u8>,
    /// Decimal digits, which are what is signed.
    time: Vec<u8>,
    given_at: Timestamp,
    signature: Vec<u8>,
}

impl Word {
    fn parse(genuine: &str) -> Option<Self> {
        let parts: Vec<&str> = genuine.split('.').collect();
        let [key, time, signature] = parts[..] else { return None };
        let time = encoding::decode(time)?;
        let seconds = str::from_utf8(&time).ok()?.parse().ok()?;
        Some(Self {
            key: encoding::decode(key)?,
            given_at: Timestamp::from_second(seconds).ok()?,
            signature: encoding::decode(signature)?,
            time,
        })
    }

    fn is_signed_by(&self, certificate: &Certificate) -> bool {
        let part = certificate.tbs_certificate();
        let Ok(Some((_, key))) = part.get_extension::<SubjectKeyIdentifier>() else { return false };
        let point = part.subject_public_key_info().subject_public_key.raw_bytes();
        key.0.as_bytes() == self.key
            && UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
                .verify(&self.time, &self.signature)
                .is_ok()
    }
}

const WHAT: &str = "the attestation";

fn odd(how: &str) -> Error {
    Error::new(ErrorKind::NotUnderstood, format!("{WHAT} {how}"))
}

#[derive(Deserialize)]
struct Said {
    genuine: String,
    crt: Option<String>,
}
