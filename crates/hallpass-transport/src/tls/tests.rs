use std::io;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Request;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig, SignatureAlgorithm, SupportedProtocolVersion,
    crypto::ring::sign::any_supported_type,
    pki_types::{PrivateKeyDer, pem::PemObject},
    server::Acceptor,
    sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor, TlsConnector};

use super::*;
use crate::{BoxStream, Client, Connector, Limits};

#[derive(Debug)]
struct Device {
    certificate: CertificateDer<'static>,
    key: Arc<dyn SigningKey>,
}

impl Device {
    fn from_files(certificate: &str, key: &str) -> Self {
        Self {
            certificate: CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap(),
            key: signing(&PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap()),
        }
    }

    /// A certificate for another name that expired long ago.
    fn expired() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["somebody.else".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self { certificate, key: signing(&PrivateKeyDer::try_from(key.serialize_der()).unwrap()) }
    }

    fn pin(&self) -> KeyPin {
        KeyPin::of_certificate(&self.certificate).unwrap()
    }

    /// Certificate and key without a look whether they belong together, as an impostor has them.
    fn unchecked(&self) -> CertifiedKey {
        CertifiedKey::new(vec![self.certificate.clone()], Arc::clone(&self.key))
    }

    /// The device answers one client over `stream` and tells what it received.
    async fn serve(
        &self,
        version: &'static SupportedProtocolVersion,
        stream: DuplexStream,
    ) -> Vec<u8> {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(self.unchecked())));
        let mut received = Vec::new();
        if let Ok(mut tls) = TlsAcceptor::from(Arc::new(config)).accept(stream).await {
            let _ = tls.read_to_end(&mut received).await;
        }
        received
    }
}

fn signing(key: &PrivateKeyDer<'_>) -> Arc<dyn SigningKey> {
    any_supported_type(key).unwrap()
}

/// A key that signs with PKCS#1, whatever is asked for.
#[derive(Debug)]
struct OldFashioned(Arc<dyn SigningKey>);

impl SigningKey for OldFashioned {
    fn choose_scheme(&self, _: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        self.0.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256])
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm()
    }
}

/// Sends a word to `device` under `security`: what the client says, and what the device received.
async fn meet(
    device: &Device,
    version: &'static SupportedProtocolVersion,
    security: Security,
) -> (Result<KeyPin>, Vec<u8>) {
    let (ours, theirs) = duplex(64 * 1024);
    let config = security.config().unwrap().unwrap();
    let client = async {
        let stream = TlsConnector::from(config).connect(server_name("192.168.1.7"), ours).await;
        let mut stream = stream.map_err(handshake_error)?;
        let certificate = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
        stream.write_all(b"secret").await.unwrap();
        stream.shutdown().await.unwrap();
        Ok((KeyPin::of_certificate(&certificate)?, stream))
    };
    // The client's end lives until the device is done, as a connection does.
    let (met, received) = tokio::join!(client, device.serve(version, theirs));
    (met.map(|(pin, _stream)| pin), received)
}

async fn check(device: Device) {
    for version in [&TLS12, &TLS13] {
        let (met, received) = meet(&device, version, Security::Pinned(device.pin())).await;
        assert_eq!(met.unwrap(), device.pin(), "{version:?}");
        assert_eq!(received, b"secret");
        let (met, _) = meet(&device, version, Security::Observed).await;
        assert_eq!(met.unwrap(), device.pin(), "{version:?}");
    }
}

#[tokio::test]
async fn a_pinned_key_opens_whatever_the_certificate_says() {
    check(Device::expired()).await;
}

#[tokio::test]
async fn version_1_certificates_are_pinned_like_any() {
    let ec = include_str!("data/ec_v1.pem");
    check(Device::from_files(ec, include_str!("data/ec.key"))).await;
    let rsa = include_str!("data/rsa_v1.pem");
    check(Device::from_files(rsa, include_str!("data/rsa.key"))).await;
}

#[tokio::test]
async fn another_key_receives_nothing() {
    let (device, impostor) = (Device::expired(), Device::expired());
    for version in [&TLS12, &TLS13] {
        let (met, received) = meet(&impostor, version, Security::Pinned(device.pin())).await;
        assert_eq!(met.unwrap_err().kind(), ErrorKind::Pin(impostor.pin()));
        assert_eq!(received, b"");
    }
}

#[tokio::test]
async fn a_copied_certificate_without_its_key_receives_nothing() {
    let (device, impostor) = (Device::expired(), Device::expired());
    let copied = Device { certificate: device.certificate.clone(), key: impostor.key };
    for version in [&TLS12, &TLS13] {
        let (met, received) = meet(&copied, version, Security::Pinned(device.pin())).await;
        assert_eq!(met.unwrap_err().kind(), ErrorKind::Tls);
        assert_eq!(received, b"");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_not_public() {
    let (met, received) = meet(&Device::expired(), &TLS13, Security::Public).await;
    assert_eq!(met.unwrap_err().kind(), ErrorKind::Tls);
    assert_eq!(received, b"");
}

#[tokio::test]
async fn pkcs1_signatures_are_of_tls_1_2_only() {
    let rsa = Device::from_files(include_str!("data/rsa_v1.pem"), include_str!("data/rsa.key"));
    let device = Device { key: Arc::new(OldFashioned(Arc::clone(&rsa.key))), ..rsa };
    let (met, _) = meet(&device, &TLS12, Security::Pinned(device.pin())).await;
    assert_eq!(met.unwrap(), device.pin());
    let (met, received) = meet(&device, &TLS13, Security::Pinned(device.pin())).await;
    assert_eq!(met.unwrap_err().kind(), ErrorKind::Tls);
    assert_eq!(received, b"");
}

/// The name that a client under `security` tells the far side, which then hangs up.
async fn check_name(security: Security, expect: Option<&str>) {
    let (ours, theirs) = duplex(64 * 1024);
    let config = security.config().unwrap().unwrap();
    let client = TlsConnector::from(config).connect(server_name("envoy.local"), ours);
    let device = async {
        let hello = LazyConfigAcceptor::new(Acceptor::default(), theirs).await.unwrap();
        assert_eq!(hello.client_hello().server_name(), expect);
    };
    let (met, ()) = tokio::join!(client, device);
    assert_eq!(handshake_error(met.unwrap_err()).kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn only_a_cloud_is_told_its_name() {
    check_name(Security::Observed, None).await;
    check_name(Security::Pinned(Device::expired().pin()), None).await;
    check_name(Security::Public, Some("envoy.local")).await;
}

/// A network on which every host is this device.
impl Connector for Device {
    fn connect<'a>(&'a self, _: &'a str, _: u16) -> BoxFuture<'a, io::Result<BoxStream>> {
        let (ours, theirs) = duplex(64 * 1024);
        let device = Self { certificate: self.certificate.clone(), key: Arc::clone(&self.key) };
        tokio::spawn(async move { device.serve(&TLS13, theirs).await });
        Box::pin(async { Ok(Box::new(ours) as BoxStream) })
    }
}

#[tokio::test]
async fn a_failed_handshake_comes_before_the_request() {
    let (device, pin) = (Arc::new(Device::expired()), Device::expired().pin());
    for (security, expect) in
        [(Security::Pinned(pin), ErrorKind::Pin(device.pin())), (Security::Public, ErrorKind::Tls)]
    {
        let origin = "https://envoy.local".parse().unwrap();
        let connector = Arc::clone(&device) as Arc<dyn Connector>;
        let client = Client::new(origin, security, connector, Limits::DEVICE).unwrap();
        let error = client.send(Request::new(Bytes::new())).await.unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (expect, false));
    }
}
