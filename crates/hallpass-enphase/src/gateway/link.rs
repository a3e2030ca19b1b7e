//! The one link to a gateway: its place in the line, and its connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hallpass_credential::{Guard, Line, Result};
use hallpass_transport::{self as transport, Client, ErrorKind, Reply};
use http::{Method, Request};

use crate::{locate::place::Place, network::device_error};

/// Sends requests one after the other, when it is this process's turn and the rate allows it (B3).
#[derive(Debug)]
pub(crate) struct Link {
    place: Place,
    line: Arc<Line>,
    between_turns: BetweenTurns,
    /// Turns that are held for more than one request.
    held: Mutex<Vec<Guard>>,
}

/// What becomes of the connection when another process may have its turn. A gateway bears two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete by nature")]
pub enum BetweenTurns {
    /// For commands, of which many may run at the same time.
    CloseConnection,
    /// For one program that polls, so that not each poll costs a TLS handshake.
    KeepConnection,
}

impl Link {
    pub(crate) fn new(place: Place, line: Line, between_turns: BetweenTurns) -> Self {
        Self { place, line: Arc::new(line), between_turns, held: Mutex::default() }
    }

    /// Where the gateway is, as `HOST[:PORT]`.
    pub(crate) fn address(&self) -> String {
        self.place.here().origin().authority()
    }

    /// Sends one request and receives the whole answer, whatever its status.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Result<Reply> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let turn = self.line.enter().await?;
        let answered = Box::pin(self.exchange(&turn, request)).await;
        self.leave(turn).await;
        let answered = answered?;
        match &answered {
            Ok(reply) => tracing::debug!(%method, path, status = reply.status.as_u16()),
            Err(error) => tracing::debug!(%method, path, %error),
        }
        answered.map_err(device_error)
    }

    /// Somebody else answers in the gateway's place, by its own word: whether it is known to be
    /// elsewhere now.
    pub(crate) async fn find(&self) -> Result<bool> {
        let turn = self.line.enter().await?;
        let found = self.place.find(&turn, &self.place.here()).await;
        self.leave(turn).await;
        Ok(found)
    }

    /// Sends to where the gateway is. Where it is not there any more but found elsewhere, sends what
    /// has not left yet, or may be repeated, once more.
    async fn exchange(
        &self,
        turn: &Guard,
        request: Request<Bytes>,
    ) -> Result<transport::Result<Reply>> {
        let here = self.place.here();
        let answered = ask(turn, &here, request.clone()).await?;
        let Err(error) = &answered else { return Ok(answered) };
        let may_repeat = !error.was_sent() || request.method() == Method::GET;
        // On the heap: every request would carry the room for a search otherwise.
        if is_missed(error) && Box::pin(self.place.find(turn, &here)).await && may_repeat {
            return Box::pin(ask(turn, &self.place.here(), request)).await;
        }
        Ok(answered)
    }

    /// Holds the turn for the requests that follow, until [`let_go`](Self::let_go).
    pub(crate) async fn hold(&self) -> Result<()> {
        let turn = self.line.enter().await?;
        self.held().push(turn);
        Ok(())
    }

    /// Hands the turn on, if it is held. Who is about to wait for something else than the gateway
    /// does so first: whoever has that may be waiting for the turn.
    pub(crate) async fn let_go(&self) {
        let held = std::mem::take(&mut *self.held());
        for turn in held {
            self.leave(turn).await;
        }
    }

    async fn leave(&self, turn: Guard) {
        if self.between_turns == BetweenTurns::CloseConnection && turn.is_last() {
            self.place.here().close();
        }
        turn.leave_or_log().await;
    }

    fn held(&self) -> MutexGuard<'_, Vec<Guard>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn ask(
    turn: &Guard,
    client: &Client,
    request: Request<Bytes>,
) -> Result<transport::Result<Reply>> {
    let resends = client.resends();
    let sent = turn.request(client.send(request)).await;
    if client.resends() > resends {
        turn.count_request();
    }
    sent
}

/// Whether the gateway may have moved: nobody is there, or somebody else is.
fn is_missed(error: &transport::Error) -> bool {
    match error.kind() {
        ErrorKind::Pin(_) | ErrorKind::Tls | ErrorKind::TimedOut | ErrorKind::Unreachable => true,
        ErrorKind::Closed => !error.was_sent(),
        _ => false,
    }
}
