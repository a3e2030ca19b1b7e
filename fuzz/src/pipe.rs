//! A gateway at the other end of a pipe in memory, for what only a whole [`Gateway`] reads.

use std::{
    io,
    pin::Pin,
    sync::{Arc, LazyLock},
    time::Duration,
};

use bytes::Bytes;
use hallpass_credential::{Patience, Rate, SystemClock, store::Records};
use hallpass_enphase::{Account, BetweenTurns, Gateway, Login, Network, Nowhere, Setup};
use hallpass_transport::{BoxStream, Connector, Limits, Origin, Scheme};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    runtime::{Builder, Runtime},
};

/// Runs `ask` with a gateway of firmware 4 that says who it is, and to all else says `head`, `body`
/// and nothing more.
///
/// # Panics
/// That is what the fuzzer looks for.
pub fn ask(head: String, body: &[u8], ask: impl AsyncFnOnce(Gateway)) {
    let reply = [head.as_bytes(), body].concat();
    RUNTIME.block_on(ask(gateway(Pipe { reply: reply.into() })));
}

/// Paused: an answer that never ends is given up at once.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().expect("a runtime")
});

fn gateway(pipe: Pipe) -> Gateway {
    let account = Account { username: "envoy".to_owned(), password: "001613".into() };
    let setup = Setup {
        origin: Origin::of(Scheme::Http, "gateway").expect("a host"),
        serial_number: "122100001613".to_owned(),
        key: None,
        login: Login::Digest(account),
        network: Network {
            connector: Arc::new(pipe),
            limits: Limits::DEVICE,
            locator: Arc::new(Nowhere),
        },
        records: Records::in_memory(),
        clock: Arc::new(SystemClock),
        rate: Rate::UNLIMITED,
        patience: Patience(Duration::ZERO),
        between_turns: BetweenTurns::KeepConnection,
    };
    // A digest user is no credential that is kept, so there is nothing to run beside.
    let (gateway, _) = Gateway::new(setup).expect("settings without TLS");
    gateway
}

#[derive(Debug)]
struct Pipe {
    reply: Bytes,
}

impl Connector for Pipe {
    fn connect<'a>(
        &'a self,
        _: &'a str,
        _: u16,
    ) -> Pin<Box<dyn Future<Output = io::Result<BoxStream>> + Send + 'a>> {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        tokio::spawn(answer(theirs, self.reply.clone()));
        Box::pin(async { Ok(Box::new(ours) as BoxStream) })
    }
}

async fn answer(mut stream: DuplexStream, reply: Bytes) -> io::Result<()> {
    let mut request = [0; 4096];
    let length = stream.read(&mut request).await?;
    let is_info = request[..length].starts_with(b"GET /info ");
    stream.write_all(if is_info { INFO } else { &reply }).await
}

const INFO: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\
    <envoy_info><device><sn>122100001613</sn><software>D4.10.35</software></device></envoy_info>";
