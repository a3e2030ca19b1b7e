//! The one link to a gateway: its place in the line, and its connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hallpass_credential::{Guard, Line, Result};
use hallpass_transport::{Client, Reply};
use http::Request;

use crate::network::device_error;

/// Sends requests one after the other, when it is this process's turn and the rate allows it (B3).
#[derive(Debug)]
pub(crate) struct Link {
    client: Client,
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
    pub(crate) fn new(client: Client, line: Line, between_turns: BetweenTurns) -> Self {
        Self { client, line: Arc::new(line), between_turns, held: Mutex::default() }
    }

    /// Sends one request and receives the whole answer, whatever its status.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Result<Reply> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let turn = self.line.enter().await?;
        let resends = self.client.resends();
        let sent = turn.request(self.client.send(request)).await;
        if self.client.resends() > resends {
            turn.count_request();
        }
        self.leave(turn).await;
        let answered = sent?;
        match &answered {
            Ok(reply) => tracing::debug!(%method, path, status = reply.status.as_u16()),
            Err(error) => tracing::debug!(%method, path, %error),
        }
        answered.map_err(device_error)
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
            self.client.close();
        }
        turn.leave_or_log().await;
    }

    fn held(&self) -> MutexGuard<'_, Vec<Guard>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
