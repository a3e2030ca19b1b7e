use http::{HeaderMap, HeaderValue};

use super::*;

fn cookie(values: &[&[u8]]) -> Option<String> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(SET_COOKIE, HeaderValue::from_bytes(value).unwrap());
    }
    let reply = Reply { status: StatusCode::OK, headers, body: Bytes::new(), key: None };
    session_cookie(&reply).map(|Cookie(id)| id.expose().to_owned())
}

#[test]
fn the_session_is_found_among_cookies_and_is_opaque() {
    let recorded = b"sessionId=Ab3_-%7e; Secure; HttpOnly; path=/";
    assert_eq!(cookie(&[recorded]).as_deref(), Some("Ab3_-%7e"));
    assert_eq!(cookie(&[b"locale=en", b"SESSIONID = x=y"]).as_deref(), Some("x=y"));
    for none in [&b"sessionId="[..], b"sessionId", b"other=1", b"\xff\xfe=1", b""] {
        assert_eq!(cookie(&[none]), None);
    }
}

#[test]
fn a_request_carries_both_and_neither_is_printed() {
    let session = Session { bearer: "aa.bb.cc".into(), cookie: Some(Cookie("id".into())) };
    let mut request = Request::new(Bytes::new());
    session.authorize(&mut request).unwrap();
    assert_eq!(request.headers()[AUTHORIZATION], "Bearer aa.bb.cc");
    assert_eq!(request.headers()[COOKIE], "sessionId=id");
    let printed = format!("{request:?} {session:?}");
    assert!(!printed.contains("aa.bb.cc") && !printed.contains("=id"), "{printed}");
}

#[test]
fn the_gateway_is_left_in_peace_after_its_own_no_only() {
    let later = Timestamp::UNIX_EPOCH;
    let rests = |error| matches!(own_answer(error), Attempt::Refused(_));
    assert!(rests(Error::new(ErrorKind::NeedsLogin, "")));
    assert!(rests(Error::new(ErrorKind::Forbidden, "")));
    assert!(rests(Error::new(ErrorKind::Unreachable, "503").until(later)));
    assert!(!rests(Error::new(ErrorKind::Unreachable, "no route")));
    assert!(!rests(Error::new(ErrorKind::Rejected, "").until(later)));
    assert!(!rests(Error::new(ErrorKind::CloudUnreachable, "").until(later)));
}
