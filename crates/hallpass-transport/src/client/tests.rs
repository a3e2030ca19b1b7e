use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

use futures_util::future::BoxFuture;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    time::Instant,
};

use super::*;
use crate::BoxStream;

/// Connects to a far side in memory that answers each connection's requests from a script.
#[derive(Debug)]
struct Script {
    /// What one connection answers, request by request; then it closes.
    answers: &'static [&'static [u8]],
    connections: AtomicUsize,
    /// Whether the connection stays open, silent, after the last answer.
    lingers: bool,
}

impl Script {
    fn new(answers: &'static [&'static [u8]]) -> Arc<Self> {
        Arc::new(Self { answers, connections: AtomicUsize::new(0), lingers: false })
    }

    fn lingering(answers: &'static [&'static [u8]]) -> Arc<Self> {
        Arc::new(Self { answers, connections: AtomicUsize::new(0), lingers: true })
    }

    async fn play(answers: &'static [&'static [u8]], lingers: bool, mut stream: DuplexStream) {
        for answer in answers {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => return,
                }
            }
            let _ = stream.write_all(answer).await;
        }
        if lingers {
            std::future::pending::<()>().await;
        }
    }
}

impl Connector for Script {
    fn connect<'a>(&'a self, _: &'a str, _: u16) -> BoxFuture<'a, io::Result<BoxStream>> {
        self.connections.fetch_add(1, SeqCst);
        let (ours, theirs) = duplex(1024 * 1024);
        tokio::spawn(Self::play(self.answers, self.lingers, theirs));
        Box::pin(async { Ok(Box::new(ours) as BoxStream) })
    }
}

const LIMITS: Limits =
    Limits { connect: Duration::from_secs(1), total: Duration::from_secs(5), body: 64 };

fn client(script: &Arc<Script>) -> Client {
    let origin = "http://gateway".parse().unwrap();
    let connector = Arc::clone(script) as Arc<dyn Connector>;
    Client::new(origin, Security::Clear, connector, LIMITS).unwrap()
}

fn request(method: Method) -> Request<Bytes> {
    Request::builder().method(method).uri("/info").body(Bytes::new()).unwrap()
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

async fn check(script: Arc<Script>, expect: ErrorKind) {
    let error = client(&script).send(request(Method::GET)).await.unwrap_err();
    assert_eq!(error.kind(), expect);
}

#[tokio::test(start_paused = true)]
async fn one_connection_carries_many_requests() {
    let script = Script::new(&[OK, OK, OK]);
    let client = client(&script);
    for _ in 0..3 {
        assert_eq!(client.send(request(Method::GET)).await.unwrap().body, "ok");
    }
    assert_eq!(script.connections.load(SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_kept_connection_that_was_closed_is_replaced() {
    let script = Script::new(&[OK]);
    let client = client(&script);
    for _ in 0..3 {
        assert_eq!(client.send(request(Method::GET)).await.unwrap().body, "ok");
    }
    assert_eq!(script.connections.load(SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn a_write_never_meets_a_kept_connection_and_is_never_repeated() {
    let script = Script::new(&[OK, b""]);
    let client = client(&script);
    client.send(request(Method::POST)).await.unwrap();
    client.send(request(Method::POST)).await.unwrap();
    assert_eq!(script.connections.load(SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_body_without_a_length_ends_with_the_connection() {
    let script = Script::new(&[b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall of it"]);
    assert_eq!(client(&script).send(request(Method::GET)).await.unwrap().body, "all of it");
}

#[tokio::test(start_paused = true)]
async fn a_truncated_answer_is_an_error() {
    check(Script::new(&[b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"]), ErrorKind::Closed)
        .await;
    check(Script::new(&[b"HTTP/1.1 200 OK\r\ncont"]), ErrorKind::Closed).await;
    check(Script::new(&[b""]), ErrorKind::Closed).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_http_is_an_error() {
    check(Script::new(&[b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n"]), ErrorKind::NotHttp).await;
}

#[tokio::test(start_paused = true)]
async fn an_endless_body_is_cut() {
    const ENDLESS: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n\
        0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef!";
    check(Script::lingering(&[ENDLESS]), ErrorKind::TooLarge).await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_far_side_is_given_up() {
    let begun = Instant::now();
    check(Script::lingering(&[]), ErrorKind::TimedOut).await;
    check(
        Script::lingering(&[b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"]),
        ErrorKind::TimedOut,
    )
    .await;
    assert_eq!(begun.elapsed(), LIMITS.total * 2);
}

#[tokio::test(start_paused = true)]
async fn odd_headers_are_read_as_they_are() {
    let script =
        Script::new(&[b"HTTP/1.1 401 Unauthorized\r\nwww-authenticate: \xd8\xc9\xc6\x41\r\n\
        date: Mon, 1 Jan 2024 00:00:00 GMT, Mon, 1 Jan 2024 00:00:00 GMT\r\n\
        content-length: 0\r\n\r\n"]);
    let reply = client(&script).send(request(Method::GET)).await.unwrap();
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert_eq!(reply.headers["www-authenticate"].as_bytes(), b"\xd8\xc9\xc6\x41");
}
