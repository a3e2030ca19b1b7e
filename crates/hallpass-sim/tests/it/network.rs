//! Handshakes and networks as they are not meant to be.

use std::{sync::Arc, time::Duration};

use hallpass_sim::{Options, Sim};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error as TlsError, ProtocolVersion, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    time::Instant,
};
use tokio_rustls::TlsConnector;

use crate::client::{bearer, get, plain, request, sim};

/// Takes any certificate, to look at it.
#[derive(Debug)]
struct Curious;

impl ServerCertVerifier for Curious {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// Who names the server, as most clients do, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    Named,
    Nameless,
}

/// What a handshake with the server of this stream shows.
async fn handshake(
    stream: DuplexStream,
    naming: Naming,
) -> Result<(ProtocolVersion, Vec<u8>), std::io::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Curious))
        .with_no_client_auth();
    config.enable_sni = naming == Naming::Named;
    let name = ServerName::try_from("envoy.local").unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    let session = stream.get_ref().1;
    let certificate = session.peer_certificates().unwrap()[0].to_vec();
    Ok((session.protocol_version().unwrap(), certificate))
}

/// The same with the first gateway.
async fn greet(sim: &Sim, naming: Naming) -> Result<(ProtocolVersion, Vec<u8>), std::io::Error> {
    let (ours, theirs) = duplex(1 << 16);
    tokio::spawn(sim.serve_gateway(0, theirs));
    handshake(ours, naming).await
}

/// The key in a certificate: the uncompressed point of a P-256 key, if it has one.
fn p256_key(certificate: &[u8]) -> Option<&[u8]> {
    let bit_string = [0x03, 0x42, 0x00, 0x04];
    let start = certificate.windows(4).position(|window| window == bit_string)?;
    certificate.get(start..start + 68)
}

#[tokio::test]
async fn odd_handshakes_keep_the_key_but_for_another_kind_of_key() {
    let usual = sim("7.6.175");
    let (_, before) = greet(&usual, Naming::Named).await.unwrap();
    for (kind, version, keeps_key) in [
        ("tls12_only", ProtocolVersion::TLSv1_2, true),
        ("expired", ProtocolVersion::TLSv1_3, true),
        ("no_san", ProtocolVersion::TLSv1_3, true),
        ("sni_refused", ProtocolVersion::TLSv1_3, true),
        ("rsa2048", ProtocolVersion::TLSv1_3, false),
    ] {
        usual.control().set_fault("tls_quirks", &json!({"kind": kind})).unwrap();
        let (spoken, certificate) = greet(&usual, Naming::Nameless).await.unwrap();
        assert_eq!(spoken, version, "{kind}");
        assert_eq!(p256_key(&certificate) == p256_key(&before), keeps_key, "{kind}");
        let has_name = certificate.windows(11).any(|window| window == b"envoy.local");
        assert_eq!(has_name, kind != "no_san", "{kind}");
        let is_turned_away = greet(&usual, Naming::Named).await.is_err();
        assert_eq!(is_turned_away, kind == "sni_refused", "{kind}");
    }
    usual.control().clear_fault("N6").unwrap();
    assert_eq!(greet(&usual, Naming::Named).await.unwrap().1, before);
}

#[tokio::test]
async fn what_nobody_speaks_any_more_ends_in_an_alert() {
    let check = async |kind: &str, alert: &str| {
        let sim = sim("7.6.175");
        sim.control().set_fault("tls_quirks", &json!({"kind": kind})).unwrap();
        let error = greet(&sim, Naming::Named).await.unwrap_err().to_string();
        assert!(error.contains(alert), "{kind}: {error}");
        assert!(sim.control().counters().requests.is_empty());
    };
    check("sha1", "HandshakeFailure").await;
    check("tls10_only", "ProtocolVersion").await;
}

/// A gateway without TLS behind a network like this, and how long its `/info` takes, in seconds, if it comes at all.
async fn ask_over(network: Value, target: &str, seed: u64) -> Option<u64> {
    let start = "2026-06-21T10:00:00Z".parse().unwrap();
    let options = Options { seed, start, ..Options::default() };
    let gateways = vec![hallpass_sim::GatewayOptions::firmware("5.0.62")];
    let sim = Sim::new(Options { gateways, ..options }).unwrap();
    sim.control().set_fault("lossy", &network).unwrap();
    let begin = Instant::now();
    let asked = request("GET", target, &[], "");
    let asking = plain(|stream| sim.serve_gateway(0, stream), &asked);
    let reply = tokio::time::timeout(Duration::from_secs(150), asking).await;
    reply.is_ok_and(|reply| reply.status == 200).then(|| begin.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_bad_network_delays_or_swallows() {
    assert_eq!(ask_over(json!({"kind": "latency"}), "/info", 1).await, Some(5));
    assert_eq!(ask_over(json!({"percent": 0}), "/info", 1).await, Some(0));
    assert!(ask_over(json!({"percent": 100}), "/info", 1).await.is_some_and(|took| took >= 100));
    let small = "/api/v1/production";
    assert_eq!(ask_over(json!({"kind": "black_hole"}), small, 1).await, Some(0));
    assert_eq!(ask_over(json!({"kind": "black_hole"}), "/inventory.json", 1).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_half_open_connection_falls_silent_in_the_end_and_ends_with_its_client() {
    let sim = sim("5.0.62");
    sim.control().set_fault("lossy", &json!({"kind": "half_open"})).unwrap();
    let (mut ours, theirs) = duplex(1 << 16);
    let served = tokio::spawn(sim.serve_gateway(0, theirs));
    let asked = request("GET", "/info", &[], "").replace("Connection: close\r\n", "");
    let mut answers = 0;
    while let Ok(Ok(1..)) = tokio::time::timeout(Duration::from_secs(45), async {
        ours.write_all(asked.as_bytes()).await?;
        ours.read(&mut [0; 1 << 16]).await
    })
    .await
    {
        answers += 1;
    }
    assert!((1..=16).contains(&answers), "{answers} answers");
    drop(ours);
    tokio::time::timeout(Duration::from_secs(1), served).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_captive_portal_takes_the_place_of_a_cloud() {
    let check = async |kind: &str, status: u16| {
        let sim = sim("7.6.175");
        sim.control().set_fault("captive_portal", &json!({"kind": kind})).unwrap();
        let asked = request("POST", "/login/login.json", &[], "");
        let reply = plain(|stream| sim.serve_enlighten(stream), &asked).await;
        assert_eq!(reply.status, status, "{kind}");
        assert_eq!(reply.text().contains("Welcome to our network"), status == 200, "{kind}");
        let (ours, theirs) = duplex(1 << 16);
        tokio::spawn(sim.serve_entrez(theirs));
        assert_eq!(handshake(ours, Naming::Named).await.is_ok(), kind == "certificate", "{kind}");
    };
    check("page", 200).await;
    check("redirect", 302).await;
    check("certificate", 200).await;
}

#[tokio::test]
async fn a_password_behind_a_wrong_certificate_is_a_leak() {
    let sim = sim("7.6.175");
    sim.control().set_fault("captive_portal", &json!({"kind": "certificate"})).unwrap();
    let (ours, theirs) = duplex(1 << 16);
    tokio::spawn(sim.serve_enlighten(theirs));
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Curious))
        .with_no_client_auth();
    config.enable_sni = false;
    let name = ServerName::try_from("enlighten.example").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, ours).await.unwrap();
    let body = format!("user[password]={}", sim.account().1);
    let asked = request("POST", "/login/login.json", &[], &body);
    stream.write_all(asked.as_bytes()).await.unwrap();
    assert!(stream.read(&mut [0; 1_024]).await.unwrap() > 0);
    assert_eq!(sim.control().counters().leaks[0].what, "password");
}

#[tokio::test]
async fn a_cloud_that_refuses_connections_reads_no_request() {
    let sim = sim("7.6.175");
    assert!(!sim.enlighten_refuses() && !sim.entrez_refuses());
    sim.control().set_fault("down", &json!({"how": "refused"})).unwrap();
    assert!(sim.enlighten_refuses() && sim.entrez_refuses());
    let asked = request("POST", "/login/login.json", &[], "");
    assert_eq!(plain(|stream| sim.serve_enlighten(stream), &asked).await.status, 0);
    assert_eq!(sim.control().counters().cloud_logins, 0);
}

#[tokio::test]
async fn a_cloud_can_tell_patience_as_a_date() {
    let start = "2026-06-01T12:00:00Z".parse().unwrap();
    let sim = Sim::new(Options { start, ..Options::default() }).unwrap();
    let told = async |arguments: Value| {
        sim.control().set_fault("rate_limited", &arguments).unwrap();
        let asked = request("POST", "/login/login.json", &[], "");
        let reply = plain(|stream| sim.serve_enlighten(stream), &asked).await;
        reply.header("retry-after").map(str::to_owned)
    };
    assert_eq!(told(json!({})).await, None);
    assert_eq!(told(json!({"retry_after": 60})).await.as_deref(), Some("60"));
    assert_eq!(told(json!({"retry_after": "soon"})).await.as_deref(), Some("soon"));
    let date = told(json!({"retry_after": "90", "form": "date"})).await.unwrap();
    assert!(date.starts_with("Mon, 01 Jun 2026 12:01:3"), "{date}");
    assert_eq!(sim.control().counters().cloud_logins, 4, "refused ones are logins, too");
}

#[tokio::test(start_paused = true)]
async fn a_401_can_be_late() {
    let sim = sim("7.6.175");
    let old = bearer(&sim.token(0).mint());
    sim.control().set_fault("late_401", &Value::Null).unwrap();
    let begin = Instant::now();
    assert_eq!(get(&sim, "/home", &[&old]).await.status, 401);
    assert_eq!(begin.elapsed().as_secs(), 30);
    assert_eq!(get(&sim, "/home", &[&bearer(&sim.token(0).mint())]).await.status, 200);
    assert_eq!(begin.elapsed().as_secs(), 30);
}

#[tokio::test]
async fn an_update_takes_two_paths_and_brings_one() {
    let sim = sim("7.6.175");
    let status = async |path: &str| get(&sim, path, &[&bearer(&sim.token(0).mint())]).await.status;
    let paths = ["/inventory.json", "/ivp/ensemble/generator", "/ivp/pdm/device_data"];
    for (path, expect) in paths.into_iter().zip([200, 200, 404]) {
        assert_eq!(status(path).await, expect, "{path}");
    }
    sim.control().set_fault("fw_update", &json!({"down": "0s"})).unwrap();
    for (path, expect) in paths.into_iter().zip([404, 404, 200]) {
        assert_eq!(status(path).await, expect, "{path}");
    }
}

#[tokio::test]
async fn lists_can_be_shorter_and_words_new() {
    let sim = sim("7.6.175");
    let read = async |kind: &str| {
        sim.control().set_fault("shape_change", &json!({"kind": kind})).unwrap();
        get(&sim, "/ivp/meters", &[&bearer(&sim.token(0).mint())]).await.json()
    };
    assert_eq!(read("shorter").await.as_array().map(Vec::len), Some(1));
    let words = read("words").await;
    assert_eq!(words[0]["measurementType"], "surprise");
}
