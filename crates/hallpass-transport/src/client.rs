//! A client of one origin.

use std::{
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode, Uri,
    header::{HOST, USER_AGENT},
};
use rustls::ClientConfig;
use tokio::time;

use self::kept::Kept;
use crate::{
    Connector, Error, ErrorKind, KeyPin, Origin, Result, Security,
    connection::{Answer, Connection},
};

mod kept;

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

    /// For a question to a device that nobody waits for long, such as whether it is at an address
    /// that is hearsay: connect 3 s, 5 s in all.
    pub const BRIEF: Self =
        Self { connect: Duration::from_secs(3), total: Duration::from_secs(5), ..Self::DEVICE };
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
    kept: Mutex<Kept>,
}

/// A whole answer.
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
    /// How long it took, connecting included.
    pub took: Duration,
}

/// Without what may be secret: the values of headers, and the body.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("headers", &self.headers.len())
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
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
    /// A GET that meets a kept connection which the far side closes instead of an answer is sent
    /// once more over a new one; nothing else is ever repeated. After two such losses in a row, no
    /// connection is kept any more.
    ///
    /// # Errors
    /// Every [`ErrorKind`]; [`Error::was_sent`] tells whether something of the request has left.
    /// [`ErrorKind::Invalid`] also for a URI that names a host.
    ///
    /// # Cancellation
    /// The connection is dropped; the far side may have acted on the request.
    pub async fn send(&self, mut request: Request<Bytes>) -> Result<Reply> {
        self.dress(&mut request)?;
        let (begun, mut sent) = (time::Instant::now(), false);
        let exchange = self.exchange(request, &mut sent);
        let reply = time::timeout(self.limits.total, exchange).await;
        let reply = reply.unwrap_or_else(|_| Err(Error::new(ErrorKind::TimedOut)));
        match reply {
            Ok(reply) => Ok(Reply { took: begun.elapsed(), ..reply }),
            Err(error) => Err(if sent { error.after_sending() } else { error }),
        }
    }

    /// How many requests this client has sent once more, beyond what was asked of it.
    pub fn resends(&self) -> u64 {
        self.kept().resends
    }

    /// Drops the kept connection.
    pub fn close(&self) {
        self.kept().take();
    }

    /// Sends over the kept connection or a new one; sets `sent` before anything of `request` leaves.
    async fn exchange(&self, request: Request<Bytes>, sent: &mut bool) -> Result<Reply> {
        if let Some(mut connection) = self.take_kept_for(&request) {
            *sent = true;
            match connection.send(request.clone(), self.limits.body).await {
                Err(error) if connection.was_lost(&error) => self.kept().note_loss(),
                answer => {
                    let answer = answer?;
                    self.kept().note_reuse();
                    return Ok(self.finish(connection, answer));
                }
            }
        }
        let mut connection = self.connect().await?;
        if mem::replace(sent, true) {
            self.kept().resends += 1;
        }
        let answer = connection.send(request, self.limits.body).await?;
        Ok(self.finish(connection, answer))
    }

    async fn connect(&self) -> Result<Connection> {
        let opening = Connection::open(&self.origin, &*self.connector, self.tls.clone());
        let opened = time::timeout(self.limits.connect, opening).await;
        opened.unwrap_or_else(|_| Err(Error::new(ErrorKind::TimedOut)))
    }

    fn finish(&self, connection: Connection, answer: Answer) -> Reply {
        let key = connection.key;
        self.kept().keep(connection);
        let Answer { status, headers, body, .. } = answer;
        Reply { status, headers, body, key, took: Duration::ZERO }
    }

    /// The kept connection, if `request` may be repeated should it be lost. Any other request begins
    /// a new one, and the kept is dropped: a device has few.
    fn take_kept_for(&self, request: &Request<Bytes>) -> Option<Connection> {
        let mut kept = self.kept().take()?;
        (request.method() == Method::GET && kept.is_reusable()).then_some(kept)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn dress(&self, request: &mut Request<Bytes>) -> Result<()> {
        if !is_path(request.uri()) {
            return Err(Error::new(ErrorKind::Invalid));
        }
        let host = HeaderValue::from_str(&self.origin.authority());
        let host = host.map_err(|source| Error::because(ErrorKind::Invalid, source))?;
        request.headers_mut().insert(HOST, host);
        request.headers_mut().entry(USER_AGENT).or_insert(HeaderValue::from_static(AGENT));
        Ok(())
    }
}

/// Whether `uri` is a path on the origin and nothing more: it cannot name another host.
fn is_path(uri: &Uri) -> bool {
    uri.scheme().is_none() && uri.authority().is_none() && uri.path().starts_with('/')
}

/// The clouds want to be told who asks (since July 2025, by reports); so all are told.
const AGENT: &str = concat!("hallpass/", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests;
