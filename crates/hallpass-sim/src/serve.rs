//! One connection: HTTP/1.1 over any stream, each request handed to one function.

use http_body_util::{BodyExt, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::answer::{Answer, Cut, Request};

/// Anything a connection can run over.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// The first byte of a TLS connection.
pub(crate) const TLS_HANDSHAKE: u8 = 0x16;

/// Bodies beyond this are refused: no client has reason to send more.
const MOST_BODY: usize = 1 << 20;

/// Serves until the peer closes or an answer is cut.
pub(crate) async fn connection<H, F>(stream: impl Stream, handle: H)
where
    H: Fn(Request) -> F,
    F: Future<Output = Result<Answer, Cut>>,
{
    let handle = &handle;
    let service = service_fn(move |request| async move {
        let request = whole(request).await?;
        handle(request).await.map(Answer::response)
    });
    let mut server = http1::Builder::new();
    server
        .auto_date_header(false)
        .title_case_headers(true)
        // Who goes while the answer is pending waits for none: nothing is in flight any more.
        .half_close(false)
        .header_read_timeout(None);
    if let Err(error) = server.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "connection ended");
    }
}

async fn whole(request: hyper::Request<Incoming>) -> Result<Request, Cut> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MOST_BODY).collect().await.map_err(|_| Cut)?;
    Ok(Request::from_parts(head, body.to_bytes()))
}

/// Says this, listens to nothing, and waits for the peer to go.
pub(crate) async fn last_words(mut stream: impl Stream, words: &[u8]) {
    if stream.write_all(words).await.is_ok() && stream.shutdown().await.is_ok() {
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    }
}

/// The stream with its first byte still in it, and that byte; `None` where the peer closes before it.
pub(crate) async fn first_byte<S: Stream>(mut stream: S) -> Option<(u8, impl Stream)> {
    let first = stream.read_u8().await.ok()?;
    let (reader, writer) = tokio::io::split(stream);
    let reader = std::io::Cursor::new([first]).chain(reader);
    Some((first, tokio::io::join(reader, writer)))
}
