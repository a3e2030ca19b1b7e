//! Who may be on the far side: TLS with a pinned key, or with the public roots.

use std::{fmt, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, OtherError,
    RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{
        CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls13_signature_with_raw_key,
    },
    pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
};
use webpki::RawPublicKeyEntity;

use crate::{Error, ErrorKind, KeyPin, Result, pin::public_key};

/// What proves that the far side is the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Security {
    /// Nothing: no TLS. For devices that have none, and for loopback.
    Clear,
    /// Nothing yet: TLS with whatever key there is, to learn its pin. Nothing secret may be sent.
    Observed,
    /// This key, whatever name and dates its certificate bears.
    Pinned(KeyPin),
    /// A certificate for the host's name, signed under a public root.
    Public,
}

impl Security {
    /// The TLS settings; none without TLS.
    pub(crate) fn config(self) -> Result<Option<Arc<ClientConfig>>> {
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = match self {
            Self::Clear => return Ok(None),
            Self::Observed => Arc::new(KeyVerifier::new(None, &provider)),
            Self::Pinned(pin) => Arc::new(KeyVerifier::new(Some(pin), &provider)),
            Self::Public => public_roots(&provider)?,
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|source| Error::because(ErrorKind::Tls, source))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        // A device may refuse a name that it does not have, and a key does not depend on one.
        config.enable_sni = matches!(self, Self::Public);
        Ok(Some(Arc::new(config)))
    }
}

/// The system's roots; where there are none, as in an empty container, Mozilla's.
fn public_roots(provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>> {
    match rustls_platform_verifier::Verifier::new(Arc::clone(provider)) {
        Ok(verifier) => Ok(Arc::new(verifier)),
        Err(error) => {
            tracing::debug!(%error, "no system roots, taking those that are built in");
            let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            let builder =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
            let verifier = builder.build();
            Ok(verifier.map_err(|source| Error::because(ErrorKind::Tls, source))?)
        }
    }
}

/// Accepts one key, or any while observing. The handshake's signature is checked in either case: a
/// certificate is public, only its key's owner can sign with it.
#[derive(Debug)]
struct KeyVerifier {
    expected: Option<KeyPin>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl KeyVerifier {
    fn new(expected: Option<KeyPin>, provider: &CryptoProvider) -> Self {
        Self { expected, algorithms: provider.signature_verification_algorithms }
    }
}

impl ServerCertVerifier for KeyVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let presented = KeyPin::of_certificate(end_entity).map_err(|_| bad_encoding())?;
        match self.expected {
            Some(expected) if expected != presented => {
                Err(TlsError::Other(OtherError(Arc::new(PinMismatch { presented }))))
            }
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let key = bare_key(certificate)?;
        let key = RawPublicKeyEntity::try_from(&key).map_err(|_| bad_encoding())?;
        let known = self.algorithms.mapping.iter().filter(|(scheme, _)| *scheme == signed.scheme);
        let mut candidates = known.flat_map(|(_, algorithms)| *algorithms);
        if candidates.any(|a| key.verify_signature(*a, message, signed.signature()).is_ok()) {
            return Ok(HandshakeSignatureValid::assertion());
        }
        Err(TlsError::InvalidCertificate(CertificateError::BadSignature))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let key = bare_key(certificate)?;
        verify_tls13_signature_with_raw_key(message, &key, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The key to check signatures with: without the certificate around it, whose version then does
/// not matter.
fn bare_key<'a>(
    certificate: &'a CertificateDer<'_>,
) -> Result<SubjectPublicKeyInfoDer<'a>, TlsError> {
    public_key(certificate).map(SubjectPublicKeyInfoDer::from).map_err(|_| bad_encoding())
}

fn bad_encoding() -> TlsError {
    TlsError::InvalidCertificate(CertificateError::BadEncoding)
}

/// The far side has another key than the pinned one.
#[derive(Debug)]
struct PinMismatch {
    presented: KeyPin,
}

impl fmt::Display for PinMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the key {} is not the pinned one", self.presented)
    }
}

impl std::error::Error for PinMismatch {}

/// Tells what failed in a handshake: the pin, TLS, or the stream below it.
pub(crate) fn handshake_error(error: std::io::Error) -> Error {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
    let Some(tls) = tls else { return Error::because(ErrorKind::Closed, error) };
    let mismatch = match tls {
        TlsError::Other(OtherError(other)) => other.downcast_ref::<PinMismatch>(),
        _ => None,
    };
    match mismatch {
        Some(mismatch) => Error::new(ErrorKind::Pin(mismatch.presented)),
        None => Error::because(ErrorKind::Tls, error),
    }
}

/// The name that a public certificate must bear. A host that is no DNS name, such as one with an
/// underscore, has none: a pin does not depend on it.
pub(crate) fn server_name(host: &str) -> ServerName<'static> {
    ServerName::try_from(host.to_owned())
        .unwrap_or_else(|_| ServerName::IpAddress(std::net::Ipv4Addr::UNSPECIFIED.into()))
}

#[cfg(test)]
mod tests;
