//! A proxy between this machine and a cloud.

use std::{fmt, io, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{
    Error, Request, Uri,
    header::{HOST, PROXY_AUTHORIZATION},
    uri::Scheme,
};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::{
    client::proxy::matcher::{Intercept, Matcher},
    rt::TokioIo,
};
use tokio::time;

use crate::connector::{BoxStream, Connector};

/// Which hosts are reached through which proxy; the text of the usual variables.
#[derive(Clone, Default)]
#[expect(clippy::exhaustive_structs, reason = "complete by nature: the two usual variables")]
pub struct Proxies {
    /// As in `HTTPS_PROXY`: `http://[USER:PASSWORD@]HOST:PORT`. Empty for none.
    pub https_proxy: String,
    /// As in `NO_PROXY`: hosts that are reached directly.
    pub no_proxy: String,
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies").field("no_proxy", &self.no_proxy).finish_non_exhaustive()
    }
}

/// Reaches clouds through a proxy's tunnel where one is set for them. Not for devices.
pub struct ProxyConnector {
    matcher: Matcher,
    is_usable: bool,
    direct: Arc<dyn Connector>,
}

impl ProxyConnector {
    /// A connector that asks `direct` for every stream, to the proxy or to the host itself.
    ///
    /// Of proxies, it speaks with those of the scheme `http` only. Where another is set, or what
    /// cannot be read, the hosts behind it are not reached at all: to go around a proxy, or to send
    /// its password in the clear, is nothing that was asked for.
    pub fn new(proxies: &Proxies, direct: Arc<dyn Connector>) -> Self {
        let text = proxies.https_proxy.trim();
        let is_usable = text.is_empty() || is_http(text);
        let text = if is_usable { text } else { UNUSABLE };
        let matcher = Matcher::builder().https(text).no(proxies.no_proxy.clone()).build();
        Self { matcher, is_usable, direct }
    }

    /// The proxy between here and `port` of `host`; none where the host is reached directly.
    fn proxy(&self, host: &str, port: u16) -> io::Result<Option<Intercept>> {
        let target = format!("https://{}", authority(host, port)).parse();
        let proxy = self.matcher.intercept(&target.map_err(io::Error::other)?);
        if proxy.is_some() && !self.is_usable {
            return Err(io::Error::new(io::ErrorKind::Unsupported, NOT_HTTP));
        }
        Ok(proxy)
    }

    async fn connect_through(
        &self,
        proxy: &Intercept,
        host: &str,
        port: u16,
    ) -> io::Result<BoxStream> {
        let request = tunnel_request(proxy, &authority(host, port)).map_err(io::Error::other)?;
        let proxy_host = proxy.uri().host().unwrap_or_default();
        let proxy_host = proxy_host.trim_start_matches('[').trim_end_matches(']');
        let proxy_port = proxy.uri().port_u16().unwrap_or(80);
        let stream = self.direct.connect(proxy_host, proxy_port).await?;
        let opened = time::timeout(TUNNEL_TIMEOUT, open_tunnel(stream, request)).await;
        opened.unwrap_or_else(|_| Err(io::Error::other("the proxy does not answer")))
    }
}

impl Connector for ProxyConnector {
    fn connect<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<BoxStream>> {
        Box::pin(async move {
            match self.proxy(host, port)? {
                Some(proxy) => self.connect_through(&proxy, host, port).await,
                None => self.direct.connect(host, port).await,
            }
        })
    }
}

impl fmt::Debug for ProxyConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyConnector").field("direct", &self.direct).finish_non_exhaustive()
    }
}

/// Whether `proxy` is one that is spoken to with plain HTTP.
fn is_http(proxy: &str) -> bool {
    let matcher = Matcher::builder().https(proxy).build();
    let proxy = matcher.intercept(&Uri::from_static("https://any"));
    proxy.is_some_and(|proxy| proxy.uri().scheme() == Some(&Scheme::HTTP))
}

/// Stands for a proxy that cannot be used, so that the hosts behind it are known. Never asked.
const UNUSABLE: &str = "http://unusable.invalid";

const NOT_HTTP: &str = "the proxy that is set is none of the form http://[USER:PASSWORD@]HOST:PORT";

fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

type TunnelRequest = Request<Empty<Bytes>>;

/// The request that opens a tunnel to `target`.
fn tunnel_request(proxy: &Intercept, target: &str) -> Result<TunnelRequest, Error> {
    let mut request = Request::connect(target).header(HOST, target);
    if let Some(authorization) = proxy.basic_auth() {
        let mut authorization = authorization.clone();
        authorization.set_sensitive(true);
        request = request.header(PROXY_AUTHORIZATION, authorization);
    }
    request.body(Empty::new())
}

/// Asks the proxy for the tunnel, and gives the stream to the far side of it.
async fn open_tunnel(stream: BoxStream, request: TunnelRequest) -> io::Result<BoxStream> {
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(io::Error::other)?;
    let opening = async {
        let response = sender.send_request(request).await.map_err(io::Error::other)?;
        if !response.status().is_success() {
            let refusal = format!("the proxy refuses the tunnel: {}", response.status());
            return Err(io::Error::other(refusal));
        }
        hyper::upgrade::on(response).await.map_err(io::Error::other)
    };
    let mut opening = std::pin::pin!(opening);
    // The connection may end with the very poll that brings the answer.
    let opened = tokio::select! {
        opened = &mut opening => opened,
        _ = connection.with_upgrades() => opening.await,
    };
    Ok(Box::new(TokioIo::new(opened?)))
}

/// How long a proxy may take to open its tunnel.
const TUNNEL_TIMEOUT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
