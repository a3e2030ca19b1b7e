//! The one link to a gateway: its place in the line, and its connection.

use bytes::Bytes;
use hallpass_credential::{Guard, Line, Result};
use hallpass_transport::{Client, Reply};
use http::Request;

use crate::network::device_error;

/// Sends requests one after the other, when it is this process's turn and the rate allows it (B3).
#[derive(Debug)]
pub(crate) struct Link {
    client: Client,
    line: Line,
    between_turns: BetweenTurns,
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
        Self { client, line, between_turns }
    }

    /// Takes the turn for several requests; each of them still goes through [`send`](Self::send).
    pub(crate) async fn turn(&self) -> Result<Guard<'_>> {
        self.line.enter().await
    }

    /// Hands the turn on, the connection closed before.
    pub(crate) async fn leave(&self, turn: Guard<'_>) -> Result<()> {
        if self.between_turns == BetweenTurns::CloseConnection && turn.is_last() {
            self.client.close();
        }
        turn.leave().await
    }

    /// Sends one request and receives the whole answer, whatever its status.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Result<Reply> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let turn = self.turn().await?;
        let sent = turn.request(self.client.send(request)).await;
        self.leave(turn).await?;
        match &sent {
            Ok(Ok(reply)) => tracing::debug!(%method, path, status = reply.status.as_u16()),
            Ok(Err(error)) => tracing::debug!(%method, path, %error),
            Err(error) => tracing::debug!(%method, path, %error),
        }
        sent?.map_err(device_error)
    }
}
