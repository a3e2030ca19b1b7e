use http::{HeaderValue, StatusCode};
use serde_json::json;

use super::*;
use crate::record::redaction::Telling;

fn answer(headers: &[(&'static str, &[u8])]) -> Answer {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_bytes(value).unwrap()));
    let (status, body) = (StatusCode::UNAUTHORIZED, Bytes::new());
    let reply = Reply { status, headers: headers.collect(), body, key: None, took: Duration::ZERO };
    Answer::new(Question::all()[0], reply, Duration::from_micros(1_234_567))
}

#[test]
fn a_log_has_what_tells_a_firmware_and_nobody_else() {
    let answer = answer(&[
        ("content-type", b"text/html"),
        ("server", b"openresty/1.17.8.1"),
        ("date", b"X"),
        ("date", b"X"),
        ("set-cookie", b"sessionId=0123456789abcdef; Secure"),
        ("location", b"https://192.168.1.20/home"),
        ("www-authenticate", b"Digest qop=\"auth\", nonce=\"Kz8MZ+4=\", realm=\"a\""),
    ]);
    let redaction = Telling::default().redaction(Vec::new()).unwrap();
    let log = serde_json::to_value(answer.log(&redaction)).unwrap();
    let expect = json!({
        "code": 401,
        "headers": {
            "content-type": "text/html",
            "date": "X, X",
            "server": "openresty/1.17.8.1",
            "www-authenticate": "Digest qop=\"auth\", nonce=\"Aa0AA+0=\", realm=\"a\"",
        },
        "duration_seconds": 1.235,
    });
    assert_eq!(log, expect);
    let sessions: Vec<_> = answer.sessions().collect();
    let [session] = &sessions[..] else { panic!("{sessions:?}") };
    assert_eq!(session.cover("0123456789abcdef").unwrap(), "x".repeat(16));
}

#[test]
fn garbage_in_a_header_is_kept() {
    let answer = answer(&[("www-authenticate", b"\xd8\xc9\xc6A")]);
    let redaction = Telling::default().redaction(Vec::new()).unwrap();
    let log = serde_json::to_value(answer.log(&redaction)).unwrap();
    assert_eq!(log["headers"]["www-authenticate"], "\u{d8}\u{c9}\u{c6}A");
}
