//! The connection that is kept for the next request.

use crate::connection::Connection;

/// A connection between two requests, and what became of those before it.
#[derive(Debug, Default)]
pub(super) struct Kept {
    connection: Option<Connection>,
    losses_in_a_row: u32,
    /// Requests that were sent once more, because the kept connection was lost.
    pub(super) resends: u64,
}

impl Kept {
    /// The kept connection, for a request or to drop it.
    pub(super) fn take(&mut self) -> Option<Connection> {
        self.connection.take()
    }

    /// Keeps `connection` if it can carry another request, and if keeping has not proven useless.
    pub(super) fn keep(&mut self, mut connection: Connection) {
        if self.losses_in_a_row < USELESS && connection.is_reusable() {
            self.connection = Some(connection);
        }
    }

    /// A kept connection has carried another request.
    pub(super) fn note_reuse(&mut self) {
        self.losses_in_a_row = 0;
    }

    /// A kept connection was closed instead of an answer.
    pub(super) fn note_loss(&mut self) {
        self.losses_in_a_row += 1;
    }
}

/// Losses in a row after which nothing is kept any more: some devices reset every connection that
/// is used again (G11), and each try costs them one more request.
const USELESS: u32 = 2;
