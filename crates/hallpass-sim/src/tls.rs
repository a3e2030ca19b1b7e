//! The certificates of simulated gateways.

mod quirk;

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use rcgen::{CertificateParams, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig, SupportedProtocolVersion,
    crypto::ring,
    version::{TLS12, TLS13},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

pub(crate) use self::quirk::TlsQuirk;
use crate::{
    SimError,
    options::{CertificateChoice, TlsVersions},
};

/// What a gateway needs to answer a handshake, and the certificate that it shows then.
pub(crate) struct Certified {
    pub(crate) config: Arc<ServerConfig>,
    pub(crate) pem: String,
    key: PrivateKeyDer<'static>,
}

/// A certificate with a key of its own.
pub(crate) fn certified(
    choice: &CertificateChoice,
    versions: TlsVersions,
    serial_number: &str,
    now: Timestamp,
) -> Result<Certified, SimError> {
    let (chain, key) = match choice {
        CertificateChoice::Pem { certificate, key } => from_pem(certificate, key)?,
        CertificateChoice::SelfSigned => {
            self_signed(new_key()?, serial_number, &NAMES, now, Year::Current)?
        }
        CertificateChoice::Expired => {
            self_signed(new_key()?, serial_number, &NAMES, now, Year::Past)?
        }
        CertificateChoice::Nameless => {
            self_signed(new_key()?, serial_number, &[], now, Year::Current)?
        }
    };
    Certified::new(chain, key, versions)
}

impl Certified {
    fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
        versions: TlsVersions,
    ) -> Result<Self, SimError> {
        let pem = chain.iter().map(pem).collect();
        let versions: &[&SupportedProtocolVersion] = match versions {
            TlsVersions::Both => &[&TLS12, &TLS13],
            TlsVersions::Only12 => &[&TLS12],
            TlsVersions::Only13 => &[&TLS13],
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)?
            .with_no_client_auth()
            .with_single_cert(chain, key.clone_key())?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), pem, key })
    }
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

const NAMES: [&str; 4] = ["envoy.local", "envoy", "localhost", "127.0.0.1"];

/// When a certificate is valid, seen from now.
enum Year {
    Current,
    Past,
}

/// A self-signed end entity certificate. It names no key usage: with one that lacks certificate signing, OpenSSL would
/// not take it as its own trust anchor.
fn self_signed(
    key: PrivateKeyDer<'static>,
    serial_number: &str,
    names: &[&str],
    now: Timestamp,
    year: Year,
) -> Result<Identity, SimError> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, serial_number);
    params.distinguished_name.push(DnType::OrganizationName, "Simulated gateway");
    params.is_ca = IsCa::ExplicitNoCa;
    let today = now.to_zoned(TimeZone::UTC).date();
    let begin = match year {
        Year::Current => today.saturating_sub(60.days()),
        Year::Past => today.saturating_sub(500.days()),
    };
    let day = |date: Date| {
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    params.not_before = day(begin);
    params.not_after = day(begin.saturating_add(1.year()));
    let certificate = params.self_signed(&KeyPair::try_from(&key)?)?;
    Ok((vec![certificate.der().clone()], key))
}

/// P-256, made anew.
fn new_key() -> Result<PrivateKeyDer<'static>, SimError> {
    let key = KeyPair::generate()?;
    PrivateKeyDer::try_from(key.serialize_der()).map_err(|_| SimError::Key)
}

/// A certificate as text.
fn pem(certificate: &CertificateDer<'_>) -> String {
    pem_document("CERTIFICATE", certificate)
}

/// DER as PEM.
pub(crate) fn pem_document(label: &str, der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let lines: Vec<&str> =
        encoded.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn from_pem(certificate: &str, key: &str) -> Result<Identity, SimError> {
    let chain = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect::<Result<_, _>>();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes());
    Ok((chain.map_err(|_| SimError::Key)?, key.map_err(|_| SimError::Key)?))
}
