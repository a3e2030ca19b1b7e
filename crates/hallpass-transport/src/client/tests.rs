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
    /// How many connections are accepted; those after are refused.
    accepts: usize,
}

impl Script {
    fn new(answers: &'static [&'static [u8]]) -> Arc<Self> {
        Arc::new(Self::closing(answers))
    }

    fn lingering(answers: &'static [&'static [u8]]) -> Arc<Self> {
        Arc::new(Self { lingers: true, ..Self::closing(answers) })
    }

    fn accepting(accepts: usize, answers: &'static [&'static [u8]]) -> Arc<Self> {
        Arc::new(Self { accepts, ..Self::closing(answers) })
    }

    fn closing(answers: &'static [&'static [u8]]) -> Self {
        Self { answers, connections: AtomicUsize::new(0), lingers: false, accepts: usize::MAX }
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
        if self.connections.fetch_add(1, SeqCst) >= self.accepts {
            return Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) });
        }
        let (ours, theirs) = duplex(1024 * 1024);
        tokio::spawn(Self::play(self.answers, self.lingers, theirs));
        Box::pin(async { Ok(Box::new(ours) as BoxStream) })
    }
}

const LIMITS: Limits =
    Limits { connect: Duration::from_secs(1), total: Duration::from_secs(5), body: 64 };

fn client(script: &Arc<Script>) -> Client {
    let connector = Arc::clone(script) as Arc<dyn Connector>;
    Client::new(origin(), Security::Clear, connector, LIMITS).unwrap()
}

fn origin() -> Origin {
    "http://gateway".parse().unwrap()
}

fn request(method: Method) -> Request<Bytes> {
    Request::builder().method(method).uri("/info").body(Bytes::new()).unwrap()
}

const TRUNCATED: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

async fn check(script: Arc<Script>, expect: ErrorKind) {
    let error = client(&script).send(request(Method::GET)).await.unwrap_err();
    assert_eq!(error.kind(), expect);
    assert!(error.was_sent());
}

async fn check_unsent(client: Client, expect: ErrorKind) {
    let error = client.send(request(Method::POST)).await.unwrap_err();
    assert_eq!(error.kind(), expect);
    assert!(!error.was_sent());
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

/// Asks `far` as often as there are expectations: connections and resends so far.
async fn check_losses(far: &'static [&'static [u8]], expect: &[(usize, u64)]) {
    let script = Script::new(far);
    let client = client(&script);
    for (connections, resends) in expect {
        assert_eq!(client.send(request(Method::GET)).await.unwrap().body, "ok");
        assert_eq!(script.connections.load(SeqCst), *connections);
        assert_eq!(client.resends(), *resends);
    }
}

#[tokio::test(start_paused = true)]
async fn a_get_is_sent_once_more_until_keeping_proves_useless() {
    check_losses(&[OK, b""], &[(1, 0), (2, 1), (3, 2), (4, 2), (5, 2)]).await;
}

#[tokio::test(start_paused = true)]
async fn keeping_that_works_at_times_goes_on() {
    let expect = [(1, 0), (1, 0), (2, 1), (2, 1), (3, 2), (3, 2), (4, 3)];
    check_losses(&[OK, OK, b""], &expect).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_has_begun_is_not_asked_for_again() {
    for far in [&[OK, TRUNCATED] as &[_], &[OK, b"H"]] {
        let script = Script::new(far);
        let client = client(&script);
        client.send(request(Method::GET)).await.unwrap();
        let error = client.send(request(Method::GET)).await.unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Closed, true));
        assert_eq!((script.connections.load(SeqCst), client.resends()), (1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_lost_may_have_been_sent() {
    let client = client(&Script::accepting(1, &[OK, b""]));
    client.send(request(Method::GET)).await.unwrap();
    let error = client.send(request(Method::GET)).await.unwrap_err();
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Unreachable, true));
    assert_eq!(client.resends(), 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_before_the_connection_stands() {
    check_unsent(client(&Script::accepting(0, &[])), ErrorKind::Unreachable).await;
    let silent = Script::lingering(&[]);
    for limits in [LIMITS, Limits { total: LIMITS.connect / 2, ..LIMITS }] {
        let connector = Arc::clone(&silent) as Arc<dyn Connector>;
        let client = Client::new(origin(), Security::Observed, connector, limits).unwrap();
        check_unsent(client, ErrorKind::TimedOut).await;
    }
    let client = Client::new(origin(), Security::Observed, Script::new(&[]), LIMITS).unwrap();
    check_unsent(client, ErrorKind::Closed).await;
}

#[tokio::test(start_paused = true)]
async fn only_a_path_can_be_asked_for() {
    let script = Script::new(&[OK]);
    let client = client(&script);
    for uri in ["http://elsewhere/info", "https://gateway/info", "elsewhere:80", "gateway", "*"] {
        let request = Request::get(uri).body(Bytes::new()).unwrap();
        let error = client.send(request).await.unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Invalid, false), "{uri}");
    }
    assert_eq!(script.connections.load(SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_reply_shows_no_values() {
    const TELLING: &[u8] =
        b"HTTP/1.1 200 OK\r\nset-cookie: hush\r\ncontent-length: 6\r\n\r\nsecret";
    let reply = client(&Script::new(&[TELLING])).send(request(Method::GET)).await.unwrap();
    assert_eq!(format!("{reply:?}"), "Reply { status: 200, headers: 2, body: 6, .. }");
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
    check(Script::new(&[TRUNCATED]), ErrorKind::Closed).await;
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
    check(Script::lingering(&[TRUNCATED]), ErrorKind::TimedOut).await;
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
