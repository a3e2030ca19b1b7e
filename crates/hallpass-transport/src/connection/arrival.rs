//! Whether the far side has said anything.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{self, AsyncRead, ReadBuf};

use crate::connector::BoxStream;

/// Notes the bytes that come from the far side. HTTP errors do not tell a connection that was
/// closed instead of an answer from one that was closed within its first line.
#[derive(Clone, Default)]
pub(super) struct Arrival(Arc<AtomicBool>);

impl Arrival {
    /// The same stream; what comes over it is noted here.
    pub(super) fn watch(&self, stream: BoxStream) -> BoxStream {
        let (reader, writer) = io::split(stream);
        Box::new(io::join(Watched { reader, arrival: self.clone() }, writer))
    }

    /// Forgets what came so far.
    pub(super) fn forget(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether anything came since the last [`Self::forget`].
    pub(super) fn is_noted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

struct Watched<R> {
    reader: R,
    arrival: Arrival,
}

impl<R: AsyncRead + Unpin> AsyncRead for Watched<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.reader).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.arrival.0.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}
