//! One HTTP/1.1 connection, driven by whoever uses it: nothing runs on behind the caller.

use std::{fmt, io, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, future::BoxFuture};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio_rustls::TlsConnector;

use self::arrival::Arrival;
use crate::{
    Connector, Error, ErrorKind, KeyPin, Origin, Result,
    connector::BoxStream,
    tls::{handshake_error, server_name},
};

mod arrival;

/// An open connection, and who is on its far side.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: BoxFuture<'static, hyper::Result<()>>,
    ended: bool,
    arrival: Arrival,
    /// The pin of the key that the far side proved to have; none without TLS.
    pub(crate) key: Option<KeyPin>,
}

/// The parts of an answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Connection {
    /// Opens a connection to `origin`; with `tls`, the far side has proven its identity afterwards.
    pub(crate) async fn open(
        origin: &Origin,
        connector: &dyn Connector,
        tls: Option<Arc<ClientConfig>>,
    ) -> Result<Self> {
        let stream = connector.connect(&origin.host, origin.port).await;
        let stream = stream.map_err(|source| Error::because(ErrorKind::Unreachable, source))?;
        let Some(tls) = tls else { return Self::start(stream, None).await };
        let stream = TlsConnector::from(tls).connect(server_name(&origin.host), stream).await;
        let stream = stream.map_err(handshake_error)?;
        let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        let key = certificate.map(|certificate| KeyPin::of_certificate(certificate)).transpose()?;
        Self::start(Box::new(stream), key).await
    }

    async fn start(stream: BoxStream, key: Option<KeyPin>) -> Result<Self> {
        let arrival = Arrival::default();
        let handshake = http1::handshake(TokioIo::new(arrival.watch(stream))).await;
        let (sender, driver) = handshake.map_err(http_error)?;
        Ok(Self { sender, driver: Box::pin(driver), ended: false, arrival, key })
    }

    /// Sends one request and receives its whole answer of at most `body_limit` bytes.
    pub(crate) async fn send(
        &mut self,
        request: Request<Bytes>,
        body_limit: usize,
    ) -> Result<Answer> {
        let Self { sender, driver, ended, arrival, .. } = self;
        arrival.forget();
        let exchange = async {
            sender.ready().await.map_err(http_error)?;
            let response = sender.send_request(request.map(Full::new)).await.map_err(http_error)?;
            let (head, body) = response.into_parts();
            let body = collect(body, body_limit).await?;
            Ok(Answer { status: head.status, headers: head.headers, body })
        };
        let mut exchange = std::pin::pin!(exchange);
        if !*ended {
            tokio::select! {
                biased;
                answer = &mut exchange => return answer,
                _ = driver => *ended = true,
            }
        }
        // The far side has closed; what it had sent before is still to be had.
        exchange.await
    }

    /// Whether `error` of the last request means that the connection was closed instead of an
    /// answer: no byte of one has come.
    pub(crate) fn was_lost(&self, error: &Error) -> bool {
        error.kind() == ErrorKind::Closed && !self.arrival.is_noted()
    }

    /// Whether another request can be tried on it. The far side may have closed it all the same.
    pub(crate) fn is_reusable(&mut self) -> bool {
        if !self.ended {
            self.ended = self.driver.as_mut().now_or_never().is_some();
        }
        !self.ended && !self.sender.is_closed()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("key", &self.key).finish_non_exhaustive()
    }
}

async fn collect(mut body: Incoming, limit: usize) -> Result<Bytes> {
    let mut collected = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(http_error)?.into_data() else { continue };
        if collected.len() + data.len() > limit {
            return Err(Error::new(ErrorKind::TooLarge));
        }
        collected.extend_from_slice(&data);
    }
    Ok(collected.freeze())
}

fn http_error(error: hyper::Error) -> Error {
    let broken = std::error::Error::source(&error).is_some_and(|source| source.is::<io::Error>());
    let closed = error.is_incomplete_message() || error.is_canceled() || error.is_closed();
    let kind = if closed || broken { ErrorKind::Closed } else { ErrorKind::NotHttp };
    Error::because(kind, error)
}
