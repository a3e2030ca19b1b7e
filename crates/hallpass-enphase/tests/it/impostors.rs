//! Ten thousand connections to somebody who is not the gateway, and what is sent there: nothing.
//!
//! The simulator notes every credential that reaches a wrong place, decrypted; a forger of our own
//! notes every byte.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};
use hallpass_credential::Rate;
use hallpass_enphase::{ErrorKind, Gateway, Network, Nowhere, Sighting, default_password};
use hallpass_transport::{BoxStream, Connector, Limits};
use http::Request;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio_rustls::TlsAcceptor;

use crate::bench::{Bench, kind};

/// A bench that is logged in to its one gateway, with a session and a token in the store.
async fn logged_in() -> (Bench, Sighting) {
    let mut bench = Bench::new(&["7.6.175"]);
    bench.rate = Rate::UNLIMITED;
    let seen = bench.look(0).await.unwrap();
    bench.gateway_of(&seen, Some(bench.account())).read().await.unwrap();
    (bench, seen)
}

async fn ask(gateway: &Gateway, path: &str) -> Option<ErrorKind> {
    let request = Request::get(path).body(Bytes::new()).unwrap();
    gateway.forward(request).await.err().map(|error| error.kind())
}

/// Lets programs meet whoever a fault puts in the gateway's place, so many times.
async fn meet(fault: &str, arguments: Value, connections: u64) {
    let (bench, seen) = logged_in().await;
    bench.event("cut-connections");
    bench.fault(fault, arguments);
    let (logins, begun) = (bench.asked(), bench.counters().connections);
    let mut round = 0;
    while bench.counters().connections - begun < connections {
        // Now a program that has just started, now one that goes on.
        let gateway = bench.gateway_of(&seen, Some(bench.account()));
        for path in ["/production.json", "/ivp/meters"] {
            let told = ask(&gateway, path).await;
            let is_told = match fault {
                "redirects" => true,
                // It may be a gateway in trouble: the program looks closer.
                "https_gone" => told.is_some(),
                _ => told == Some(ErrorKind::IdentityChanged),
            };
            assert!(is_told, "{fault}, round {round}: {told:?}");
        }
        bench.pass(61).await;
        round += 1;
    }
    assert_eq!(bench.counters().leaks, [], "{fault}");
    assert_eq!(bench.asked().0, logins.0, "{fault}: nobody logs in because of it");
}

#[tokio::test(start_paused = true)]
async fn an_impostor_is_sent_nothing() {
    meet("impostor", json!({}), 1_500).await;
}

#[tokio::test(start_paused = true)]
async fn who_takes_over_between_two_requests_is_sent_nothing() {
    meet("midstream_swap", json!({}), 1_000).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_nobody_has_accepted_is_sent_nothing() {
    meet("cert_rotated", json!({}), 1_000).await;
}

#[tokio::test(start_paused = true)]
async fn plain_http_in_place_of_https_is_sent_nothing() {
    meet("https_gone", json!({}), 3_000).await;
}

#[tokio::test(start_paused = true)]
async fn where_a_redirect_leads_nothing_is_sent() {
    for status in [301, 302, 307, 308] {
        let to =
            ["http://127.0.0.1:1000/", "https://localhost/", "//other.example/", "/login.html"];
        for to in to {
            meet("redirects", json!({"status": status, "to": to, "path": "*"}), 4).await;
        }
    }
}

/// Shows the gateway's own certificate, without having its key.
#[derive(Debug)]
struct Forger {
    certified: Arc<CertifiedKey>,
    connections: AtomicUsize,
    /// Bytes that came through a finished handshake.
    received: AtomicUsize,
}

impl ResolvesServerCert for Forger {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.certified))
    }
}

impl Forger {
    fn new(certificate_pem: &str) -> Arc<Self> {
        let chain = CertificateDer::pem_slice_iter(certificate_pem.as_bytes());
        let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
        let key = rcgen::KeyPair::generate().unwrap().serialize_der();
        let key = PrivateKeyDer::try_from(key).unwrap();
        let key = ring::sign::any_supported_type(&key).unwrap();
        let certified = Arc::new(CertifiedKey::new(chain, key));
        let (connections, received) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Self { certified, connections, received })
    }

    async fn serve(self: Arc<Self>, stream: tokio::io::DuplexStream) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else {
            return;
        };
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            self.received.fetch_add(count, Ordering::Relaxed);
        }
    }
}

/// Leads every connection to a forger.
#[derive(Debug)]
struct ToForger(Arc<Forger>);

impl Connector for ToForger {
    fn connect<'a>(&'a self, _: &'a str, _: u16) -> BoxFuture<'a, io::Result<BoxStream>> {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        tokio::spawn(Arc::clone(&self.0).serve(theirs));
        async { Ok(Box::new(ours) as BoxStream) }.boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn who_shows_the_right_certificate_without_its_key_is_sent_nothing() {
    let (bench, seen) = logged_in().await;
    let forger = Forger::new(&bench.sim.certificate_pem(0));
    let connector = Arc::new(ToForger(Arc::clone(&forger)));
    let network = Network { connector, limits: Limits::DEVICE, ..bench.network() };
    while forger.connections.load(Ordering::Relaxed) < 1_500 {
        let gateway = bench.gateway_over(network.clone(), &seen, Some(bench.account()));
        assert!(ask(&gateway, "/production.json").await.is_some());
        bench.pass(61).await;
    }
    assert_eq!(forger.received.load(Ordering::Relaxed), 0);
    assert_eq!(bench.asked().0, 1);
}

#[tokio::test(start_paused = true)]
async fn another_gateway_at_the_address_gets_no_digest_response() {
    let mut bench = Bench::new(&["4.10.35", "4.10.35"]);
    bench.rate = Rate::UNLIMITED;
    let (first, second) = (bench.look(0).await.unwrap(), bench.look(1).await.unwrap());
    let mut swapped = first.clone();
    swapped.origin = second.origin;
    let password = default_password("installer", &first.info.serial_number).unwrap();
    // The right one is not found elsewhere, which would be another story.
    let network = Network { locator: Arc::new(Nowhere), ..bench.network() };
    let begun = bench.counters().connections;
    while bench.counters().connections - begun < 2_000 {
        let account = bench.account_with("installer", password.expose());
        let gateway = bench.gateway_over(network.clone(), &swapped, Some(account));
        assert_eq!(ask(&gateway, "/production").await, Some(ErrorKind::IdentityChanged));
        bench.pass(61).await;
    }
    let secrets = bench.sim.control().secrets();
    assert!(!secrets.iter().any(|(what, _)| *what == "digest response"));
}

#[tokio::test(start_paused = true)]
async fn an_impostor_is_noticed_within_a_minute_and_the_gateway_too_when_it_is_back() {
    let (bench, seen) = logged_in().await;
    let gateway = bench.gateway_of(&seen, Some(bench.account()));
    gateway.read().await.unwrap();
    for _ in 0..24 {
        bench.fault("impostor", json!({}));
        bench.pass(60).await;
        assert_eq!(kind(gateway.read().await), ErrorKind::IdentityChanged);
        bench.pass(3600).await;
        bench.no_fault("impostor");
        bench.pass(60).await;
        assert!(!gateway.read().await.unwrap().readings.is_empty());
    }
    assert_eq!(bench.asked().0, 1);
    assert_eq!(bench.counters().leaks, []);
}

#[tokio::test(start_paused = true)]
async fn a_new_key_that_is_accepted_is_read_within_a_minute() {
    let (bench, seen) = logged_in().await;
    let gateway = bench.gateway_of(&seen, Some(bench.account()));
    bench.fault("cert_rotated", json!({}));
    assert_eq!(kind(gateway.read().await), ErrorKind::IdentityChanged);
    assert_eq!(bench.counters().leaks, []);
    let begun = tokio::time::Instant::now();
    bench.event("trust-certificate");
    let accepted = bench.look(0).await.unwrap();
    assert_ne!(accepted.key, seen.key);
    let gateway = bench.gateway_of(&accepted, Some(bench.account()));
    assert!(!gateway.read().await.unwrap().readings.is_empty());
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert_eq!(bench.asked().0, 1);
}
