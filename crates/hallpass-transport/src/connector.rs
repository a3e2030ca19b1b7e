//! What carries the bytes.

use std::{fmt, io};

use futures_util::future::BoxFuture;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

/// A byte stream both ways.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

/// A byte stream of any kind.
pub type BoxStream = Box<dyn Stream>;

/// Opens byte streams to hosts.
///
/// Here the process meets the network: TCP in the program, a proxy in front of it for the clouds,
/// a pipe in memory in tests of days of faults.
pub trait Connector: fmt::Debug + Send + Sync + 'static {
    /// Opens a stream to `port` of `host`, a name or an address without brackets.
    fn connect<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<BoxStream>>;
}

/// Opens TCP connections.
#[derive(Debug, Clone, Copy, Default)]
pub struct TcpConnector;

impl Connector for TcpConnector {
    fn connect<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<BoxStream>> {
        Box::pin(async move {
            let stream = TcpStream::connect((host, port)).await?;
            // Requests are small and single; waiting to fill a packet would only delay them.
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as BoxStream)
        })
    }
}
