//! A client that knows next to nothing: one connection, one request, the bytes that come back.

use std::sync::Arc;

use hallpass_sim::{GatewayOptions, Options, Sim, Stream};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_rustls::TlsConnector;

/// A world with one gateway of this firmware.
pub(crate) fn sim(version: &str) -> Sim {
    Sim::new(Options { gateways: vec![GatewayOptions::firmware(version)], ..Options::default() })
        .unwrap()
}

/// An answer, cut into its parts.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    fn read(bytes: &[u8]) -> Self {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Self::default();
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        self.parsed()
    }

    pub(crate) fn parsed<T: serde::de::DeserializeOwned>(&self) -> T {
        let text = self.text();
        // Chunked bodies of the simulator are one chunk: a line with its length, the data, and the end.
        let chunked = self.header("transfer-encoding").is_some();
        let data = if chunked { text.split("\r\n").nth(1).unwrap_or_default() } else { &text };
        serde_json::from_str(data).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The value of a cookie that the answer sets.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let cookies =
            lines.filter(|(key, _)| key.eq_ignore_ascii_case("set-cookie")).map(|(_, value)| value);
        let mut pairs = cookies.filter_map(|cookie| cookie.split(';').next()?.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    }
}

/// A request as text; `headers` are whole lines.
pub(crate) fn request(method: &str, target: &str, headers: &[&str], body: &str) -> String {
    let mut text = format!(
        "{method} {target} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for header in headers {
        text += header;
        text += "\r\n";
    }
    text + "\r\n" + body
}

async fn converse(mut stream: impl Stream, request: &str) -> Reply {
    // The peer may have gone already; what it said is what counts.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    Reply::read(&bytes)
}

/// Plain http, to whichever server the function serves.
pub(crate) async fn plain<F: Future<Output = ()>>(
    serve: impl FnOnce(DuplexStream) -> F,
    request: &str,
) -> Reply {
    let (ours, theirs) = duplex(1 << 16);
    tokio::join!(converse(ours, request), serve(theirs)).0
}

/// https, with the certificate of this PEM as the only root.
pub(crate) async fn tls(
    sim: &Sim,
    gateway: usize,
    pem: &str,
    request: &str,
) -> Result<Reply, std::io::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (ours, theirs) = duplex(1 << 16);
    let connect = async {
        let name = ServerName::try_from("envoy.local").unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, ours).await?;
        Ok(converse(stream, request).await)
    };
    tokio::join!(connect, sim.serve_gateway(gateway, theirs)).0
}

/// To the first gateway, the way it wants it, trusting whatever certificate it has now.
pub(crate) async fn ask(
    sim: &Sim,
    method: &str,
    target: &str,
    headers: &[&str],
    body: &str,
) -> Reply {
    let request = request(method, target, headers, body);
    match tls(sim, 0, &sim.certificate_pem(0), &request).await {
        Ok(reply) => reply,
        Err(_) => plain(|stream| sim.serve_gateway(0, stream), &request).await,
    }
}

pub(crate) async fn get(sim: &Sim, target: &str, headers: &[&str]) -> Reply {
    ask(sim, "GET", target, headers, "").await
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}
