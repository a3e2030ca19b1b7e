//! What a HEM has signed, verified here: the proof that it can use a key.

use std::{fmt, str::FromStr};

use hallpass_credential::{Error, ErrorKind, Result};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ED25519, UnparsedPublicKey, VerificationAlgorithm,
};

use crate::encoding;

/// A public key of a HEM that verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    kind: KeyKind,
    bytes: Vec<u8>,
}

impl VerifyingKey {
    /// Reads `type` and `pubkey` of the answer to `GET /api/keymgmt/get/{kid}`. A type may list
    /// what else the key can do.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a key that signs nothing; [`ErrorKind::NotUnderstood`] for one
    /// that is no base64.
    pub fn parse(kind: &str, public_key: &str) -> Result<Self> {
        let kind = kind.split(',').find_map(KeyKind::named);
        let kind = kind.ok_or_else(|| Error::new(ErrorKind::Invalid, "this key signs nothing"))?;
        let bytes = encoding::decode(public_key)
            .ok_or_else(|| Error::new(ErrorKind::NotUnderstood, "the public key is not base64"))?;
        Ok(Self { kind, bytes: kind.point(bytes) })
    }

    /// Whether the owner of this key signed `message`.
    pub fn verify(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> Verdict {
        let Some(algorithm) = algorithm(self.kind, scheme) else { return Verdict::Unsupported };
        let key = UnparsedPublicKey::new(algorithm, &self.bytes);
        match key.verify(message, signature) {
            Ok(()) => Verdict::Genuine,
            Err(_) => Verdict::Forged,
        }
    }

    /// What the owner of such a key signs with, where nothing else is asked for.
    pub fn usual_scheme(&self) -> Scheme {
        match self.kind {
            KeyKind::Secp256r1 | KeyKind::Secp256k1 => Scheme::Sha256WithEcdsa,
            KeyKind::Secp384r1 => Scheme::Sha384WithEcdsa,
            KeyKind::Secp521r1 => Scheme::Sha512WithEcdsa,
            KeyKind::Ed25519 => Scheme::Ed25519,
            KeyKind::Ed448 => Scheme::Ed448,
        }
    }
}

/// What a signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The owner of the key signed this.
    Genuine,
    /// Nobody with this key signed this.
    Forged,
    /// Only the device can tell: `POST /api/crypto/exdsa/verify`.
    Unsupported,
}

/// How a message is signed: `alg` of `POST /api/crypto/exdsa/sign`. Signatures with ECDSA are DER.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// ECDSA over SHA-256.
    Sha256WithEcdsa,
    /// ECDSA over SHA-384.
    Sha384WithEcdsa,
    /// ECDSA over SHA-512.
    Sha512WithEcdsa,
    /// RFC 8032, section 5.1.
    Ed25519,
    /// The same over the hash of the message.
    Ed25519ph,
    /// The same with a context.
    Ed25519ctx,
    /// RFC 8032, section 5.2.
    Ed448,
    /// The same over the hash of the message.
    Ed448ph,
}

impl Scheme {
    /// Every scheme there is.
    pub const ALL: [Self; 8] = [
        Self::Sha256WithEcdsa,
        Self::Sha384WithEcdsa,
        Self::Sha512WithEcdsa,
        Self::Ed25519,
        Self::Ed25519ph,
        Self::Ed25519ctx,
        Self::Ed448,
        Self::Ed448ph,
    ];

    /// What a device calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256WithEcdsa => "SHA256WithECDSA",
            Self::Sha384WithEcdsa => "SHA384WithECDSA",
            Self::Sha512WithEcdsa => "SHA512WithECDSA",
            Self::Ed25519 => "Ed25519",
            Self::Ed25519ph => "Ed25519ph",
            Self::Ed25519ctx => "Ed25519ctx",
            Self::Ed448 => "Ed448",
            Self::Ed448ph => "Ed448ph",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scheme {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let known = Self::ALL.into_iter().find(|scheme| scheme.name() == name);
        known.ok_or_else(|| Error::new(ErrorKind::Invalid, "a HEM has no such way of signing"))
    }
}

/// The keys of a HEM that sign, less those of ML-DSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Secp256r1,
    Secp384r1,
    Secp521r1,
    Secp256k1,
    Ed25519,
    Ed448,
}

impl KeyKind {
    fn named(name: &str) -> Option<Self> {
        Some(match name.trim() {
            "SECP256R1" => Self::Secp256r1,
            "SECP384R1" => Self::Secp384r1,
            "SECP521R1" => Self::Secp521r1,
            "SECP256K1" => Self::Secp256k1,
            "ED25519" => Self::Ed25519,
            "ED448" => Self::Ed448,
            _ => return None,
        })
    }

    /// The point as SEC 1 writes it. No document says whether devices write the byte of its form.
    fn point(self, mut bytes: Vec<u8>) -> Vec<u8> {
        let bare = match self {
            Self::Secp256r1 | Self::Secp256k1 => 64,
            Self::Secp384r1 => 96,
            Self::Secp521r1 => 132,
            Self::Ed25519 | Self::Ed448 => return bytes,
        };
        if bytes.len() == bare {
            bytes.insert(0, UNCOMPRESSED);
        }
        bytes
    }
}

const UNCOMPRESSED: u8 = 4;

fn algorithm(kind: KeyKind, scheme: Scheme) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (kind, scheme) {
        (KeyKind::Secp256r1, Scheme::Sha256WithEcdsa) => &ECDSA_P256_SHA256_ASN1,
        (KeyKind::Secp256r1, Scheme::Sha384WithEcdsa) => &ECDSA_P256_SHA384_ASN1,
        (KeyKind::Secp384r1, Scheme::Sha256WithEcdsa) => &ECDSA_P384_SHA256_ASN1,
        (KeyKind::Secp384r1, Scheme::Sha384WithEcdsa) => &ECDSA_P384_SHA384_ASN1,
        (KeyKind::Ed25519, Scheme::Ed25519) => &ED25519,
        _ => return None,
    })
}
