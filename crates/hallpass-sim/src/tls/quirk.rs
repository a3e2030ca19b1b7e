//! Handshakes that differ from the usual one.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};
use serde::Deserialize;

use super::{Certified, NAMES, Year, self_signed};
use crate::{SimError, options::TlsVersions};

/// How a handshake differs. All but two keep the key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TlsQuirk {
    /// Nothing newer than 1.2.
    #[default]
    Tls12Only,
    /// An RSA key of 2048 bits, always the same one.
    Rsa2048,
    /// The certificate ran out months ago.
    Expired,
    /// The certificate bears no name.
    NoSan,
    /// Whoever names a server is turned away.
    SniRefused,
    /// It could sign with SHA-1 alone.
    Sha1,
    /// It speaks nothing newer than 1.0.
    Tls10Only,
}

/// The key of all gateways with RSA: no library that we have makes one.
const RSA: &[u8] = include_bytes!("rsa2048.pem");

impl TlsQuirk {
    /// All that comes back from a server that shares nothing with today's clients: a fatal alert, `handshake_failure` or
    /// `protocol_version`, in a record of TLS 1.2 or 1.0 (RFC 5246 7.2.2, RFC 2246 7.2.2).
    pub(crate) fn alert(self) -> Option<&'static [u8]> {
        match self {
            Self::Sha1 => Some(&[21, 3, 3, 0, 2, 2, 40]),
            Self::Tls10Only => Some(&[21, 3, 1, 0, 2, 2, 70]),
            _ => None,
        }
    }
}

impl Certified {
    /// The same gateway with a quirk.
    pub(crate) fn with(
        &self,
        quirk: TlsQuirk,
        serial_number: &str,
        now: Timestamp,
    ) -> Result<Self, SimError> {
        let key = match quirk {
            TlsQuirk::Rsa2048 => PrivateKeyDer::from_pem_slice(RSA).map_err(|_| SimError::Key)?,
            _ => self.key.clone_key(),
        };
        let names: &[&str] = if quirk == TlsQuirk::NoSan { &[] } else { &NAMES };
        let year = if quirk == TlsQuirk::Expired { Year::Past } else { Year::Current };
        let versions = match quirk {
            TlsQuirk::Tls12Only => TlsVersions::Only12,
            _ => TlsVersions::Both,
        };
        let (chain, key) = self_signed(key, serial_number, names, now, year)?;
        let mut certified = Self::new(chain, key, versions)?;
        if quirk == TlsQuirk::SniRefused {
            let mut config = (*certified.config).clone();
            config.cert_resolver = Arc::new(Nameless(config.cert_resolver));
            certified.config = Arc::new(config);
        }
        Ok(certified)
    }
}

/// Has a certificate for those only who name no server.
#[derive(Debug)]
struct Nameless(Arc<dyn ResolvesServerCert>);

impl ResolvesServerCert for Nameless {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        hello.server_name().is_none().then(|| self.0.resolve(hello))?
    }
}
