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
}

impl Link {
    pub(crate) fn new(client: Client, line: Line) -> Self {
        Self { client, line }
    }

    /// Takes the turn for several requests; each of them still goes through [`send`](Self::send).
    pub(crate) async fn turn(&self) -> Result<Guard<'_>> {
        self.line.enter().await
    }

    /// Sends one request and receives the whole answer, whatever its status.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Result<Reply> {
        let turn = self.turn().await?;
        let sent = turn.request(self.client.send(request)).await;
        turn.leave().await?;
        sent?.map_err(device_error)
    }
}
