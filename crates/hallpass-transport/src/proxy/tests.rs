use std::sync::{Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::*;

/// A network in memory with a proxy as every host: it answers once, and then echoes.
#[derive(Debug)]
struct Network {
    answer: &'static str,
    /// The hosts that were connected to.
    hosts: Mutex<Vec<String>>,
    /// What they were asked, headers included.
    heads: Arc<Mutex<Vec<String>>>,
}

impl Network {
    fn new(answer: &'static str) -> Arc<Self> {
        Arc::new(Self { answer, hosts: Mutex::default(), heads: Arc::default() })
    }

    fn hosts(&self) -> Vec<String> {
        self.hosts.lock().unwrap().clone()
    }
}

impl Connector for Network {
    fn connect<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<BoxStream>> {
        self.hosts.lock().unwrap().push(format!("{host} {port}"));
        let (ours, theirs) = duplex(64 * 1024);
        tokio::spawn(serve(theirs, self.answer, Arc::clone(&self.heads)));
        Box::pin(async { Ok(Box::new(ours) as BoxStream) })
    }
}

async fn serve(mut stream: DuplexStream, answer: &str, heads: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    heads.lock().unwrap_or_else(PoisonError::into_inner).push(head);
    stream.write_all(answer.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let _ = tokio::io::copy(&mut reader, &mut writer).await;
}

const OPENED: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

fn connector(https_proxy: &str, network: &Arc<Network>) -> ProxyConnector {
    let proxies =
        Proxies { https_proxy: https_proxy.to_owned(), no_proxy: "direct.example".to_owned() };
    ProxyConnector::new(&proxies, Arc::clone(network) as Arc<dyn Connector>)
}

async fn failure(connector: &ProxyConnector) -> String {
    connector.connect("cloud.example", 443).await.err().unwrap().to_string()
}

#[tokio::test]
async fn a_tunnel_carries_bytes_every_time() {
    let network = Network::new(OPENED);
    let connector = connector("http://proxy:3128", &network);
    // Often, because it is chance whether the answer or the end of HTTP is seen first.
    for _ in 0..64 {
        let mut tunnel = connector.connect("cloud.example", 443).await.unwrap();
        tunnel.write_all(b"ping").await.unwrap();
        let mut echo = [0; 4];
        tunnel.read_exact(&mut echo).await.unwrap();
        assert_eq!(&echo, b"ping");
    }
    assert_eq!(network.hosts(), vec!["proxy 3128"; 64]);
}

#[tokio::test]
async fn what_comes_right_behind_the_answer_belongs_to_the_tunnel() {
    let network = Network::new("HTTP/1.1 200 OK\r\n\r\nhello");
    let mut tunnel = connector("proxy", &network).connect("cloud.example", 443).await.unwrap();
    let mut greeting = [0; 5];
    tunnel.read_exact(&mut greeting).await.unwrap();
    assert_eq!(&greeting, b"hello");
    assert_eq!(network.hosts(), ["proxy 80"]);
}

#[tokio::test]
async fn a_proxy_is_told_the_host_and_who_asks() {
    let network = Network::new(OPENED);
    let connector = connector("http://me:hush@[fd50::1]:8080", &network);
    connector.connect("cloud.example", 443).await.unwrap();
    connector.connect("fd50::2", 8443).await.unwrap();
    assert_eq!(network.hosts(), ["fd50::1 8080"; 2]);
    let heads = network.heads.lock().unwrap();
    for (head, target) in heads.iter().zip(["cloud.example:443", "[fd50::2]:8443"]) {
        let lines: Vec<&str> = head.trim_end().lines().collect();
        assert_eq!(lines[0], format!("CONNECT {target} HTTP/1.1"));
        assert_eq!(lines[1], format!("host: {target}"));
        assert_eq!(lines[2..], ["proxy-authorization: Basic bWU6aHVzaA=="]);
    }
}

#[tokio::test]
async fn a_refusal_says_what_the_proxy_answers() {
    for (answer, expect) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
            "the proxy refuses the tunnel: 407 Proxy Authentication Required",
        ),
        (
            "HTTP/1.1 403 No\r\ncontent-length: 4\r\n\r\nno!\n",
            "the proxy refuses the tunnel: 403 Forbidden",
        ),
    ] {
        let network = Network::new(answer);
        assert_eq!(failure(&connector("http://proxy:3128", &network)).await, expect);
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_proxy_is_given_up() {
    let network = Network::new("");
    let failure = failure(&connector("http://proxy:3128", &network)).await;
    assert_eq!(failure, "the proxy does not answer");
}

#[tokio::test]
async fn hosts_without_a_proxy_are_reached_directly() {
    let network = Network::new(OPENED);
    for proxy in ["http://proxy:3128", "socks5://proxy:1080"] {
        connector(proxy, &network).connect("direct.example", 443).await.unwrap();
    }
    connector("", &network).connect("cloud.example", 443).await.unwrap();
    assert_eq!(network.hosts(), ["direct.example 443", "direct.example 443", "cloud.example 443"]);
}

#[tokio::test]
async fn a_proxy_that_does_not_speak_plain_http_is_not_spoken_to() {
    let network = Network::new(OPENED);
    for proxy in [
        "https://me:hush@proxy:3128",
        "socks5://me:hush@proxy:1080",
        "socks4a://proxy",
        "ftp://proxy",
        "http://",
        "http://a proxy",
    ] {
        assert_eq!(failure(&connector(proxy, &network)).await, NOT_HTTP, "{proxy}");
    }
    assert!(network.hosts().is_empty());
}

#[tokio::test]
async fn nothing_shows_the_password_of_a_proxy() {
    for proxy in ["http://me:hush@proxy:3128", "https://me:hush@proxy:3128"] {
        let network = Network::new("HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n");
        let proxies = Proxies { https_proxy: proxy.to_owned(), no_proxy: String::new() };
        let connector = connector(proxy, &network);
        let shown = format!("{proxies:?} {connector:?}") + &failure(&connector).await;
        assert!(!shown.contains("hush") && !shown.contains("aHVzaA"), "{shown}");
    }
    let proxy = Matcher::builder().https("http://me:hush@proxy").build();
    let proxy = proxy.intercept(&Uri::from_static("https://cloud.example")).unwrap();
    let request = tunnel_request(&proxy, "cloud.example:443").unwrap();
    assert_eq!(format!("{:?}", request.headers()[PROXY_AUTHORIZATION]), "Sensitive");
}
