use std::time::Duration;

use http::{HeaderMap, HeaderValue, header::SET_COOKIE};

use super::*;

fn session_cookie(values: &[&[u8]]) -> Option<String> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(SET_COOKIE, HeaderValue::from_bytes(value).unwrap());
    }
    cookie(&headers, COOKIE_NAME).map(|id| id.expose().to_owned())
}

#[test]
fn the_session_is_found_among_cookies_and_is_opaque() {
    let recorded = b"sessionId=Ab3_-%7e; Secure; HttpOnly; path=/";
    assert_eq!(session_cookie(&[recorded]).as_deref(), Some("Ab3_-%7e"));
    assert_eq!(session_cookie(&[b"locale=en", b"SESSIONID = x=y"]).as_deref(), Some("x=y"));
    for none in [&b"sessionId="[..], b"sessionId", b"other=1", b"\xff\xfe=1", b""] {
        assert_eq!(session_cookie(&[none]), None);
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
    let rests = |error| matches!(answer_of_gateway(error), Attempt::Refused(_));
    assert!(rests(Error::new(ErrorKind::NeedsLogin, "")));
    assert!(rests(Error::new(ErrorKind::Forbidden, "")));
    assert!(rests(Error::new(ErrorKind::Unreachable, "503").until(later)));
    assert!(!rests(Error::new(ErrorKind::Unreachable, "no route")));
    assert!(!rests(Error::new(ErrorKind::Rejected, "").until(later)));
    assert!(!rests(Error::new(ErrorKind::CloudUnreachable, "").until(later)));
}

#[test]
fn only_check_jwt_refuses_a_token_for_good() {
    let refused = |proof| {
        let headers = HeaderMap::new();
        let status = StatusCode::UNAUTHORIZED;
        let reply = Reply { status, headers, body: Bytes::new(), key: None, took: Duration::ZERO };
        understand(&reply, proof, &"aa.bb.cc".into(), Timestamp::UNIX_EPOCH).unwrap_err()
    };
    assert!(matches!(refused(Proof::CheckJwt), Attempt::Refused(_)));
    assert!(matches!(refused(Proof::StandIn), Attempt::Failed(_)));
}
