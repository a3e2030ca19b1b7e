//! A proxy between this machine and a cloud.

use std::{fmt, io, sync::Arc};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Error, Method, Request, Uri, header::PROXY_AUTHORIZATION};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::{client::proxy::matcher::Matcher, rt::TokioIo};
use tokio::time;

use crate::connector::{BoxStream, Connector, TUNNEL_TIMEOUT};

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
    direct: Arc<dyn Connector>,
}

impl ProxyConnector {
    /// A connector that asks `direct` for every stream, to the proxy or to the host itself.
    pub fn new(proxies: &Proxies, direct: Arc<dyn Connector>) -> Self {
        let matcher = Matcher::builder();
        let matcher = matcher.https(proxies.https_proxy.clone()).no(proxies.no_proxy.clone());
        Self { matcher: matcher.build(), direct }
    }

    /// The request that opens a tunnel to `port` of `host`, and the proxy to send it to; none where
    /// the host is reached directly.
    fn tunnel(&self, host: &str, port: u16) -> Result<Option<(Uri, TunnelRequest)>, Error> {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let target: Uri = format!("https://{host}:{port}").parse()?;
        let Some(proxy) = self.matcher.intercept(&target) else { return Ok(None) };
        let mut request = Request::builder().method(Method::CONNECT).uri(format!("{host}:{port}"));
        if let Some(authorization) = proxy.basic_auth() {
            let mut authorization = authorization.clone();
            authorization.set_sensitive(true);
            request = request.header(PROXY_AUTHORIZATION, authorization);
        }
        Ok(Some((proxy.uri().clone(), request.body(Empty::new())?)))
    }
}

impl Connector for ProxyConnector {
    fn connect<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<BoxStream>> {
        let tunnel = self.tunnel(host, port).map_err(io::Error::other);
        Box::pin(async move {
            let Some((proxy, request)) = tunnel? else {
                return self.direct.connect(host, port).await;
            };
            let proxy_host = proxy.host().unwrap_or_default();
            let stream = self.direct.connect(proxy_host, proxy.port_u16().unwrap_or(80)).await?;
            let opened = time::timeout(TUNNEL_TIMEOUT, open_tunnel(stream, request)).await;
            opened.unwrap_or_else(|_| Err(io::Error::other("the proxy does not answer")))
        })
    }
}

impl fmt::Debug for ProxyConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyConnector").field("direct", &self.direct).finish_non_exhaustive()
    }
}

type TunnelRequest = Request<Empty<Bytes>>;

/// Asks the proxy for the tunnel, and gives the stream to the far side of it.
async fn open_tunnel(stream: BoxStream, request: TunnelRequest) -> io::Result<BoxStream> {
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(io::Error::other)?;
    let mut connection: BoxFuture<'static, _> = Box::pin(connection.with_upgrades());
    let mut asking = std::pin::pin!(sender.send_request(request));
    let response = tokio::select! {
        response = &mut asking => response,
        _ = &mut connection => asking.await,
    };
    let response = response.map_err(io::Error::other)?;
    if !response.status().is_success() {
        return Err(io::Error::other(format!("the proxy answers {}", response.status().as_u16())));
    }
    let upgrading = hyper::upgrade::on(response);
    let (upgraded, _) = tokio::join!(upgrading, connection);
    Ok(Box::new(TokioIo::new(upgraded.map_err(io::Error::other)?)))
}
