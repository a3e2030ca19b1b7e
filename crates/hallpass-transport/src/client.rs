//! A client of one origin.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode,
    header::{HOST, USER_AGENT},
};
use rustls::ClientConfig;
use tokio::time;

use crate::{
    Connector, Error, ErrorKind, KeyPin, Origin, Result, Security, connection::Connection,
};

/// How long and how much is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "complete by nature: tests lower each of them")]
pub struct Limits {
    /// Until a connection stands, with TLS.
    pub connect: Duration,
    /// Until the whole answer is there, connecting included.
    pub total: Duration,
    /// Bytes of an answer's body.
    pub body: usize,
}

impl Limits {
    /// For devices: connect 10 s, 45 s in all (B3), 4 MiB (T14).
    pub const DEVICE: Self = Self {
        connect: Duration::from_secs(10),
        total: Duration::from_secs(45),
        body: 4 * 1024 * 1024,
    };

    /// For clouds: 20 s in all (C12), 4 MiB.
    pub const CLOUD: Self = Self { total: Duration::from_secs(20), ..Self::DEVICE };
}

/// Sends requests to one origin over one kept connection.
///
/// Two requests at the same time use two connections; who must not, sends one after the other.
#[derive(Debug)]
pub struct Client {
    origin: Origin,
    connector: Arc<dyn Connector>,
    tls: Option<Arc<ClientConfig>>,
    limits: Limits,
    kept: Mutex<Option<Connection>>,
}

/// A whole answer.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "complete by nature: tests of its readers build it")]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers as they came.
    pub headers: HeaderMap,
    /// The body, within the limit.
    pub body: Bytes,
    /// The pin of the key that the far side proved to have; none without TLS.
    pub key: Option<KeyPin>,
}

impl Client {
    /// A client of `origin`, whose far side must prove itself as `security` says. The scheme of
    /// `origin` follows from `security`, not the other way round: no URL can switch TLS off.
    ///
    /// # Errors
    /// [`ErrorKind::Tls`] where the TLS settings cannot be made.
    pub fn new(
        origin: Origin,
        security: Security,
        connector: Arc<dyn Connector>,
        limits: Limits,
    ) -> Result<Self> {
        let tls = security.config()?;
        let scheme = if tls.is_some() { crate::Scheme::Https } else { crate::Scheme::Http };
        Ok(Self {
            origin: origin.with_scheme(scheme),
            connector,
            tls,
            limits,
            kept: Mutex::default(),
        })
    }

    /// Where requests go.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Sends `request`, whose URI is a path, and receives the whole answer. Redirects are answers.
    ///
    /// A GET that meets a kept connection which the far side has closed meanwhile is sent once more
    /// over a new one; nothing else is ever repeated.
    ///
    /// # Errors
    /// Every [`ErrorKind`].
    ///
    /// # Cancellation
    /// The connection is dropped; the far side may have acted on the request.
    pub async fn send(&self, mut request: Request<Bytes>) -> Result<Reply> {
        self.dress(&mut request)?;
        let reply = time::timeout(self.limits.total, self.send_over_kept_or_new(request)).await;
        reply.unwrap_or_else(|_| Err(Error::new(ErrorKind::TimedOut)))
    }

    /// Drops the kept connection.
    pub fn close(&self) {
        self.take_kept();
    }

    async fn send_over_kept_or_new(&self, request: Request<Bytes>) -> Result<Reply> {
        let repeatable = request.method() == Method::GET;
        if let Some(mut kept) = self.take_kept().filter(|_| repeatable)
            && kept.is_reusable()
        {
            match self.exchange(kept, request.clone()).await {
                Err(error) if error.kind() == ErrorKind::Closed => {}
                answered => return answered,
            }
        }
        let connection = self.connect().await?;
        self.exchange(connection, request).await
    }

    async fn connect(&self) -> Result<Connection> {
        let opening = Connection::open(&self.origin, &*self.connector, self.tls.clone());
        let opened = time::timeout(self.limits.connect, opening).await;
        opened.unwrap_or_else(|_| Err(Error::new(ErrorKind::TimedOut)))
    }

    async fn exchange(&self, mut connection: Connection, request: Request<Bytes>) -> Result<Reply> {
        let answer = connection.send(request, self.limits.body).await?;
        let key = connection.key;
        if connection.is_reusable() {
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        }
        Ok(Reply { status: answer.status, headers: answer.headers, body: answer.body, key })
    }

    fn take_kept(&self) -> Option<Connection> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn dress(&self, request: &mut Request<Bytes>) -> Result<()> {
        let host = HeaderValue::from_str(&self.origin.authority());
        let host = host.map_err(|source| Error::because(ErrorKind::Invalid, source))?;
        request.headers_mut().insert(HOST, host);
        request.headers_mut().entry(USER_AGENT).or_insert(HeaderValue::from_static(AGENT));
        Ok(())
    }
}

/// The clouds want to be told who asks (since July 2025, by reports); so all are told.
const AGENT: &str = concat!("hallpass/", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests;
