use super::*;
use crate::cloud::tests::{at, reply};

/// What an answer means: the token, or what kind of help it takes and when to try again.
fn check(status: u16, body: &str, expect: Result<&str, (Cause, i64)>) {
    let understood = understand(&reply(status, &[], body), at(0));
    let understood = understood.map(|token| token.expose().to_owned());
    let understood = understood
        .map_err(|miss| (miss.cause, miss.error.retry_at().map_or(0, Timestamp::as_second)));
    assert_eq!(understood, expect.map(str::to_owned), "{status} {body}");
}

#[test]
fn every_shape_of_a_token_is_taken_and_nothing_else() {
    let no_token = Err((Cause::NoToken, 600));
    check(200, "aa.bb.cc", Ok("aa.bb.cc"));
    check(200, " aa.bb.cc\n", Ok("aa.bb.cc"));
    check(200, "\"aa.bb.cc\"", Ok("aa.bb.cc"));
    check(200, r#"{"generation_time":1,"token":"aa.bb.cc","expires_at":2}"#, Ok("aa.bb.cc"));
    let page = |text: &str| format!("<html><textarea id=\"JWTToken\" >{text}</textarea></html>");
    check(200, &page("aa.bb.cc"), Ok("aa.bb.cc"));
    check(200, &page("Error: no token for this gateway"), no_token);
    check(200, &page("Error.or.other"), no_token);
    check(200, "", no_token);
    check(200, "aa.bb", no_token);
    check(200, "{}", no_token);
    check(200, r#"{"token":null}"#, no_token);
    check(200, "<html>a.b.c</html>", no_token);
    check(200, "<textarea>Error: no such gateway</textarea>", no_token);
}

#[test]
fn a_status_says_whether_another_route_may_help() {
    for status in [301, 302, 403, 404, 405, 406, 410] {
        check(status, "", Err((Cause::Moved, 600)));
    }
    check(400, "aa.bb.cc", Err((Cause::NoToken, 600)));
    for status in [500, 502] {
        check(status, "aa.bb.cc", Err((Cause::Down, 600)));
    }
    check(503, "", Err((Cause::Down, 900)));
    check(429, "", Err((Cause::Busy, 900)));
    check(401, "", Err((Cause::Session, 600)));
    check(500, r#"{"message":"You need to sign in first"}"#, Err((Cause::Session, 600)));
    let login = "<title>Enphase Authentication | Login page</title>";
    check(200, login, Err((Cause::Session, 600)));
}

#[test]
fn a_cloud_that_names_a_time_is_not_asked_before() {
    let miss = understand(&reply(503, &[("retry-after", "60")], ""), at(0)).unwrap_err();
    assert_eq!((miss.cause, miss.error.retry_at()), (Cause::NoToken, Some(at(60))));
}

#[test]
fn each_request_names_session_and_serial_number() {
    let session = CloudSession { id: "s\"1".into(), is_consumer: None, manager_claims: None };
    let request = by_tokens(&session, "a@b.example", "122100001613").unwrap();
    let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
    let expect = json!({
        "session_id": "s\"1", "serial_num": "122100001613", "username": "a@b.example",
    });
    assert_eq!(body, expect);

    let request = by_auth_token(&session, "1&2").unwrap();
    assert_eq!(request.uri(), "/entrez-auth-token?serial_num=1%262");
    assert_eq!(request.headers()[COOKIE], "_enlighten_4_session=s\"1");
    assert!(request.headers()[COOKIE].is_sensitive());

    let request = by_form(&PortalSession { id: "abc".into() }, "1&2").unwrap();
    assert_eq!(request.body(), "serialNum=1%262");
    assert_eq!(request.headers()[COOKIE], "SESSION=abc");
}
