//! What a gateway before firmware 7 says in a 401: the challenge, and whatever else of HTTP.
#![no_main]

use std::{io, pin::Pin, sync::Arc, sync::LazyLock, time::Duration};

use bytes::Bytes;
use hallpass_credential::{Patience, Rate, SystemClock, store::Records};
use hallpass_enphase::{Account, BetweenTurns, Gateway, Login, Network, Setup};
use hallpass_transport::{BoxStream, Connector, Limits, Origin, Scheme};
use http::Request;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    runtime::{Builder, Runtime},
};

libfuzzer_sys::fuzz_target!(|challenge: &[u8]| {
    RUNTIME.block_on(async {
        let gateway = gateway(Challenger { challenge: Bytes::copy_from_slice(challenge) });
        let request = Request::get("/ivp/meters").body(Bytes::new()).expect("a request");
        // Whatever comes of it; the fuzzer looks for panics.
        let _ = gateway.forward(request).await;
    });
});

/// Paused: an answer that never ends is given up at once.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().expect("a runtime")
});

fn gateway(challenger: Challenger) -> Gateway {
    let account = Account { username: "envoy".to_owned(), password: "001613".into() };
    let setup = Setup {
        origin: Origin::of(Scheme::Http, "gateway").expect("a host"),
        serial_number: "122100001613".to_owned(),
        key: None,
        login: Login::Digest(account),
        network: Network { connector: Arc::new(challenger), limits: Limits::DEVICE },
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

/// A gateway that says who it is, and answers all else with a 401.
#[derive(Debug)]
struct Challenger {
    challenge: Bytes,
}

impl Connector for Challenger {
    fn connect<'a>(
        &'a self,
        _: &'a str,
        _: u16,
    ) -> Pin<Box<dyn Future<Output = io::Result<BoxStream>> + Send + 'a>> {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        tokio::spawn(answer(theirs, self.challenge.clone()));
        Box::pin(async { Ok(Box::new(ours) as BoxStream) })
    }
}

async fn answer(mut stream: DuplexStream, challenge: Bytes) -> io::Result<()> {
    let mut request = [0; 4096];
    let length = stream.read(&mut request).await?;
    if request[..length].starts_with(b"GET /info ") {
        stream.write_all(INFO).await?;
    } else {
        stream.write_all(b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: ").await?;
        stream.write_all(&challenge).await?;
        stream.write_all(b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await?;
    }
    Ok(())
}

const INFO: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\
    <envoy_info><device><sn>122100001613</sn><software>D4.10.35</software></device></envoy_info>";
